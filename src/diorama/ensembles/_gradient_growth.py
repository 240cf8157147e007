"""Boosted trees: what one is grown on, the room it takes, and what it is when it stands."""

from typing import NamedTuple

import numpy as np

from diorama._crew import new_crew, together
from diorama._parallel import WORTH_A_THREAD
from diorama._typing import Array
from diorama.ensembles._gradient_cut import (
    BINS,
    CATEGORY,
    COUNT_BITS,
    CUT,
    FEATURE,
    GAIN,
    GRADIENT_UNIT,
    GROUP,
    HESSIAN_UNIT,
    LEFT,
    LOWER,
    MISSING_LEFT,
    OF_CUT,
    PENALTY,
    REAL,
    START,
    STOP,
    UPPER,
    WHOLE,
    G,
    H,
)
from diorama.ensembles._gradient_tree import NOBODY, grow_leaves
from diorama.ensembles._histogram_walk import FEATURE_SHIFT, MISSING_LEFT_BIT, SET_BIT

SLOTS_OF_ALL = 64  # more than ever wait at a time when the leaf of fewest rows is split first


class Columns(NamedTuple):
    """The training rows as bins."""

    codes: Array  # (n_groups, n_samples, 8) uint8; features that fill up the last group are all 0
    n_bins: Array  # (n_features,) int64
    kinds: Array  # (n_features,) int64: NUMBER or CATEGORY
    directions: Array  # (n_features,) int64: 1 where the prediction must not fall with the feature, -1 not rise, or 0


class Room(NamedTuple):
    """Room to grow trees in, one after the other."""

    max_splits: int
    task: Array  # (4,) int64
    cuts: Array  # (2, n_groups, OF_CUT) int64
    gains: Array  # (2, n_groups) float64
    spare: Array  # (n_samples + 1,) int32
    histograms: Array  # (n_slots, n_groups, GROUP * BINS) int64
    holders: Array  # (n_slots,) int64
    whole: Array  # (capacity, WHOLE) int64
    real: Array  # (capacity, REAL) float64
    sets: Array  # (capacity, 4) uint64
    order: Array  # (n_groups, 2, 256) float64


class BoostedTree(NamedTuple):
    """A tree, and which training rows are in which leaf."""

    nodes: Array  # (n_nodes, 2) int32, as in Grove
    values: Array  # (n_nodes,) what each node would say
    sets: Array  # (n_nodes, 4) uint64: categories that go left
    gains: Array  # (n_nodes,) twice the fall of the loss that a node's question brings; 0 for leaves
    bounds: Array  # (n_nodes, 2) between which a node's value must lie
    stretches: Array  # (n_nodes, 2) which part of `rows` each node has
    rows: Array  # (n_samples,) all rows, leaf by leaf

    @property
    def leaves(self) -> Array:
        """The nodes that are leaves, in the order of their stretches."""
        leaves = np.flatnonzero(self.nodes[:, 0] == 0)
        return leaves[np.argsort(self.stretches[leaves, 0])]


def grouped(codes: Array) -> Array:
    """(n_groups, n_samples, 8) of codes (n_samples, n_features)."""
    n, d = codes.shape
    groups = np.zeros((-(-d // GROUP), n, GROUP), dtype=np.uint8)
    for number, group in enumerate(groups):
        some = codes[:, number * GROUP : (number + 1) * GROUP]
        group[:, : some.shape[1]] = some
    return groups


def room_for(columns: Columns, max_leaves: int | None, possible: int) -> Room:
    """Room for trees of at most `max_leaves`; more than `possible` there cannot be."""
    n_groups, n = columns.codes.shape[:2]
    most = max(min(n, possible), 1)
    n_leaves = most if max_leaves is None else min(max_leaves, most)
    n_slots = SLOTS_OF_ALL if max_leaves is None else n_leaves + 1
    capacity = 2 * n_leaves + 1
    # memory that is never written is never taken
    return Room(
        n_leaves - 1,
        np.empty(4, np.int64),
        np.empty((2, n_groups, OF_CUT), np.int64),
        np.empty((2, n_groups)),
        np.empty(n + 1, np.int32),
        np.empty((n_slots, n_groups, GROUP * BINS), np.int64),
        np.empty(n_slots, np.int64),
        np.empty((capacity, WHOLE), np.int64),
        np.empty((capacity, REAL)),
        np.empty((capacity, 4), np.uint64),
        np.empty((n_groups, 2, 256)),
    )


def grow(columns: Columns, gradients: Array, rules: Array, room: Room) -> BoostedTree:
    """The tree of most gain on these gradients (n_samples, 2), see _gradient_cut for its `rules`."""
    n = len(gradients)
    rows = np.arange(n, dtype=np.int32)
    room.holders[:] = NOBODY
    room.whole[0] = 0
    room.whole[0, [STOP, G, H]] = n, gradients[:, 0].sum(), gradients[:, 1].sum()
    room.real[0, [GAIN, LOWER, UPPER]] = 0.0, -np.inf, np.inf
    crew, n_nodes = new_crew(), 1
    if room.max_splits > 0:
        work = (columns.codes, gradients, rows, *columns[1:], rules, crew, *room[1:])
        worth_it = columns.codes.size + room.max_splits * room.histograms[0].size >= WORTH_A_THREAD
        n_nodes = together(
            lambda: grow_leaves(*work, room.max_splits),
            lambda: grow_leaves(*work, 0),
            crew,
            most=len(columns.codes) - 1 if worth_it else 0,
        )
    return _grown(room, n_nodes, columns.kinds, rules, rows)


def _grown(room: Room, n_nodes: int, kinds: Array, rules: Array, rows: Array) -> BoostedTree:
    whole, real = room.whole[:n_nodes], room.real[:n_nodes]
    inner = whole[:, LEFT] > 0
    nominal = inner & (kinds[np.where(inner, whole[:, FEATURE], 0)] == CATEGORY)
    question = (whole[:, FEATURE] << FEATURE_SHIFT) | np.where(nominal, SET_BIT, whole[:, CUT])
    question |= np.where(~nominal & (whole[:, MISSING_LEFT] == 1), MISSING_LEFT_BIT, 0)
    bounds = real[:, [LOWER, UPPER]]
    g, h = whole[:, G] * rules[GRADIENT_UNIT], (whole[:, H] >> COUNT_BITS) * rules[HESSIAN_UNIT]
    with np.errstate(divide="ignore", invalid="ignore"):
        best = np.where(h + rules[PENALTY] > 0, -g / (h + rules[PENALTY]), 0.0)
    return BoostedTree(
        nodes=np.stack([whole[:, LEFT], np.where(inner, question, 0)], axis=1).astype(np.int32),
        values=np.clip(best, bounds[:, 0], bounds[:, 1]),
        sets=np.where(nominal[:, None], room.sets[:n_nodes], np.uint64(0)),
        gains=np.where(inner, real[:, GAIN], 0.0),
        bounds=bounds,
        stretches=whole[:, [START, STOP]],
        rows=rows,
    )
