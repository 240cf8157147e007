"""The base of every error whose message is all that a user needs to see."""


class UserError(ValueError):
    """Something the user gave cannot be used. The message is one sentence: what is wrong, where, and what to do."""
