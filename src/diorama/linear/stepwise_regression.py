"""Stepwise regression: let columns into a linear regression, or out of it, one at a time, while a criterion falls.

Looks for the set S of columns with the least criterion: Akaike's n log(RSS(S) / n) + 2 |S|, Schwarz's with log n in
place of 2, or the error in cross-validation [1]_. Every step makes the one move that lowers it most, and the search
ends where none does. That need not be the best of all sets: only trying all of them would tell.

.. [1] Efroymson (1960). Multiple regression analysis. Mathematical Methods for Digital Computers, Wiley.
"""

from numbers import Integral
from typing import Any, NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit, iterate
from diorama._parallel import blas_threads
from diorama._quick_checks import validated, validated_with_target
from diorama._typing import Array
from diorama._validation import naming
from diorama.linear._least_squares import solve_dense, varying
from diorama.linear._moments import Moments, moments, products
from diorama.linear._sweep import CrossValidation, Information
from diorama.linear.elastic_net import checked_weight, refuse_infinite

# a move must lower the criterion by this share of it, and moves that differ by less are equally good
_SAME = 1e-9


class State(NamedTuple):
    """Which columns are in, and what each move from here would do."""

    move: str  # "start", "add", "drop" or "stop": what led here
    column: int  # index of the column that moved, -1 for none
    chosen: Array  # (n_features,) which columns are in
    score: float  # the criterion
    scores: Array  # (n_features,) the criterion if that column moved next; infinite where it may not
    coef: Array  # (n_features,) slopes, 0 for those that are out
    intercept: float
    cost: float  # weighted mean of the squared residuals


class Search:
    """Where the search is: the swept tables, and the rules for a move."""

    def __init__(self, criterion: Any, m: Moments, scale: Array, direction: str, most: int) -> None:
        self.criterion, self.m, self.scale = criterion, m, scale
        self.direction, self.most = direction, most
        self.history: list[State] = []

    def start(self) -> State:
        """No column for forward selection, all that are of any use for backward elimination."""
        if self.direction == "backward":
            for column in range(len(self.scale)):
                if self.criterion.possible[column]:
                    self.criterion = self.criterion.moved(column)
        return self.state("start", -1)

    def step(self, state: State) -> State:
        """Make the move that lowers the criterion most, or say that none does."""
        column = self.best(state)
        if not self.worthwhile(state, column):
            return state._replace(move="stop", column=-1)  #: stop
        self.criterion = self.criterion.moved(column)  #: move
        return self.state("drop" if state.chosen[column] else "add", column)

    def best(self, state: State) -> int:
        """The column whose move leaves the least criterion; of equally good ones the first."""
        least = float(state.scores.min(initial=np.inf))
        near = state.scores <= least + same(least)
        return int(np.argmax(near)) if np.isfinite(least) else -1

    def worthwhile(self, state: State, column: int) -> bool:
        """Whether to move: the criterion falls, or there are more columns than there may be."""
        if column < 0:
            return False
        return bool(state.scores[column] < state.score - same(state.score) or state.chosen.sum() > self.most)

    def state(self, move: str, column: int) -> State:
        """What there is to tell of where the search is."""
        criterion, m = self.criterion, self.m
        chosen, number = criterion.chosen, int(criterion.chosen.sum())
        may_add = self.direction != "backward" and number < self.most
        may_drop = self.direction != "forward" or number > self.most
        scores = np.where(np.where(chosen, may_drop, may_add), criterion.after(), np.inf)
        coef = criterion.coef * self.scale
        left = m.square[0] - coef @ m.cross[:, 0]
        intercept = float(m.mean_y[0] - m.mean_x @ coef)
        state = State(move, column, chosen, criterion.score, scores, coef, intercept, max(left, 0.0) / m.total)
        self.history.append(state)
        return state


def same(score: float) -> float:
    """Differences of a criterion that are none."""
    return _SAME * abs(score) if np.isfinite(score) else 0.0


