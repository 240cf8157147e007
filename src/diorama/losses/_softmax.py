"""Softmax and its logarithm along the last axis, finite for all finite logits."""

import numpy as np

from diorama._typing import Array


def log_softmax(logits: Array) -> Array:
    """Log of the share of exp(logit) in the sum along the last axis; never below the lowest float."""
    shifted = _below_highest(logits)
    log_p: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    bounded: Array = np.maximum(log_p, np.finfo(logits.dtype).min)
    return bounded


def softmax(logits: Array) -> Array:
    """Share of exp(logit) in the sum along the last axis."""
    powers = np.exp(_below_highest(logits))
    shares: Array = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def _below_highest(logits: Array) -> Array:
    # the difference of two finite logits may be too large for a float
    with np.errstate(over="ignore"):
        shifted = logits - logits.max(axis=-1, keepdims=True)
    bounded: Array = np.maximum(shifted, np.finfo(logits.dtype).min)
    return bounded
