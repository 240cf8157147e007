"""What can go wrong on the way to a file and back."""


class SaveError(ValueError):
    """Something that no file can keep; the message says what, where in the model, and what to do."""


class LoadError(ValueError):
    """A file that is damaged, foreign, hostile or from a newer version; the message says which."""
