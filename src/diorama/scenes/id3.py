"""A tree of ID3 growing question by question, with the gain of each attribute beside it."""

from itertools import pairwise

import numpy as np

from diorama._typing import Array
from diorama.recording.recorder import RecordedFit
from diorama.scenes.multiway_tree import Shape, attribute_bars, attributes_drawn, bar_marks, tree_and_bars
from diorama.scenes.parts import number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source
from diorama.trees.entropy import entropy
from diorama.trees.id3_classifier import State, weigh
from diorama.trees.multiway_growth import MultiwayGrowth

FORMULAS = {
    "": r"H(S) = -\sum_k p_k \log_2 p_k = \slot{entropy}",
    "gain": r"\mathrm{Gain}(S, A) = H(S) - \sum_v \frac{|S_v|}{|S|} H(S_v)"
    r" = \slot{entropy} - \slot{remainder} = \slot{gain}",
}
HEADING = "gain of each attribute, in bits"


def id3_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded ID3Classifier."""
    shape = Shape.of(recorded)
    among = attributes_drawn(shape.tree, len(shape.attributes))
    states = [moment.state for moment in recorded.moments]
    frames = [_start(shape, states[0], among)]
    frames += [_frame(shape, before, now, among) for before, now in pairwise(states)]
    return Scene(
        title="ID3",
        spec=tree_and_bars(shape, "A decision tree growing, beside the gain of each attribute"),
        frames=tuple(frames),
        code=marked_source(weigh, entropy),
        formulas=FORMULAS,
        caption=caption(shape, among),
    )


def caption(shape: Shape, among: Array) -> str:
    """What of the tree and of the attributes is not drawn."""
    hidden = len(shape.attributes) - len(among)
    bars = f"Bars: the {len(among)} attributes worth most, of {len(shape.attributes)}." if hidden else ""
    return " ".join(note for note in (shape.note(), bars) if note)


def start_told(shape: Shape, now: MultiwayGrowth) -> str:
    """The first frame in words."""
    bits = number(float(shape.tree.entropies()[0]))
    told = f"At the start one leaf holds all {shape.rows(0)} ({shape.makes(0)}); its entropy is {bits} bits."
    return told if now.n_splits_in_all else f"{told} There is nothing to ask."


def _start(shape: Shape, now: State, among: Array) -> Frame:
    bits = number(float(shape.tree.entropies()[0]))
    return Frame(
        data={**shape.marks(now, 0), **bar_marks(attribute_bars(shape, 0, False, HEADING, among))},
        narration=start_told(shape, now),
        alt="A tree that is one leaf, beside the gain of each attribute.",
        values={"entropy": bits},
    )


def _frame(shape: Shape, before: State, now: State, among: Array) -> Frame:
    one = now.n_splits - before.n_splits == 1
    bits = shape.tree.entropies()
    row = now.n_splits - 1
    gain = float(shape.tree.gains[row, shape.tree.feature[now.node]])
    values = {"entropy": number(bits[now.node]), "remainder": number(bits[now.node] - gain), "gain": number(gain)}
    return Frame(
        data={
            **shape.marks(now, now.node if one else -1),
            **bar_marks(attribute_bars(shape, row, True, HEADING, among)),
        },
        narration=_narration(shape, before, now, gain),
        alt=f"A tree with {now.tree.n_leaves:,} leaves, {now.tree.max_depth} questions deep, beside the gain of each "
        f"attribute at its newest question.",
        step="gain" if one else "",
        values=values if one else {"entropy": number(bits[now.node])},
    )


def _narration(shape: Shape, before: State, now: State, gain: float) -> str:
    last = now.n_splits == now.n_splits_in_all
    if now.n_splits - before.n_splits != 1:
        return f"Questions {before.n_splits + 1} to {now.n_splits:,}: the tree has {now.tree.n_leaves:,} leaves."
    ends = f" Nothing is left to ask: {now.tree.n_leaves:,} leaves." if last else ""
    node = now.node
    where = shape.where(node)
    rows = f"the {shape.rows(node)} where {where}" if where else f"all {shape.rows(node)}"
    number_of = f"Question {now.n_splits} of {now.n_splits_in_all:,}"
    answers = len(shape.tree.children(node))
    best = int(np.sum(~np.isnan(shape.tree.gains[now.n_splits - 1])))
    most = "gains most," if best > 1 else "is all that still differs and gains"
    return (
        f"{number_of}: of {rows}, {shape.name(node)} {most} {number(gain)} bits; its {answers} answers part them.{ends}"
    )
