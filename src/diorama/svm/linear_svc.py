"""Linear support vector classification: the plane with the widest margin, and a price for each row inside it.

Minimises 1/2 ||w||^2 + sum_i C_i loss(1 - s_i (x_i . w + b)), where s_i is +1 for the rows of the class and -1 for the
others, and the loss of what a row is short of its margin is that shortfall (hinge) or its square.
"""

import warnings
from collections.abc import Callable
from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state, compute_class_weight
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from diorama._iterate import Fit, Outcome, iterate
from diorama._parallel import blas_threads
from diorama._quick_checks import QuickChecks, check_classes, validated_weight, validated_with_target
from diorama._typing import Array
from diorama.svm._linear_dual import curvature, dual_start, dual_step
from diorama.svm._linear_newton import newton_done, newton_start, newton_step
from diorama.svm._linear_problem import Problem, State, done

__all__ = ["LinearSVC", "State"]

# with more columns than this, a matrix of second derivatives is no longer small
_FEW = 1_000
# so small that its equations are solved at once, whatever the number of rows
_HANDFUL = 128


class LinearSVC(ClassifierMixin, QuickChecks):
    r"""Linear support vector classifier; for more than two classes, each against the rest.

    Minimises :math:`\tfrac12 \lVert \tilde w \rVert^2 + \sum_i C_i\, \ell(1 - s_i\, \tilde x_i^{\mathsf T} \tilde w)`
    over :math:`\tilde w` (`coef_` and `intercept_`), where :math:`\tilde x` is a row with `intercept_scaling` appended,
    :math:`C_i` is `C` times the weights of the row and of its class, and :math:`\ell(t)` is :math:`\max(0, t)` (hinge)
    or its square [1]_.

    Parameters
    ----------
    penalty : {"l2"}, default="l2"
    loss : {"hinge", "squared_hinge"}, default="squared_hinge"
    dual : bool or "auto", default="auto"
        Whether to walk by rows (dual coordinate descent) or by columns (Newton's method, for the squared hinge and up
        to 1000 columns; with more, or with the hinge, rows it is). "auto" walks by columns when they are fewer than
        the rows or no more than 128. The optimum is the same.
    tol : float, default=1e-4
        Stop when the duality gap proves that the objective lies within this share of its least value.
    C : float, default=1.0
        Price of a row inside its margin: the larger, the narrower the margin.
    multi_class : {"ovr"}, default="ovr"
    fit_intercept : bool, default=True
    intercept_scaling : float, default=1.0
        The intercept is the weight of a column that is constantly this, and is penalised like the others.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes; "balanced" makes all classes count alike.
    verbose : int, default=0
        Kept for scikit-learn's sake; nothing is printed.
    random_state : int, RandomState or None, default=None
        Draws the order in which the rows are visited.
    max_iter : int, default=1000
        Sweeps over the rows, or Newton steps, at most.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    coef_ : array of shape (1, n_features) or (n_classes, n_features)
    intercept_ : array of shape (1,) or (n_classes,)
    duality_gap_ : array of shape (1,) or (n_classes,)
        How far each objective lies above its least value, at most.
    n_iter_ : int
        Steps of the class that took most.

    Raises
    ------
    ValueError
        When there is only one class, or the data are not finite numbers.

    References
    ----------
    .. [1] Fan, Chang, Hsieh, Wang, Lin (2008). LIBLINEAR: a library for large linear classification. JMLR 9.

    Examples
    --------
    >>> from diorama.svm import LinearSVC
    >>> model = LinearSVC().fit([[0.0], [1.0], [3.0], [4.0]], ["low", "low", "high", "high"])
    >>> print(model.predict([[-1.0], [5.0]]))
    ['low' 'high']
    """

    _parameter_constraints = {
        "penalty": [StrOptions({"l2"})],
        "loss": [StrOptions({"hinge", "squared_hinge"})],
        "dual": ["boolean", StrOptions({"auto"})],
        "tol": [Interval(Real, 0.0, None, closed="neither")],
        "C": [Interval(Real, 0.0, None, closed="neither")],
        "multi_class": [StrOptions({"ovr"})],
        "fit_intercept": ["boolean"],
        "intercept_scaling": [Interval(Real, 0, None, closed="neither")],
        "class_weight": [None, dict, StrOptions({"balanced"})],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
    }

    classes_: Array
    coef_: Array
    intercept_: Array
    duality_gap_: Array
    n_iter_: int

    def __init__(
        self,
        penalty: str = "l2",
        loss: str = "squared_hinge",
        *,
        dual: bool | str = "auto",
        tol: float = 1e-4,
        C: float = 1.0,
        multi_class: str = "ovr",
        fit_intercept: bool = True,
        intercept_scaling: float = 1,
        class_weight: Any = None,
        verbose: int = 0,
        random_state: Any = None,
        max_iter: int = 1000,
    ) -> None:
        self.penalty = penalty
        self.loss = loss
        self.dual = dual
        self.tol = tol
        self.C = C
        self.multi_class = multi_class
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.verbose = verbose
        self.random_state = random_state
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the plane for rows `X` (n_samples, n_features) and their classes `y` (n_samples,)."""
        self._validate_params()
        X, y = validated_with_target(self, X, y, accept_sparse="csr", dtype=[np.float64, np.float32], order="C")
        self.classes_, codes = np.unique(y, return_inverse=True)
        check_classes(y, len(self.classes_))
        if len(self.classes_) < 2:
            raise ValueError(
                f"y has only one class, {self.classes_[0]!r}: a classifier needs rows of at least 2 classes."
            )
        cost = self.C * row_weights(self.class_weight, self.classes_, codes, X, sample_weight)
        # of two classes one plane is enough: its positive side is the second's
        positives = [1] if len(self.classes_) == 2 else list(range(len(self.classes_)))
        outcomes = []
        for c in positives:
            part = "" if len(positives) == 1 else f"class {self.classes_[c]}"
            outcomes.append(self._walk(X, np.where(codes == c, 1.0, -1.0), cost, Fit(self, X, y, part)))
        self._warn(outcomes)
        self.coef_ = np.array([outcome.state.coef for outcome in outcomes]).astype(X.dtype)
        constants = [self.constant * outcome.state.weights[-1] for outcome in outcomes]
        self.intercept_ = np.array(constants).astype(X.dtype)
        self.duality_gap_ = np.array([outcome.state.gap for outcome in outcomes])
        self.n_iter_ = max(outcome.n_iter for outcome in outcomes)
        return self

    def decision_function(self, X: Any) -> Array:
        """The weighted sums: (n_samples,) for two classes, positive means the second; else (n_samples, n_classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        raw: Array = X @ self.coef_.T + self.intercept_
        return raw.ravel() if raw.shape[1] == 1 else raw

    def predict(self, X: Any) -> Array:
        """The class on whose side each row lies."""
        raw = self.decision_function(X)
        best: Array = (raw > 0).astype(int) if raw.ndim == 1 else raw.argmax(axis=1)
        labels: Array = self.classes_[best]
        return labels

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    @property
    def constant(self) -> float:
        """Value of the column whose weight is the intercept; 0 for none."""
        return float(self.intercept_scaling) if self.fit_intercept else 0.0

    def by_columns(self, n_samples: int, n_features: int) -> bool:
        """Whether Newton's method is the walk for a table of this shape."""
        if self.loss == "hinge" or n_features > _FEW:
            return False
        return n_features < max(n_samples, _HANDFUL + 1) if self.dual == "auto" else not self.dual

    def _walk(self, X: Any, sign: Array, cost: Array, fit: Fit) -> Outcome[State]:
        n_features = X.shape[1]
        problem = Problem(X.astype(np.float64, copy=False), sign, cost, self.constant, self.loss == "squared_hinge")
        if self.by_columns(*X.shape):
            start, step, enough = newton_start(problem, n_features), partial(newton_step, problem), newton_done
        else:
            seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
            start = dual_start(problem, n_features)
            enough = done
            step = partial(dual_step, problem, curvature(problem), np.random.default_rng(seed))
        # sums over the rows are too small for the linear algebra library's threads: they would wait for each other
        with blas_threads(1):
            return iterate(start, step, partial(enough, tol=self.tol), max_iter=self.max_iter, fit=fit)

    def _warn(self, outcomes: list[Outcome[State]]) -> None:
        late = [outcome.state for outcome in outcomes if not outcome.converged]
        if late:
            share = max(state.gap / state.primal for state in late)
            warnings.warn(
                f"after {self.max_iter} steps the objective is still up to {share:.1%} above its least value, at most; "
                "standardise the columns, lower C, or raise max_iter.",
                ConvergenceWarning,
                stacklevel=3,
            )


def walk(model: LinearSVC, shape: tuple[int, int]) -> tuple[Callable[..., State], str]:
    """The step that a model takes on a table of this shape, and the mark of its main line."""
    return (newton_step, "step") if model.by_columns(*shape) else (dual_step, "sweep")


def row_weights(class_weight: Any, classes: Array, codes: Array, X: Any, sample_weight: Any) -> Array:
    """(n_samples,) weight of each row times that of its class."""
    weight = validated_weight(sample_weight, X)
    if class_weight is None:
        return weight
    of_class = compute_class_weight(class_weight, classes=classes, y=classes[codes], sample_weight=sample_weight)
    weighted: Array = weight * of_class[codes]
    return weighted
