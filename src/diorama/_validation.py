"""Checks that scikit-learn does not make, and the wording of errors: what is wrong, where, and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A closing half-sentence that suggests the nearest known name, or lists them all when none is near."""
    names = list(known)
    folded = {candidate.casefold(): candidate for candidate in names}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    if close:
        return f"did you mean {folded[close[0]]!r}?"
    return f"known are {', '.join(names)}." if names else "none are known."
