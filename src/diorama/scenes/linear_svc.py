"""The linear support vector machine as a moving picture: the plane turns and its margin settles."""

import numpy as np

from diorama._typing import Array
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.boundary import Boundary
from diorama.scenes.margin import Pushes, apart, margin_scene, pushing, sides
from diorama.scenes.parts import number
from diorama.scenes.scene import Scene
from diorama.scenes.source import marked_source
from diorama.svm.linear_svc import State, walk

_FORMULA = (
    r"J = \tfrac{1}{2} \lVert w \rVert^2 + C \textstyle\sum_i \ell(1 - s_i\, (x_i^{\mathsf T} w + b)) = \slot{primal}, "
    r"\qquad J - J^{*} \le \slot{gap}"
)


def linear_svc_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded LinearSVC; of several classes, that of one against the rest."""
    fit, drawn = sides(recorded.fit)
    moments, constant = recorded.moments, recorded.fit.subject.constant
    weights = np.stack([moment.state.weights for moment in moments], axis=1)
    alpha = np.stack([moment.state.alpha for moment in moments], axis=1)
    share = alpha / max(float(alpha.max()), 1e-300)
    shift = constant * weights[-1]
    points = Boundary.of(fit).points
    said = [_narration(moment, recorded, share[:, k]) for k, moment in enumerate(moments)]
    values = [{"primal": number(m.state.primal, 4), "gap": number(m.state.gap)} for m in moments]
    gaps = np.array([moment.state.gap for moment in moments])
    pushes = Pushes(
        fit, drawn, share[drawn], fit.X @ weights[:-1] + shift, points @ weights[:-1] + shift, gaps, said, values
    )
    step, mark = walk(recorded.fit.subject, recorded.fit.X.shape)
    return margin_scene(pushes, recorded, marked_source(step), _FORMULA, mark)


def _narration(moment: Moment, recorded: RecordedFit, share: Array) -> str:
    state = moment.state
    if moment.iteration == 0:
        return f"Start: all weights are 0, and the cost is {number(state.primal, 4)}."
    told = f"Step {moment.iteration} of {recorded.n_iter}: {pushing(share)}"
    return f"{told}; the plane is {apart(state.gap, state.primal)}"
