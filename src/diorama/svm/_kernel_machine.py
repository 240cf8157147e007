"""What the classifier and the regressor with kernels share: the table, the kernel, and one trade to its end."""

import warnings
from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import validate_data

from diorama._iterate import Fit, Outcome, iterate
from diorama._parallel import blas_threads, blocks
from diorama._quick_checks import QuickChecks, validated_with_target
from diorama._typing import Array
from diorama.svm._kernel_function import KERNELS, KernelFunction, gamma_of
from diorama.svm._kernel_rows import KernelRows
from diorama.svm._smo import WHOLE, WORKING, Problem, State, done, solved, start, step

# rows judged at once
_BLOCK = 2_048
# told to observers where there is no limit
_MANY = 100_000


class KernelMachine(QuickChecks):
    """A model that is a weighted sum of kernels around its support vectors, plus an intercept."""

    _parameter_constraints: dict[str, Any] = {
        "kernel": [StrOptions({*KERNELS, "precomputed"}), callable],
        "degree": [Interval(Real, 0, None, closed="left")],
        "gamma": [StrOptions({"scale", "auto"}), Interval(Real, 0.0, None, closed="left")],
        "coef0": [Interval(Real, None, None, closed="neither")],
        "tol": [Interval(Real, 0.0, None, closed="neither")],
        "C": [Interval(Real, 0.0, None, closed="neither")],
        "shrinking": ["boolean"],
        "cache_size": [Interval(Real, 0, None, closed="neither")],
        "verbose": ["verbose"],
        "max_iter": [Interval(Integral, -1, None, closed="left")],
    }

    kernel: Any
    degree: float
    gamma: Any
    coef0: float
    tol: float
    C: float
    shrinking: bool
    cache_size: float
    verbose: Any
    max_iter: int
    support_: Array
    support_vectors_: Any
    dual_coef_: Any
    intercept_: Array
    shape_fit_: tuple[int, ...]
    _gamma: float
    n_features_in_: int

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.kernel == "precomputed"
        tags.input_tags.sparse = self.kernel != "precomputed"
        return tags

    @property
    def coef_(self) -> Any:
        """Weights of the features: (n_planes, n_features), of the linear kernel only."""
        if self.kernel != "linear":
            raise AttributeError("coef_ is only available when using a linear kernel")
        weights = self._weights().T @ self.support_vectors_
        return sp.csr_matrix(weights) if sp.issparse(self.support_vectors_) else weights.astype(self.dual_coef_.dtype)

    def similarity(self, A: Any, B: Any) -> Array:
        """(n_a, n_b) kernel between rows of two tables, with the parameters of the last fit."""
        if callable(self.kernel):
            return np.asarray(self.kernel(A, B), dtype=np.float64)
        if self.kernel == "rbf" and not sp.issparse(A) and not sp.issparse(B):
            # distances stay, and so do their digits, when the rows lie around the origin
            middle = B.mean(axis=0, dtype=np.float64) if len(B) else 0.0
            A, B = A - middle, B - middle
        return KernelFunction(self.kernel, self._gamma, self.degree, self.coef0)(A, B)

    def _weights(self) -> Array:
        """(n_support, n_planes) weight of each support vector in each sum."""
        return np.asarray(self.dual_coef_).T

    def _validated(self, X: Any, y: Any) -> tuple[Any, Any]:
        X, y = validated_with_target(
            self,
            X,
            y,
            accept_sparse=False if self.kernel == "precomputed" else "csr",
            dtype=[np.float64, np.float32],
            order="C",
            accept_large_sparse=False,
            multi_output=False,
        )
        if self.kernel == "precomputed" and X.shape[0] != X.shape[1]:
            raise ValueError(
                "Precomputed matrix must be a square matrix: one row and one column for each sample. "
                f"Input is a {X.shape[0]}x{X.shape[1]} matrix."
            )
        self.shape_fit_ = X.shape
        return X, y

    def _settle_gamma(self, X: Any, weight: Array) -> None:
        """Turn `gamma` into a number, for rows of these weights."""
        made_here = not callable(self.kernel) and self.kernel != "precomputed"
        self._gamma = gamma_of(self.gamma, X, weight) if made_here else 0.0

    def _trade(self, X: Any, low: Array, high: Array, target: Array, fit: Fit) -> Outcome[State]:
        """Solve the dual problem over the rows of `X`, which is their kernel matrix if that was given."""
        few = len(target) <= WHOLE
        whole, rows = None, None
        if few:
            matrix = X.astype(np.float64, copy=False) if self.kernel == "precomputed" else self.similarity(X, X)
            twice = len(target) // len(matrix)
            whole = np.ascontiguousarray(np.tile(matrix, (twice, twice)) if twice > 1 else matrix)
        else:
            rows = self._rows(X)
        problem = Problem(low, high, target, whole, rows, self.tol, self.max_iter)
        # products of a working set are too small for the linear algebra library's threads
        with blas_threads(1):
            outcome = iterate(
                start(problem, X.shape[0]),
                partial(step, problem),
                partial(done, problem),
                max_iter=self.max_iter if self.max_iter >= 0 else _MANY,
                fit=fit,
            )
        if not solved(problem, outcome.state):
            self._warn(outcome.state)
        return outcome

    def _rows(self, X: Any) -> KernelRows:
        function = None
        if callable(self.kernel):
            X = self.similarity(X, X)
        elif self.kernel != "precomputed":
            function = KernelFunction(self.kernel, self._gamma, self.degree, self.coef0)
            if self.kernel == "rbf" and not sp.issparse(X):
                X = X - X.mean(axis=0, dtype=np.float64)
        return KernelRows(function, X, cache_size=self.cache_size, at_least=WORKING)

    def _warn(self, state: State) -> None:
        if 0 <= self.max_iter <= state.trades:
            share = state.gap / max(abs(state.primal), 1e-300)
            warnings.warn(
                f"Solver terminated early (max_iter={self.max_iter}): the objective is still up to {share:.1%} above "
                "its least value, at most. Standardise the columns, lower C, or raise max_iter.",
                ConvergenceWarning,
                stacklevel=4,
            )

    def _sums(self, X: Any) -> Array:
        """(n_samples, n_planes) weighted sums of kernels plus intercept, for rows as they were given."""
        X = validate_data(
            self,
            X,
            accept_sparse=False if self.kernel == "precomputed" else "csr",
            dtype=[np.float64, np.float32],
            order="C",
            accept_large_sparse=False,
            reset=False,
        )
        weights = self._weights()
        sums = np.empty((X.shape[0], weights.shape[1]))
        for low, high in blocks(X.shape[0], _BLOCK):
            if self.kernel == "precomputed":
                similar = X[low:high, self.support_]
            else:
                similar = self.similarity(X[low:high], self.support_vectors_)
            sums[low:high] = similar @ weights
        return sums + self.intercept_

    def _keep(self, X: Any, support: Array) -> None:
        """Remember the rows that hold the model up."""
        self.support_ = support.astype(np.int32)
        self.support_vectors_ = np.empty((0, 0), dtype=X.dtype) if self.kernel == "precomputed" else X[support]
