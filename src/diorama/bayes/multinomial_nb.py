"""Multinomial naive Bayes: a text is a bag of words drawn one by one from its class's own urn.

Maximises the likelihood of the counts: the best guess at a word's share of a class's urn is its share of all words seen
there. A word never seen would have the share 0 and forbid the class for ever, so `alpha` of each is put in beforehand.
"""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_non_negative

from diorama._typing import Array
from diorama.bayes._feature_counts import CountingNB, possible


def smoothed_shares(counts: Array, alpha: Any) -> Array:
    """(n_classes, n_features) log of each feature's share of all counts of a class, `alpha` added to each."""
    raised = counts + alpha  #: smooth
    with np.errstate(divide="ignore", invalid="ignore"):
        shares: Array = np.log(raised) - np.log(raised.sum(axis=1, keepdims=True))  #: share
    return shares


class MultinomialNB(CountingNB):
    r"""Naive Bayes for counts, such as how often each word stands in a text [1]_.

    .. math:: P(c \mid x) \propto P(c) \prod_j \theta_{cj}^{x_j}, \qquad
              \theta_{cj} = \frac{N_{cj} + \alpha}{N_c + \alpha n}

    where :math:`N_{cj}` is `feature_count_`, :math:`\log \theta` is `feature_log_prob_` and n the number of features.

    Parameters
    ----------
    alpha : float or array-like of shape (n_features,), default=1.0
        Put into every count beforehand (Laplace's rule of succession for 1).
    force_alpha : bool, default=True
        Whether an `alpha` below 1e-10 is taken at its word; False raises it to 1e-10.
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
        Weighted sum of each feature within each class.
    feature_log_prob_ : array of shape (n_classes, n_features)
    class_log_prior_ : array of shape (n_classes,)

    Raises
    ------
    ValueError
        When a count is negative or not finite, or `alpha` or `class_prior` has the wrong length.

    References
    ----------
    .. [1] Manning, Raghavan and Schütze (2008), "Introduction to Information Retrieval", chapter 13.

    Examples
    --------
    From raw text, with scikit-learn's word counter before it:

    >>> from sklearn.feature_extraction.text import CountVectorizer
    >>> from sklearn.pipeline import make_pipeline
    >>> from diorama.bayes import MultinomialNB
    >>> texts = ["win money now", "free money win", "lunch at noon", "see you at lunch"]
    >>> model = make_pipeline(CountVectorizer(), MultinomialNB()).fit(texts, ["spam", "spam", "mail", "mail"])
    >>> print(model.predict(["free lunch money", "noon at lunch"]))
    ['spam' 'mail']
    """

    def __init__(
        self, *, alpha: Any = 1.0, force_alpha: bool = True, fit_prior: bool = True, class_prior: Any = None
    ) -> None:
        self.alpha = alpha
        self.force_alpha = force_alpha
        self.fit_prior = fit_prior
        self.class_prior = class_prior

    def _table(self, X: Any) -> Any:
        check_non_negative(X, type(self).__name__)
        return X

    def _log_probabilities(self, alpha: Any) -> Array:
        return smoothed_shares(self.feature_count_, alpha)

    def _linear(self) -> tuple[Array, Array]:
        return self.class_log_prior_, possible(self.feature_log_prob_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags
