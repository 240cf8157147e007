"""Random problems whose best splits are unique, so that two exact searches must agree; and slow, plain answers."""

import numpy as np
from sklearn.tree import DecisionTreeClassifier

LEAF = -1


def random_problem(seed, n=120, d=4, n_classes=3, missing=0.0):
    """(X, y, weights): values that single precision keeps, labels that follow them loosely, weights that break ties."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d)).astype(np.float32).astype(float)
    score = X @ random.normal(size=d) + random.normal(size=n)
    y = np.digitize(score, np.quantile(score, np.linspace(0, 1, n_classes + 1)[1:-1]))
    X[random.random(X.shape) < missing] = np.nan
    # whole numbers: sums of them are exact in any order
    return X, y, random.integers(1, 100_000, n).astype(float)


def twin(**parameters):
    return DecisionTreeClassifier(random_state=0, **parameters)


def impurity(weights, criterion):
    """Of a node with these weights of its classes."""
    shares = np.asarray(weights) / np.sum(weights)
    if criterion == "gini":
        return 1 - (shares**2).sum()
    return -sum(share * np.log2(share) for share in shares if share > 0)


def best_decrease(X, y, weights, criterion, min_samples_leaf=1):
    """The largest decrease that any question about these rows brings: every one tried, missing on both sides."""
    classes = np.unique(y)

    def risk(rows):
        return weights[rows].sum() * impurity([weights[rows & (y == k)].sum() for k in classes], criterion)

    everything = np.ones(len(y), dtype=bool)
    best = 0.0
    for column in X.T:
        missing = np.isnan(column)
        for threshold in np.unique(column[~missing]):
            for left in (~missing & (column <= threshold), missing | (column <= threshold)):
                if min_samples_leaf <= left.sum() <= len(y) - min_samples_leaf:
                    best = max(best, risk(everything) - risk(left) - risk(~left))
    return best / weights.sum()


def risk(tree):
    """Impurity of the leaves, weighted; works for ours and for scikit-learn's."""
    leaves = tree.children_left == LEAF
    return (tree.impurity * tree.weighted_n_node_samples)[leaves].sum() / tree.weighted_n_node_samples[0]


def assert_same_tree(ours, theirs):
    assert ours.node_count == theirs.node_count
    asks = ours.children_left != LEAF
    np.testing.assert_array_equal(ours.children_left, theirs.children_left)
    np.testing.assert_array_equal(ours.children_right, theirs.children_right)
    np.testing.assert_array_equal(ours.feature[asks], theirs.feature[asks])
    np.testing.assert_array_equal(ours.threshold[asks], theirs.threshold[asks])
    np.testing.assert_array_equal(ours.n_node_samples, theirs.n_node_samples)
    np.testing.assert_array_equal(ours.missing_go_to_left[asks], theirs.missing_go_to_left[asks].astype(bool))
    np.testing.assert_allclose(ours.impurity, theirs.impurity, atol=1e-12)
    np.testing.assert_allclose(ours.weighted_n_node_samples, theirs.weighted_n_node_samples)
    np.testing.assert_allclose(ours.value, theirs.value[:, 0, :], atol=1e-12)
