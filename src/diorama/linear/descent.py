"""What models trained by gradient descent share: the steps, the learning rate that is safe, and how training ends.

A model brings its cost as a `Cost`; here it is lowered. A step is one update from all rows or, with mini-batches, one
pass over the rows.
"""

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from numbers import Integral, Real
from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy.linalg import eigvalsh
from scipy.sparse.linalg import LinearOperator, eigsh
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from diorama._iterate import Fit, iterate
from diorama._parallel import blas_threads, blocks
from diorama._quick_checks import QuickChecks, validated_weight
from diorama._typing import Array
from diorama.linear._least_squares import refuse_too_large
from diorama.linear._rows import filled, scaled, squared_lengths
from diorama.optimization.methods import METHODS
from diorama.optimization.optimizer import Method, Optimizer, Place
from diorama.optimization.progress import DivergenceWarning, Progress, divergence_message
from diorama.optimization.schedules import rate_at

# up to this many columns (or rows, if fewer) all eigenvalues cost less than the search for one
DENSE = 500
# numbers in a table from which on its products are worth threads of their own
LARGE = 50_000
# how far the cost may end above its start before it counts as a divergence: rounding, and the noise of small batches
ROUNDING, NOISE = 1e-4, 0.1


class DescentState(NamedTuple):
    """Where a model stands after a step. Weights of one output are a vector, of several the rows of a matrix."""

    weights: Array  # ([n_outputs,] n_columns) slopes, and last the bias if there is one
    cost: float  # over all rows
    gradient: Array  # like weights: slope of that cost
    memory: Any  # what the method remembers


class Cost(Protocol):
    """A cost over the rows of a table, and the parts that a descent needs of it: an `Objective`, and its batches."""

    @property
    def rows(self) -> Any:
        """(n, n_columns) features, dense or sparse, and last a column of ones for the bias."""

    @property
    def row_weights(self) -> Array:
        """(n,) how much each row counts."""

    @property
    def bend(self) -> float:
        """Largest curvature of a row's cost by its prediction."""

    def value(self, x: Array) -> float:
        """The cost over all rows, with the weights `x`."""

    def value_and_gradient(self, x: Array) -> tuple[float, Array]:
        """The cost over all rows and its gradient."""

    def hessian(self, x: Array) -> Array:
        """(x.size, x.size) second derivatives of the cost over all rows."""

    def excess(self, x: Array, cost: float, gradient: Array) -> float:
        """How far `cost`, that of the weights `x` where the slope is `gradient`, lies above the least one, at most."""

    def batch_gradient(self, weights: Array, batch: Array) -> Array:
        """The gradient over the rows with these numbers, an unbiased estimate of the whole one."""

    def epoch(self, weights: Array, order: Array, batch_size: int, rate: float) -> Array:
        """The weights after plain steps on all batches in turn."""


def step(cost: Cost, method: Method, state: DescentState) -> DescentState:
    """One step down the cost over all rows."""
    here = Place(state.weights, state.cost, state.gradient)
    there, memory = method.advance(cost, here, state.memory)  #: update
    return state._replace(weights=there.x, cost=there.value, gradient=there.gradient, memory=memory)  #: measure


def epoch(
    cost: Cost, optimizer: Optimizer, batch_size: int, random: np.random.RandomState, state: DescentState
) -> DescentState:
    """One pass over the rows in random order, an update for each batch of them."""
    weights, memory = state.weights, state.memory
    order = random.permutation(cost.rows.shape[0])  #: shuffle
    if optimizer.plain_rate is not None:
        weights = cost.epoch(weights, order, batch_size, optimizer.plain_rate)  #: update
    else:
        for first, last in blocks(len(order), batch_size):
            gradient = cost.batch_gradient(weights, order[first:last])
            weights, memory = optimizer.update(gradient, memory, weights)
    value, gradient = cost.value_and_gradient(weights)  #: measure
    return state._replace(weights=weights, cost=value, gradient=gradient, memory=memory)


