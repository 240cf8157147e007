"""Gaussian naive Bayes: within a class, every feature is a bell curve of its own, whatever the other features say.

Maximises the likelihood of the rows: the best bell curve for a feature in a class has the mean and the variance of the
rows of that class. A new row is then put down to the class c with the largest

    log P(c) + sum_j log N(x_j; mean_cj, variance_cj).
"""

from collections.abc import Iterator
from numbers import Real
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.utils import assert_all_finite
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import _check_sample_weight, validate_data

from diorama._iterate import Fit, show
from diorama._kernel import kernel
from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.bayes._class_moments import ClassMoments, class_moments, merged, total_variance
from diorama.bayes._posterior import NaiveBayes, checked_priors, log_priors

BLOCK = 4_096


class State(NamedTuple):
    """What is known after looking at the first `used` features."""

    used: int
    log_prior: Array  # (n_classes,) log of each class's share
    mean: Array  # (n_classes, n_features)
    variance: Array  # (n_classes, n_features)


def evidence(X: Array, state: State) -> Array:
    """(n_samples, n_classes) log prior + log likelihood by the features that were looked at."""
    gap = X[:, None, : state.used] - state.mean[:, : state.used]
    variance = state.variance[:, : state.used]
    spread = np.log(2 * np.pi * variance).sum(axis=1)
    distance = (gap**2 / variance).sum(axis=2)
    log: Array = state.log_prior - 0.5 * (spread + distance)  #: evidence
    return log


def hear(state: State) -> Iterator[State]:
    """The same knowledge, one feature after the other: first the classes' shares alone."""
    for used in range(state.mean.shape[1] + 1):
        yield state._replace(used=used)  #: hear


class GaussianNB(NaiveBayes):
    r"""Naive Bayes for numbers: bell curves, one for each feature and class [1]_.

    .. math:: P(c \mid x) \propto P(c) \prod_j \frac{1}{\sqrt{2 \pi \sigma_{cj}^2}}
              \exp\left(-\frac{(x_j - \theta_{cj})^2}{2 \sigma_{cj}^2}\right)

    where :math:`\theta` is `theta_`, :math:`\sigma^2` is `var_` and :math:`P(c)` is `class_prior_`.

    Parameters
    ----------
    priors : array-like of shape (n_classes,), default=None
        Shares of the classes where rows will come from; None takes those of the data.
    var_smoothing : float, default=1e-9
        This share of the largest variance of a feature is added to all variances, so that a feature that is constant
        within a class does not divide by zero.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    class_count_ : array of shape (n_classes,)
        Weight of the rows seen of each class.
    class_prior_ : array of shape (n_classes,)
    theta_ : array of shape (n_classes, n_features)
        Means.
    var_ : array of shape (n_classes, n_features)
        Variances, `epsilon_` included.
    epsilon_ : float
        What was added to each variance.

    Raises
    ------
    ValueError
        When the data are not finite numbers, or the priors are no probabilities.

    References
    ----------
    .. [1] Hand and Yu (2001), "Idiot's Bayes: not so stupid after all?", International Statistical Review 69(3).

    Examples
    --------
    >>> from diorama.bayes import GaussianNB
    >>> model = GaussianNB().fit([[1.0], [1.2], [0.8], [5.0], [5.5]], ["near", "near", "near", "far", "far"])
    >>> print(model.predict([[1.5], [4.0]]))
    ['near' 'far']
    """

    _parameter_constraints = {
        "priors": ["array-like", None],
        "var_smoothing": [Interval(Real, 0, None, closed="left")],
    }

    class_prior_: Array
    theta_: Array
    var_: Array
    epsilon_: float
    _moments: ClassMoments

    def __init__(self, *, priors: Any = None, var_smoothing: float = 1e-9) -> None:
        self.priors = priors
        self.var_smoothing = var_smoothing

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Measure each class of `X` (n_samples, n_features) by its labels `y` (n_samples,)."""
        self._validate_params()
        for name in ("classes_", "_moments"):
            self.__dict__.pop(name, None)
        return self._add(X, y, sample_weight, None, first=True)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Measure one more batch; the first call names all `classes` that will come."""
        self._validate_params()
        return self._add(X, y, sample_weight, classes, first=not hasattr(self, "classes_"), batches=True)

    def _add(self, X: Any, y: Any, sample_weight: Any, classes: Any, *, first: bool, batches: bool = False) -> Self:
        # the sums below show whether all numbers are finite
        X, y = validate_data(
            self, X, y, dtype=[np.float64, np.float32], order="C", reset=first, ensure_all_finite=False
        )
        codes = self._codes(y, classes, batches=batches)
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        batch = class_moments(X, codes, weight, len(self.classes_))
        if not np.isfinite(batch.square).all():
            assert_all_finite(X, input_name="X", estimator_name=type(self).__name__)
        # what is added to each variance is a share of the latest batch's largest, as in scikit-learn
        self.epsilon_ = self.var_smoothing * float(total_variance(batch).max())
        self._moments = merged(self._moments, batch) if hasattr(self, "_moments") else batch
        self._learn(self._moments, X.dtype)
        state = State(X.shape[1], log_priors(self.class_prior_), self.theta_, self.var_)
        show(lambda: hear(state), total=X.shape[1], fit=Fit(self, X, y))
        return self

    def _learn(self, m: ClassMoments, dtype: Any) -> None:
        self.class_count_ = m.weight
        n_classes = len(self.classes_)
        self.class_prior_ = (
            m.weight / m.weight.sum() if self.priors is None else checked_priors(self.priors, n_classes, "priors")
        )
        self.theta_ = m.mean.astype(dtype)
        weight = np.where(m.weight > 0, m.weight, 1.0)[:, None]
        self.var_ = (m.square / weight + self.epsilon_).astype(dtype)

    def _joint(self, X: Any) -> Array:
        X = validate_data(self, X, dtype=[np.float64, np.float32], order="C", reset=False)
        log = np.empty((len(X), len(self.classes_)))
        # a constant feature has no width, and says everything or nothing
        with np.errstate(divide="ignore", invalid="ignore"):
            start = log_priors(self.class_prior_) - 0.5 * np.log(2 * np.pi * self.var_.astype(float)).sum(axis=1)
            precision = 0.5 / self.var_
        mean = self.theta_.astype(float)
        arguments = [
            (X[low:high], mean, precision.astype(float), start, log[low:high]) for low, high in blocks(len(X), BLOCK)
        ]
        run(judge_block, arguments, work=2.0 * X.size * len(self.classes_))
        return log.astype(X.dtype, copy=False)


@kernel
def judge_block(X: Array, mean: Array, precision: Array, start: Array, log: Array) -> None:
    """start_c - sum_j precision_cj (x_j - mean_cj)^2 into `log` (n_samples, n_classes)."""
    for i in range(len(X)):
        for c in range(len(start)):
            distance = 0.0
            for j in range(X.shape[1]):
                gap = X[i, j] - mean[c, j]
                distance += precision[c, j] * gap * gap
            log[i, c] = start[c] - distance
