"""Logistic regression by gradient descent: boundary and probabilities as they sharpen, beside the cost of each step."""

import numpy as np

from diorama._typing import Array
from diorama.linear.descent import epoch, step
from diorama.linear.gradient_descent_classifier import (
    State,
    binary_cost_and_gradient,
    sigmoid,
    softmax,
    softmax_cost_and_gradient,
)
from diorama.recording.recorder import RecordedFit
from diorama.scenes.boundary import Boundary
from diorama.scenes.descent_parts import Curve, change, runaway, spoken, steepness, thinning
from diorama.scenes.parts import number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

LARGEST = 1e100


def descent_classification_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded GradientDescentClassifier."""
    moments, model = recorded.moments, recorded.fit.subject
    boundary = Boundary.of(recorded.fit, threshold=model.threshold)
    curve = Curve.of(moments, "cost")
    n_features = recorded.fit.X.shape[1]
    in_batches = model.batch_size is not None and model.batch_size < recorded.fit.X.shape[0]
    ending = runaway(
        np.array([moment.state.cost for moment in moments]), model.optimizer_.plain_rate, model.largest_safe_rate_
    )
    accuracies = [_accuracy(moment.state, recorded) for moment in moments]
    two = len(state.weights) == 1
    frames = []
    for k, moment in enumerate(moments):
        told = _narration(recorded, k, accuracies[k], "Pass" if in_batches else "Step")
        told += ending if k == len(moments) - 1 else ""
        weights = moment.state.weights.astype(float)
        frames.append(
            Frame(
                data={**boundary.frame_of(_likely(boundary.sums(*_parted(weights, n_features)))), **curve.frame(k)},
                narration=told,
                alt=f"Points of {len(model.classes_)} classes over the probabilities that the model gives. {told}",
                step="update" if k else "cost",
                values={
                    "cost": number(moment.state.cost, 4),
                    "slope": number(steepness(moment.state.gradient)),
                },
            )
        )
    return Scene(
        title=f"Logistic regression by {spoken(model.optimizer_)}",
        spec={
            "description": "Probabilities of the classes, and how the cost changed.",
            "hconcat": [boundary.panel(400, 290), curve.panel(220, 290)],
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(frames),
        data={**boundary.still, **curve.still},
        code=marked_source(
            *((epoch,) if in_batches else (step, *model.optimizer_.rule)),
            binary_cost_and_gradient if two else softmax_cost_and_gradient,
        ),
        formulas={
            "": r"J = -\tfrac{1}{n}\textstyle\sum_i \log p_{y_i}(x_i) = \slot{cost}, \quad "
            r"\lVert\nabla J\rVert = \slot{slope}"
        },
        tween=("now",),
        caption=" ".join(part for part in (boundary.caption, thinning(recorded)) if part),
    )


def _parted(weights: Array, n_features: int) -> tuple[Array, Array | float]:
    """Slopes (1 or n_classes, n_features) and bias, which comes last if there is one."""
    # after a divergence weights may be as large as numbers go; this large is as sure, and cannot overflow
    weights = np.clip(weights, -LARGEST, LARGEST)
    return weights[:, :n_features], weights[:, n_features] if weights.shape[1] > n_features else 0.0


def _likely(sums: Array) -> Array:
    """(n, n_classes) probabilities for the weighted sums (n, 1 or n_classes)."""
    if sums.shape[1] == 1:
        return np.concatenate([sigmoid(-sums), sigmoid(sums)], axis=1)
    return softmax(sums)


def _accuracy(state: State, recorded: RecordedFit) -> float:
    model = recorded.fit.subject
    slopes, bias = _parted(state.weights.astype(float), recorded.fit.X.shape[1])
    shares = _likely(recorded.fit.X @ slopes.T + bias)
    codes = (shares[:, 1] >= model.threshold).astype(int) if shares.shape[1] == 2 else shares.argmax(axis=1)
    return float(np.mean(model.classes_[codes] == recorded.fit.y))


def _narration(recorded: RecordedFit, k: int, accuracy: float, what: str) -> str:
    moments = recorded.moments
    iteration, state = moments[k]
    right = f"{accuracy:.0%} of the rows are on their side"
    if k == 0:
        return f"Start: the cost is {number(state.cost, 4)}; {right}."
    return f"{what} {iteration} of {recorded.n_iter}: the cost {change(moments[k - 1], moments[k])}; {right}."
