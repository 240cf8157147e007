"""The rounds of gradient boosting: gradients of the loss, a tree that follows them, its leaves' values added."""

from typing import Any, NamedTuple

import numpy as np

from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.ensembles._boosting_losses import Loss
from diorama.ensembles._gradient_cut import COUNT_BITS, GRADIENT_UNIT, HESSIAN_UNIT
from diorama.ensembles._gradient_growth import BoostedTree, Columns, Room, grow
from diorama.ensembles._histogram_walk import Grove

GRADIENT_STEPS = float(1 << 30)
HESSIAN_STEPS = float(1 << 38)  # in the sum over all rows
ROWS_PER_BLOCK = 16_384


class Tree(NamedTuple):
    """One tree, as a grove keeps it."""

    nodes: Array  # (n_nodes, 2) int32
    values: Array  # (n_nodes,) what is added to the raw prediction of a row that ends here
    sets: Array  # (n_nodes, 4) uint64
    gains: Array  # (n_nodes,) what each question gained


class State(NamedTuple):
    """After some rounds."""

    trees: tuple[tuple[Tree, ...], ...]  # one a class in each round, or one
    raw: Array  # (n_samples, n_outputs) raw predictions of the training rows
    kept_raw: Array  # (n_kept, n_outputs) raw predictions of the rows kept aside
    losses: tuple[float, ...]  # mean over the training rows, before the first round and after each
    kept_losses: tuple[float, ...]  # mean over the rows kept aside, or nothing

    @property
    def cost(self) -> float:
        """The mean loss of the training rows."""
        return self.losses[-1]


class Rows(NamedTuple):
    """Rows to learn from, or to judge by."""

    codes: Array  # (n_samples, n_features) bins
    y: Array  # (n_samples,) target, or number of the class
    w: Array  # (n_samples,) weight in the loss


class Booster(NamedTuple):
    """What every round needs."""

    rows: Rows
    kept: Rows | None  # rows kept aside
    columns: Columns
    counts: Array  # (n_samples,) int64: how many rows each of them stands for
    loss: Loss
    rules: Array  # see _gradient_cut
    rooms: list[Room]  # one for each output
    learning_rate: float

    def start(self) -> State:
        """The best constant, for all rows."""
        raw = np.tile(self.loss.start(self.rows.y, self.rows.w), (len(self.rows.y), 1))  #: start
        kept = raw[:1].repeat(0 if self.kept is None else len(self.kept.y), axis=0)
        return self._judged(State((), raw, kept, (), ()))

    def step(self, state: State) -> State:
        """One more tree for each output."""
        _, gradients, hessians = judged(self.loss, self.rows, state.raw)  #: gradients
        jobs = [(self, gradients[:, k], hessians[:, k], state.raw[:, k], k) for k in range(state.raw.shape[1])]
        grown = run(one_tree, jobs, work=50.0 * self.columns.codes.size * len(jobs))  #: grow
        raw, kept = state.raw.copy(), state.kept_raw.copy()
        for k, (tree, said) in enumerate(grown):
            raw[:, k] += said  #: add
            if self.kept is not None:
                grove_of([(tree,)]).add(self.kept.codes, kept[:, k : k + 1])
        trees = (*state.trees, tuple(tree for tree, _ in grown))
        return self._judged(State(trees, raw, kept, state.losses, state.kept_losses))

    def _judged(self, state: State) -> State:
        losses = (*state.losses, judged(self.loss, self.rows, state.raw)[0])
        if self.kept is None:
            return state._replace(losses=losses)
        kept = (*state.kept_losses, judged(self.loss, self.kept, state.kept_raw)[0])
        return state._replace(losses=losses, kept_losses=kept)


def one_tree(booster: Booster, gradients: Array, hessians: Array, raw: Array, output: int) -> tuple[Tree, Array]:
    """A tree for one output, and what it adds to the raw prediction (n_samples,) of each row."""
    words, rules = whole_numbers(gradients, hessians, booster.counts, booster.rules)  #: round
    grown = grow(booster.columns, words, rules, booster.rooms[output])
    leaves = grown.leaves
    values = leaf_values(booster, grown, leaves, raw) * booster.learning_rate  #: leaf
    said = np.empty(len(raw))
    said[grown.rows] = np.repeat(values, np.diff(grown.stretches[leaves], axis=1)[:, 0])
    of_nodes = grown.values * booster.learning_rate
    of_nodes[leaves] = values
    return Tree(grown.nodes, of_nodes, grown.sets, grown.gains), said


def whole_numbers(gradients: Array, hessians: Array, counts: Array, rules: Array) -> tuple[Array, Array]:
    """(n_samples, 2) int64 words that add up exactly, and rules that say what their units are."""
    rules = rules.copy()
    rules[GRADIENT_UNIT] = (np.abs(gradients).max() or 1.0) / GRADIENT_STEPS
    rules[HESSIAN_UNIT] = (hessians.max() or 1.0) * len(hessians) / HESSIAN_STEPS
    words = np.empty((len(gradients), 2), dtype=np.int64)
    np.rint(gradients / rules[GRADIENT_UNIT], out=words[:, 0], casting="unsafe")
    np.rint(hessians / rules[HESSIAN_UNIT], out=words[:, 1], casting="unsafe")
    words[:, 1] <<= COUNT_BITS
    words[:, 1] |= counts
    return words, rules


def leaf_values(booster: Booster, grown: BoostedTree, leaves: Array, raw: Array) -> Array:
    """(n_leaves,) what the leaves say: as grown, or found exactly where the loss has kinks."""
    exact = getattr(booster.loss, "leaf_value", None)
    if exact is None:
        return grown.values[leaves]
    values = np.empty(len(leaves))
    for place, leaf in enumerate(leaves):
        rows = grown.rows[slice(*grown.stretches[leaf])]
        values[place] = exact(booster.rows.y[rows] - raw[rows], booster.rows.w[rows])
    return np.clip(values, *grown.bounds[leaves].T)


def judged(loss: Loss, rows: Rows, raw: Array) -> tuple[float, Array, Array]:
    """The mean loss of some rows, and its weighted gradients and hessians (n_samples, n_outputs).

    These are Fortran-ordered, so that each output is one piece.
    """
    gradients, hessians = np.empty(raw.shape, order="F"), np.empty(raw.shape, order="F")

    def some(i: int, j: int) -> float:
        return loss.judge(rows.y[i:j], rows.w[i:j], raw[i:j], gradients[i:j], hessians[i:j])

    parts = run(some, blocks(len(raw), ROWS_PER_BLOCK), work=50.0 * raw.size)
    return float(sum(parts) / rows.w.sum()), gradients, hessians


def grove_of(rounds: Any) -> Grove:
    """The trees of some rounds; a tree for output k has zeros for the others."""
    trees = [(k, len(trees), tree) for trees in rounds for k, tree in enumerate(trees)]
    values = [np.zeros((len(tree.nodes), n_outputs)) for _, n_outputs, tree in trees]
    for own, (k, _, tree) in zip(values, trees, strict=True):
        own[:, k] = tree.values
    return Grove(
        np.concatenate([tree.nodes for *_, tree in trees]),
        np.concatenate([[0], np.cumsum([len(tree.nodes) for *_, tree in trees])]),
        np.concatenate(values),
        np.concatenate([tree.sets for *_, tree in trees]),
    )