def largest_safe_rate(cost: Cost, batch_size: int | None) -> float:
    r"""2/L, above which descent on this cost is no longer sure to go down; infinity for a cost that is flat.

    With the whole batch, L = bend * (largest eigenvalue of rows^T rows / n) bounds the curvature. One row alone may
    curve as sharply as bend * max ||row||^2, and batches of b rows lie between the two (Gower et al. 2019, "SGD:
    general analysis and improved rates", ICML: expected smoothness of b-nice sampling).
    """
    n = cost.rows.shape[0]
    curvature = cost.bend * _largest_eigenvalue(cost.rows, cost.row_weights)
    if batch_size is not None and batch_size < n:
        sharpest = (
            cost.bend * float((squared_lengths(cost.rows) * cost.row_weights).max()) * n / float(cost.row_weights.sum())
        )
        alone = (n - batch_size) / (batch_size * (n - 1))
        curvature = alone * sharpest + (1 - alone) * curvature
    return 2 / curvature if curvature > 0 else math.inf


def _largest_eigenvalue(rows: Any, row_weights: Array) -> float:
    """Of rows^T diag(row_weights) rows / sum(row_weights), in double precision."""
    n, columns = rows.shape
    total = float(row_weights.sum(dtype=float))
    weighed = scaled(rows, np.sqrt(row_weights))
    smaller = min(n, columns)
    if smaller <= DENSE:
        products = filled(weighed.T @ weighed if columns <= n else weighed @ weighed.T).astype(float)
        return float(eigvalsh(products, subset_by_index=[smaller - 1, smaller - 1])[0]) / total
    operator = LinearOperator((columns, columns), matvec=lambda x: weighed.T @ (weighed @ x), dtype=float)
    found = eigsh(operator, k=1, v0=np.ones(columns), tol=1e-4, return_eigenvectors=False)
    # the search comes from below; the share that it may still lack keeps the rate on the safe side
    return float(found[0]) * 1.001 / total


