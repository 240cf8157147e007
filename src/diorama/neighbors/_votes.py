"""How much say each neighbour has, and what they decide together."""

from collections.abc import Callable

import numpy as np
from sklearn.utils._param_validation import StrOptions

from diorama._typing import Array

Weights = str | Callable[[Array], Array] | None
WEIGHTS = [StrOptions({"uniform", "distance"}), callable, None]  # what scikit-learn's checks let through


def say(distances: Array, weights: Weights) -> Array:
    """(n_queries, k) each neighbour's weight: the same for all, 1 / distance, or what a function makes of distances."""
    if callable(weights):
        given = np.asarray(weights(distances), dtype=float)
        if given.shape != distances.shape:
            raise ValueError(f"weights() must return an array of shape {distances.shape}; it returned {given.shape}.")
        return given
    if weights != "distance":
        return np.ones_like(distances)
    with np.errstate(divide="ignore"):
        nearness: Array = 1.0 / distances  #: weigh
    # who stands at distance zero alone decides: infinitely more say than anybody else
    infinite = np.isinf(nearness)
    here = infinite.any(axis=1)
    nearness[here] = infinite[here]
    return nearness


def vote(classes: Array, weights: Array, n_classes: int) -> Array:
    """(n_queries, n_classes) each class's share of the weight of neighbours of these `classes` (n_queries, k)."""
    ballots = np.arange(len(classes))[:, None] * n_classes + classes
    shares = np.bincount(ballots.ravel(), weights.ravel(), minlength=len(classes) * n_classes)  #: vote
    shares = shares.reshape(len(classes), n_classes)
    total = shares.sum(axis=1, keepdims=True)
    if not (total > 0).all():
        raise ValueError(
            "All neighbors of some sample is getting zero weights: nobody is left to decide; "
            "let `weights` give at least one neighbour of each query a positive weight."
        )
    decided: Array = shares / total
    return decided


def average(targets: Array, weights: Array) -> Array:
    """(n_queries, n_outputs) weighted mean of the neighbours' `targets` (n_queries, k, n_outputs)."""
    total = weights.sum(axis=1)
    if not (total > 0).all():
        raise ValueError("All neighbours of some query have zero weight; give at least one a positive weight.")
    mean: Array = np.einsum("qk,qko->qo", weights, targets) / total[:, None]  #: average
    return mean
