"""A tree of C4.5 growing by gain ratios, and then cut back where its branches promise too many errors."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.id3 import caption, start_told
from diorama.scenes.multiway_tree import (
    Bar,
    Bars,
    Shape,
    attribute_bars,
    attributes_drawn,
    bar_marks,
    tree_and_bars,
)
from diorama.scenes.parts import ACCENT, number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source
from diorama.trees.c45_classifier import State
from diorama.trees.gain_ratio import gain, split_information, weigh
from diorama.trees.pessimistic import Promise, cuts, promises

FORMULAS = {
    "": r"H(S) = -\sum_k p_k \log_2 p_k = \slot{entropy}",
    "ratio": r"\mathrm{Ratio}(S, A) = \frac{\mathrm{Gain}(S, A)}{\mathrm{Split}(S, A)}"
    r" = \frac{\slot{gain}}{\slot{split}} = \slot{ratio}",
    "cut": r"N \, U_{CF}(E, N) = \slot{rows} \cdot \slot{limit} = \slot{leaf}"
    r" \quad \text{branches} \quad \slot{branches}",
}
RATIOS = "gain ratio of each attribute"
UNPRUNED = 0.5  # stands for the confidence that was not asked for


class Drawing(NamedTuple):
    """What stays the same over all frames."""

    shape: Shape
    among: Array  # the attributes that have a bar
    promise: Promise
    cut: list[int]  # nodes that are cut in the end
    prunes: bool  # whether anything might have been cut


def c45_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded C45Classifier."""
    shape = Shape.of(recorded)
    confidence = recorded.fit.subject.confidence
    prunes = confidence is not None
    cut = cuts(state.grown, confidence) if prunes else []
    promise = promises(state.grown, confidence if prunes else UNPRUNED)
    drawing = Drawing(shape, attributes_drawn(shape.tree, len(shape.attributes)), promise, cut, prunes)
    states = [moment.state for moment in recorded.moments]
    frames = [_start(drawing, states[0])]
    frames += [_frame(drawing, before, now) for before, now in pairwise(states)]
    return Scene(
        title="C4.5",
        spec=tree_and_bars(shape, "A decision tree growing, beside the gain ratio of each attribute, then pruned"),
        frames=tuple(frames),
        code=marked_source(weigh, gain, split_information, promises, cuts),
        formulas=FORMULAS,
        caption=caption(shape, drawing.among),
    )


def _start(drawing: Drawing, now: State) -> Frame:
    shape = drawing.shape
    return Frame(
        data={**shape.marks(now, 0), **bar_marks(attribute_bars(shape, 0, False, RATIOS, drawing.among))},
        narration=start_told(shape, now),
        alt="A tree that is one leaf, beside the gain ratio of each attribute.",
        values={"entropy": number(float(shape.tree.entropies()[0]))},
    )


def _frame(drawing: Drawing, before: State, now: State) -> Frame:
    return _cutting(drawing, before, now) if now.n_cuts else _growing(drawing, before, now)


def _growing(drawing: Drawing, before: State, now: State) -> Frame:
    shape, row, node = drawing.shape, now.n_splits - 1, now.node
    one = now.n_splits - before.n_splits == 1
    feature = int(shape.tree.feature[node])
    bits, ratio = float(shape.tree.gains[row, feature]), float(shape.tree.worth[row, feature])
    values = {"gain": number(bits), "split": number(bits / ratio), "ratio": number(ratio)}
    return Frame(
        data={
            **shape.marks(now, node if one else -1),
            **bar_marks(attribute_bars(shape, row, True, RATIOS, drawing.among)),
        },
        narration=_asked(drawing, before, now, bits, ratio),
        alt=f"A tree with {now.tree.n_leaves:,} leaves, {now.tree.max_depth} questions deep, beside the gain ratio of "
        f"each attribute at its newest question.",
        step="ratio" if one else "",
        values=values if one else {"entropy": number(float(shape.tree.entropies()[node]))},
    )


def _asked(drawing: Drawing, before: State, now: State, bits: float, ratio: float) -> str:
    shape, node = drawing.shape, now.node
    grown = "" if now.n_splits < now.n_splits_in_all else _what_now(drawing, now)
    if now.n_splits - before.n_splits != 1:
        return f"Questions {before.n_splits + 1} to {now.n_splits:,}: the tree has {now.tree.n_leaves:,} leaves.{grown}"
    where = shape.where(node)
    rows = f"the {shape.rows(node)} where {where}" if where else f"all {shape.rows(node)}"
    threshold = float(shape.tree.threshold[node])
    name = shape.name(node)
    asks = name if np.isnan(threshold) else f"{name} with the threshold {number(threshold)}"
    return (
        f"Question {now.n_splits} of {now.n_splits_in_all:,}: of {rows}, {asks} gains {number(bits)} bits, "
        f"{number(ratio)} for each bit of its answer.{grown}"
    )


def _what_now(drawing: Drawing, now: State) -> str:
    if not drawing.prunes:
        return f" The tree stays as it is: {now.tree.n_leaves:,} leaves."
    if not now.n_cuts_in_all:
        return f" No leaf promises fewer errors than the branches in its place: {now.tree.n_leaves:,} leaves stay."
    return f" The tree is grown; {now.n_cuts_in_all:,} of its questions promise more errors than they save."


def _cutting(drawing: Drawing, before: State, now: State) -> Frame:
    shape, node = drawing.shape, now.node
    one = now.n_cuts - before.n_cuts == 1
    leaves = f"{now.tree.n_leaves:,} leaves" if now.tree.n_leaves > 1 else "1 leaf"
    ends = f" The tree is finished: {leaves}." if now.n_cuts == now.n_cuts_in_all else ""
    alt = f"What is left of the tree after {now.n_cuts:,} of {now.n_cuts_in_all:,} cuts: {leaves}."
    if not one:
        told = f"Cuts {before.n_cuts + 1} to {now.n_cuts:,}: {leaves} are left."
        values = {"entropy": number(float(shape.tree.entropies()[0]))}
        return Frame({**shape.marks(now, -1), **_promised(drawing, node)}, told, alt, "", values)
    as_leaf, as_branches = (float(errors[node]) for errors in drawing.promise)
    rows = float(shape.tree.counts[node].sum())
    where = shape.where(node)
    place = f"where {where}" if where else "at the root"
    told = (
        f"Cut {now.n_cuts} of {now.n_cuts_in_all:,}: {place}, the branches under "
        f"{shape.name(node)} promise {number(as_branches)} errors on {shape.rows(node)}, a leaf in their place "
        f"{number(as_leaf)}.{ends}"
    )
    values = {
        "rows": number(rows),
        "limit": number(as_leaf / rows),
        "leaf": number(as_leaf),
        "branches": number(as_branches),
    }
    return Frame({**shape.marks(now, node), **_promised(drawing, node)}, told, alt, "cut", values)


def _promised(drawing: Drawing, node: int) -> dict[str, Columns]:
    """Two bars: the errors that branches promise, and those of a leaf in their place."""
    as_leaf, as_branches = drawing.promise
    largest = float(as_branches[drawing.cut].max())
    bars = [
        Bar("with its branches", float(as_branches[node]), number(as_branches[node])),
        Bar("as one leaf", float(as_leaf[node]), number(as_leaf[node]), ACCENT, 1.0),
    ]
    return bar_marks(Bars(f"errors to expect on {drawing.shape.rows(node)}", bars, largest))
