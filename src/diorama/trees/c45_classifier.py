"""C4.5: the tree of ID3, made fit for use: numbers, missing values, fair questions, and branches cut back.

Each node asks the question with the largest gain ratio among those with at least average gain (gain_ratio.py). A row
whose answer is missing goes down every branch, in parts as large as the branches' shares of the rows that answered.
When the tree has grown, branches that promise no fewer errors than a leaf are cut (pessimistic.py) [1]_.

References
----------
.. [1] Quinlan, J. R. (1993). C4.5: Programs for Machine Learning. Morgan Kaufmann.
"""

import warnings
from collections import deque
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from diorama._categories import nominal_columns
from diorama._typing import Array
from diorama.trees.attributes import Attribute, named, numbers_of
from diorama.trees.entropy import ROUNDING
from diorama.trees.gain_ratio import Question, Table, weigh
from diorama.trees.multiway import Split, Tree
from diorama.trees.multiway_classifier import MultiwayClassifier, Rows, as_table
from diorama.trees.multiway_growth import MultiwayGrowth, without
from diorama.trees.pessimistic import cuts


class State(MultiwayGrowth):
    """A tree of C4.5 after its first questions, or after its first cuts."""

    __slots__ = ()


class C45Classifier(MultiwayClassifier):
    """A tree by gain ratio for words and numbers, with or without missing values, pruned pessimistically.

    ===========  =========================================================================================
    symbol       argument
    ===========  =========================================================================================
    CF           confidence: how sure the pessimist wants to be; the smaller, the more is cut
    Ratio(S, A)  what a question is chosen by: `tree_.worth`; its gain is in `tree_.gains`
    ===========  =========================================================================================

    Parameters
    ----------
    categorical_features : "from_dtype", mask, places, names or None, default="from_dtype"
        Columns of numbers that are names of categories. "from_dtype": those that a table says are. Columns of words or
        truth values are categories always.
    max_depth : int or None, default=None
        Most questions on the way to a leaf.
    min_samples_leaf : int, default=2
        At least two answers of a question must have so many rows; a threshold also needs a tenth of what a class has
        on average on both sides, though no more than 25 rows.
    confidence : float or None, default=0.25
        CF, up to 0.5; None leaves the tree as it grew.
    mdl_correction : bool, default=True
        Whether a threshold pays log2(N - 1) / |S| bits for being chosen among N values, as since 1996.

    Attributes
    ----------
    tree_ : Tree
        Parallel arrays, a row a node.
    gains_ : (n_features,) bits that each column would gain as the first question
    attributes_ : tuple of Attribute
        What each column was taken for, and its categories.
    classes_, n_features_in_, feature_names_in_ : as everywhere

    Notes
    -----
    Branches are replaced by leaves, not by their largest branch. A threshold is a value of the training rows: the
    largest that is not above the middle of the two it parts. A missing value is None or NaN; a category that no
    training row had where it is asked gets the shares of the node that asks. Weights count as numbers of rows, also
    for `min_samples_leaf` and CF, so that a row of weight 2 is two rows; rows of weight zero do not take part. Sparse X
    is refused.

    Raises
    ------
    TypeError
        When X holds something that is neither a word nor a number.
    ValueError
        When X has infinite values, or words where it had numbers in `fit`, or no row has a positive weight.

    Examples
    --------
    >>> from diorama.trees import C45Classifier
    >>> X = [["sunny", 85], ["sunny", 90], ["sunny", 70], ["sunny", 65], ["rain", 95], ["rain", 70], ["rain", None]]
    >>> tree = C45Classifier().fit(X, ["no", "no", "yes", "yes", "yes", "yes", "yes"])
    >>> print(*tree.rules(), sep="\\n")
    If feature 1 is rain, the answer is yes (3 of 3 rows).
    If feature 1 is sunny and feature 2 is at most 70, the answer is yes (2 of 2 rows).
    If feature 1 is sunny and feature 2 is above 70, the answer is no (2 of 2 rows).
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "categorical_features": ["array-like", StrOptions({"from_dtype"}), None],
        "max_depth": [Interval(Integral, 1, None, closed="left"), None],
        "min_samples_leaf": [Interval(Integral, 1, None, closed="left")],
        "confidence": [Interval(Real, 0.0, 0.5, closed="right"), None],
        "mdl_correction": ["boolean"],
    }

    def __init__(
        self,
        *,
        categorical_features: Any = "from_dtype",
        max_depth: int | None = None,
        min_samples_leaf: int = 2,
        confidence: float | None = 0.25,
        mdl_correction: bool = True,
    ) -> None:
        self.categorical_features = categorical_features
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.confidence = confidence
        self.mdl_correction = mdl_correction

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "C45Classifier":
        """Grow and prune the tree on X (n_samples, n_features), of words or numbers, and labels y (n_samples,)."""
        self._validate_params()
        table = as_table(X)
        rows, X, y = self._rows(table, y, sample_weight)
        _warn_of_light_rows(rows.weights, self.min_samples_leaf)
        nominal = nominal_columns(table, self.categorical_features)
        self.attributes_ = tuple(
            _attribute(rows.X[:, j], name, bool(nominal[j])) for j, name in enumerate(self._names())
        )
        grown = self._grow(rows)
        cut = [] if self.confidence is None else cuts(grown, self.confidence)
        self.tree_ = without(grown, cut)
        self._show(State, grown, cut, X, y)
        return self

    def _grow(self, rows: Rows) -> Tree:
        """The tree before anything is cut, split level by level."""
        codes = np.asfortranarray(self._encoded(rows.X))
        nominal = np.array([attribute.kind != "scale" for attribute in self.attributes_])
        n_classes = len(self.classes_)
        table = Table(codes, nominal, rows.labels, n_classes, float(self.min_samples_leaf), self.mdl_correction)
        root = np.bincount(rows.labels, rows.weights, n_classes)
        splits: list[Split] = []
        waiting = deque([(0, np.arange(len(codes)), rows.weights, 0)] if self._may_ask(root, 0) else [])
        n_nodes = 1
        while waiting:
            node, there, weights, depth = waiting.popleft()
            question = weigh(table, there, weights)
            if np.isnan(question.ratios).all():
                continue
            split, parts = _parted(table, there, weights, node, question)
            splits.append(split)
            for place, (counts, part) in enumerate(zip(split.counts, parts, strict=True)):
                if self._may_ask(counts, depth + 1):
                    waiting.append((n_nodes + place, *part, depth + 1))
            n_nodes += len(parts)
        return Tree.of(root, splits)

    def _may_ask(self, counts: Array, depth: int) -> bool:
        """Whether a node with these class weights is worth a question at this depth."""
        total = counts.sum()
        mixed = total - counts.max() > ROUNDING and total >= 2 * self.min_samples_leaf - ROUNDING
        return bool(mixed and (self.max_depth is None or depth < self.max_depth))


def _attribute(column: Array, name: str, nominal: bool) -> Attribute:
    """What a column is taken for."""
    numbers = None if nominal else numbers_of(column, name)
    # a column without a single value is words that nobody knows
    return Attribute(name, "scale", ()) if numbers is not None and not np.isnan(numbers).all() else named(column, name)


def _parted(
    table: Table, rows: Array, weights: Array, node: int, question: Question
) -> tuple[Split, list[tuple[Array, Array]]]:
    """The question with the largest ratio, and the rows of each of its answers with the weight of each row there."""
    feature = int(np.flatnonzero(question.ratios >= np.nanmax(question.ratios) - ROUNDING)[0])
    values = table.codes[rows, feature]
    missing = np.isnan(values)
    answers = question.answers[feature]
    threshold = _seen(table.codes[:, feature], answers.threshold)
    codes = values if np.isnan(threshold) else np.where(missing, np.nan, values > threshold)
    shares = answers.counts.sum(axis=1) / answers.counts.sum()
    parts = []
    for code, share in zip(answers.branches, shares, strict=True):
        there = missing | (codes == code)
        parts.append((rows[there], np.where(missing, weights * share, weights)[there]))
    absent = np.bincount(table.labels[rows[missing]], weights[missing], table.n_classes)
    counts = answers.counts + shares[:, None] * absent
    return Split(node, feature, threshold, answers.branches, counts, question.gains, question.ratios), parts


def _seen(column: Array, threshold: float) -> float:
    """The largest value of the training rows that is not above a threshold; NaN when there is no threshold."""
    return float(np.max(column, where=column <= threshold, initial=-np.inf)) if threshold == threshold else np.nan


def _warn_of_light_rows(weights: Array, min_samples_leaf: int) -> None:
    total, needed = float(weights.sum()), 2 * min_samples_leaf
    if total < needed <= len(weights):
        warnings.warn(
            f"the weights of the {len(weights)} rows sum to {total:.3g}; they count as numbers of rows, and these are "
            f"too few for a question with min_samples_leaf={min_samples_leaf}: multiply them.",
            stacklevel=3,
        )