class StepwiseRegression(RegressorMixin, BaseEstimator):
    r"""Linear regression on columns chosen one at a time, by information criterion or cross-validation.

    Minimises :math:`\sum_i w_i (y_i - \beta_0 - \sum_{j \in S} x_{ij} \beta_j)^2` over :math:`\beta`, where
    :math:`S` is `selected_`, :math:`\beta` is `coef_`, :math:`\beta_0` is `intercept_` and :math:`w_i` is
    `sample_weight`, which counts rows: 2 is a row twice. Coefficients that were chosen by the data they are judged by
    look better than they are: take no confidence interval from them.

    Parameters
    ----------
    direction : {"forward", "backward", "both"}, default="forward"
        Start from no column and add, from all and drop, or from none and do either.
    criterion : {"aic", "bic", "cv"}, default="aic"
        Akaike's, Schwarz's (which keeps fewer columns), or the mean squared error on rows left out.
    max_features : int, default=None
        Columns at most. Backward elimination goes on until no more are left.
    cv : int, splitter or iterable of (train, test), default=5
        Rows left out for "cv". Of a number of folds, row i is in fold i modulo `cv`.
    fit_intercept : bool, default=True

    Attributes
    ----------
    coef_ : array of shape (n_features,)
        Slopes, 0 for columns that were not selected.
    intercept_ : float
    support_ : array of bool, shape (n_features,)
        Which columns were selected.
    selected_ : array of int
        Their indices.
    moves_ : array of int
        The columns that moved, in order: in when they were out, out when they were in.
    criterion_history_ : array of shape (n_iter_ + 1,)
        The criterion at the start and after each move.
    n_iter_ : int
        Number of moves.

    Raises
    ------
    ValueError
        When the data are not finite numbers, of different lengths, all weights are zero, there are fewer rows than
        folds, or backward elimination has as many columns as rows.

    Examples
    --------
    >>> import numpy as np
    >>> from diorama.linear import StepwiseRegression
    >>> X = np.random.default_rng(0).normal(size=(100, 5))
    >>> model = StepwiseRegression(criterion="bic").fit(X, 3 * X[:, 1] - X[:, 4])
    >>> model.selected_.tolist(), model.moves_.tolist()
    ([1, 4], [1, 4])
    """

    _parameter_constraints = {
        "direction": [StrOptions({"forward", "backward", "both"})],
        "criterion": [StrOptions({"aic", "bic", "cv"})],
        "max_features": [Interval(Integral, 0, None, closed="left"), None],
        "cv": [Interval(Integral, 2, None, closed="left"), "cv_object"],
        "fit_intercept": ["boolean"],
    }

    coef_: Array
    intercept_: Any
    support_: Array
    selected_: Array
    moves_: Array
    criterion_history_: Array
    n_iter_: int

    def __init__(
        self,
        direction: str = "forward",
        *,
        criterion: str = "aic",
        max_features: int | None = None,
        cv: Any = 5,
        fit_intercept: bool = True,
    ) -> None:
        self.direction = direction
        self.criterion = criterion
        self.max_features = max_features
        self.cv = cv
        self.fit_intercept = fit_intercept

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Choose columns of `X` (n_samples, n_features) for `y` (n_samples,), and fit them."""
        self._validate_params()
        X, y = validated_with_target(self, X, y, accept_sparse="csr", dtype=[np.float64, np.float32], y_numeric=True)
        if sp.issparse(X) and X.shape[0] <= X.shape[1]:
            X = X.toarray()  # which takes no more than the products of the columns will
        weight = checked_weight(sample_weight, X)
        targets = y.astype(np.float64, copy=False)[:, None]
        # sums are added in one order, whatever the number of threads
        with blas_threads(1):
            with np.errstate(over="ignore", invalid="ignore"):
                m = moments(X, targets, weight, self.fit_intercept)
                gram = m.rows.T @ m.rows if m.gram is None else m.gram
            refuse_infinite(X, targets, gram, m.cross, m.square)
            m = m._replace(gram=gram)
            search = self._search(X, targets, weight, m)
            start = search.start()
            self._refuse_saturated(X, weight, start)
            end = iterate(start, search.step, stopped, max_iter=10 * X.shape[1] + 10, fit=Fit(self, X, y)).state
            coef = chosen_coef(X, targets, weight, m, end.chosen)
        self.support_, self.selected_ = end.chosen, np.flatnonzero(end.chosen)
        self.moves_ = np.array([state.column for state in search.history[1:]], dtype=np.int64)
        self.criterion_history_ = np.array([state.score for state in search.history])
        self.n_iter_ = len(self.moves_)
        self.coef_ = coef.astype(X.dtype)
        self.intercept_ = X.dtype.type(m.mean_y[0] - m.mean_x @ coef)
        return self

    def predict(self, X: Any) -> Array:
        """Weighted sums (n_samples,) of the selected columns of `X` (n_samples, n_features)."""
        check_is_fitted(self)
        X = validated(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        heights: Array = X @ self.coef_ + self.intercept_
        return heights

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _search(self, X: Array, y: Array, weight: Array | None, m: Moments) -> Search:
        gram = np.asarray(m.gram)
        kept, length = varying(gram, m)
        # columns of length 1: what the others leave of each can be told from rounding; constant ones become 0
        scale = np.zeros(len(gram))
        scale[kept] = 1 / length
        table = np.block([[gram, m.cross], [m.cross.T, m.square[:, None]]]) * np.outer(*[np.append(scale, 1.0)] * 2)
        price = float(np.log(m.total)) if self.criterion == "bic" else 2.0
        nobody = np.zeros(len(gram), dtype=bool)
        whole = Information(table, nobody, m.total, price, int(self.fit_intercept), float(m.square[0]))
        most = len(gram) if self.max_features is None else self.max_features
        if self.criterion != "cv":
            return Search(whole, m, scale, self.direction, most)
        shift, sides = np.concatenate([m.mean_x, m.mean_y, [0.0]]), np.concatenate([scale, [1.0, 1.0]])

        def table_of(rows: Array) -> Array:
            some = None if weight is None else weight[rows]
            return products(X[rows], y[rows], some, shift) * np.outer(sides, sides)

        folds = self._folds(X, y)
        tests = np.stack([table_of(test) for _, test in folds])
        # where every row is left out once, the others' products need no pass of their own
        parted = isinstance(self.cv, Integral)
        trains = tests.sum(axis=0) - tests if parted else np.stack([table_of(train) for train, _ in folds])
        return Search(CrossValidation.of(trains, tests, whole), m, scale, self.direction, most)

    def _folds(self, X: Array, y: Array) -> list[tuple[Array, Array]]:
        """Rows that stay and rows that are left out."""
        if not isinstance(self.cv, Integral):
            from sklearn.model_selection import check_cv  # only where it is wanted: it loads for a while

            with naming("cv"):
                folds = [(np.asarray(train), np.asarray(test)) for train, test in check_cv(self.cv).split(X, y)]
            if not folds or any(rows.ndim != 1 or rows.dtype.kind not in "iub" for fold in folds for rows in fold):
                raise ValueError(
                    "cv must be a number of folds, a splitter, or pairs of rows: some to learn, some to test."
                )
            return folds
        n_folds = int(self.cv)
        if X.shape[0] < n_folds:
            raise ValueError(f"cv={n_folds} folds need as many rows; n_samples = {X.shape[0]}. Lower cv, or use 'bic'.")
        fold = np.arange(X.shape[0]) % n_folds
        return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(n_folds)]

    def _refuse_saturated(self, X: Array, weight: Array | None, start: State) -> None:
        rows = X.shape[0] if weight is None else int((weight > 0).sum())
        if start.chosen.any() and rows <= start.chosen.sum() + self.fit_intercept:
            raise ValueError(
                f"backward elimination starts from all columns, and {int(start.chosen.sum())} of them fit {rows} rows "
                "without a remainder to judge by. Use direction='forward' or 'both', or more rows."
            )


def stopped(previous: State, state: State) -> bool:
    """Whether no move was worth making."""
    return state.move == "stop"


def chosen_coef(X: Array, y: Array, weight: Array | None, m: Moments, chosen: Array) -> Array:
    """(n_features,) least squares on the chosen columns, 0 elsewhere."""
    coef = np.zeros(len(chosen))
    if chosen.any():
        gram = np.asarray(m.gram)[np.ix_(chosen, chosen)]
        some = m._replace(mean_x=m.mean_x[chosen], gram=gram, cross=m.cross[chosen])
        coef[chosen] = solve_dense(X[:, chosen], y, weight, some)[:, 0]
    return coef
