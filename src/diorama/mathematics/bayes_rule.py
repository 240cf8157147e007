r"""Bayes' rule: what to believe of several hypotheses once something has been seen.

:math:`P(H \mid E) = P(E \mid H) P(H) / P(E)`, with :math:`P(E) = \sum_h P(E \mid h) P(h)`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama.mathematics._arrays import same_shape, shares

STAGES = ("prior", "likelihood", "posterior")
# how far the priors may add up from 1: what is left of numbers written with a few digits
_SLACK = 1e-6


class State(NamedTuple):
    """How much of the argument is on the table."""

    stage: str  # one of STAGES


@dataclass(frozen=True, eq=False)
class Belief:
    """What Bayes' rule gives. Print it for a table."""

    names: tuple[str, ...]
    prior: Array  # (n,) P(H)
    likelihood: Array  # (n,) P(E | H)
    joint: Array  # (n,) P(E and H)
    evidence: float  # P(E)
    posterior: Array  # (n,) P(H | E)

    def __str__(self) -> str:
        rows = zip(self.names, self.prior, self.likelihood, self.posterior, strict=True)
        told = [f"{name}: prior {p:.4g}, likelihood {q:.4g}, posterior {r:.4g}" for name, p, q, r in rows]
        return "\n".join([*told, f"evidence {self.evidence:.4g}"])


def update(prior: Array, likelihood: Array) -> tuple[Array, float, Array]:
    """Joint, evidence and posterior."""
    joint: Array = prior * likelihood  #: likelihood
    evidence = float(joint.sum())
    posterior: Array = joint / evidence  #: posterior
    return joint, evidence, posterior


def bayes_rule(prior: ArrayLike, likelihood: ArrayLike, names: tuple[str, ...] | list[str] | None = None) -> Belief:
    r"""The posterior of hypotheses that exclude each other, of which one is true.

    Parameters
    ----------
    prior : array-like of shape (n,), or a number
        :math:`P(H)` of each hypothesis, adding up to 1. A number p stands for two hypotheses,
        (p, 1 - p).
    likelihood : array-like of shape (n,)
        :math:`P(E \mid H)`: how likely what was seen is under each hypothesis. They need not add up to 1.
    names : sequence of str, optional
        The hypotheses' names.

    Returns
    -------
    Belief
        With `posterior`, `evidence`, `joint`.

    Raises
    ------
    TypeError, ValueError
        For what is no probability, priors that do not add up to 1, different lengths, or an observation that is
        impossible under every hypothesis.

    References
    ----------
    Jaynes (2003), "Probability Theory: The Logic of Science", chapter 4.

    Examples
    --------
    A test finds 90 % of the ill and alarms for 9 % of the healthy; 1 % are ill.

    >>> print(bayes_rule(0.01, [0.9, 0.09], ["ill", "healthy"]))
    ill: prior 0.01, likelihood 0.9, posterior 0.09174
    healthy: prior 0.99, likelihood 0.09, posterior 0.9083
    evidence 0.0981
    """
    priors = shares([prior] if np.isscalar(prior) else prior, "prior")
    if np.ndim(prior) == 0:
        priors = np.array([priors[0], 1 - priors[0]])
    likelihoods = shares(likelihood, "likelihood")
    same_shape(priors, likelihoods, ("prior", "likelihood"))
    if abs(priors.sum() - 1) > _SLACK:
        raise ValueError(f"prior must add up to 1; its {priors.size} entries add up to {priors.sum():.6g}.")
    if not (priors * likelihoods).sum() > 0:
        raise ValueError("likelihood must be above 0 for a hypothesis with a prior above 0: nothing else can be seen.")
    belief = Belief(_names(names, priors.size), priors, likelihoods, *update(priors, likelihoods))

    def states() -> Iterator[State]:
        return map(State, STAGES)

    show(states, total=len(STAGES) - 1, fit=Fit(belief))
    return belief


def _names(names: tuple[str, ...] | list[str] | None, n: int) -> tuple[str, ...]:
    if names is None:
        return tuple(f"hypothesis {i + 1}" for i in range(n))
    if not isinstance(names, tuple | list) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"names must be a list of texts; got {names!r}.")
    if len(set(names)) != len(names) or len(names) != n:
        raise ValueError(f"names must be {n} different texts, one for each hypothesis; got {tuple(names)}.")
    return tuple(names)
