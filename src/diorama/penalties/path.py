"""Make a penalty stronger and stronger, and see where the weights of a least-squares fit go."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama._validation import described
from diorama.penalties.penalty import Penalty, as_weights

# proximal steps for each strength at most, and the largest move that counts as none
MAX_STEPS, STILL = 5_000, 1e-10


class State(NamedTuple):
    """The best weights for one strength."""

    alpha: float
    weights: Array  # (n_features,)
    error: float  # half the mean squared error there
    price: float  # the penalty there


class Path(NamedTuple):
    """What is followed: told to observers."""

    penalty: Penalty  # at strength 1
    alphas: Array  # (n_alphas,)


def penalty_path(penalty: Callable[[float], Penalty], X: ArrayLike, y: ArrayLike, alphas: ArrayLike) -> Array:
    r"""Weights (n_alphas, n_features) that minimise :math:`\frac{1}{2n} \lVert Xw - y \rVert^2 + P_\alpha(w)`.

    By proximal gradient steps, each strength started where the last ended; watched, it shows the weights of each.

    Parameters
    ----------
    penalty : callable
        A penalty by its strength :math:`\alpha`, such as the class `L1`.
    X, y : array-like of shape (n, n_features) and (n,)
        Features and target, without intercept.
    alphas : array-like of shape (n_alphas,)
        Strengths, in the order of the path.

    Raises
    ------
    ValueError
        For arrays whose shapes do not fit, or that are not finite.

    References
    ----------
    Parikh and Boyd (2014), "Proximal algorithms", section 4.2.

    Examples
    --------
    >>> from diorama.penalties import L1, penalty_path
    >>> penalty_path(L1, [[1.0, 0.0], [0.0, 1.0]], [2.0, 0.5], [0.0, 0.5]).round(6)
    array([[2. , 0.5],
           [1. , 0. ]])
    """
    rows, target, strengths = (
        np.asarray(as_weights(values, name), dtype=float) for name, values in (("X", X), ("y", y), ("alphas", alphas))
    )
    if not (callable(penalty) and isinstance(penalty(0.0), Penalty)):
        raise TypeError(f"penalty must make a Penalty of a strength, as the class L1 does; got {described(penalty)}.")
    if rows.ndim != 2 or rows.size == 0 or target.shape != rows.shape[:1] or strengths.ndim != 1 or not strengths.size:
        raise ValueError(
            f"X, y and alphas must have the shapes (n, n_features), (n,) and (n_alphas,); "
            f"got {rows.shape}, {target.shape} and {strengths.shape}."
        )
    gram, pull = rows.T @ rows / len(rows), rows.T @ target / len(rows)
    rate = 1 / max(float(np.linalg.eigvalsh(gram)[-1]), np.finfo(float).tiny)
    weights, path = np.zeros(rows.shape[1]), []
    for alpha in strengths:
        weights = settle(penalty(float(alpha)), gram, pull, rate, weights)
        path.append(weights)

    def states() -> Iterator[State]:
        for alpha, w in zip(strengths, path, strict=True):
            error = float(np.mean((rows @ w - target) ** 2)) / 2
            yield State(float(alpha), w, error, penalty(float(alpha))(w))

    show(states, total=len(path), fit=Fit(Path(penalty(1.0), strengths), rows, target))
    return np.array(path).reshape(-1, rows.shape[1])


def settle(penalty: Penalty, gram: Array, pull: Array, rate: float, weights: Array) -> Array:
    """Proximal gradient steps until the weights stay."""
    for _ in range(MAX_STEPS):
        before = weights
        weights = penalty.prox(before - rate * (gram @ before - pull), rate)  #: shrink
        if abs(weights - before).max() <= STILL:
            break
    return weights
