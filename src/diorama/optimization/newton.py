"""Newton's method: lay a parabola on the function where you stand, and step to its lowest point.

It needs the curvature in every direction, n^2 numbers, and pays back with steps that double the correct digits near a
minimum. Where the function curves down, the parabola has no lowest point; there the curvature is turned upside down.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.linalg import LinAlgError, cho_solve, cholesky, eigh

from diorama._typing import Array
from diorama.optimization.armijo import Armijo
from diorama.optimization.line_search import LineSearch, check_line_search
from diorama.optimization.optimizer import Method, Objective, Place

# curvatures below this share of the largest are as good as none
FLAT = 1e-10
SEARCH = Armijo()


@dataclass(frozen=True)
class Newton(Method):
    r"""Newton's method with a line search and a safeguard [1]_.

    .. math:: x_{t+1} = x_t - \ell_t\, |\nabla^2 f(x_t)|^{-1} \nabla f(x_t)

    :math:`|H|` is the Hessian itself where it curves up in every direction. Else its negative eigenvalues change their
    sign, which leads away from a saddle instead of onto it, and those near zero are lifted.

    Parameters
    ----------
    line_search : LineSearch, default=Armijo()
        How the length :math:`\ell_t` is found; 1 is tried first.

    References
    ----------
    .. [1] Nocedal, Wright (2006), "Numerical Optimization", 2nd edition, sections 3.3 and 3.4; Dauphin et al. (2014),
       "Identifying and attacking the saddle point objective in high-dimensional non-convex optimization", NeurIPS.

    Examples
    --------
    A quadratic is its own parabola, so one step arrives:

    >>> from diorama.optimization import SURFACES, minimize
    >>> minimize(SURFACES["ill-conditioned valley"], [-2.8, 1.5], method=Newton()).n_iter
    1
    """

    line_search: LineSearch = SEARCH
    formula: ClassVar[str] = r"x \leftarrow x - \ell\,\left|\nabla^2 f(x)\right|^{-1} \nabla f(x)"

    def __post_init__(self) -> None:
        check_line_search(self.line_search)

    def init(self, x: Array) -> Any:
        """Nothing is remembered."""
        return ()

    def advance(self, objective: Objective, place: Place, memory: Any) -> tuple[Place, Any]:
        """A search that begins at the lowest point of the parabola."""
        hessian = objective.hessian(place.x)  #: curvature
        direction = -divide(hessian, place.gradient.ravel()).reshape(place.x.shape)  #: direction
        _, arrived = self.line_search.search(objective, place, direction, 1.0)  #: search
        return arrived, memory


def divide(hessian: Array, gradient: Array) -> Array:
    """|hessian|^-1 gradient: by Cholesky's factors where it curves up everywhere, else by its eigenvalues."""
    try:
        factor = cholesky(hessian, lower=True)
        pivots = np.diagonal(factor) ** 2
        if pivots.min() > FLAT**2 * pivots.max():
            quotient: Array = cho_solve((factor, True), gradient)
            return quotient
    except LinAlgError:
        pass
    values, vectors = eigh(hessian)
    sizes = np.abs(values)
    sizes = np.maximum(sizes, max(FLAT * sizes.max(), np.finfo(values.dtype).tiny))
    lifted: Array = vectors @ ((vectors.T @ gradient) / sizes)
    return lifted
