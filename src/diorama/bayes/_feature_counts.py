"""What multinomial and Bernoulli naive Bayes share: counts of each feature in each class, smoothed.

Both are linear in the row: log P(c) + log P(x | c) = bias_c + sum_j x_j weights_cj.
"""

from abc import abstractmethod
from collections.abc import Iterator
from numbers import Real
from typing import Any, NamedTuple, Self

import numpy as np
from scipy import sparse
from sklearn.utils._param_validation import Interval
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.validation import _check_sample_weight, validate_data

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama.bayes._posterior import NaiveBayes, checked_priors, log_priors

# a smoothing below this gives logarithms of nothing
LEAST_ALPHA = 1e-10


class State(NamedTuple):
    """What is known after hearing the first `used` features."""

    used: int
    bias: Array  # (n_classes,) what a row says for each class when all its features are 0
    weights: Array  # (n_classes, n_features) what one unit of a feature adds


def contributions(x: Array, state: State) -> Array:
    """(n_classes, used) what each feature of one row adds to the log probability of each class."""
    added: Array = x[: state.used] * state.weights[:, : state.used]  #: evidence
    return added


def possible(log: Array) -> Array:
    """Logs of probabilities with a finite number for that of 0: infinity times no occurrence would be NaN."""
    raised: Array = np.maximum(log, log.dtype.type(-1e30))
    return raised


def hear(state: State) -> Iterator[State]:
    """The same knowledge, one feature after the other: first no feature at all."""
    for used in range(state.weights.shape[1] + 1):
        yield state._replace(used=used)  #: hear


class CountingNB(NaiveBayes):
    """Counts features within classes; a subclass says what a count means."""

    _parameter_constraints = {
        "alpha": [Interval(Real, 0, None, closed="left"), "array-like"],
        "force_alpha": ["boolean"],
        "fit_prior": ["boolean"],
        "class_prior": ["array-like", None],
    }

    alpha: Any
    force_alpha: bool
    fit_prior: bool
    class_prior: Any
    feature_count_: Array
    feature_log_prob_: Array
    class_log_prior_: Array

    @abstractmethod
    def _table(self, X: Any) -> Any:
        """The rows as they are counted; ValueError when they cannot be."""

    @abstractmethod
    def _log_probabilities(self, alpha: Any) -> Array:
        """(n_classes, n_features) log of each feature's smoothed share within each class."""

    @abstractmethod
    def _linear(self) -> tuple[Array, Array]:
        """(n_classes,) bias and (n_classes, n_features) weights of the joint log probability."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Count the features of `X` (n_samples, n_features), dense or sparse, within the classes of `y`."""
        self._validate_params()
        for name in ("classes_", "feature_count_", "class_count_"):
            self.__dict__.pop(name, None)
        return self._add(X, y, sample_weight, None, batches=False)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Count one more batch; the first call names all `classes` that will come."""
        self._validate_params()
        return self._add(X, y, sample_weight, classes, batches=True)

    def _add(self, X: Any, y: Any, sample_weight: Any, classes: Any, *, batches: bool) -> Self:
        X, y = validate_data(
            self, X, y, accept_sparse="csr", dtype=[np.float64, np.float32], reset=not hasattr(self, "classes_")
        )
        codes = self._codes(y, classes, batches=batches)
        table = self._table(X)
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        sides = sparse.csr_array((weight, (codes, np.arange(len(codes)))), shape=(len(self.classes_), len(codes)))
        counts = np.asarray(safe_sparse_dot(sides, table, dense_output=True), dtype=float)
        of_class = np.bincount(codes, weight, minlength=len(self.classes_))
        self.feature_count_ = getattr(self, "feature_count_", 0.0) + counts
        self.class_count_ = getattr(self, "class_count_", 0.0) + of_class
        self.feature_log_prob_ = self._log_probabilities(self._smoothing(X.shape[1])).astype(X.dtype)
        self.class_log_prior_ = self._priors().astype(X.dtype)
        bias, weights = self._linear()
        state = State(X.shape[1], bias, weights)
        show(lambda: hear(state), total=X.shape[1], fit=Fit(self, X, y))
        return self

    def _smoothing(self, n_features: int) -> Any:
        alpha = np.asarray(self.alpha, dtype=float)
        if alpha.ndim > 0 and alpha.shape != (n_features,):
            raise ValueError(
                f"alpha must be one number, or one for each of the {n_features} features; its shape is {alpha.shape}."
            )
        if (alpha < 0).any():
            raise ValueError(f"alpha must not be negative; got {float(alpha.min())}.")
        return alpha if self.force_alpha else np.maximum(alpha, LEAST_ALPHA)

    def _priors(self) -> Array:
        n_classes = len(self.classes_)
        if self.class_prior is not None:
            with np.errstate(divide="ignore"):
                log: Array = np.log(checked_priors(self.class_prior, n_classes, "class_prior"))
            return log
        return log_priors(self.class_count_) if self.fit_prior else np.full(n_classes, -np.log(n_classes))

    def _joint(self, X: Any) -> Array:
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        bias, weights = self._linear()
        joint: Array = safe_sparse_dot(self._table(X), weights.T, dense_output=True) + bias
        return joint

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        # on numbers that are no counts, as scikit-learn's checks have them, it guesses badly
        tags.classifier_tags.poor_score = True
        return tags
