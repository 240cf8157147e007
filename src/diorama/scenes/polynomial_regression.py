"""Polynomial regression as a moving picture: from the mean, degree by degree, to the polynomial that was asked for.

With one feature the curve bends over the points; with more, predictions close in on the diagonal.
"""

from collections.abc import Sequence

from diorama.linear._monomials import Expanded
from diorama.linear.polynomial_regression import State, by_degree, polynomial
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.descent_parts import Curve
from diorama.scenes.fitted import Agreement, FittedCurve
from diorama.scenes.parts import number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

HEIGHT = 300


def polynomial_regression_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded PolynomialRegression; of several targets, the first."""
    model, moments = recorded.fit.subject, recorded.moments
    one = recorded.fit.X.shape[1] == 1
    picture = FittedCurve(recorded.fit, 400, HEIGHT) if one else Agreement(recorded.fit, 400, HEIGHT)
    by_step = [Moment(moment.state.degree, moment.state) for moment in moments]
    costs = Curve.of(by_step, "mean squared residual", step="degree")
    table = Expanded(picture.places, model._monomials(recorded.fit.X.shape[1]))
    frames = []
    for k, moment in enumerate(moments):
        told = _narration(moments, k)
        heights = table @ moment.state.coef[0] + moment.state.intercept[0]
        frames.append(
            Frame(
                data={**picture.frame_of(heights), **costs.frame(k)},
                narration=told,
                alt=f"{picture.alt}. {told}",
                step="degree" if moment.state.degree else "mean",
                values={"degree": str(moment.state.degree), "cost": number(moment.state.cost, 4)},
            )
        )
    return Scene(
        title=f"Polynomial regression of degree {state.degree}",
        spec={
            "description": "A polynomial over the data, and its mean squared residual by degree.",
            "hconcat": [picture.panel(), costs.panel(220, HEIGHT)],
        },
        frames=tuple(frames),
        data={**picture.still, **costs.still},
        code=marked_source(by_degree, polynomial),
        formulas={"": r"J = \tfrac{1}{n}\textstyle\sum_i (y_i - p_{\slot{degree}}(x_i))^2 = \slot{cost}"},
        tween=(*picture.tween, "now"),
        caption=picture.caption,
    )


def _narration(moments: Sequence[Moment], k: int) -> str:
    state = moments[k].state
    if k == 0:
        return f"Degree 0 is the mean, {number(state.intercept[0])}; its mean squared residual is {number(state.cost)}."
    before, used = moments[k - 1].state.cost, int((state.coef[0] != 0).sum())
    fall = (before - state.cost) / before if before > 0 else 0.0
    return (
        f"Degree {state.degree}, {used} term{'s' if used > 1 else ''} beside the constant: the mean squared residual "
        f"falls by {fall:.0%} to {number(state.cost)}."
    )
