"""Elastic net penalty: part L1, which empties weights, part L2, which keeps correlated ones together."""

from diorama._typing import Array
from diorama._validation import check_real
from diorama.penalties.l1 import L1
from diorama.penalties.l2 import L2
from diorama.penalties.penalty import Penalty


class ElasticNet(Penalty):
    r"""A mixture of `L1` and `L2`.

    .. math:: \alpha \Big(\rho \sum_j |w_j| + \tfrac{1 - \rho}{2} \sum_j w_j^2\Big), \qquad
              \operatorname{prox}(w)_j = \frac{\operatorname{sign}(w_j) \max(|w_j| - \alpha \rho t, 0)}
              {1 + \alpha (1 - \rho) t}

    Parameters
    ----------
    alpha : float, default=1.0
        :math:`\alpha`, the strength.
    l1_ratio : float, default=0.5
        :math:`\rho` from 0 (only L2) to 1 (only L1). At a weight of 0 the subgradient 0 is given.

    References
    ----------
    Zou and Hastie (2005), "Regularization and variable selection via the elastic net".

    Examples
    --------
    >>> from diorama.penalties import ElasticNet
    >>> ElasticNet(1.0, l1_ratio=0.5)([2.0, 0.0])
    2.0
    """

    def __init__(self, alpha: float = 1.0, l1_ratio: float = 0.5) -> None:
        super().__init__(alpha)
        check_real("l1_ratio", l1_ratio, "from 0 to 1", lambda value: 0 <= value <= 1)
        self.l1_ratio = l1_ratio

    @property
    def _both(self) -> tuple[L1, L2]:
        return L1(self.alpha * self.l1_ratio), L2(self.alpha * (1 - self.l1_ratio))

    def _value(self, w: Array) -> float:
        l1, l2 = self._both
        return l1(w) + l2(w)

    def _slope(self, w: Array) -> Array:
        l1, l2 = self._both
        return l1.gradient(w) + l2.gradient(w)

    def _prox(self, w: Array, step: float) -> Array:
        l1, l2 = self._both
        return l2.prox(l1.prox(w, step), step)
