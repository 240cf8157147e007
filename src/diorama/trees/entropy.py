"""How mixed a node is, in bits, and what an answer that parts its rows is worth."""

from math import log

import numpy as np
from scipy.special import entr

from diorama._typing import Array

# numbers that differ by less are equal but for rounding
ROUNDING = 1e-10


def entropy(counts: Array) -> Array:
    """(...) bits: -sum_k p_k log2 p_k of the shares p of `counts` (..., n_classes); 0 where all counts are 0."""
    totals = counts.sum(axis=-1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts, dtype=float), where=totals > 0)
    bits: Array = entr(shares).sum(axis=-1) / log(2)
    return bits


def information(counts: Array, axis: int = -1) -> Array:
    """Bits that it takes to tell the class of every row, of class weights along `axis`: entropy times rows."""
    bits: Array = (entr(counts).sum(axis=axis) - entr(counts.sum(axis=axis))) / log(2)
    return bits


def first_largest(scores: Array) -> int:
    """The place of the largest score, NaN counting for nothing; of equals but for rounding, the first."""
    return int(np.flatnonzero(scores >= np.nanmax(scores) - ROUNDING)[0])
