"""Linear regression as a moving picture: from the mean, feature by feature, to the least sum of squares.

With one feature the line turns about the mean point while its squares shrink, beside the bowl of its cost. With more,
predictions close in on the diagonal as each feature joins.
"""

import numpy as np

from diorama._typing import Array
from diorama.linear.linear_regression import State, directions_taken, plane, stages, start
from diorama.recording.recorder import RecordedFit
from diorama.scenes.descent_parts import Curve, Landscape
from diorama.scenes.fitted import Agreement, Coefficients, FittedLine, feature_names, rows_of
from diorama.scenes.parts import number, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import Code, marked_source

# frames in which the line turns
TURNS = 8
HEIGHT = 300


def linear_regression_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded LinearRegression."""
    if state.coef.shape[1] == 1 and recorded.fit.subject.fit_intercept:
        return _one_feature(recorded)
    return _many_features(recorded)


def _one_feature(recorded: RecordedFit) -> Scene:
    """The line over the points beside the bowl."""
    states = _turning([moment.state for moment in recorded.moments])
    line = FittedLine(recorded.fit, 400, HEIGHT)
    bowl = _bowl(states, recorded)
    frames = tuple(
        Frame(
            data={**line.frame(state.coef[0], state.intercept[0]), **bowl.frame(k)},
            narration=_line_narration(states, k),
            alt=f"A line over {len(line.x)} points. {_line_narration(states, k)}",
            step=state.stage,
            values=_values(state),
        )
        for k, state in enumerate(states)
    )
    return Scene(
        title="Linear regression",
        spec={
            "description": "A line over points, and the bowl of its cost over slope and height.",
            "hconcat": [line.panel(), bowl.panel(220, HEIGHT)],
        },
        frames=frames,
        data={**line.still, **bowl.still},
        code=_code(states),
        formulas={
            "": r"J = \tfrac{1}{n}\textstyle\sum_i (y_i - w x_i - b)^2 = \slot{cost}",
            "solution": r"w = \frac{\sum_i (x_i - \bar x)(y_i - \bar y)}{\sum_i (x_i - \bar x)^2} = \slot{w}, \quad "
            r"b = \bar y - w \bar x = \slot{b}, \quad J = \slot{cost}",
        },
        tween=("line", "residuals", "here"),
        caption=_caption(recorded, line.caption, "Each square is a squared residual." if line.squared else ""),
    )


def _turning(states: list[State]) -> list[State]:
    """The stages of one feature with lines between the level one and the best: the cost is a parabola of the turn."""
    level, best = states[0], states[-1]
    turned = []
    for share in np.linspace(0, 1, TURNS + 1)[1:]:
        cost = best.cost + (1 - share) ** 2 * (level.cost - best.cost)
        intercept = level.intercept + share * (best.intercept - level.intercept)
        turned.append(State(states[1].stage, 1, share * best.coef, intercept, cost))
    return [level, *turned, best]


def _bowl(states: list[State], recorded: RecordedFit) -> Landscape:
    """Cost over the slope and the height of the line above the mean of x, where the two do not disturb each other."""
    level, best = states[0], states[-1]
    chosen, _ = sample_rows(recorded.fit.X.shape[0])
    x = rows_of(recorded.fit.X, chosen)[:, 0]
    slope, height = float(best.coef[0, 0]), float(level.intercept[0])
    fall = level.cost - best.cost
    # J = J_best + curvature (slope - best slope)^2 + (height - mean of y)^2
    curvature = fall / slope**2 if slope and fall > 0 else float(np.mean(x**2)) or 1.0
    reach = 1.4 * abs(slope) or 1.0
    tall = reach * np.sqrt(curvature)

    def cost(places: Array) -> Array:
        heights: Array = best.cost + curvature * (places[:, 0] - slope) ** 2 + (places[:, 1] - height) ** 2
        return heights

    path = np.array([[state.coef[0, 0], height] for state in states], dtype=float)
    return Landscape.of(
        cost,
        ([slope - reach, slope + reach], [height - tall, height + tall]),
        ("slope", "height above the mean of x"),
        path,
        np.arange(len(states)),
        np.full_like(path, np.nan),
        [(slope, height)],
    )


def _line_narration(states: list[State], k: int) -> str:
    state, best = states[k], states[-1]
    slope, cost = number(state.coef[0, 0]), number(state.cost, 4)
    if k == 0:
        return (
            f"Before you look at x, the best guess is the mean, {number(state.intercept[0])}: a mean square of {cost}."
        )
    if k == len(states) - 1:
        share = 1 - state.cost / states[0].cost if states[0].cost > 0 else 1.0
        return (
            f"At the floor of the bowl the derivative is zero: slope {slope}, intercept {number(state.intercept[0])}; "
            f"{share:.0%} of the squares are gone."
        )
    return (
        f"Turn the line about the mean point: at slope {slope} the mean square is {cost}, and the floor of the bowl "
        f"is at {number(best.coef[0, 0])}."
    )


def _many_features(recorded: RecordedFit) -> Scene:
    """Predictions against targets beside the coefficients and the cost."""
    moments = recorded.moments
    states = [moment.state for moment in moments]
    agreement = Agreement(recorded.fit, 280, HEIGHT)
    bars = Coefficients(recorded.fit, np.array([state.coef[0] for state in states]), 150, HEIGHT)
    curve = Curve.of(moments, "mean squared residual")
    frames = []
    for k, state in enumerate(states):
        told = _feature_narration(states, k, feature_names(recorded.fit))
        data = {**agreement.frame(state.coef[0], state.intercept[0]), **bars.frame(k), **curve.frame(k)}
        alt = f"Predictions against targets, and a bar for each coefficient. {told}"
        frames.append(Frame(data=data, narration=told, alt=alt, step=state.stage, values=_values(state)))
    return Scene(
        title=f"Linear regression on {states[0].coef.shape[1]} features",
        spec={
            "description": "Predictions against targets, the coefficients, and the mean squared residual.",
            "hconcat": [agreement.panel(), bars.panel(), curve.panel(150, HEIGHT)],
        },
        frames=tuple(frames),
        data={**agreement.still, **curve.still},
        code=_code(states),
        formulas={
            "": r"J = \tfrac{1}{n}\textstyle\sum_i (y_i - x_i^{\mathsf T} w - b)^2 = \slot{cost}",
            "solution": r"X^{\mathsf T} X w = X^{\mathsf T} y \;\text{(centred)}, \quad "
            r"b = \bar y - \bar x^{\mathsf T} w = \slot{b}, \quad J = \slot{cost}",
        },
        tween=("predictions", "coefficients", "now"),
        caption=_caption(recorded, agreement.caption, bars.caption),
    )


def _feature_narration(states: list[State], k: int, names: list[str]) -> str:
    state, cost = states[k], number(states[k].cost, 4)
    if k == 0:
        level = number(state.intercept[0])
        return f"Before any feature, every prediction is {level}, and the mean square of what is left is {cost}."
    before = states[k - 1]
    if state.stage == "solution":
        share = 1 - state.cost / states[0].cost if states[0].cost > 0 else 1.0
        return f"The solution: all {len(names)} features together explain {share:.1%} of the squares; {cost} is left."
    fall = f"the mean square goes from {number(before.cost, 4)} to {cost}"
    if state.stage == "directions":
        return f"Direction {state.used}, the next strongest in which the features vary together: {fall}."
    joined = np.flatnonzero((state.coef[0] != 0) & (before.coef[0] == 0))
    who = names[joined[0]] if len(joined) == 1 else f"the first {state.used} features"
    return f"{who} joins, and the slopes before it make room: {fall}."


def _values(state: State) -> dict[str, str]:
    return {"cost": number(state.cost, 4), "w": number(state.coef[0, 0]), "b": number(state.intercept[0])}


def _code(states: list[State]) -> Code:
    middle = directions_taken if any(state.stage == "directions" for state in states) else stages
    return marked_source(start, middle, plane)


def _caption(recorded: RecordedFit, *parts: str) -> str:
    targets = np.asarray(recorded.fit.y).reshape(recorded.fit.X.shape[0], -1).shape[1]
    first = f"Drawn: the first of {targets} targets." if targets > 1 else ""
    return " ".join(filter(None, (*parts, first)))
