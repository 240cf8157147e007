"""Bagging, boosting, voting and stacking on the same rows: one of them at work, beside how all do on rows not seen."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.ensembles import AdaBoostClassifier, BaggingClassifier, StackingClassifier, VotingClassifier
from diorama.ensembles.adaboost_classifier import step as boost
from diorama.ensembles.bagging import bag
from diorama.ensembles.stacking import out_of_fold, side_by_side
from diorama.ensembles.voting import ask, count
from diorama.scenes.boundary import Boundary
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import axis
from diorama.scenes.parts import CLASS_COLORS, NEUTRAL, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

PICTURE, CHART, TALL = 360, 260, 300
ONE_TREE = "one tree"
ORDER = ("bagging", "boosting", "voting", "stacking", ONE_TREE)
COLORS = (CLASS_COLORS[2], CLASS_COLORS[3], CLASS_COLORS[4], CLASS_COLORS[5], NEUTRAL)
CODE: Mapping[str, tuple[tuple[Callable[..., Any], ...], str]] = {
    "bagging": ((bag,), "draw"),
    "boosting": ((boost,), "reweigh"),
    "voting": ((ask, count), "count"),
    "stacking": ((out_of_fold, side_by_side), "fold"),
}
FORMULAS = {
    "bagging": r"p = \frac{1}{T} \sum_t p_t \qquad T = \slot{members} \quad \text{right: } \slot{score}",
    "boosting": r"f = \sum_t a_t h_t \qquad T = \slot{members} \quad \text{right: } \slot{score}",
    "voting": r"p = \frac{\sum_m w_m p_m}{\sum_m w_m} \qquad M = \slot{members} \quad \text{right: } \slot{score}",
    "stacking": r"\hat{y} = g(f_1, \ldots, f_M) \qquad M = \slot{members} \quad \text{right: } \slot{score}",
}

Stage = Callable[[Array], Array]  # points -> (n, n_classes) probabilities


class Contest(NamedTuple):
    """Ensembles fitted to the same rows, and rows to judge them by."""

    X: Array
    y: Array
    others: Array  # rows that no model has seen
    labels: Array  # and what they are
    names: tuple[str, ...]  # of the features
    bagging: BaggingClassifier
    boosting: AdaBoostClassifier
    voting: VotingClassifier
    stacking: StackingClassifier
    one_tree: Any


def stages_of(contest: Contest, method: str, X: Array) -> list[Array]:
    """(n, n_classes) probabilities for X after the first member, the first two, the first three ..."""
    if method == "boosting":
        return list(contest.boosting.staged_predict_proba(X))
    if method == "bagging":
        said = np.array([member.predict_proba(X) for member in contest.bagging.estimators_])
        return list(np.cumsum(said, axis=0) / np.arange(1, len(said) + 1)[:, None, None])
    if method == "voting":
        said = np.array([member.predict_proba(X) for member in contest.voting.estimators_])
        return [count(list(said[:n]), None) for n in range(1, len(said) + 1)]
    if method == "stacking":
        alone = [member.predict_proba(X) for member in contest.stacking.estimators_]
        return [*alone, contest.stacking.predict_proba(X)]
    return [contest.one_tree.predict_proba(X)]


def ensembling_scene(contest: Contest, method: str) -> Scene:
    """The scene of one method at work, beside the scores of all."""
    boundary = Boundary.of(Fit(_Named(contest.bagging.classes_, contest.names), contest.X, contest.y))
    scores = {name: _scores(contest, name) for name in ORDER}
    functions, step = CODE[method]
    code = marked_source(*functions)
    frames = []
    for k, shares in enumerate(stages_of(contest, method, boundary.points)):
        told = _told(method, k, scores)
        marker = {"members": [_place(method, k, scores)], "score": [scores[method][k]], "method": [method]}
        frames.append(
            Frame(
                data={**boundary.frame(partial(_given, shares)), "now": marker},
                narration=told,
                alt=f"Left the probabilities of {method}, right the scores of all methods. {told}",
                step=step,
                values={"members": str(_place(method, k, scores)), "score": number(scores[method][k])},
            )
        )
    return Scene(
        title=f"Ensembling: {method}",
        spec={
            "description": "One ensemble at work, and how all ensembles do on rows that none has seen.",
            "hconcat": [{"title": method, **boundary.panel(PICTURE, TALL)}, _chart(scores)],
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(frames),
        data={**boundary.still, "scores": _lines(scores)},
        code=code,
        formulas={"": FORMULAS[method]},
        caption=f"Judged on {len(contest.labels):,} rows that no model has seen.",
    )


class _Named(NamedTuple):
    """Whom the plane is drawn for."""

    classes_: Array
    feature_names_in_: Sequence[str]


def _given(shares: Array, points: Array) -> Array:
    return shares


def _scores(contest: Contest, method: str) -> list[float]:
    """Share of the rows not seen that each stage puts right."""
    classes = contest.bagging.classes_
    stages = stages_of(contest, method, contest.others)
    return [float(np.mean(classes[shares.argmax(axis=1)] == contest.labels)) for shares in stages]


def _place(method: str, stage: int, scores: Mapping[str, list[float]]) -> int:
    """How many members have spoken; the stack itself is no member."""
    last = len(scores[method]) - 1
    return min(stage + 1, last) if method == "stacking" else stage + 1


def _told(method: str, stage: int, scores: Mapping[str, list[float]]) -> str:
    now, last = scores[method][stage], len(scores[method]) - 1
    who = {
        "bagging": f"The mean of {stage + 1} bagged {'tree' if stage == 0 else 'trees'}",
        "boosting": f"After round {stage + 1} of boosting the sum",
        "voting": f"The vote of {stage + 1}",
        "stacking": "The stack" if stage == last else f"Member {stage + 1} of the stack, alone,",
    }[method]
    others = ", ".join(f"{name} {scores[name][-1]:.0%}" for name in ORDER if name != method)
    return f"{who} puts {now:.1%} of the rows not seen right; in the end {others}."


def _lines(scores: Mapping[str, list[float]]) -> Columns:
    """The scores as lines; what does not grow is level."""
    most = max(len(scores["bagging"]), len(scores["boosting"]), 2)
    table: dict[str, list[Any]] = {"members": [], "score": [], "method": []}
    for name in ORDER:
        level = name in ("stacking", ONE_TREE)
        own = [scores[name][-1]] * most if level else scores[name]
        table["members"] += range(1, len(own) + 1)
        table["score"] += own
        table["method"] += [name] * len(own)
    return table


def _chart(scores: Mapping[str, list[float]]) -> dict[str, Any]:
    most = max(len(scores["bagging"]), len(scores["boosting"]), 2)
    x = axis("members", "members", [1, most])
    y = axis("score", "right, of rows not seen", padded_range(list(chain(*scores.values()))))
    y["axis"] = {**y["axis"], "format": ".0%"}
    legend = {"orient": "bottom", "title": None, "columns": 3}
    scale = {"domain": list(ORDER), "range": list(COLORS)}
    color = {"field": "method", "type": "nominal", "scale": scale, "legend": legend}
    tooltip = [{"field": "method", "type": "nominal"}, {"field": "score", "type": "quantitative", "format": ".1%"}]
    lines = {
        "data": {"name": "scores"},
        "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 16}},
        "encoding": {"x": x, "y": y, "color": color, "tooltip": tooltip},
    }
    now = {
        "data": {"name": "now"},
        "mark": {"type": "point", "filled": True, "size": 160, "opacity": 1},
        "encoding": {"x": x, "y": y, "color": color, "tooltip": tooltip},
    }
    return {"title": "all of them", "width": CHART, "height": TALL, "layer": [lines, now]}
