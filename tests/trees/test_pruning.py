"""Cost-complexity pruning: scikit-learn's path, the definition itself, and a tree worked by hand."""

import numpy as np
import pytest

from diorama.trees import CARTClassifier
from diorama.trees.pruning import pruned, pruning_path, weakest_links
from tests.trees.tree_problems import random_problem, twin


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
@pytest.mark.parametrize("seed", range(8))
def test_the_path_is_scikit_learns(criterion, seed):
    X, y, weights = random_problem(seed, n=150)
    parameters = {"criterion": criterion, "min_samples_leaf": 5}
    ours = CARTClassifier(**parameters).cost_complexity_pruning_path(X, y, weights)
    theirs = twin(**parameters).cost_complexity_pruning_path(X, y, weights)
    np.testing.assert_allclose(ours.ccp_alphas, theirs.ccp_alphas, atol=1e-12)
    np.testing.assert_allclose(ours.impurities, theirs.impurities, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_every_alpha_cuts_the_branches_that_scikit_learn_cuts(seed):
    X, y, weights = random_problem(seed, n=150)
    alphas = CARTClassifier(min_samples_leaf=5).cost_complexity_pruning_path(X, y, weights).ccp_alphas
    for alpha in [0.0, *(alphas[:-1] + alphas[1:])[::4] / 2, alphas[-1] + 1]:
        ours = CARTClassifier(min_samples_leaf=5, ccp_alpha=alpha).fit(X, y, weights)
        theirs = twin(min_samples_leaf=5, ccp_alpha=alpha).fit(X, y, weights)
        np.testing.assert_array_equal(ours.apply(X), theirs.apply(X))


@pytest.mark.parametrize("alpha", [0.0, 0.003, 0.01, 0.05])
def test_no_other_subtree_of_a_small_tree_costs_less(alpha):
    X, y, weights = random_problem(3, n=40, d=2)
    tree = CARTClassifier(max_depth=3).fit(X, y, weights).tree_
    risk = tree.risks()

    def cheapest(node):
        """The least cost of a subtree at `node`, by trying them all."""
        as_leaf = risk[node] + alpha
        if tree.feature[node] < 0:
            return as_leaf
        return min(as_leaf, cheapest(tree.children_left[node]) + cheapest(tree.children_right[node]))

    cut = pruned(tree, alpha)
    cost = cut.risks()[cut.feature < 0].sum() + alpha * cut.n_leaves
    assert cost == pytest.approx(cheapest(0), abs=1e-12)


def test_a_tree_worked_by_hand():
    # 8 rows: the first question frees 4 of one class, the second parts the other 4 into 3 and 1
    X = np.array([[0, 0], [0, 0], [0, 0], [0, 0], [1, 0], [1, 0], [1, 0], [1, 1]], dtype=float)
    y = [0, 0, 0, 0, 1, 1, 1, 0]
    tree = CARTClassifier().fit(X, y).tree_
    # gini of the root 2 (5/8)(3/8) = 15/32; of the right child 2 (3/4)(1/4) = 3/8 at half the weight = 3/16
    cuts = list(weakest_links(tree))
    assert [cut.node for cut in cuts] == [2, 0]
    np.testing.assert_allclose([cut.alpha for cut in cuts], [3 / 16, 15 / 32 - 3 / 16])
    alphas, risks = pruning_path(tree)
    np.testing.assert_allclose(alphas, [0, 3 / 16, 9 / 32])
    np.testing.assert_allclose(risks, [0, 3 / 16, 15 / 32], atol=1e-15)
    assert pruned(tree, 0.18).n_leaves == 3
    assert pruned(tree, 0.19).n_leaves == 2
    assert pruned(tree, 0.29).n_leaves == 1


def test_the_prices_rise_and_the_trees_shrink_to_the_root():
    X, y, weights = random_problem(4, n=300)
    tree = CARTClassifier().fit(X, y, weights).tree_
    alphas, risks = pruning_path(tree)
    assert (np.diff(alphas) >= 0).all()
    assert (np.diff(risks) > 0).all()
    assert risks[-1] == pytest.approx(tree.impurity[0])


def test_a_single_leaf_has_nothing_to_cut():
    tree = CARTClassifier().fit([[0.0], [1.0]], [1, 1]).tree_
    assert list(weakest_links(tree)) == []
    assert pruned(tree, 1.0).node_count == 1
