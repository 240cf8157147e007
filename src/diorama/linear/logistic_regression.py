"""Logistic regression: the probability of each class from a weighted sum of the features.

Minimises C sum_i w_i loss(y_i, x_i . coef + intercept) + penalty(coef), where the loss is -log of the probability that
the model gives to the class that was seen: the sigmoid of one sum for two classes, the softmax of one sum a class for
more [1]_. It has one valley; the solvers differ in how they walk down.

.. [1] Hastie, Tibshirani, Friedman (2009). The Elements of Statistical Learning, chapter 4.4.
"""

import warnings
from collections.abc import Callable
from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import compute_class_weight
from sklearn.utils._param_validation import Hidden, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit, Outcome, iterate
from diorama._parallel import blas_threads
from diorama._quick_checks import QuickChecks, check_classes, validated, validated_weight, validated_with_target
from diorama._typing import Array
from diorama.linear._lbfgs import Metric, lbfgs_step
from diorama.linear._least_squares import refuse_too_large
from diorama.linear._logistic_bound import most_above
from diorama.linear._logistic_objective import Objective
from diorama.linear._logistic_state import State, done, start
from diorama.linear._newton import newton_step
from diorama.linear._proximal_newton import proximal_step

__all__ = ["LogisticRegression", "State"]

# up to so many coefficients, steps that know the whole curvature are worth their price
_FEW = 64


