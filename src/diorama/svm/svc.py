"""Support vector classification with kernels: the widest margin in a space where the kernel is the inner product.

Maximises sum_i a_i - 1/2 sum_ij a_i a_j s_i s_j K(x_i, x_j) over 0 <= a_i <= C_i with sum_i a_i s_i = 0, where s_i is
+1 for the rows of one class and -1 for those of the other. The rows with a_i > 0 are the support vectors; the others
could be thrown away.
"""

from collections.abc import Callable
from itertools import combinations
from typing import Any, Self, TypeVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _ovr_decision_function
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit
from diorama._quick_checks import check_classes
from diorama._typing import Array
from diorama.svm._kernel_machine import KernelMachine
from diorama.svm._platt import coupled, pair_probabilities, sigmoid_of
from diorama.svm._smo import State
from diorama.svm.linear_svc import row_weights

__all__ = ["SVC", "State"]

FOLDS = 5


def _has_probabilities(model: Any) -> bool:
    if not model.probability:
        raise AttributeError("predict_proba is not available when probability=False")
    return True


Method = TypeVar("Method", bound=Callable[..., Any])
_if_asked_for: Callable[[Method], Method] = available_if(_has_probabilities)


class SVC(ClassifierMixin, KernelMachine):
    r"""Support vector classifier with kernels; of more than two classes, each against each.

    Predicts by the sign of :math:`\sum_i \beta_i K(x_i, x) + b`, where :math:`\beta_i = \alpha_i s_i` is `dual_coef_`,
    the :math:`x_i` are `support_vectors_`, and :math:`b` is `intercept_` [1]_.

    Parameters
    ----------
    C : float, default=1.0
        Price of a row inside its margin, and the most that a row may push.
    kernel : {"linear", "poly", "rbf", "sigmoid", "precomputed"} or callable, default="rbf"
        A callable takes two tables and returns their kernel matrix; with "precomputed", `X` is that matrix.
    degree : float, default=3
        Of the kernel "poly".
    gamma : {"scale", "auto"} or float, default="scale"
        Of "rbf", "poly" and "sigmoid". "scale" is 1 / (n_features * variance of X), rows
        counted by `sample_weight`; "auto" is 1 / n_features.
    coef0 : float, default=0.0
        Of "poly" and "sigmoid".
    shrinking : bool, default=True
        Kept for scikit-learn's sake: working sets leave out the rows that shrinking would.
    probability : bool, default=False
        Whether to fit probabilities, by five-fold cross-validation; it takes five more fits a pair of classes.
    tol : float, default=1e-3
        Stop when no trade between two rows gains more than this, and the duality gap proves that the objective lies
        within this share of its least value.
    cache_size : float, default=200
        Megabytes of kernel values that are kept, never fewer than 512 rows of them; up to 1000 rows, the whole matrix
        (8 MB) is made instead. A callable's matrix is made whole.
    class_weight : dict, "balanced" or None, default=None
    verbose : bool, default=False
        Kept for scikit-learn's sake; nothing is printed.
    max_iter : int, default=-1
        Trades at most; -1 for no end.
    decision_function_shape : {"ovo", "ovr"}, default="ovr"
        Of three classes or more: a column for each pair, or one for each class that counts its pairs.
    break_ties : bool, default=False
        Whether classes with equally many pairs are told apart by how surely they won them.
    random_state : int, RandomState or None, default=None
        Draws the folds of `probability`.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    support_ : array of shape (n_support,)
        Rows that are support vectors, class by class.
    support_vectors_ : array of shape (n_support, n_features)
    n_support_ : array of shape (n_classes,)
    dual_coef_ : array of shape (n_classes - 1, n_support)
        What each support vector pushes, with its sign, against each other class.
    coef_ : array of shape (n_pairs, n_features)
        With the linear kernel.
    intercept_ : array of shape (n_pairs,)
    duality_gap_ : array of shape (n_pairs,)
        How far each objective lies above its least value, at most.
    n_iter_ : array of shape (n_pairs,)
        Trades of each pair of classes.

    Raises
    ------
    ValueError
        When there is only one class, the data are not finite numbers, or a precomputed matrix is not square.

    References
    ----------
    .. [1] Cortes, Vapnik (1995). Support-vector networks. Machine Learning 20.

    Examples
    --------
    >>> from diorama.svm import SVC
    >>> model = SVC().fit([[0.0], [1.0], [2.0], [3.0]], ["out", "in", "in", "out"])
    >>> print(model.predict([[-0.5], [1.5]]))
    ['out' 'in']
    """

    _parameter_constraints: dict[str, Any] = {
        **KernelMachine._parameter_constraints,
        "probability": ["boolean"],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "random_state": ["random_state"],
        "decision_function_shape": [StrOptions({"ovr", "ovo"})],
        "break_ties": ["boolean"],
    }

    classes_: Array
    class_weight_: Array
    n_support_: Array
    duality_gap_: Array
    n_iter_: Array

    def __init__(
        self,
        *,
        C: float = 1.0,
        kernel: Any = "rbf",
        degree: float = 3,
        gamma: float | str = "scale",
        coef0: float = 0.0,
        shrinking: bool = True,
        probability: bool = False,
        tol: float = 1e-3,
        cache_size: float = 200,
        class_weight: Any = None,
        verbose: Any = False,
        max_iter: int = -1,
        decision_function_shape: str = "ovr",
        break_ties: bool = False,
        random_state: Any = None,
    ) -> None:
        self.C = C
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.shrinking = shrinking
        self.probability = probability
        self.tol = tol
        self.cache_size = cache_size
        self.class_weight = class_weight
        self.verbose = verbose
        self.max_iter = max_iter
        self.decision_function_shape = decision_function_shape
        self.break_ties = break_ties
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the margin of each pair of classes for rows `X` (n_samples, n_features) and classes `y` (n_samples,)."""
        self._validate_params()
        X, y = self._validated(X, y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        check_classes(y, len(self.classes_))
        if len(self.classes_) < 2:
            raise ValueError(
                f"y has only one class, {self.classes_[0]!r}: a classifier needs rows of at least 2 classes."
            )
        cost = self.C * row_weights(self.class_weight, self.classes_, codes, X, sample_weight)
        if len(np.unique(codes[cost > 0])) < 2:
            raise ValueError("all rows with positive weight belong to one class; at least 2 classes need some.")
        self._settle_gamma(X, row_weights(None, self.classes_, codes, X, sample_weight))
        pairs = list(combinations(range(len(self.classes_)), 2))
        sigmoids = [self._sigmoid(X, y, codes, cost, pair) for pair in pairs] if self.probability else []
        states = [self._pair(X, y, codes, cost, pair) for pair in pairs]
        self._collect(X, codes, pairs, states)
        if sigmoids:
            self._A, self._B = np.array(sigmoids).T
        return self

    def decision_function(self, X: Any) -> Array:
        """Of two classes (n_samples,), positive for the second; of more, by `decision_function_shape`."""
        sums = self._decisions(X)
        if len(self.classes_) == 2:
            return sums.ravel()
        if self.decision_function_shape == "ovo":
            return sums
        counted: Array = _ovr_decision_function(sums < 0, -sums, len(self.classes_))
        return counted

    def predict(self, X: Any) -> Array:
        """The class that wins most of its pairs."""
        if self.break_ties and self.decision_function_shape == "ovo":
            raise ValueError("break_ties must be False when decision_function_shape is 'ovo'")
        sums, n_classes = self._decisions(X), len(self.classes_)
        if n_classes == 2:
            best: Array = (sums[:, 0] > 0).astype(int)
        elif self.break_ties:
            best = _ovr_decision_function(sums < 0, -sums, n_classes).argmax(axis=1)
        else:
            votes = np.zeros((len(sums), n_classes))
            for column, (i, j) in zip(sums.T, combinations(range(n_classes), 2), strict=True):
                votes[:, i] += column > 0
                votes[:, j] += column <= 0
            best = votes.argmax(axis=1)
        labels: Array = self.classes_[best]
        return labels

    @_if_asked_for
    def predict_proba(self, X: Any) -> Array:
        """Probabilities (n_samples, n_classes) in the order of `classes_`; each row adds up to 1."""
        shares = pair_probabilities(self._decisions(X), self._A, self._B)
        if len(self.classes_) == 2:
            return np.column_stack([1 - shares[:, 0], shares[:, 0]])
        return coupled(shares, len(self.classes_))

    @_if_asked_for
    def predict_log_proba(self, X: Any) -> Array:
        """Logarithms of the probabilities (n_samples, n_classes)."""
        with np.errstate(divide="ignore"):
            logs: Array = np.log(self.predict_proba(X))
        return logs

    def _decisions(self, X: Any) -> Array:
        check_is_fitted(self)
        return self._sums(X)

    def _pair(self, X: Any, y: Array, codes: Array, cost: Array, pair: tuple[int, int]) -> State:
        """Where two classes part."""
        part = "" if len(self.classes_) == 2 else f"{self.classes_[pair[0]]} against {self.classes_[pair[1]]}"
        return self._between(X, y, codes, cost, pair, np.flatnonzero(np.isin(codes, pair)), part)

    def _between(
        self, X: Any, y: Array, codes: Array, cost: Array, pair: tuple[int, int], rows: Array, part: str
    ) -> State:
        sign = self._signs(codes[rows], pair)
        cost = cost[rows]
        if len(rows) < X.shape[0]:
            X, y = X[np.ix_(rows, rows)] if self.kernel == "precomputed" else X[rows], y[rows]
        low, high = np.where(sign < 0, -cost, 0.0), np.where(sign > 0, cost, 0.0)
        return self._trade(X, low, high, sign, Fit(self, X, y, part)).state

    def _signs(self, codes: Array, pair: tuple[int, int]) -> Array:
        """+1 for the class that a positive sum speaks for: of two the second, of a pair among more the first."""
        return np.where(codes == pair[len(self.classes_) == 2], 1.0, -1.0)

    def _sigmoid(self, X: Any, y: Array, codes: Array, cost: Array, pair: tuple[int, int]) -> tuple[float, float]:
        """(A, B) from the decision values of rows that were held out."""
        rows = np.flatnonzero(np.isin(codes, pair) & (cost > 0))
        folds = min(FOLDS, int(np.bincount(codes[rows], minlength=len(self.classes_))[list(pair)].min()))
        decision = np.zeros(len(rows))
        if folds >= 2:
            seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
            from sklearn.model_selection import StratifiedKFold  # only where it is wanted: it loads for a while

            splits = StratifiedKFold(folds, shuffle=True, random_state=seed).split(rows, codes[rows])
            for k, (seen, held) in enumerate(splits):
                part = f"fold {k + 1} of {folds}, {self.classes_[pair[0]]} against {self.classes_[pair[1]]}"
                state = self._between(X, y, codes, cost, pair, rows[seen], part)
                decision[held] = self._judged(X, rows[held], rows[seen], state)
        positive = self._signs(codes[rows], pair) > 0
        return sigmoid_of(decision, positive, cost[rows] / self.C)

    def _judged(self, X: Any, held: Array, seen: Array, state: State) -> Array:
        support = np.flatnonzero(state.beta)
        if self.kernel == "precomputed":
            similar = X[np.ix_(held, seen[support])]
        else:
            similar = self.similarity(X[held], X[seen[support]])
        judged: Array = similar @ state.beta[support] + state.bias
        return judged

    def _collect(self, X: Any, codes: Array, pairs: list[tuple[int, int]], states: list[State]) -> None:
        """Lay the pairs' solutions side by side, support vectors class by class."""
        n_classes = len(self.classes_)
        pushes = np.zeros((n_classes - 1, len(codes)))
        for (i, j), state in zip(pairs, states, strict=True):
            rows = np.flatnonzero(np.isin(codes, (i, j)))
            of_first = codes[rows] == i
            pushes[j - 1, rows[of_first]] = state.beta[of_first]
            pushes[i, rows[~of_first]] = state.beta[~of_first]
        support = np.flatnonzero(pushes.any(axis=0))
        support = support[np.argsort(codes[support], kind="stable")]
        self._keep(X, support)
        self.n_support_ = np.bincount(codes[support], minlength=n_classes).astype(np.int32)
        self.dual_coef_ = pushes[:, support]
        self.intercept_ = np.array([state.bias for state in states])
        self.duality_gap_ = np.array([state.gap for state in states])
        self.n_iter_ = np.array([state.trades for state in states], dtype=np.int32)

    def _weights(self) -> Array:
        """(n_support, n_pairs) weight of each support vector in each pair's sum."""
        n_classes = len(self.classes_)
        of_class = np.repeat(np.arange(n_classes), self.n_support_)
        pairs = list(combinations(range(n_classes), 2))
        weights = np.zeros((len(self.support_), len(pairs)))
        for column, (i, j) in enumerate(pairs):
            weights[of_class == i, column] = self.dual_coef_[j - 1, of_class == i]
            weights[of_class == j, column] = self.dual_coef_[i, of_class == j]
        return weights
