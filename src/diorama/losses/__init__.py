"""Losses: how wrong predictions are, and the slope by which to better them. Shared by all models that learn by one."""

from diorama.losses.binary_cross_entropy import BinaryCrossEntropy
from diorama.losses.cross_entropy import CrossEntropy
from diorama.losses.hinge import Hinge
from diorama.losses.huber import Huber
from diorama.losses.kl_divergence import KLDivergence
from diorama.losses.line import Line, fit_line
from diorama.losses.loss import Loss
from diorama.losses.mae import MAE
from diorama.losses.mse import MSE
from diorama.losses.rmse import RMSE
from diorama.losses.sweep import SweepResult, sweep

__all__ = [
    "MAE",
    "MSE",
    "RMSE",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Hinge",
    "Huber",
    "KLDivergence",
    "Line",
    "Loss",
    "SweepResult",
    "fit_line",
    "sweep",
]
