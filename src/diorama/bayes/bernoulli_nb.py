"""Bernoulli naive Bayes: within a class, every feature is a coin of its own; a missing feature speaks too.

Maximises the likelihood of yes and no: the best guess at a feature's chance in a class is its share of the rows there,
`alpha` rows with it and `alpha` without it added beforehand.
"""

from numbers import Real
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils._param_validation import Interval

from diorama._typing import Array
from diorama.bayes._feature_counts import CountingNB, possible


def smoothed_chances(counts: Array, rows: Array, alpha: Any) -> Array:
    """(n_classes, n_features) log of each feature's chance within a class of so many `rows`."""
    yes = counts + alpha  #: smooth
    with np.errstate(divide="ignore", invalid="ignore"):
        chances: Array = np.log(yes) - np.log(rows + 2 * alpha)  #: share
    return chances


class BernoulliNB(CountingNB):
    r"""Naive Bayes for yes and no, such as whether each word stands in a text [1]_.

    .. math:: P(c \mid x) \propto P(c) \prod_j p_{cj}^{x_j} (1 - p_{cj})^{1 - x_j}, \qquad
              p_{cj} = \frac{N_{cj} + \alpha}{N_c + 2 \alpha}

    where :math:`N_{cj}` is `feature_count_`, :math:`N_c` is `class_count_` and :math:`\log p` is `feature_log_prob_`.

    Parameters
    ----------
    alpha : float or array-like of shape (n_features,), default=1.0
        Rows with and rows without each feature that are added beforehand.
    force_alpha : bool, default=True
        Whether an `alpha` below 1e-10 is taken at its word; False raises it to 1e-10.
    binarize : float or None, default=0.0
        Numbers above this are yes; None when the columns are 0 and 1 already.
    fit_prior : bool, default=True
        Whether the classes' shares are learned; False takes them as equal.
    class_prior : array-like of shape (n_classes,), default=None
        Shares of the classes, instead of learned ones.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    class_count_ : array of shape (n_classes,)
        Weight of the rows seen of each class.
    feature_count_ : array of shape (n_classes, n_features)
        Weight of the rows of each class that have the feature.
    feature_log_prob_ : array of shape (n_classes, n_features)
    class_log_prior_ : array of shape (n_classes,)

    Raises
    ------
    ValueError
        When the data are not finite numbers, or `alpha` or `class_prior` has the wrong length.

    References
    ----------
    .. [1] McCallum and Nigam (1998), "A comparison of event models for naive Bayes text classification", AAAI workshop.

    Examples
    --------
    >>> from diorama.bayes import BernoulliNB
    >>> model = BernoulliNB().fit([[1, 0], [1, 1], [0, 1], [0, 1]], ["a", "a", "b", "b"])
    >>> print(model.predict([[1, 0], [0, 0]]))
    ['a' 'b']
    """

    _parameter_constraints = {
        **CountingNB._parameter_constraints,
        "binarize": [None, Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        alpha: Any = 1.0,
        force_alpha: bool = True,
        binarize: float | None = 0.0,
        fit_prior: bool = True,
        class_prior: Any = None,
    ) -> None:
        self.alpha = alpha
        self.force_alpha = force_alpha
        self.binarize = binarize
        self.fit_prior = fit_prior
        self.class_prior = class_prior

    def _table(self, X: Any) -> Any:
        if self.binarize is None:
            return X
        if sparse.issparse(X):
            # above a threshold that is not negative, only numbers that are stored can be
            yes = X.copy()
            yes.data = (X.data > self.binarize).astype(X.dtype)
            return yes
        return np.greater(X, self.binarize).astype(X.dtype)

    def _log_probabilities(self, alpha: Any) -> Array:
        return smoothed_chances(self.feature_count_, self.class_count_[:, None], alpha)

    def _linear(self) -> tuple[Array, Array]:
        with np.errstate(divide="ignore", invalid="ignore"):
            no = possible(np.log1p(-np.exp(self.feature_log_prob_)))
        return self.class_log_prior_ + no.sum(axis=1), possible(self.feature_log_prob_) - no
