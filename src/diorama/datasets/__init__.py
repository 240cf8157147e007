"""Tables to start with."""

from diorama.datasets.built_in import BUILT_IN, DataSet, load

__all__ = ["BUILT_IN", "DataSet", "load"]
