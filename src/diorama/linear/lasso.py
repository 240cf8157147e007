"""Lasso: least squares that pays for the size of its weights, so that many of them are exactly zero.

Minimises 1 / (2 sum w) sum_i w_i (y_i - x_i . coef - intercept)^2 + alpha ||coef||_1 [1]_.

.. [1] Tibshirani (1996). Regression shrinkage and selection via the lasso. Journal of the Royal Statistical Society B
   58(1).
"""

from typing import Any

from diorama.linear.elastic_net import ElasticNet


class Lasso(ElasticNet):
    r"""Linear regression with an L1 penalty: the elastic net at `l1_ratio` 1.

    Minimises :math:`\frac{1}{2 \sum_i w_i} \sum_i w_i (y_i - x_i^T \beta - \beta_0)^2 + \alpha \lVert\beta\rVert_1`,
    where :math:`\beta` is `coef_` (n_features,), :math:`\beta_0` `intercept_` and :math:`w_i` `sample_weight`.

    Parameters, attributes and errors are those of `ElasticNet`, without `l1_ratio`.

    Examples
    --------
    >>> from diorama.linear import Lasso
    >>> model = Lasso(alpha=0.1).fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> round(float(model.coef_[0]), 3)
    1.85
    """

    _parameter_constraints = {
        name: rule for name, rule in ElasticNet._parameter_constraints.items() if name != "l1_ratio"
    }

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept: bool = True,
        precompute: Any = False,
        copy_X: bool = True,
        max_iter: int = 1000,
        tol: float = 1e-4,
        warm_start: bool = False,
        positive: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
    ) -> None:
        super().__init__(
            alpha,
            l1_ratio=1.0,
            fit_intercept=fit_intercept,
            precompute=precompute,
            copy_X=copy_X,
            max_iter=max_iter,
            tol=tol,
            warm_start=warm_start,
            positive=positive,
            random_state=random_state,
            selection=selection,
        )
