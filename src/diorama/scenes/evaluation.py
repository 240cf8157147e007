"""How good a model is, as moving pictures: a threshold that comes down, and predictions beside the answers."""

from typing import Any

import numpy as np
from sklearn.metrics import auc, roc_curve

from diorama._typing import Array
from diorama.evaluation.report import State as Judged
from diorama.evaluation.threshold import Scores, State, at
from diorama.recording.recorder import RecordedFit
from diorama.scenes.fitted import axis
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, padded_range, sample_rows
from diorama.scenes.scene import Frame, Grip, Scene
from diorama.scenes.source import marked_source

HEIGHT = 230
BINS = 20
SIDES = ("yes", "no")


def threshold_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded sweep: who is called yes, the four counts, and the place on the ROC curve."""
    scores: Scores = recorded.fit.subject
    false_yes_rate, recall, _ = roc_curve(scores.yes, scores.probability)
    area = float(auc(false_yes_rate, recall))
    null = float(max(scores.yes.mean(), 1 - scores.yes.mean()))
    frames = []
    for moment in recorded.moments:
        now = moment.state
        told = (
            f"From {now.threshold:.0%} on a row is called yes: {now.recall:.0%} of the yes are found, "
            f"{now.specificity:.0%} of the no are let go, {now.precision:.0%} of those called are yes; "
            f"{now.accuracy:.0%} of all rows are right, {_beside(now.accuracy, null)} of who does not look."
        )
        frames.append(
            Frame(
                data={
                    "cut": {"probability": [now.threshold]},
                    "counts": _counts(now),
                    "here": {"x": [1 - now.specificity], "y": [now.recall]},
                },
                narration=told,
                alt=f"Probabilities of both classes, a table of four counts and the ROC curve. {told}",
                step="count",
                values={
                    "precision": number(now.precision),
                    "recall": number(now.recall),
                    "specificity": number(now.specificity),
                    "accuracy": number(now.accuracy),
                    "null": number(null),
                },
            )
        )
    return Scene(
        title="Where to say yes",
        spec={
            "description": "Probabilities by class, the confusion matrix and the ROC curve at a moving threshold.",
            "hconcat": [_histogram_panel(), _count_panel(len(scores.yes)), _roc_panel(area)],
            "resolve": {"scale": {"color": "independent"}},
        },
        frames=tuple(frames),
        data={
            "bars": _bars(scores),
            "roc": {"x": false_yes_rate, "y": recall},
            "chance": {"x": [0.0, 1.0], "y": [0.0, 1.0]},
        },
        code=marked_source(at),
        formulas={
            "": r"\text{precision} = \frac{TP}{TP + FP} = \slot{precision}, \quad "
            r"\text{recall} = \frac{TP}{TP + FN} = \slot{recall}, \quad "
            r"\text{specificity} = \frac{TN}{TN + FP} = \slot{specificity}, \quad "
            r"\text{accuracy} = \slot{accuracy} \quad \text{to beat: } \slot{null}"
        },
        tween=("cut", "here"),
        grips=(Grip("cut", x="probability"), Grip("here", x="x", y="y")),
        caption=(
            "Drag the threshold, or the point on the curve. On the dashed line are those who guess. Who calls every "
            f"row by the commonest name is right on {null:.0%}: the null accuracy, which is to be beaten."
        ),
    )


def _beside(accuracy: float, null: float) -> str:
    relation = "more than" if accuracy > null else "as many as" if accuracy == null else "less than"
    return f"{relation} the {null:.0%}"


def _bars(scores: Scores) -> dict[str, Any]:
    edges = np.linspace(0, 1, BINS + 1)
    yes, no = (np.histogram(scores.probability[side], edges)[0] for side in (scores.yes, ~scores.yes))
    return {
        "low": np.tile(edges[:-1], 2),
        "high": np.tile(edges[1:], 2),
        "rows": np.concatenate([yes, -no]),
        "is": [name for name in SIDES for _ in range(BINS)],
    }


def _counts(now: State) -> dict[str, Any]:
    values = [now.true_yes, now.false_no, now.false_yes, now.true_no]
    return {
        "is": ["yes", "yes", "no", "no"],
        "said": ["yes", "no", "yes", "no"],
        "rows": values,
        "right": ["right", "wrong", "wrong", "right"],
        "name": ["true yes", "missed", "false alarm", "true no"],
    }


def _histogram_panel() -> dict[str, Any]:
    x = axis("low", "probability of yes", [0.0, 1.0])
    y = {"field": "rows", "type": "quantitative", "title": "no ← rows → yes", "axis": {"grid": False, "tickCount": 5}}
    color = {"field": "is", "type": "nominal", "scale": {"domain": list(SIDES), "range": list(CLASS_COLORS[:2])}}
    bars = {
        "data": {"name": "bars"},
        "mark": {"type": "bar", "opacity": 0.85},
        "encoding": {
            "x": x,
            "x2": {"field": "high"},
            "y": {**y, "stack": None},
            "y2": {"datum": 0},
            "color": {**color, "legend": {"title": None}},
        },
    }
    rule = {
        "data": {"name": "cut"},
        "mark": {"type": "rule", "color": ACCENT, "strokeWidth": 3},
        "encoding": {"x": axis("probability", "probability of yes", [0.0, 1.0])},
    }
    return {"width": 200, "height": 200, "layer": [bars, rule]}


def _count_panel(n_samples: int) -> dict[str, Any]:
    x = {
        "field": "said",
        "type": "nominal",
        "title": "said",
        "sort": list(SIDES),
        "axis": {"orient": "top", "labelAngle": 0},
    }
    y = {"field": "is", "type": "nominal", "title": "is", "sort": list(SIDES)}
    fill: dict[str, Any] = {"field": "right", "type": "nominal", "legend": None}
    fill["scale"] = {"domain": ["right", "wrong"], "range": [CLASS_COLORS[2], CLASS_COLORS[4]]}
    share: dict[str, Any] = {"field": "rows", "type": "quantitative", "legend": None}
    share["scale"] = {"domain": [0, n_samples], "range": [0.15, 0.9]}
    cells = {"mark": {"type": "rect"}, "encoding": {"x": x, "y": y, "color": fill, "opacity": share}}
    text = {"field": "rows", "type": "quantitative", "format": ",.0f"}
    counts = {"mark": {"type": "text", "fontSize": 17, "dy": -8}, "encoding": {"x": x, "y": y, "text": text}}
    names = {
        "mark": {"type": "text", "fontSize": 11, "dy": 14},
        "encoding": {"x": x, "y": y, "text": {"field": "name"}},
    }
    return {"data": {"name": "counts"}, "width": 210, "height": 210, "layer": [cells, counts, names]}


def _roc_panel(area: float) -> dict[str, Any]:
    x, y = axis("x", "false alarms, share of no", [0.0, 1.0]), axis("y", "found, share of yes", [0.0, 1.0])
    both = {"x": x, "y": y}
    layers = [
        {"data": {"name": "chance"}, "mark": {"type": "line", "color": NEUTRAL, "strokeDash": [5, 4]}},
        {"data": {"name": "roc"}, "mark": {"type": "line", "color": CLASS_COLORS[0], "strokeWidth": 2.5}},
        {"data": {"name": "here"}, "mark": {"type": "point", "filled": True, "size": 130, "color": ACCENT}},
    ]
    drawn = [{**layer, "encoding": both} for layer in layers]
    return {"title": f"ROC curve, area {area:.3f}", "width": 200, "height": 200, "layer": drawn}


def judged_scene(state: Judged, recorded: RecordedFit) -> Scene:
    """The scene of a judged regression: from the mean's predictions to the model's."""
    chosen, sample = sample_rows(len(state.known), 1_000)
    known = state.known[chosen]
    reach = padded_range(np.concatenate([known, state.said[chosen]]))
    off = padded_range(np.concatenate([m.state.known - m.state.said for m in recorded.moments]))
    frames = [_judged_frame(moment.state, chosen, off) for moment in recorded.moments]
    bins = {"field": "rows", "type": "quantitative", "title": "rows", "axis": {"grid": False, "tickCount": 5}}
    return Scene(
        title="Predictions beside the answers",
        spec={
            "description": "Predictions against answers, and how far off they are.",
            "hconcat": [
                {
                    "width": 330,
                    "height": HEIGHT,
                    "layer": [
                        {
                            "data": {"name": "diagonal"},
                            "mark": {"type": "line", "color": NEUTRAL, "strokeDash": [5, 4]},
                            "encoding": {"x": axis("x", "answer", reach), "y": axis("y", "prediction", reach)},
                        },
                        {
                            "data": {"name": "rows"},
                            "mark": {"type": "point", "filled": True, "size": 30, "opacity": 0.6},
                            "encoding": {"x": axis("x", "answer", reach), "y": axis("y", "prediction", reach)},
                        },
                    ],
                },
                {
                    "data": {"name": "off"},
                    "width": 280,
                    "height": HEIGHT,
                    "mark": {"type": "bar", "color": CLASS_COLORS[0]},
                    "encoding": {"x": axis("low", "answer less prediction", off), "x2": {"field": "high"}, "y": bins},
                },
            ],
        },
        frames=tuple(frames),
        data={"diagonal": {"x": reach, "y": reach}},
        formulas={"": r"R^2 = 1 - \frac{\sum_i (y_i - \hat y_i)^2}{\sum_i (y_i - \bar y)^2} = \slot{R2}"},
        tween=("rows",),
        caption=sample,
    )


def _judged_frame(state: Judged, chosen: Array, off: list[float]) -> Frame:
    residuals = state.known - state.said
    spread = float(((state.known - state.known.mean()) ** 2).sum())
    explained = 1 - float((residuals**2).sum()) / spread if spread > 0 else 0.0
    counts, edges = np.histogram(residuals, np.linspace(off[0], off[1], BINS + 1))
    typical = number(float(np.sqrt(np.mean(residuals**2))))
    told = f"{state.who[0].upper()}{state.who[1:]} is off by {typical} (root mean square): R2 = {number(explained)}."
    return Frame(
        data={
            "rows": {"x": state.known[chosen], "y": state.said[chosen]},
            "off": {"low": edges[:-1], "high": edges[1:], "rows": counts},
        },
        narration=told,
        alt=f"Predictions against answers, and a histogram of the differences. {told}",
        values={"R2": number(explained)},
    )
