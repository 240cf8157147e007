"""Penalties: a price on weights, its slope, and the step that lowers it exactly. Shared by every model with weights."""

from diorama.penalties.elastic_net import ElasticNet
from diorama.penalties.l1 import L1
from diorama.penalties.l2 import L2
from diorama.penalties.path import penalty_path
from diorama.penalties.penalty import Penalty

__all__ = ["L1", "L2", "ElasticNet", "Penalty", "penalty_path"]
