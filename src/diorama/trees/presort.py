"""Sort every column once, so that no node ever sorts again.

For each feature the rows' numbers stand in the order of its values, missing values last. The top bit of a number says
that its value is greater than the one before it: with that bit, a walk along the order never needs the values.

Radix sort, least significant digit first [1]_, over the upper half of a double's bits, which decides nearly always;
insertion puts right what is left. Where it does not decide (numbers that differ in their last digits only) the lower
half is sorted first. Stable either way: equal values keep the rows' order, on every machine.

References
----------
.. [1] Knuth, D. E. (1998). The Art of Computer Programming, vol. 3: Sorting and Searching, 2nd ed., section 5.2.5.
"""

from typing import Any

import numpy as np

from diorama._kernel import exact_kernel, exact_kernel_step
from diorama._parallel import blocks, run
from diorama._typing import Array

GREATER = np.uint32(1 << 31)  # the top bit: a new value starts here
ROW = np.uint32((1 << 31) - 1)  # the other bits: which row
MAX_ROWS = 1 << 31

# up to so many numbers NumPy is about as quick, and a first fit does not wait for these kernels to be compiled
FEW = 20_000
ROWS_PER_BLOCK = 8_192
TILE = 64  # rows transposed at a time, so that what is read and what is written both stay in the nearest cache
DIGIT_BITS = 11
N_DIGITS = 3  # 3 x 11 bits cover half a double
BUCKETS = 1 << DIGIT_BITS
HALF = np.uint64(32)
LOWER, UPPER = np.uint64((1 << 32) - 1), np.uint64(((1 << 32) - 1) << 32)


def columns_of(X: Array) -> Array:
    """(n_features, n_samples) float64: each column of X in one piece; X's own memory when it is laid out so."""
    if X.flags.f_contiguous or X.size <= FEW:
        return np.ascontiguousarray(X.T, dtype=np.float64)
    columns = np.empty((X.shape[1], X.shape[0]))
    run(transpose, [(X, columns, i, j) for i, j in blocks(len(X), ROWS_PER_BLOCK)], work=float(X.size))
    return columns


def presort(columns: Array) -> Array:
    """(n_features, n_samples) uint32 for float64 `columns` of that shape: the rows in the order of their values."""
    if columns.size <= FEW:
        return sort_few(columns)
    order = np.empty(columns.shape, dtype=np.uint32)
    bits = columns.view(np.uint64)
    jobs = [(columns[j], bits[j], order[j]) for j in range(len(columns))]
    run(sort_column, jobs, work=20.0 * columns.size)
    return order


def sort_few(columns: Array) -> Array:
    """What `presort` returns, by NumPy."""
    rows = columns.argsort(axis=1, kind="stable")
    values = np.take_along_axis(columns, rows, axis=1)
    before, now = values[:, :-1], values[:, 1:]
    order = rows.astype(np.uint32)
    # a missing value is unlike any other value, but missing values are all alike
    order[:, 1:][(now != before) & ~np.isnan(before)] |= GREATER
    return order


@exact_kernel
def transpose(X: Array, columns: Array, start: int, stop: int) -> None:
    """columns[:, start:stop] = X[start:stop].T"""
    for tile in range(start, stop, TILE):
        for j in range(X.shape[1]):
            for i in range(tile, min(tile + TILE, stop)):
                columns[j, i] = X[i, j]


@exact_kernel
def sort_column(values: Array, bits: Array, order: Array) -> None:
    """Fill `order` for one column; `bits` are the same 64 bits as `values`."""
    n = len(values)
    keys, cards = np.empty(n, np.uint64), np.empty(n, np.uint64)
    for i in range(n):
        keys[i] = sortable(values[i], bits[i])
        cards[i] = (keys[i] & UPPER) | np.uint64(i)  # the upper half of a key, and whose it is
    cards = radix_sort(cards)
    if not insertion_sort(cards, keys):
        for i in range(n):
            cards[i] = (keys[i] << HALF) | np.uint64(i)
        cards = radix_sort(cards)
        for i in range(n):
            row = cards[i] & LOWER
            cards[i] = (keys[row] & UPPER) | row
        cards = radix_sort(cards)
    order[0] = np.uint32(cards[0] & LOWER)
    for i in range(1, n):
        greater = comes_after(cards[i], cards[i - 1], keys)
        row = np.uint32(cards[i] & LOWER)
        order[i] = row | GREATER if greater else row


@exact_kernel_step
def sortable(value: float, bits: Any) -> Any:
    """An integer that sorts as `value` does: both zeros alike, NaN last."""
    top = np.uint64(1 << 63)
    if np.isnan(value):
        return ~np.uint64(0)
    if value == 0:
        return top
    # a double's bits sort like its value once the negative ones are turned around
    return ~bits if bits & top else bits | top


@exact_kernel_step
def comes_after(card: Any, other: Any, keys: Array) -> bool:
    """Whether the key of `card` is greater than that of `other`; their lower halves are fetched only when needed."""
    if card >> HALF != other >> HALF:
        return bool(card > other)
    return bool(keys[card & LOWER] > keys[other & LOWER])


@exact_kernel_step
def radix_sort(cards: Array) -> Array:
    """`cards` in the order of their upper 32 bits, in place or in a new array."""
    n = len(cards)
    mask = np.uint64(BUCKETS - 1)
    counts = np.zeros((N_DIGITS, BUCKETS), np.int64)
    for i in range(n):
        for digit in range(N_DIGITS):
            counts[digit, (cards[i] >> HALF + np.uint64(DIGIT_BITS * digit)) & mask] += 1
    spare = np.empty(n, np.uint64)
    for digit in range(N_DIGITS):
        shift = HALF + np.uint64(DIGIT_BITS * digit)
        if counts[digit, (cards[0] >> shift) & mask] == n:
            continue  # they all agree in this digit
        places = counts[digit]
        place = 0
        for bucket in range(BUCKETS):
            place, places[bucket] = place + places[bucket], place
        for i in range(n):
            bucket = (cards[i] >> shift) & mask
            spare[places[bucket]] = cards[i]
            places[bucket] += 1
        cards, spare = spare, cards
    return cards


@exact_kernel_step
def insertion_sort(cards: Array, keys: Array) -> bool:
    """Put nearly sorted `cards` in the order of their rows' keys; False when they are too far from it."""
    moves = 0
    for i in range(1, len(cards)):
        card, place = cards[i], i
        while place > 0 and comes_after(cards[place - 1], card, keys):
            cards[place] = cards[place - 1]
            place -= 1
        cards[place] = card
        moves += i - place
        if moves > len(cards):
            return False
    return True
