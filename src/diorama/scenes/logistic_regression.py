"""Logistic regression as a moving picture: the boundary and the probabilities step by step, beside the loss.

With one feature, the curve of the probability over the data; with more than two, also the coefficients.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.linear.logistic_regression import State, l1_share, walk
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.boundary import Boundary
from diorama.scenes.descent_parts import Curve, change, thinning
from diorama.scenes.fitted import Coefficients, rows_of
from diorama.scenes.parts import affordable, number, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

HEIGHT = 300
# fits on more rows are drawn from a sample
ROWS = 4_000


def logistic_regression_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded LogisticRegression; of one-versus-rest, that of one class against the rest."""
    fit, sample = _drawn(recorded.fit, len(state.theta))
    moments = recorded.moments
    boundary, curve = Boundary.of(fit), Curve.of(moments, "mean loss + penalty")
    bars = _bars(fit, moments)
    frames = []
    for k, moment in enumerate(moments):
        told = _narration(recorded, k, _share_right(moment.state, fit))
        theta = moment.state.theta
        data = {**boundary.frame_of(_likely(boundary.sums(theta[:, :-1], theta[:, -1]))), **curve.frame(k)}
        data |= {} if bars is None else bars.frame(k)
        values = {"cost": number(moment.state.cost, 4), "slope": number(moment.state.slope)}
        alt = f"Points of {len(fit.subject.classes_)} classes over the probabilities that the model gives. {told}"
        frames.append(Frame(data=data, narration=told, alt=alt, step="step" if k else "gradient", values=values))
    small = [boundary.panel(300, HEIGHT), bars.panel(), curve.panel(150, HEIGHT)] if bars is not None else None
    return Scene(
        title="Logistic regression" + (f": {recorded.fit.part} against the rest" if recorded.fit.part else ""),
        spec={
            "description": "Probabilities of the classes, and how the loss changed.",
            "hconcat": small or [boundary.panel(400, HEIGHT), curve.panel(220, HEIGHT)],
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(frames),
        data={**boundary.still, **curve.still},
        code=marked_source(walk(recorded.fit.subject, state.theta.shape)),
        formulas={"": _formula(recorded.fit.subject, len(state.theta))},
        tween=("now",) if bars is None else ("now", "coefficients"),
        caption=" ".join(filter(None, (boundary.caption, sample, thinning(recorded)))),
    )


def probabilities(points: Array, theta: Array) -> Array:
    """(n, n_classes) of `points` (n, n_features) for theta (1 or n_classes, n_features + 1)."""
    return _likely(points @ theta[:, :-1].T + theta[:, -1])


def _likely(raw: Array) -> Array:
    """(n, n_classes) probabilities for the weighted sums (n, 1 or n_classes)."""
    if raw.shape[1] == 1:
        raw = np.concatenate([np.zeros_like(raw), raw], axis=1)
    mass = np.exp(raw - raw.max(axis=1, keepdims=True))
    shares: Array = mass / mass.sum(axis=1, keepdims=True)
    return shares


def _drawn(fit: Fit, n_rows: int) -> tuple[Fit, str]:
    """The rows to draw, filled in where they are sparse; of one-versus-rest, with the labels of its two sides."""
    chosen, _ = sample_rows(fit.X.shape[0], affordable(ROWS, fit.X.shape[1]))
    X, y, classes = rows_of(fit.X, chosen), np.asarray(fit.y)[chosen], fit.subject.classes_
    if n_rows == 1 and len(classes) > 2:
        own = fit.part.removeprefix("class ")
        y = np.where([str(label) == own for label in y], own, "the rest")
        classes = np.array(["the rest", own])
    names = getattr(fit.subject, "feature_names_in_", None)
    subject = SimpleNamespace(classes_=classes, **({} if names is None else {"feature_names_in_": names}))
    n = fit.X.shape[0]
    return fit._replace(subject=subject, X=X, y=y), f"The fit used all {n:,} rows." if n > len(chosen) else ""


def _bars(fit: Fit, moments: Sequence[Moment]) -> Coefficients | None:
    """The coefficients of a model of two classes and several features."""
    if fit.X.shape[1] <= 2 or len(moments[0].state.theta) > 1:
        return None
    return Coefficients(fit, np.array([moment.state.coef[0] for moment in moments]), 150, HEIGHT)


def _share_right(state: State, fit: Fit) -> float:
    codes = probabilities(fit.X, state.theta).argmax(axis=1)
    return float(np.mean(fit.subject.classes_[codes] == fit.y))


def _narration(recorded: RecordedFit, k: int, right: float) -> str:
    moments, model = recorded.moments, recorded.fit.subject
    iteration, state = moments[k]
    side = f"{right:.0%} of the rows are on their side"
    if k == 0:
        even = "every class is as likely as any other" if not state.theta.any() else "the walk starts at the last fit"
        return f"Start: {even}, and the loss is {number(state.cost, 4)}."
    told = f"Step {iteration} of {recorded.n_iter}: the loss {change(moments[k - 1], moments[k])}; {side}"
    if l1_share(model) > 0 and state.coef.size > 1:
        told += f"; {int((state.coef == 0).sum())} of {state.coef.size} coefficients are 0"
    if k == len(moments) - 1:
        flat = state.slope <= model.tol
        told += f", and no slope is above {number(model.tol)}: arrived" if flat else ", and the slope is not yet flat"
    return told + "."


def _formula(model: Any, n_rows: int) -> str:
    probability = r"\sigma(x^{\mathsf T} w + b)" if n_rows == 1 else r"\operatorname{softmax}(W x + b)"
    penalty = "" if model.penalty is None or np.isinf(model.C) else r" + \tfrac{1}{C n} R(w)"
    return (
        rf"p(x) = {probability}, \quad J = -\tfrac{{1}}{{n}}\textstyle\sum_i \log p_{{y_i}}(x_i){penalty}"
        r" = \slot{cost}, \quad \max_j \lvert \partial_j J \rvert = \slot{slope}"
    )
