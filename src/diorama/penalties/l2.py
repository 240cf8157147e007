"""L2 penalty: the price grows with the square, so large weights shrink most and none becomes exactly zero."""

import numpy as np

from diorama._typing import Array
from diorama.penalties.penalty import Penalty


class L2(Penalty):
    r"""Half the sum of the squared weights.

    .. math:: \tfrac{\alpha}{2} \sum_j w_j^2, \qquad \text{slope } \alpha w_j, \qquad
              \operatorname{prox}(w)_j = w_j / (1 + \alpha t)

    Parameters
    ----------
    alpha : float, default=1.0
        :math:`\alpha`, the strength. :math:`t` is the step of `prox`.

    References
    ----------
    Hoerl and Kennard (1970), "Ridge regression: biased estimation for nonorthogonal problems", Technometrics 12.

    Examples
    --------
    >>> from diorama.penalties import L2
    >>> L2(0.5)([2.0, -4.0])
    5.0
    >>> L2(1.0).prox([3.0, -1.0], step=1.0)
    array([ 1.5, -0.5])
    """

    def _value(self, w: Array) -> float:
        return self.alpha / 2 * float(np.square(w, dtype=np.float64).sum())

    def _slope(self, w: Array) -> Array:
        slope: Array = self.alpha * w
        return slope

    def _prox(self, w: Array, step: float) -> Array:
        shrunk: Array = w / (1 + self.alpha * step)  #: shrink
        return shrunk
