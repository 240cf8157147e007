"""Voting: ask different models the same question and count, or average, what they say.

With probabilities p_m(x) of M models and weights w_m the committee holds

    p(x) = sum_m w_m p_m(x) / sum_m w_m

likely ("soft" voting); in "hard" voting p_m is 1 for the class that model m predicts and 0 for the others. For numbers
it is the weighted mean of what they predict. Nothing is learned but the models themselves [1]_.

.. [1] L. I. Kuncheva, "Combining Pattern Classifiers", 2nd ed., Wiley (2014), chapters 4 and 5.
"""

from numbers import Integral
from typing import Any, ClassVar, NamedTuple

import numpy as np

from diorama._iterate import show
from diorama._typing import Array
from diorama.ensembles._members import Members, dense_fit, opinion, vote
from diorama.ensembles._named import Named, NamedEnsemble, _dropped


class Poll(NamedTuple):
    """Who is asked, and how it is counted."""

    names: tuple[str, ...]
    members: Members
    weights: Array | None  # (n_members,), or None when all count the same
    hard: bool


class State(NamedTuple):
    """A poll in which the first members only have been asked."""

    n_members: int  # members that count so far
    poll: Poll  # with all of them, also those to come


def ask(poll: Poll, X: Any) -> list[Array]:
    """(n, n_outputs) what each member says: probabilities, votes or numbers."""
    asked = vote if poll.hard else opinion
    return [asked(member, X, poll.members.n_outputs) for member in poll.members.estimators]  #: ask


def count(said: list[Array], weights: Array | None) -> Array:
    """(n, n_outputs) the weighted mean of what was said."""
    given = None if weights is None else weights[: len(said)]
    counted: Array = np.average(said, axis=0, weights=given)  #: count
    return counted


class Voting(NamedEnsemble):
    """What both kinds of voting share."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "estimators": [list, None],
        "weights": ["array-like", None],
        "n_jobs": [Integral, None],
    }

    weights: Any

    def _poll(self, n_outputs: int, hard: bool) -> Poll:
        names = tuple(name for name, _ in self._kept())
        nobody = (None,) * len(names)
        return Poll(names, Members(tuple(self.estimators_), nobody, n_outputs), self._kept_weights(), hard)

    def _kept_weights(self) -> Array | None:
        """(n_members,) weights of the estimators that were not dropped. Raises ValueError when they do not fit."""
        if self.weights is None:
            return None
        entries: Named = self._entries()
        given = np.asarray(self.weights, dtype=float)
        if len(given) != len(entries):
            raise ValueError(
                f"Number of `estimators` and weights must be equal; got {len(given)} weights, {len(entries)} estimators"
            )
        kept = np.array([w for w, (_, estimator) in zip(given, entries, strict=True) if not _dropped(estimator)])
        if not (np.isfinite(kept).all() and (kept >= 0).all() and kept.sum() > 0):
            raise ValueError(f"weights must be numbers of at least 0, and one above 0; got {self.weights!r}.")
        return kept

    def _show(self, poll: Poll, X: Any, y: Any) -> None:
        """Let observers see one member after the other being asked."""
        n = len(poll.names)
        shown = list(range(1, n + 1)) if n > 1 else [1, 1]
        show(lambda: (State(k, poll) for k in shown), total=len(shown) - 1, fit=dense_fit(self, X, y))