class GradientDescentModel(QuickChecks):
    """Parameters and training of a model whose cost is lowered by gradient descent."""

    _parameter_constraints = {
        "learning_rate": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [None, Interval(Integral, 1, None, closed="left")],
        "optimizer": [StrOptions(set(METHODS)), Method],
        "tol": [None, Interval(Real, 0, None, closed="left")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "fit_intercept": ["boolean"],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
    }

    learning_rate: Any
    max_iter: int
    batch_size: int | None
    optimizer: Any
    tol: float | None
    n_iter_no_change: int
    fit_intercept: bool
    warm_start: bool
    random_state: Any
    coef_: Array
    intercept_: Any
    n_iter_: int
    cost_history_: Array
    gap_: float
    converged_: bool
    learning_rate_: float
    largest_safe_rate_: float
    optimizer_: Method

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _row_weights(self, X: Any, sample_weight: Any) -> Array:
        refuse_too_large(X)
        return validated_weight(sample_weight, X, X.dtype)

    def _train(self, cost: Cost, start: type[DescentState], weights: Array, fit: Fit) -> Array:
        """Lower the cost from `weights`, set what was learned but the weights themselves, and return those to keep."""
        with self._training(cost):
            self._choose_method(cost)
            first = start(weights, *cost.value_and_gradient(weights), self.optimizer_.init(weights))
            progress = self._descend(cost, first, 0, fit, self.max_iter)
        self.n_iter_ = len(progress.costs) - 1
        self.cost_history_ = np.array(progress.costs)
        self._judge(progress, cost)
        return progress.kept.weights

    def _train_once(self, cost: Cost, start: type[DescentState], weights: Array, fit: Fit) -> Array:
        """One more step, or pass over these rows, from `weights`, remembering what the last one left."""
        passes = self.n_iter_ if hasattr(self, "coef_") else 0
        with self._training(cost):
            last = type(self.optimizer_) if passes else None
            self._choose_method(cost)
            # what one method remembers means nothing to another
            goes_on = type(self.optimizer_) is last
            memory = self._memory if goes_on else self.optimizer_.init(weights)
            first = start(weights, *cost.value_and_gradient(weights), memory)
            progress = self._descend(cost, first, passes, fit, 1)
        self.n_iter_ = passes + 1
        self.cost_history_ = np.array([*self.cost_history_, progress.costs[-1]] if passes else progress.costs)
        self.gap_, self.converged_ = progress.kept.cost, False
        if progress.diverged:
            self._judge(progress, cost)
        return progress.kept.weights

    def _choose_method(self, cost: Cost) -> None:
        """The method to use, `optimizer_`, and its rate."""
        self.largest_safe_rate_ = largest_safe_rate(cost, self.batch_size)
        self.optimizer_ = self._named_method() if isinstance(self.optimizer, str) else self.optimizer
        # methods that search along lines have no rate
        self.learning_rate_ = rate_at(getattr(self.optimizer_, "learning_rate", math.nan), 0)

    def _named_method(self) -> Method:
        kind = METHODS[self.optimizer]
        if self.learning_rate == "auto":
            limit = self.largest_safe_rate_
            return kind.for_curvature(2 / limit if math.isfinite(limit) else 1.0)
        if not hasattr(kind, "learning_rate"):
            raise ValueError(
                f'optimizer="{self.optimizer}" finds the length of each step itself; leave learning_rate at "auto", '
                f"not {self.learning_rate!r}."
            )
        named: Any = kind
        method: Method = named(learning_rate=float(self.learning_rate))
        return method

    def _descend(self, cost: Cost, first: DescentState, passes: int, fit: Fit, max_iter: int) -> Progress[DescentState]:
        following: Callable[[DescentState], DescentState]
        if self.batch_size is None or self.batch_size >= cost.rows.shape[0]:
            following, slack, by_chance = partial(step, cost, self.optimizer_), ROUNDING, False
        elif isinstance(self.optimizer_, Optimizer):
            random = self._random(passes)
            following, slack, by_chance = partial(epoch, cost, self.optimizer_, self.batch_size, random), NOISE, True
        else:
            raise ValueError(
                f"{type(self.optimizer_).__name__} compares costs over all rows and cannot go by batches of them; "
                f"batch_size must be None, not {self.batch_size!r}."
            )
        progress = Progress(first, self.tol, self.n_iter_no_change, slack, by_chance)

        def done(previous: DescentState, state: DescentState) -> bool:
            # a method that finds no way down hands back the place it was given
            return progress.done(previous, state) or progress.stuck(previous.weights is state.weights)

        iterate(first, following, done, max_iter=max_iter, fit=fit)
        self._memory = progress.kept.memory
        return progress

    @contextmanager
    def _training(self, cost: Cost) -> Iterator[None]:
        # between epochs the linear algebra library's own threads would spin, and hold a core that the kernel needs
        in_batches = self.batch_size is not None and self.batch_size < cost.rows.shape[0]
        threads = blas_threads(1) if in_batches and cost.rows.size > LARGE else nullcontext()
        # numbers too large are what a divergence is made of: noticed by the loop, not warned of one by one
        with threads, np.errstate(over="ignore", invalid="ignore"):
            yield

    def _random(self, passes: int) -> np.random.RandomState:
        # the seed alone would give every call of partial_fit the same order
        if passes and isinstance(self.random_state, Integral):
            return np.random.RandomState([int(self.random_state), passes])
        random: np.random.RandomState = check_random_state(self.random_state)
        return random

    def _judge(self, progress: Progress[DescentState], cost: Cost) -> None:
        kept = progress.kept
        # who wants a number of passes and no more has not asked how far they led; a cost is never below zero
        asked = self.tol is not None and not progress.diverged
        self.converged_ = asked and progress.settled
        self.gap_ = cost.excess(kept.weights, kept.cost, kept.gradient) if asked else kept.cost
        if progress.diverged:
            method = self.optimizer_
            limit = method.safe_rate(2 / self.largest_safe_rate_)
            message = divergence_message(
                "cost", progress, method.plain_rate, limit, "The model keeps its best weights."
            )
            warnings.warn(message, DivergenceWarning, stacklevel=4)
        elif self.tol is not None and not progress.settled:
            has_rate = math.isfinite(self.learning_rate_)
            larger = f"tol or learning_rate (now {self.learning_rate_:.3g})" if has_rate else "tol"
            message = (
                f"the cost was still falling after {self.n_iter_} steps, and lies at most {self.gap_:.2g} above its "
                f"least value ({kept.cost:.4g} now); raise max_iter, {larger}, or bring the features to a common "
                "scale, which makes every step go further."
            )
            warnings.warn(message, ConvergenceWarning, stacklevel=4)
