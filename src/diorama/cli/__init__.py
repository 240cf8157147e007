"""The command line: `diorama fit iris --model CARTClassifier`."""

from diorama.cli.app import app, main

__all__ = ["app", "main"]
