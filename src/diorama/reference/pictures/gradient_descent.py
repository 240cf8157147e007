"""The live picture of gradient descent: a ball on a surface, at the learning rate and from the place you choose."""

import warnings
from typing import Literal

from diorama.optimization import SURFACES, DivergenceWarning, GradientDescent, minimize
from diorama.recording import record
from diorama.scenes import Scene

Ground = Literal["bowl", "ill-conditioned valley", "Rosenbrock", "Beale", "saddle"]
STEPS = 38


def gradient_descent(
    surface: Ground = "ill-conditioned valley",
    learning_rate: float = 0.15,
    x: float = -2.8,
    y: float = 1.5,
) -> Scene:
    """Up to 38 steps down a `surface` from the start (`x`, `y`), which is brought onto the drawn ground."""
    function = SURFACES[surface]
    start = [min(max(value, low), high) for value, (low, high) in zip((x, y), function.domain, strict=True)]
    with warnings.catch_warnings(), record(max_frames=STEPS + 2) as recording:
        # the picture itself tells of a divergence
        warnings.simplefilter("ignore", DivergenceWarning)
        minimize(function, start, method=GradientDescent(learning_rate), max_iter=STEPS, tol=1e-3)
    return recording.scene()