class LogisticRegression(ClassifierMixin, QuickChecks):
    r"""Logistic regression with an L2, L1 or elastic-net penalty, or none.

    Minimises :math:`C \sum_i w_i \ell_i(\beta) + \tfrac{1-\rho}{2}\lVert\beta\rVert_2^2 + \rho\lVert\beta\rVert_1` over
    the coefficients :math:`\beta` (`coef_`); :math:`\rho` is `l1_ratio`, :math:`w` is `sample_weight` times
    `class_weight`, and :math:`\ell_i` is -log of the probability of row i's class. The intercept is free.

    Parameters
    ----------
    penalty : {"l1", "l2", "elasticnet", None}, default="deprecated"
        Another way to say `l1_ratio` and `C`: "l1" is l1_ratio=1, "l2" is l1_ratio=0, None is C=inf. By default those
        two decide.
    C : float, default=1.0
        Inverse strength of the penalty; infinity for none.
    l1_ratio : float, default=0.0
        Share of L1 in the penalty, from 0 (ridge) to 1 (lasso: many coefficients are exactly 0).
    tol : float, default=1e-4
        Stop when the mean loss has no slope above `tol` and lies within that share of its least value.
    fit_intercept : bool, default=True
    intercept_scaling : float, default=1
        With solver="liblinear", which penalises the intercept too: the penalty is felt this many times less.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes; "balanced" makes all classes count alike.
    solver : str, default="lbfgs"
        "lbfgs" walks by remembered gradients; "newton-cholesky" (or "newton-cg") by the whole curvature, best for few
        columns and many rows. With any L1 the walk is proximal Newton. scikit-learn's other names are understood, and
        choose by the size of the problem: the valley has one bottom.
    max_iter : int, default=100
    warm_start : bool, default=False
        Whether to start from the last fit.
    multi_class : {"multinomial", "ovr"}, default="multinomial"
        More than two classes: one softmax model of all, or for each class a model of it against the rest.
    dual, random_state, verbose, n_jobs
        Kept for scikit-learn's sake; nothing here is dual, random or chatty, and DIORAMA_NUM_THREADS sets the threads.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    coef_ : array of shape (1, n_features) or (n_classes, n_features)
    intercept_ : array of shape (1,) or (n_classes,)
    n_iter_ : array of shape (1,), or (n_classes,) with multi_class="ovr"
    dual_gap_ : array of the shape of `n_iter_`
        How far the objective, divided by the total weight, is above its least value at most, proven by duality;
        without a penalty by slope and curvature, or, where those prove nothing, that objective itself.
    converged_ : bool
        Whether every descent came to what `tol` asks for within `max_iter` steps.

    Raises
    ------
    ValueError
        When there is only one class, or the data are not finite numbers.

    Examples
    --------
    >>> from diorama.linear import LogisticRegression
    >>> model = LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], ["no", "no", "yes", "yes"])
    >>> model.predict([[-1.0], [4.0]]).tolist()
    ['no', 'yes']
    """

    _parameter_constraints = {
        "penalty": [StrOptions({"l1", "l2", "elasticnet"}), None, Hidden(StrOptions({"deprecated"}))],
        "C": [Interval(Real, 0, None, closed="right")],
        "l1_ratio": [Interval(Real, 0, 1, closed="both")],
        "dual": ["boolean"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "fit_intercept": ["boolean"],
        "intercept_scaling": [Interval(Real, 0, None, closed="neither")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "random_state": ["random_state"],
        "solver": [StrOptions({"lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"})],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "n_jobs": [None, Integral],
        "multi_class": [StrOptions({"multinomial", "ovr"})],
    }

    classes_: Array
    coef_: Array
    intercept_: Array
    n_iter_: Array

    def __init__(
        self,
        penalty: str | None = "deprecated",
        *,
        C: float = 1.0,
        l1_ratio: float = 0.0,
        dual: bool = False,
        tol: float = 1e-4,
        fit_intercept: bool = True,
        intercept_scaling: float = 1,
        class_weight: Any = None,
        random_state: Any = None,
        solver: str = "lbfgs",
        max_iter: int = 100,
        verbose: int = 0,
        warm_start: bool = False,
        n_jobs: int | None = None,
        multi_class: str = "multinomial",
    ) -> None:
        self.penalty = penalty
        self.C = C
        self.l1_ratio = l1_ratio
        self.dual = dual
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.verbose = verbose
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.multi_class = multi_class

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the coefficients for rows `X` (n_samples, n_features) and their classes `y` (n_samples,)."""
        self._validate_params()
        X, y = validated_with_target(self, X, y, accept_sparse="csr", dtype=[np.float64, np.float32])
        self.classes_, codes = np.unique(y, return_inverse=True)
        check_classes(y, len(self.classes_))
        if len(self.classes_) < 2:
            raise ValueError(
                f"y has only one class, {self.classes_[0]!r}: a classifier needs rows of at least 2 classes."
            )
        weight = self._weights(X, codes, sample_weight)
        warm = self._last_fit(X.shape[1]) if self.warm_start else None
        if self.multi_class == "ovr" and len(self.classes_) > 2:
            fits = [
                self._descend(
                    X, (codes == c).astype(float), weight, warm, Fit(self, X, y, f"class {self.classes_[c]}"), c
                )
                for c in range(len(self.classes_))
            ]
        else:
            fits = [self._descend(X, codes, weight, warm, Fit(self, X, y))]
        outcomes, gaps = zip(*fits, strict=True)
        theta = np.concatenate([outcome.state.theta for outcome in outcomes])
        self.coef_ = theta[:, :-1].astype(X.dtype)
        self.intercept_ = theta[:, -1].astype(X.dtype)
        self.n_iter_ = np.array([outcome.n_iter for outcome in outcomes], dtype=np.int32)
        self.dual_gap_ = np.array(gaps)
        self.converged_ = all(self._arrived(outcome) for outcome in outcomes)
        return self

    def decision_function(self, X: Any) -> Array:
        """The weighted sums: (n_samples,) for two classes, positive means the second; else (n_samples, n_classes)."""
        check_is_fitted(self)
        X = validated(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        raw: Array = X @ self.coef_.T + self.intercept_
        return raw.ravel() if raw.shape[1] == 1 else raw

    def predict(self, X: Any) -> Array:
        """The likeliest class of each row."""
        raw = self.decision_function(X)
        best: Array = (raw > 0).astype(int) if raw.ndim == 1 else raw.argmax(axis=1)
        labels: Array = self.classes_[best]
        return labels

    def predict_log_proba(self, X: Any) -> Array:
        """Logarithms of the probabilities (n_samples, n_classes), finite also where the probability rounds to 0."""
        raw = self.decision_function(X)
        if raw.ndim == 1:
            sure: Array = -np.logaddexp(0, np.stack([raw, -raw], axis=1))
            return sure
        if self.multi_class == "ovr":
            raw = -np.logaddexp(0, -raw)
        log_proba: Array = raw - np.logaddexp.reduce(raw, axis=1, keepdims=True)
        return log_proba

    def predict_proba(self, X: Any) -> Array:
        """Probabilities (n_samples, n_classes) in the order of `classes_`; each row adds up to 1."""
        probability: Array = np.exp(self.predict_log_proba(X))
        return probability

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _weights(self, X: Any, codes: Array, sample_weight: Any) -> Array:
        refuse_too_large(X)
        weight = validated_weight(sample_weight, X)
        if self.class_weight is not None:
            labels = self.classes_[codes]
            of_class = compute_class_weight(
                self.class_weight, classes=self.classes_, y=labels, sample_weight=sample_weight
            )
            weight = weight * of_class[codes]
        return weight

    def _penalties(self, n_features: int, total: float) -> tuple[Array, Array]:
        """Strengths of L2 and L1 on each column, the intercept's last, beside the mean loss."""
        ratio = l1_share(self)
        strength = 0.0 if self.penalty is None or np.isinf(self.C) else 1 / (self.C * total)
        columns = np.append(np.ones(n_features), 0.0)
        l2, l1 = strength * (1 - ratio) * columns, strength * ratio * columns
        if self.solver == "liblinear":
            # the intercept is the weight of one more column, constantly intercept_scaling
            l2[-1] = strength * (1 - ratio) / self.intercept_scaling**2
            l1[-1] = strength * ratio / self.intercept_scaling
        return l2, l1

    def _last_fit(self, n_features: int) -> Array | None:
        coef = getattr(self, "coef_", None)
        n_classes = len(self.classes_)
        if coef is None or coef.shape != (1 if n_classes == 2 else n_classes, n_features):
            return None
        theta = np.column_stack([coef, self.intercept_]).astype(np.float64)
        if len(theta) > 1 and self.multi_class == "multinomial":
            theta -= theta.mean(axis=0)
        return theta

    def _descend(
        self, X: Any, y: Array, weight: Array, warm: Array | None, fit: Fit, row: int | None = None
    ) -> tuple[Outcome[State], float]:
        """Walk down the objective of all classes, or of the class in `row` against the rest; how far is left."""
        n_rows = 1 if row is not None or len(self.classes_) == 2 else len(self.classes_)
        l2, l1 = self._penalties(X.shape[1], float(weight.sum()))
        target = y.astype(np.float64) if n_rows == 1 else y
        objective = Objective(X, target, weight / weight.sum(), n_rows, l2, l1, self.fit_intercept)
        theta = np.zeros(objective.shape) if warm is None else warm[row : row + 1] if row is not None else warm
        # what is not shared out over blocks is small: more threads would only wait for one another
        with blas_threads(1):
            begin, step = start(objective, theta), self._step(objective)
            outcome = iterate(begin, step, partial(done, tol=self.tol), max_iter=self.max_iter, fit=fit)
            gap = most_above(objective, outcome.state.theta, outcome.state.cost, outcome.converged)
        self._warn(objective, outcome, gap)
        return outcome, gap

    def _step(self, objective: Objective) -> Callable[[State], State]:
        step = walk(self, objective.shape)
        if step is proximal_step:
            return partial(proximal_step, objective, self.tol)
        return partial(lbfgs_step, objective, Metric(objective)) if step is lbfgs_step else partial(step, objective)

    def _arrived(self, outcome: Outcome[State]) -> bool:
        state = outcome.state
        return outcome.converged and (state.step > 0 or state.slope <= self.tol)

    def _warn(self, objective: Objective, outcome: Outcome[State], gap: float) -> None:
        state = outcome.state
        if not self._arrived(outcome):
            warnings.warn(
                f"The loss can still fall after {outcome.n_iter} steps: its slope is {state.slope:.2g} where tol asks "
                f"for {self.tol:.2g}, and it lies at most {gap:.2g} above its least value ({state.cost:.4g} now). "
                f"Raise max_iter (now {self.max_iter}), bring the columns to one scale, or lower C.",
                ConvergenceWarning,
                stacklevel=4,
            )
        elif not (objective.cornered or objective.l2.any()) and separates(objective, state.theta):
            warnings.warn(
                "The classes can be told apart without a mistake, so without a penalty the coefficients would grow for "
                f"ever; they are those at which the loss fell to {state.cost:.2g}. Set C to a finite number.",
                ConvergenceWarning,
                stacklevel=4,
            )


def walk(model: Any, shape: tuple[int, ...]) -> Callable[..., State]:
    """The step function that `model` takes for a theta of this `shape`."""
    if l1_share(model) > 0:
        return proximal_step
    few = shape[0] * shape[1] <= _FEW
    if model.solver.startswith("newton") or (model.solver != "lbfgs" and few):
        return newton_step
    return lbfgs_step


def l1_share(model: Any) -> float:
    """Share of L1 in the penalty that the parameters ask for; 0 without a penalty."""
    if model.penalty is None or np.isinf(model.C):
        return 0.0
    return float({"l1": 1.0, "l2": 0.0}.get(model.penalty, model.l1_ratio))


def separates(objective: Objective, theta: Array) -> bool:
    """Whether every row that counts lies on the right side."""
    raw = objective.X @ theta[:, :-1].T + theta[:, -1]
    counts = objective.weight > 0
    if objective.n_rows == 1:
        return bool(((raw[:, 0] > 0) == (objective.y > 0.5))[counts].all())
    return bool((raw.argmax(axis=1) == objective.y)[counts].all())
