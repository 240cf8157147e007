"""Support vector machines: of all boundaries, the one with the widest margin, held up by the rows that touch it."""

from diorama.svm.linear_svc import LinearSVC
from diorama.svm.svc import SVC
from diorama.svm.svr import SVR

__all__ = ["SVC", "SVR", "LinearSVC"]
