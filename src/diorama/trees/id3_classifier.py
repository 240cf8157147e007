"""ID3: ask the attribute whose answer is worth most bits, and start over with the rows of each answer.

A set S with class shares p_k has the entropy H(S) = -sum_k p_k log2 p_k. The attribute A parts it into the sets S_v,
one for each of its values; knowing A is worth

    Gain(S, A) = H(S) - sum_v |S_v| / |S| H(S_v)

and the node asks the attribute with the largest gain. A branch ends when its rows are of one class, or when no
attribute tells them apart any more [1]_.

References
----------
.. [1] Quinlan, J. R. (1986). Induction of decision trees. Machine Learning 1, 81-106.
"""

from collections import deque
from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple

import numpy as np
from sklearn.utils._param_validation import Interval

from diorama._typing import Array
from diorama.trees.attributes import Attribute, grouped, named, numbers_of
from diorama.trees.entropy import entropy, first_largest
from diorama.trees.multiway import Split, Tree
from diorama.trees.multiway_classifier import MultiwayClassifier, Rows
from diorama.trees.multiway_growth import MultiwayGrowth


class State(MultiwayGrowth):
    """A tree of ID3 after its first questions."""

    __slots__ = ()


class Table(NamedTuple):
    """What a tree is grown from."""

    codes: Array  # (n_rows, n_features) a number for each pair of a feature and a value: no two features share one
    owner: Array  # (n_pairs,) the feature of each such number
    labels: Array  # (n_rows,)
    weights: Array  # (n_rows,)
    n_classes: int


class Question(NamedTuple):
    """What every attribute would gain at a node, and how its values part the rows."""

    gains: Array  # (n_features,) bits; NaN for one with a single value here
    pairs: Array  # the codes that occur here, in order
    counts: Array  # (n_pairs, n_classes) the weight of each class


def weigh(table: Table, rows: Array) -> Question:
    """What each attribute would gain as the question about these rows."""
    pairs, places = np.unique(table.codes[rows], return_inverse=True)
    labels, weights = table.labels[rows], table.weights[rows]
    counts = count(places.reshape(len(rows), -1), labels, weights, len(pairs), table.n_classes)  #: count
    owner, n_features = table.owner[pairs], table.codes.shape[1]
    whole = np.bincount(labels, weights, table.n_classes)
    size = counts.sum(axis=1) / whole.sum()
    remainder = np.bincount(owner, size * entropy(counts), n_features)  #: remainder
    gains = np.maximum(entropy(whole) - remainder, 0.0)  #: gain
    gains[np.bincount(owner, minlength=n_features) < 2] = np.nan
    return Question(gains, pairs, counts)


def count(places: Array, labels: Array, weights: Array, n_places: int, n_classes: int) -> Array:
    """(n_places, n_classes) the weight of each class at each of the `places` (n_rows, n_features)."""
    cells = places * n_classes + labels[:, None]
    each = np.broadcast_to(weights[:, None], cells.shape)
    return np.bincount(cells.ravel(), each.ravel(), n_places * n_classes).reshape(n_places, n_classes)


