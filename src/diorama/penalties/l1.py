"""L1 penalty: every unit of weight costs the same, so small weights are not worth keeping and become exactly zero."""

import numpy as np

from diorama._typing import Array
from diorama.penalties.penalty import Penalty


class L1(Penalty):
    r"""The sum of the weights' sizes.

    .. math:: \alpha \sum_j |w_j|, \qquad \text{slope } \alpha \operatorname{sign}(w_j), \qquad
              \operatorname{prox}(w)_j = \operatorname{sign}(w_j) \max(|w_j| - \alpha t, 0)

    Parameters
    ----------
    alpha : float, default=1.0
        :math:`\alpha`, the strength. :math:`t` is the step of `prox`. At a weight of 0 the subgradient 0 is given.

    References
    ----------
    Tibshirani (1996), "Regression shrinkage and selection via the lasso". Prox: Parikh and Boyd (2014), "Proximal
    algorithms", section 6.5.2.

    Examples
    --------
    >>> from diorama.penalties import L1
    >>> L1(0.5)([3.0, -1.0])
    2.0
    >>> L1(0.5).prox([3.0, -0.2], step=1.0)
    array([ 2.5, -0. ])
    """

    def _value(self, w: Array) -> float:
        return self.alpha * float(np.abs(w).sum(dtype=np.float64))

    def _slope(self, w: Array) -> Array:
        slope: Array = self.alpha * np.sign(w)
        return slope

    def _prox(self, w: Array, step: float) -> Array:
        return soft_threshold(w, self.alpha * step)


def soft_threshold(w: Array, threshold: float) -> Array:
    """Every weight nearer to zero by `threshold`; those that would cross it stay at zero."""
    moved: Array = np.sign(w) * np.maximum(np.abs(w) - w.dtype.type(threshold), 0)  #: shrink
    return moved
