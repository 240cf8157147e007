"""The live picture of the learning rate: three descents that differ in nothing else."""

import numpy as np

from diorama.optimization import SURFACES, GradientDescent, race
from diorama.recording import record
from diorama.reference.pictures.gradient_descent import STEPS, Ground
from diorama.scenes import Scene


def learning_rate(surface: Ground = "ill-conditioned valley", share: float = 0.9) -> Scene:
    """A rate that is this `share` of the largest safe one, 2/L, between a twentieth of it and a fifth more."""
    function = SURFACES[surface]
    safe = 2 / function.largest_curvature(np.array(function.start))
    runners = {
        "too small": GradientDescent(0.05 * safe),
        "yours": GradientDescent(share * safe),
        "too large": GradientDescent(1.03 * safe),
    }
    with record(max_frames=STEPS + 2) as recording:
        race(function, function.start, runners, max_iter=STEPS, tol=1e-3)
    return recording.scene()
