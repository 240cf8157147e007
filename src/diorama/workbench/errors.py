"""Errors that a user can cause at the workbench."""

from diorama._errors import UserError

__all__ = ["ParameterError", "TableError", "UserError"]


class TableError(UserError):
    """A table that cannot be read, or not used for what was asked."""


class ParameterError(UserError):
    """A model or a parameter that does not exist, or a value that it cannot take."""
