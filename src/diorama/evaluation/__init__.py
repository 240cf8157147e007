"""How good a fitted model is: every measure at once, as numbers and as one moving picture."""

from diorama.evaluation.report import ClassificationReport, RegressionReport, evaluate
from diorama.evaluation.threshold import Curve, State, sweep

__all__ = ["ClassificationReport", "Curve", "RegressionReport", "State", "evaluate", "sweep"]
