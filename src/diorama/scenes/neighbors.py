"""Neighbours as a moving picture: rows cut into boxes, then one query that opens some and leaves the rest.

Beside the points stand the nearest so far, and at the end what they decide.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from diorama._kd_tree import grow, search
from diorama._typing import Array
from diorama.neighbors._product import sift
from diorama.neighbors._search_states import LEFT, OPENED, READ, State
from diorama.neighbors._table import keep_smallest
from diorama.neighbors._votes import average, vote
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.neighbors_asked import ACROSS, UP, asked
from diorama.scenes.neighbors_ground import Ground
from diorama.scenes.parts import ACCENT, NEUTRAL, number
from diorama.scenes.scene import Frame, Grip, Scene
from diorama.scenes.source import Code, marked_source

HEIGHT = 300
MOST_BARS = 15  # neighbours drawn as bars
BALL_POINTS = 97
FATES = {OPENED: "opened", READ: "measured", LEFT: "left closed"}
SEARCHES: dict[str, Callable[..., Any]] = {"tree": search, "product": sift, "table": keep_smallest}
FORMULA = (
    r"d_{(\slot{k})} = \slot{radius} \quad \text{after measuring } \slot{seen} \text{ of } \slot{all} \text{ rows}"
)
DECISION = r"P(c \mid x) = \frac{\sum_i w_i [y_i = c]}{\sum_i w_i} = \slot{result}"
MEAN = r"\hat y(x) = \frac{\sum_i w_i\, y_i}{\sum_i w_i} = \slot{result}"


def neighbors_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of an index that was built, or of one query's search; `state` is the last."""
    ground = Ground.of(recorded.fit)
    n = recorded.fit.X.shape[0]
    states = [moment.state for moment in recorded.moments]
    searched = len(state.query) > 0
    if not searched:
        states += asked(state, recorded.fit, ground)
    frames = tuple(_frame(each, ground, n) for each in states)
    last = states[-1]
    sparse_or_many = sparse.issparse(recorded.fit.X) or recorded.fit.X.shape[1] != 2
    notes = [ground.caption]
    if sparse_or_many and state.method == "tree":
        notes.append("The boxes are not drawn: they have more sides than the picture.")
    if recorded.fit.part.startswith("the first"):
        notes.append(f"Shown is {recorded.fit.part}.")
    moves = len(last.query) > 0 and not searched
    if moves:
        plane = " on the drawn plane" if recorded.fit.X.shape[1] > 2 else ""
        notes.append(f"Drag the cross: its neighbours{plane} are found from {ACROSS * UP} places.")
    panels = [{"width": 400, "height": HEIGHT, "layer": [*ground.layers, *_search_layers(ground)]}]
    if len(last.query):
        panels += [_bars(states, ground), *([_ballots(ground)] if len(last.weights) and ground.classes else [])]
    drawn = {"boxes", "lines", "ball", "query"} | ({"heap"} if len(last.query) else set())
    drawn |= {"votes"} if len(panels) == 3 else set()
    return Scene(
        title="The search for neighbours" if len(last.query) else "Rows kept for later",
        spec={
            "description": "Points, the boxes that were opened, and the nearest to a query.",
            "hconcat": panels,
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(
            Frame({name: f.data[name] for name in drawn}, f.narration, f.alt, f.step, f.values) for f in frames
        ),
        data=ground.still,
        code=_code(last, ground, searched=searched),
        formulas={"": FORMULA, "vote": DECISION, "average": MEAN},
        caption=" ".join(filter(None, notes)),
        grips=(Grip("query", x="x", y="" if len(ground.heights) else "y"),) if moves else (),
    )


def _code(state: State, ground: Ground, *, searched: bool) -> Code:
    """What made the rows ready, unless that was before, and what searched them."""
    ran: list[Callable[..., Any]] = [grow] if state.method == "tree" and not searched else []
    if len(state.query) or state.method != "tree":
        ran.append(SEARCHES[state.method])
    if len(state.weights):
        ran.append(vote if ground.classes else average)
    return marked_source(*ran)


def _frame(state: State, ground: Ground, n: int) -> Frame:
    told, step, result = _told(state, ground, n)
    k = len(state.neighbors)
    return Frame(
        data={
            "boxes": _boxes(state),
            "lines": _lines(state, ground),
            "ball": _ball(state, ground),
            "query": ground.query(state.query, state.neighbors),
            "heap": _heap(state, ground),
            "votes": _votes(state, ground),
        },
        narration=told,
        alt=f"{n:,} points. {told}",
        step=step,
        values={
            "k": str(k or "k"),
            "radius": number(state.distances[-1]) if k else "infinity",
            "seen": f"{state.seen if len(state.query) else 0:,}",
            "all": f"{n:,}",
            "result": result,
        },
    )


def _told(state: State, ground: Ground, n: int) -> tuple[str, str, str]:
    """A frame's sentence, the mark of its line, and what is decided."""
    if not len(state.query):
        return (*_told_of_building(state, n), "")
    if len(state.weights):
        return _told_of_decision(state, ground)
    steps = {"tree": "open", "product": "promising", "table": "measure"}
    step = steps[state.method]
    if state.found:
        return f"The {len(state.neighbors)} nearest of {n:,} rows: {state.seen:,} had to be looked at.", step, ""
    if state.seen == 0 and not len(state.fates):
        return "A query comes: which rows are near?", step, ""
    far = f"the farthest kept is {number(state.distances[-1])} away" if len(state.distances) else "none is kept yet"
    if state.method != "tree":
        return f"{state.seen:,} of {n:,} rows are looked at; {far}.", step, ""
    fate = int(state.fates[-1])
    said = {
        OPENED: f"A box is opened, and of its halves the nearer comes first; {far}.",
        READ: f"The rows of a leaf are measured, {state.seen:,} of {n:,} so far; {far}.",
        LEFT: f"A box is left closed: it lies farther than all that are kept; {far}.",
    }
    return said[fate], {OPENED: "open", READ: "read", LEFT: "leave"}[fate], ""


def _told_of_building(state: State, n: int) -> tuple[str, str]:
    if state.method != "tree":
        step = "promising" if state.method == "product" else "measure"
        told = f"All {n:,} rows are kept as they are; the work waits for a query." if state.seen else "Rows come."
        return told, step
    if state.seen == 0:
        return f"{n:,} rows come; nothing is learned but where they stand.", "enclose"
    boxes = len(state.boxes)
    if boxes == 1:
        return f"One box holds all {n:,} rows.", "enclose"
    share = number(n / boxes)
    return f"{boxes} boxes of about {share} rows: each was halved at the median of its widest side.", "halve"


def _told_of_decision(state: State, ground: Ground) -> tuple[str, str, str]:
    weights = state.weights / state.weights.sum()
    if not ground.classes:
        mean = (
            number(float(weights @ ground.targets[state.neighbors])) if len(ground.targets) else "a mean of each target"
        )
        return f"The prediction is the mean of the neighbours, weighted: {mean}.", "average", mean
    shares = _shares(state, ground)
    winner = int(shares.argmax())
    name, share = ground.classes[winner], f"{shares[winner]:.0%}"
    return f"The vote: {name} has {share} of the say, so the query is {name}.", "vote", share.replace("%", r" %")


def _shares(state: State, ground: Ground) -> Array:
    labels = ground.codes[state.neighbors]
    shares = np.bincount(labels, state.weights, minlength=len(ground.classes)) / state.weights.sum()
    return np.asarray(shares)


def _boxes(state: State) -> Columns:
    boxes = state.boxes if state.boxes.shape[2:] == (2,) else np.empty((0, 2, 2))
    fates = [FATES[int(fate)] for fate in state.fates[: len(boxes)]]
    # a box that was opened is drawn by its halves
    return {
        "x": boxes[:, 0, 0],
        "x2": boxes[:, 1, 0],
        "y": boxes[:, 0, 1],
        "y2": boxes[:, 1, 1],
        "fate": fates,
    }


def _lines(state: State, ground: Ground) -> Columns:
    ends = ground.places[state.neighbors]
    start = ground.query(state.query, state.neighbors)
    x, y = (np.repeat(start[key], len(ends)) for key in ("x", "y"))
    return {"x": x, "y": y, "x2": ends[:, 0], "y2": ends[:, 1]}


def _ball(state: State, ground: Ground) -> Columns:
    """The places just as far away as the farthest kept: a circle for Euclid, a square on its corner for Manhattan."""
    if state.order == 0 or len(state.query) != 2 or not len(state.distances):
        return {"x": np.empty(0), "y": np.empty(0), "order": np.empty(0)}
    angle = np.linspace(0, 2 * np.pi, BALL_POINTS)
    way = np.column_stack([np.cos(angle), np.sin(angle)])
    way /= (
        np.linalg.norm(way, ord=state.order, axis=1)[:, None]
        if np.isinf(state.order)
        else ((np.abs(way) ** state.order).sum(axis=1) ** (1 / state.order))[:, None]
    )
    edge = state.query + state.distances[-1] * way
    return {"x": edge[:, 0], "y": edge[:, 1], "order": np.arange(BALL_POINTS)}


def _heap(state: State, ground: Ground) -> Columns:
    kept = state.neighbors[:MOST_BARS]
    return {
        "rank": np.arange(1, len(kept) + 1),
        "distance": state.distances[:MOST_BARS],
        "row": kept,
        "class": [ground.classes[c] for c in ground.codes[kept]] if ground.classes else ["row"] * len(kept),
    }


def _votes(state: State, ground: Ground) -> Columns:
    shares = _shares(state, ground) if len(state.weights) and ground.classes else np.zeros(len(ground.classes))
    return {"class": list(ground.classes), "share": shares}


def _search_layers(ground: Ground) -> list[dict[str, Any]]:
    x, y = ground.axes
    fates = {"domain": list(FATES.values()), "range": [NEUTRAL, ACCENT, NEUTRAL]}
    fill = {"condition": {"test": "datum.fate == 'left closed'", "value": 0.22}, "value": 0.0}
    fate = {"field": "fate", "type": "nominal"}
    span = {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}
    return [
        {
            "data": {"name": "boxes"},
            "mark": {"type": "rect", "strokeWidth": 1.2, "clip": True, "fill": NEUTRAL},
            "encoding": {
                **span,
                "stroke": {**fate, "scale": fates, "legend": None},
                "fillOpacity": fill,
                "tooltip": [fate],
            },
        },
        {"data": {"name": "lines"}, "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.8}, "encoding": span},
        {
            "data": {"name": "ball"},
            "mark": {"type": "line", "strokeDash": [5, 4], "color": ACCENT, "strokeWidth": 1.5, "clip": True},
            "encoding": {"x": x, "y": y, "order": {"field": "order", "type": "quantitative"}},
        },
        {
            "data": {"name": "query"},
            "mark": {"type": "point", "shape": "cross", "size": 190, "filled": True, "color": ACCENT, "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
    ]


def _bars(states: Sequence[State], ground: Ground) -> dict[str, Any]:
    k = min(len(states[-1].neighbors), MOST_BARS)
    kept = [state.distances[:k] for state in states]
    top = float(np.max([kept_now.max() for kept_now in kept if len(kept_now)] or [1.0])) or 1.0
    color = ground.color if ground.classes else {"value": NEUTRAL}
    return {
        "data": {"name": "heap"},
        "width": 120,
        "height": HEIGHT,
        "mark": {"type": "bar"},
        "encoding": {
            "y": {
                "field": "rank",
                "type": "ordinal",
                "title": "nearest so far",
                "scale": {"domain": list(range(1, k + 1))},
            },
            "x": {
                "field": "distance",
                "type": "quantitative",
                "title": "distance",
                "scale": {"domain": [0, top], "nice": False},
                "axis": {"grid": False, "tickCount": 2},
            },
            "color": color,
            "tooltip": [
                {"field": "row", "type": "quantitative"},
                {"field": "distance", "type": "quantitative", "format": ".4~g"},
                {"field": "class", "type": "nominal"},
            ],
        },
    }


def _ballots(ground: Ground) -> dict[str, Any]:
    return {
        "data": {"name": "votes"},
        "width": 80,
        "height": HEIGHT,
        "mark": {"type": "bar"},
        "encoding": {
            "x": {
                "field": "class",
                "type": "nominal",
                "title": "vote",
                "scale": {"domain": list(ground.classes)},
                "axis": {"labelAngle": 0 if max(map(len, ground.classes)) <= 3 else -90, "labelLimit": 60},
            },
            "y": {
                "field": "share",
                "type": "quantitative",
                "title": "share of the say",
                "scale": {"domain": [0, 1], "nice": False},
                "axis": {"format": "%", "grid": False, "tickCount": 5},
            },
            "color": ground.color,
        },
    }
