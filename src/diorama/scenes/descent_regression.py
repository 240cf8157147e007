"""Linear regression by gradient descent: the line turning into place, beside its path over the cost and the cost."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.linear.descent import epoch, step
from diorama.linear.gradient_descent_regressor import SHARES, State, cost_and_gradient
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.descent_parts import Curve, Landscape, change, runaway, spoken, steepness, thinning
from diorama.scenes.fitted import Agreement, FittedLine, rows_of
from diorama.scenes.parts import number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

HEIGHT = 280
# how much higher than the start a state may lie and still widen the drawn ground
STILL_NEAR = 4.0


def descent_regression_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded GradientDescentRegressor."""
    moments, model = recorded.moments, recorded.fit.subject
    n_features = recorded.fit.X.shape[1]
    ground = _landscape(recorded) if state.weights.size == 2 and model.fit_intercept else None
    curve = Curve.of(moments, "cost")
    width = 230 if ground else 340
    fitted: FittedLine | Agreement = (
        FittedLine(recorded.fit, width, HEIGHT, squares=False)
        if n_features == 1
        else Agreement(recorded.fit, width, HEIGHT)
    )
    panels = [fitted.panel()]
    panels += [ground.panel(230), curve.panel(150)] if ground else [curve.panel(280)]
    costs = np.array([moment.state.cost for moment in moments])
    ending = runaway(costs, model.optimizer_.plain_rate, model.largest_safe_rate_)
    return Scene(
        title=f"Linear regression by {spoken(model.optimizer_)}",
        spec={"description": "What the model predicts, and how its cost changed.", "hconcat": panels},
        frames=tuple(
            Frame(
                data={
                    **fitted.frame(*_parted(moment.state.weights, n_features)),
                    **curve.frame(k),
                    **(ground.frame(k) if ground else {}),
                },
                narration=_narration(recorded, k) + (ending if k == len(moments) - 1 else ""),
                alt=f"{fitted.alt} after {moment.iteration} steps; the cost is {number(moment.state.cost, 4)}.",
                step="update" if k else "cost",
                values=_values(moment.state),
            )
            for k, moment in enumerate(moments)
        ),
        data={**fitted.still, **curve.still, **(ground.still if ground else {})},
        code=marked_source(*_steps(recorded), cost_and_gradient),
        formulas={"": _formula(model)},
        tween=(*fitted.tween, "now", *(("here",) if ground else ())),
        caption=" ".join(part for part in (fitted.caption, thinning(recorded)) if part),
    )


def _steps(recorded: RecordedFit) -> tuple[Callable[..., Any], ...]:
    """What made the weights: an epoch of batches, or a step and the rule in it."""
    return (epoch,) if _in_batches(recorded) else (step, *recorded.fit.subject.optimizer_.rule)


def _in_batches(recorded: RecordedFit) -> bool:
    batch_size = recorded.fit.subject.batch_size
    return batch_size is not None and batch_size < recorded.fit.X.shape[0]


def _formula(model: Any) -> str:
    share = "" if SHARES[model.cost] == 1 else r"\tfrac{1}{2}"
    cost = rf"J = {share}\tfrac{{1}}{{n}}\textstyle\sum_i (w^T x_i + b - y_i)^2 = \slot{{cost}}"
    return cost + r", \quad w = \slot{weights},\; \lVert\nabla J\rVert = \slot{slope}"


def _values(state: State) -> dict[str, str]:
    shown = ", ".join(number(weight) for weight in state.weights[:4])
    return {
        "cost": number(state.cost, 4),
        "weights": f"({shown}, …)" if state.weights.size > 4 else f"({shown})",
        "slope": number(steepness(state.gradient)),
    }


def _narration(recorded: RecordedFit, k: int) -> str:
    moments, model = recorded.moments, recorded.fit.subject
    iteration, state = moments[k]
    if k == 0:
        return f"Start: with these weights the cost is {number(state.cost, 4)}; it falls against its gradient."
    what = "Pass" if _in_batches(recorded) else "Step"
    told = f"{what} {iteration} of {recorded.n_iter}: the cost {change(moments[k - 1], moments[k])}"
    if state.weights.size == 2 and model.fit_intercept:
        told += f"; the weight is {number(state.weights[0])}, the bias {number(state.weights[1])}"
    return told + "."


def _parted(weights: Array, n_features: int) -> tuple[Array, float]:
    """Slopes and bias, which comes last if there is one."""
    return weights[:n_features], float(weights[-1]) if len(weights) > n_features else 0.0


def _landscape(recorded: RecordedFit) -> Landscape:
    """The cost over weight and bias: a quadratic, known everywhere from the sums of the data."""
    moments, model = recorded.moments, recorded.fit.subject
    y = np.asarray(recorded.fit.y, dtype=float)
    rows = np.column_stack([rows_of(recorded.fit.X, np.arange(len(y))), np.ones(len(y))])
    share = SHARES[model.cost] / len(y)
    gram, cross, square = rows.T @ rows, rows.T @ y, float(y @ y)
    lowest = np.linalg.lstsq(rows, y, rcond=None)[0]
    path = np.array([moment.state.weights for moment in moments], dtype=float)

    def height(places: Array) -> Array:
        heights: Array = share * (np.einsum("ni,ij,nj->n", places, gram, places) - 2 * places @ cross + square)
        return heights

    rate = model.optimizer_.plain_rate
    with np.errstate(over="ignore", invalid="ignore"):
        step = np.nan if rate is None else rate
        arrows = np.array([m.state.weights - step * m.state.gradient for m in moments], dtype=float)
    return Landscape.of(
        height,
        _ranges(moments, path, lowest),
        ("weight", "bias"),
        path,
        np.array([moment.iteration for moment in moments]),
        np.full_like(arrows, np.nan) if _in_batches(recorded) else arrows,
        [lowest],
    )


def _ranges(moments: Sequence[Moment], path: Array, lowest: Array) -> tuple[list[float], list[float]]:
    """Ground around the lowest place that holds the path, but not what of it has run away."""
    costs = np.array([moment.state.cost for moment in moments])
    near = path[costs <= STILL_NEAR * costs[0]]
    reach = np.maximum(abs(near - lowest).max(axis=0, initial=0.0) * 1.25, 1e-9 + 0.1 * abs(lowest))
    low, high = lowest - reach, lowest + reach
    return [float(low[0]), float(high[0])], [float(low[1]), float(high[1])]
