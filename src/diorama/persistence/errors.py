"""What can go wrong on the way to a file and back."""

from diorama._errors import UserError


class SaveError(UserError):
    """Something that no file can keep; the message says what, where in the model, and what to do."""


class LoadError(UserError):
    """A file that is damaged, foreign, hostile or from a newer version; the message says which."""
