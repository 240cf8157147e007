"""A threshold that moves: how many yes and no are right and wrong at each place, and the curves that this draws.

With P rows that are yes and N that are no, a threshold t says yes wherever the probability is at least t. Then

    recall       share of the P that are found           TP / P
    specificity  share of the N that are let go          TN / N
    precision    share of those called yes that are      TP / (TP + FP)

and the ROC curve is recall against 1 - specificity over all t [1]_. Its area is the chance that a random yes has a
higher probability than a random no.

.. [1] Fawcett (2006). An introduction to ROC analysis. Pattern Recognition Letters 27(8).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from sklearn.utils.validation import check_consistent_length, column_or_1d

from diorama._iterate import Fit, show
from diorama._typing import Array

# thresholds that a picture passes through
_SHOWN = 41


class State(NamedTuple):
    """What a threshold does."""

    threshold: float
    true_yes: float  # rows that are yes and are called so
    false_yes: float  # called yes and are not: type 1 errors
    true_no: float
    false_no: float  # missed: type 2 errors

    @property
    def recall(self) -> float:
        """Share of the yes that are found: also sensitivity, true positive rate."""
        return _share(self.true_yes, self.false_no)

    @property
    def specificity(self) -> float:
        """Share of the no that are let go."""
        return _share(self.true_no, self.false_yes)

    @property
    def precision(self) -> float:
        """Share of those called yes that are; 1 when nobody is called."""
        return _share(self.true_yes, self.false_yes, empty=1.0)

    @property
    def accuracy(self) -> float:
        """Share of all rows that are right."""
        return _share(self.true_yes + self.true_no, self.false_yes + self.false_no)


class Curve(NamedTuple):
    """All thresholds at once."""

    false_yes_rate: Array  # (n_places,) ascending
    recall: Array  # (n_places,)
    threshold: Array  # (n_places,) descending from infinity
    area: float  # under the ROC curve
    average_precision: float


class Scores(NamedTuple):
    """What is judged: the truth and what the model said of it."""

    yes: Array  # (n_samples,) whether a row is yes
    probability: Array  # (n_samples,) that it is
    label: Any  # what yes means


def at(scores: Scores, threshold: float) -> State:
    """Count right and wrong at one threshold."""
    called = scores.probability >= threshold  #: call
    true_no, false_yes, false_no, true_yes = np.bincount(2 * scores.yes + called, minlength=4)  #: count
    return State(float(threshold), float(true_yes), float(false_yes), float(true_no), float(false_no))


def moving(scores: Scores) -> Iterator[State]:
    """The counts while the threshold comes down from 1 to 0."""
    for threshold in np.linspace(1.0, 0.0, _SHOWN):
        yield at(scores, float(threshold))


def sweep(y: Any, probability: Any, *, yes: Any = None) -> Curve:
    """The ROC curve of `probability` (n_samples,) for labels `y` (n_samples,); recorded, the threshold moves.

    `yes` is the label that the probability is of; None takes the greater of the two. Raises ValueError when there are
    not two labels, or the probabilities are not between 0 and 1.

    Examples
    --------
    >>> curve = sweep(["no", "no", "yes", "yes"], [0.1, 0.4, 0.35, 0.8])
    >>> curve.area
    0.75
    """
    labels = column_or_1d(y)
    values = column_or_1d(np.asarray(probability, dtype=float))
    check_consistent_length(labels, values)
    kinds = np.unique(labels)
    if len(kinds) != 2:
        raise ValueError(f"y must have two labels to tell apart; it has {len(kinds)}: {kinds[:5]}.")
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("probability must be between 0 and 1 and not NaN; hand over predict_proba's column of `yes`.")
    yes = kinds[1] if yes is None else yes
    if yes not in kinds:
        raise ValueError(f"yes={yes!r} is not among the labels {kinds}.")
    scores = Scores(labels == yes, values, yes)
    false_yes_rate, recall, threshold = roc_curve(scores.yes, values, drop_intermediate=False)
    area, precision = roc_auc_score(scores.yes, values), average_precision_score(scores.yes, values)
    show(lambda: moving(scores), total=_SHOWN, fit=Fit(scores, values[:, None], labels))
    return Curve(false_yes_rate, recall, threshold, float(area), float(precision))


def _share(part: float, rest: float, empty: float = 0.0) -> float:
    return part / (part + rest) if part + rest > 0 else empty
