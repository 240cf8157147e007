"""Machines with kernels as moving pictures: the classifier's margin, the regressor's tube, while rows trade."""

import numpy as np
import scipy.sparse as sp

from diorama._parallel import blocks
from diorama._typing import Array
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.boundary import Boundary
from diorama.scenes.margin import Pushes, apart, margin_scene, pushing, sides
from diorama.scenes.parts import number
from diorama.scenes.scene import Scene
from diorama.scenes.source import Code, marked_source
from diorama.scenes.tube import tube_scene
from diorama.svm._smo import WHOLE, State, step, step_whole, trade

# rows whose kernel with the plane is held at once
_ROWS = 1_000


def kernel_machine_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded SVC, or SVR, whose states have two variables a row."""
    pushes = np.stack([_row_pushes(moment.state) for moment in recorded.moments], axis=1)
    bias = np.array([moment.state.bias for moment in recorded.moments])
    walk = _code(state)
    if len(state.beta) > len(state.fitted):
        return tube_scene(recorded, pushes, bias, walk, lambda points: sums(recorded, points, pushes) + bias)
    fit, drawn = sides(recorded.fit)
    most = max(float(np.abs(pushes).max()), 1e-300)
    fitted = np.stack([moment.state.fitted[drawn] for moment in recorded.moments], axis=1) + bias
    surface = np.empty((0, len(bias)))
    if recorded.fit.subject.kernel != "precomputed":
        surface = sums(recorded, Boundary.of(fit).points, pushes) + bias
    share = np.abs(pushes) / most
    said = [_narration(moment, share[:, k]) for k, moment in enumerate(recorded.moments)]
    values = [
        {
            "dual": number(m.state.dual, 4),
            "primal": number(m.state.primal, 4),
            "held": str(int((share[:, k] > 0).sum())),
        }
        for k, m in enumerate(recorded.moments)
    ]
    gaps = np.array([moment.state.gap for moment in recorded.moments])
    laid_out = Pushes(fit, drawn, share[drawn], fitted, surface, gaps, said, values)
    return margin_scene(laid_out, recorded, walk, _FORMULA, "trade")


_FORMULA = (
    r"f(x) = \sum_{i=1}^{\slot{held}} \beta_i K(x_i, x) + b, \qquad "
    r"\slot{dual} \;\le\; J^{*} \;\le\; \slot{primal}"
)


def sums(recorded: RecordedFit, points: Array, pushes: Array) -> Array:
    """(n_points, n_states) weighted sums of kernels at `points`, a block of pushing rows at a time."""
    X, machine = recorded.fit.X, recorded.fit.subject
    held = np.flatnonzero(pushes.any(axis=1))
    total = np.zeros((len(points), pushes.shape[1]))
    for low, high in blocks(len(held), _ROWS):
        rows = X[held[low:high]]
        dense = np.asarray(rows.toarray() if sp.issparse(rows) else rows, dtype=float)
        total += machine.similarity(points, dense) @ pushes[held[low:high]]
    return total


def _row_pushes(state: State) -> Array:
    pushes: Array = state.beta.reshape(-1, len(state.fitted)).sum(axis=0)
    return pushes


def _code(state: State) -> Code:
    few = len(state.beta) <= WHOLE
    return marked_source(step_whole if few else step, trade)


def _narration(moment: Moment, share: Array) -> str:
    state = moment.state
    if state.trades == 0:
        return "Start: no row pushes, and there is no boundary yet."
    return f"After {state.trades:,} trades {pushing(share)}; the machine is {apart(state.gap, state.primal)}"