class ID3Classifier(MultiwayClassifier):
    """A tree that asks about categories, each question with as many answers as there are values.

    ============  ==========================================================================================
    symbol        where
    ============  ==========================================================================================
    Gain(S, A)    `gains_` at the root; `tree_.gains` for every node that asks
    H(S)          `tree_.entropies()`
    ============  ==========================================================================================

    Parameters
    ----------
    max_depth : int or None, default=None
        Most questions on the way to a leaf.
    min_samples_split : int, default=2
        Fewest rows (or least weight, when rows have weights) that are asked anything.
    min_gain : float, default=0.0
        Bits that a question must gain. With 0, a question that gains nothing by itself is asked all the same, since the
        next one may gain from it.
    max_categories : int or None, default=16
        Each value of a column is a category. A column of numbers with more different values than this is cut into so
        many intervals that hold about equally many rows; None takes each number for a category, however many there are.

    Attributes
    ----------
    gains_ : (n_features,) bits that each column gains as the first question
    tree_ : Tree
        Parallel arrays, a row a node.
    attributes_ : tuple of Attribute
        What each column was taken for, and its categories.
    classes_, n_features_in_, feature_names_in_ : as everywhere

    Notes
    -----
    X holds words, truth values or numbers, as an array, nested lists or a table. A missing value (None, NaN) is an
    answer of its own; Quinlan warns that this flatters a column in which many are missing, and C45Classifier does
    better. A row whose answer no training row gave gets the shares of the node where it is asked. Rows of weight zero
    do not take part. Sparse X is refused.

    Raises
    ------
    TypeError
        When X holds something that is neither a word nor a number.
    ValueError
        When X has infinite values, or words where it had numbers in `fit`, or no row has a positive weight.

    Examples
    --------
    >>> from diorama.trees import ID3Classifier
    >>> X = [["sunny", "hot"], ["sunny", "cool"], ["rain", "hot"], ["rain", "cool"]]
    >>> tree = ID3Classifier().fit(X, ["stay", "stay", "stay", "play"])
    >>> print(*tree.rules(), sep="\\n")
    If feature 1 is rain and feature 2 is cool, the answer is play (1 of 1 rows).
    If feature 1 is rain and feature 2 is hot, the answer is stay (1 of 1 rows).
    If feature 1 is sunny, the answer is stay (2 of 2 rows).
    >>> tree.gains_.round(3).tolist()
    [0.311, 0.311]
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "max_depth": [Interval(Integral, 1, None, closed="left"), None],
        "min_samples_split": [Interval(Integral, 2, None, closed="left")],
        "min_gain": [Interval(Real, 0.0, None, closed="left")],
        "max_categories": [Interval(Integral, 2, None, closed="left"), None],
    }

    def __init__(
        self,
        *,
        max_depth: int | None = None,
        min_samples_split: int = 2,
        min_gain: float = 0.0,
        max_categories: int | None = 16,
    ) -> None:
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_gain = min_gain
        self.max_categories = max_categories

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ID3Classifier":
        """Grow the tree on X (n_samples, n_features), of words or numbers, and labels y (n_samples,)."""
        self._validate_params()
        rows, X, y = self._rows(X, y, sample_weight)
        self.attributes_ = tuple(self._attribute(rows, j, name) for j, name in enumerate(self._names()))
        self.tree_ = self._grow(rows)
        self._show(State, self.tree_, [], X, y)
        return self

    def _attribute(self, rows: Rows, j: int, name: str) -> Attribute:
        column = rows.X[:, j]
        numbers = numbers_of(column, name)
        if numbers is not None and self.max_categories is not None:
            n_values = len(np.unique(numbers[~np.isnan(numbers)]))
            if n_values > self.max_categories:
                return grouped(numbers, rows.weights, name, self.max_categories)
        return named(column, name)

    def _encoded(self, X: Array) -> Array:
        # a missing value is a category after all others
        codes = super()._encoded(X)
        return np.where(np.isnan(codes), [attribute.n_codes for attribute in self.attributes_], codes)

    def _grow(self, rows: Rows) -> Tree:
        """The tree, split level by level."""
        sizes = [attribute.n_codes + 1 for attribute in self.attributes_]
        starts = np.cumsum([0, *sizes[:-1]])
        codes = self._encoded(rows.X).astype(np.int64) + starts
        table = Table(codes, np.repeat(np.arange(len(sizes)), sizes), rows.labels, rows.weights, len(self.classes_))
        root = np.bincount(table.labels, table.weights, table.n_classes)
        splits: list[Split] = []
        waiting = deque([(0, np.arange(len(codes)), 0)] if self._may_ask(root, 0) else [])
        n_nodes = 1
        while waiting:
            node, there, depth = waiting.popleft()
            question = weigh(table, there)
            if np.isnan(question.gains).all() or np.nanmax(question.gains) < self.min_gain:
                continue
            split, parts = _parted(table, there, node, question, starts)
            splits.append(split)
            for place, (counts, part) in enumerate(zip(split.counts, parts, strict=True)):
                if self._may_ask(counts, depth + 1):
                    waiting.append((n_nodes + place, part, depth + 1))
            n_nodes += len(parts)
        return Tree.of(root, splits)

    def _may_ask(self, counts: Array, depth: int) -> bool:
        """Whether a node with these class weights is worth a question at this depth."""
        mixed = np.count_nonzero(counts) > 1 and counts.sum() >= self.min_samples_split
        return bool(mixed and (self.max_depth is None or depth < self.max_depth))


def _parted(table: Table, rows: Array, node: int, question: Question, starts: Array) -> tuple[Split, list[Array]]:
    """The question with the largest gain, and the rows of each of its answers."""
    gains, pairs, counts = question
    feature = first_largest(gains)
    own = table.owner[pairs] == feature
    answers = table.codes[rows, feature]
    order = np.argsort(answers, kind="stable")
    parts = np.split(rows[order], np.searchsorted(answers[order], pairs[own][1:]))
    return Split(node, feature, np.nan, pairs[own] - starts[feature], counts[own], gains, gains), parts
