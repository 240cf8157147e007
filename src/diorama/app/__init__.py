"""The local web app: concepts with live pictures, and the Lab."""

from diorama.app.server import create_app, serve
from diorama.app.settings import Settings

__all__ = ["Settings", "create_app", "serve"]
