"""Errors of the reference: each is one sentence."""

from diorama._errors import UserError


class ConceptError(UserError):
    """A concept, or a value of its picture, that is not there."""


class PageError(ValueError):
    """A concept's page that is not written as pages are; the message names the file."""
