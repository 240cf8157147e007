"""Errors that a user can cause. Each is one sentence: what is wrong, where, and what to do."""


class UserError(ValueError):
    """Something the user gave cannot be used; the message is all that needs to be shown."""


class TableError(UserError):
    """A table that cannot be read, or not used for what was asked."""


class ParameterError(UserError):
    """A model or a parameter that does not exist, or a value that it cannot take."""
