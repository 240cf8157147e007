"""What a watched search passes through: boxes opened and left, rows measured, the nearest so far, their vote.

Nothing is searched twice in another way: the tree's kernel says which nodes it came by, and the rest follows from the
rows that stand in them.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from diorama._kd_tree import KDTree
from diorama._minkowski import distances
from diorama._typing import Array
from diorama.neighbors._metric import Metric
from diorama.neighbors._product import ProductIndex
from diorama.neighbors._table import TableIndex
from diorama.neighbors._tree import TreeIndex

Index = TreeIndex | ProductIndex | TableIndex

OPENED, READ, LEFT = 0, 1, 2
MOST_STATES = 100
PARTS = 10  # in which a search without a tree shows its rows


class State(NamedTuple):
    """One moment of building the index or of searching it."""

    method: str  # "tree", "product" or "table"
    order: float  # p of a Minkowski distance, 0 for any other
    query: Array  # (n_features,) in the user's units; empty while the index is built
    boxes: Array  # (m, 2, n_features) lowest and highest corner of each box met, none without a tree
    fates: Array  # (m,) OPENED, READ or LEFT
    seen: int  # rows measured, or indexed
    neighbors: Array  # (at most k,) row numbers of the nearest so far, nearest first
    distances: Array  # (at most k,) in the user's metric
    found: bool  # the search is over
    weights: Array  # (k,) each neighbour's say in the vote; empty before the vote


def method_of(index: Index) -> str:
    """What pictures call the way of searching."""
    return {TreeIndex: "tree", ProductIndex: "product", TableIndex: "table"}[type(index)]


def building(index: Index, metric: Metric, n: int) -> Iterator[State]:
    """The tree level by level; without one, no row and then all of them."""
    nothing = _nothing(index, metric)
    if not isinstance(index, TreeIndex):
        yield nothing
        yield nothing._replace(seen=n)
        return
    tree = index.tree
    yield nothing
    for level in range(tree.levels + 1):
        first = 2**level - 1
        boxes = tree.boxes[first : 2 * first + 1]
        yield nothing._replace(boxes=boxes, fates=np.full(len(boxes), OPENED), seen=n)


def searching(
    index: Index, metric: Metric, query: Any, shown: Array, found: tuple[Array, Array], weights: Array
) -> Iterator[State]:
    """The search for one query as (1, n_features) it was searched and (n_features,) it is `shown`.

    `found` are its distances and rows as they were returned, in the user's metric.
    """
    start = _nothing(index, metric)._replace(query=shown)
    measured = metric.reported(_all_distances(index, query))
    k = len(found[1])
    yield start
    if isinstance(index, TreeIndex):
        states = _through_tree(index, query, measured, k, start)
    else:
        states = _through_rows(measured, k, start)
    state = start
    for state in states:
        yield state
    last = state._replace(distances=found[0], neighbors=found[1], found=True)
    yield last
    if len(weights):
        yield last._replace(weights=weights)


def _through_tree(index: TreeIndex, query: Any, measured: Array, k: int, start: State) -> Iterator[State]:
    tree: KDTree = index.tree
    trail = tree.trail(np.asarray(query)[0], k, index.p)
    nodes = np.where(trail < 0, ~trail, trail)
    fates = np.where(trail < 0, LEFT, np.where(nodes >= len(tree.ranges) // 2, READ, OPENED))
    told = set(np.linspace(1, len(trail), min(len(trail), MOST_STATES)).astype(int).tolist())
    rows = np.empty(0, dtype=np.int64)
    for step, (node, fate) in enumerate(zip(nodes, fates, strict=True), 1):
        if fate == READ:
            low, high = tree.ranges[node]
            rows = np.concatenate([rows, tree.order[low:high]])
        if step in told:
            near = _best(rows, measured, k)
            yield start._replace(
                boxes=tree.boxes[nodes[:step]],
                fates=fates[:step],
                seen=len(rows),
                neighbors=near,
                distances=measured[near],
            )


def _through_rows(measured: Array, k: int, start: State) -> Iterator[State]:
    for stop in np.unique(np.linspace(0, len(measured), PARTS + 1).astype(int))[1:]:
        near = _best(np.arange(stop), measured, k)
        yield start._replace(seen=int(stop), neighbors=near, distances=measured[near])


def _best(rows: Array, measured: Array, k: int) -> Array:
    best: Array = rows[np.lexsort((rows, measured[rows]))[:k]]
    return best


def _all_distances(index: Index, query: Any) -> Array:
    """(n,) distances from one query to every row, in the rows' order."""
    if isinstance(index, TableIndex):
        return np.asarray(index.table(query)[0])
    p = index.p if isinstance(index, TreeIndex) else 2.0
    points = index.tree.points if isinstance(index, TreeIndex) else index.points
    row = query.toarray() if sparse.issparse(query) else np.asarray(query, dtype=float)
    gaps = np.abs(points - row[0])
    reduced = gaps.max(axis=1) if np.isinf(p) else (gaps**p).sum(axis=1)
    measured = distances(reduced, p)
    if isinstance(index, TreeIndex):
        in_order = np.empty_like(measured)
        in_order[index.tree.order] = measured
        return in_order
    return measured


def _nothing(index: Index, metric: Metric) -> State:
    order = metric.p if metric.kind == "minkowski" else 0.0
    none, nobody = np.empty(0), np.empty(0, dtype=np.int64)
    return State(method_of(index), order, none, np.empty((0, 2, 0)), nobody, 0, nobody, none, False, none)
