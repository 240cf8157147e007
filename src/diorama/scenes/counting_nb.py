"""Multinomial and Bernoulli naive Bayes as a moving picture: the features of one row give their evidence in turn.

The row is the one with the most features present. Bars show what each adds to the log of the odds of the class that
wins in the end against the best other; beside them stand the probabilities so far.
"""

from typing import Any

import numpy as np
from scipy.special import softmax

from diorama._typing import Array
from diorama.bayes._feature_counts import State, contributions, hear
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import feature_names, rows_of
from diorama.scenes.parts import ACCENT, NEUTRAL, class_scales, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

HEIGHT = 300
# the features with the most to say, that words stay readable
SHOWN = 16


class _Witnesses:
    """The row that is judged, and which of its features are drawn."""

    def __init__(self, state: State, recorded: RecordedFit) -> None:
        fit = recorded.fit
        present = np.asarray((fit.X != 0).sum(axis=1)).ravel()
        self.index = int(present.argmax())
        seen = rows_of(fit.X, np.array([self.index]))[0]
        self.x = np.asarray(fit.subject._table(seen[None, :])[0], dtype=float)
        self.names, self.classes = feature_names(fit), [str(label) for label in fit.subject.classes_]
        self.label = str(np.asarray(fit.y)[self.index])
        order = self.log_shares(state).argsort()[::-1]
        self.winner, self.rival = int(order[0]), int(order[1] if len(order) > 1 else order[0])
        added = self.added(state)
        self.drawn = np.sort(np.abs(added).argsort()[::-1][:SHOWN])
        self.range = padded_range([0.0, *added[self.drawn]])

    def log_shares(self, state: State) -> Array:
        """(n_classes,) log prior and evidence of the features heard."""
        total: Array = state.bias + contributions(self.x, state).sum(axis=1)
        return total

    def added(self, state: State) -> Array:
        """(n_features,) what each feature heard adds for the winner against its rival; 0 for those unheard."""
        heard = contributions(self.x, state)
        return np.pad(heard[self.winner] - heard[self.rival], (0, len(self.x) - state.used))

    def frame(self, state: State) -> dict[str, Columns]:
        """The data sets of one frame."""
        return {
            "evidence": {"feature": [self.names[j] for j in self.drawn], "added": self.added(state)[self.drawn]},
            "shares": {"class": self.classes, "probability": softmax(self.log_shares(state))},
        }


def counting_nb_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded MultinomialNB or BernoulliNB: `state` has heard all features."""
    row = _Witnesses(state, recorded)
    frames = []
    for moment in recorded.moments:
        told = _narration(moment, row)
        values = {"used": str(moment.state.used), "p": number(softmax(row.log_shares(moment.state))[row.winner])}
        alt = f"Bars of evidence and the probabilities of {len(row.classes)} classes. {told}"
        step = "evidence" if moment.state.used else "hear"
        frames.append(Frame(data=row.frame(moment.state), narration=told, alt=alt, step=step, values=values))
    kind = type(recorded.fit.subject).__name__.removesuffix("NB")
    more = f"The {SHOWN} features with the most to say are drawn." if len(row.names) > SHOWN else ""
    return Scene(
        title=f"{kind} naive Bayes",
        spec={
            "description": "What each feature of one row adds, and the probabilities so far.",
            "hconcat": [_evidence_panel(row), _share_panel(row.classes)],
            "resolve": {"scale": {"color": "independent"}},
        },
        frames=tuple(frames),
        code=marked_source(contributions, hear),
        formulas={
            "": r"P(c \mid x) \propto \exp\left(b_c + \sum_{j=1}^{\slot{used}} x_j w_{cj}\right), \quad "
            r"P(\text{winner} \mid x) = \slot{p}"
        },
        tween=("evidence", "shares"),
        caption=" ".join(filter(None, (f"One row is judged: row {row.index}, of class {row.label}.", more))),
    )


def _narration(moment: Moment, row: _Witnesses) -> str:
    state = moment.state
    share = float(softmax(row.log_shares(state))[row.winner])
    winner, rival = row.classes[row.winner], row.classes[row.rival]
    if state.used == 0:
        return f"Nothing of the row is heard yet: {winner} has {share:.0%}."
    j = state.used - 1
    added = row.added(state)[j]
    side = winner if added > 0 else rival
    says = f"speaks for {side} by {number(abs(added), 2)}" if abs(added) > 1e-12 else "says nothing"
    return f"Feature {state.used} of {len(row.names)}, {row.names[j]}, {says}; {winner} has {share:.0%} now."


def _evidence_panel(row: _Witnesses) -> dict[str, Any]:
    x = {
        "field": "added",
        "type": "quantitative",
        "title": f"evidence for {row.classes[row.winner]} (log odds)",
        "scale": {"domain": row.range, "nice": False},
        "axis": {"grid": False, "tickCount": 5},
    }
    y = {"field": "feature", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 130}}
    color = {"condition": {"test": "datum.added > 0", "value": ACCENT}, "value": NEUTRAL}
    tooltip = [{"field": "feature"}, {"field": "added", "type": "quantitative", "format": ".3~f"}]
    return {
        "data": {"name": "evidence"},
        "width": 330,
        "height": HEIGHT,
        "mark": {"type": "bar"},
        "encoding": {"x": x, "y": y, "color": color, "tooltip": tooltip},
    }


def _share_panel(classes: list[str]) -> dict[str, Any]:
    y = {
        "field": "probability",
        "type": "quantitative",
        "title": "probability",
        "scale": {"domain": [0, 1]},
        "axis": {"grid": False, "tickCount": 5},
    }
    x = {"field": "class", "type": "nominal", "title": None, "sort": None, "axis": {"labelAngle": 0, "labelLimit": 60}}
    color = {"field": "class", "type": "nominal", "scale": class_scales(classes)[0], "legend": None}
    tooltip = [{"field": "class"}, {"field": "probability", "type": "quantitative", "format": ".3~f"}]
    return {
        "data": {"name": "shares"},
        "width": 230,
        "height": HEIGHT,
        "mark": {"type": "bar"},
        "encoding": {"x": x, "y": y, "color": color, "tooltip": tooltip},
    }
