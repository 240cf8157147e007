"""Paths of penalties with all that scikit-learn's take: known products, starts, several targets, input as it is."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn import linear_model
from sklearn.exceptions import ConvergenceWarning

import diorama
from diorama.linear import enet_path, lasso_path
from diorama.linear._multi_task import sweep_group_rows, sweep_groups

EXACT = {"tol": 1e-12, "max_iter": 50_000}


def problem(n, d, n_targets=0, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d)) * random.uniform(0.5, 2, size=d)
    shape = (d, n_targets) if n_targets else (d,)
    y = X @ (random.normal(size=shape) * (random.random(shape) < 0.4))
    return X, y + 0.1 * random.normal(size=y.shape)


@pytest.mark.parametrize("shape", [(60, 6), (30, 130)])
@pytest.mark.parametrize("l1_ratio", [0.4, 1.0])
def test_several_targets_are_scikit_learns_multi_task(shape, l1_ratio):
    X, y = problem(*shape, 3)
    settings = {"l1_ratio": l1_ratio, "alphas": 6, "eps": 0.05}
    alphas, coefs, gaps = enet_path(X, y, **settings, tol=1e-10, max_iter=50_000)
    expected_alphas, expected, _ = linear_model.enet_path(X, y, **settings, **EXACT)
    assert coefs.shape == (3, shape[1], 6)
    np.testing.assert_allclose(alphas, expected_alphas)
    np.testing.assert_allclose(coefs, expected, atol=1e-4)
    assert (gaps <= 1e-10 * (y**2).sum() / len(y)).all()
    # a column is used for all targets or for none
    assert ((coefs != 0).all(axis=0) == (coefs != 0).any(axis=0)).all()
    sparse = enet_path(sp.csr_array(X), y, **settings, tol=1e-10, max_iter=50_000)[1]
    np.testing.assert_allclose(sparse, coefs, atol=1e-6)


def test_one_target_with_an_axis_is_one_target():
    X, y = problem(40, 5)
    single, column = (lasso_path(X, target, alphas=5, tol=1e-10)[1] for target in (y, y[:, None]))
    np.testing.assert_array_equal(column, single[None])


def test_several_targets_without_l1_are_ridge():
    X, y = problem(50, 4, 2)
    _, coefs, gaps = enet_path(X, y, l1_ratio=0.0, alphas=[0.3], tol=1e-14, max_iter=5_000)
    ridge = np.linalg.solve(X.T @ X + 0.3 * len(X) * np.eye(4), X.T @ y)
    np.testing.assert_allclose(coefs[..., 0], ridge.T, rtol=1e-6)
    assert gaps[0] < 1e-12


@pytest.mark.parametrize("kind", ["tall", "wide"])
def test_the_kernels_of_groups_are_their_python(kind):
    X, y = problem(9, 4, 2)
    coef = np.random.default_rng(1).normal(size=(2, 4))
    left = y.T - coef @ X.T
    rows, start = (X.T @ X, left @ X) if kind == "tall" else (np.ascontiguousarray(X.T), left)
    found = []
    kernel = sweep_groups if kind == "tall" else sweep_group_rows
    for run in (kernel, kernel.py_func):
        weights = coef.copy()
        run(rows, (X**2).sum(axis=0), start.copy(), weights, 1.5, 0.5, 2)
        found.append(weights)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)
    # NumPy's: one column after the other
    expected = coef.copy()
    for j in [0, 1, 2, 3] * 2:
        pull = (y - X @ expected.T + np.outer(X[:, j], expected[:, j])).T @ X[:, j]
        expected[:, j] = max(1 - 1.5 / np.linalg.norm(pull), 0) * pull / (X[:, j] @ X[:, j] + 0.5)
    np.testing.assert_allclose(found[0], expected, rtol=1e-10)


@pytest.mark.parametrize("shape", [(60, 6), (30, 130)])
@pytest.mark.parametrize("sparse", [False, True])
def test_every_way_to_the_products_leads_to_one_path(shape, sparse):
    X, y = problem(*shape)
    expected = linear_model.lasso_path(X, y, alphas=5, eps=0.1, **EXACT)[1]
    given = sp.csc_array(X) if sparse else X
    for products in ({"precompute": X.T @ X, "Xy": X.T @ y}, {"precompute": X.T @ X}, {"Xy": X.T @ y}):
        found = lasso_path(given, y, alphas=5, eps=0.1, tol=1e-10, max_iter=20_000, **products)[1]
        np.testing.assert_allclose(found, expected, atol=2e-4)
    for precompute in ("auto", True, False):
        found = lasso_path(given, y, alphas=5, eps=0.1, tol=1e-10, max_iter=20_000, precompute=precompute)[1]
        np.testing.assert_allclose(found, expected, atol=2e-4)


def test_known_products_are_used():
    X, y = problem(60, 6)
    expected = lasso_path(X, y, alphas=4)[1]
    other = X + np.array([0, 1, 1, 1, 1, 1])
    found = lasso_path(other, y, alphas=4, precompute=X.T @ X, Xy=X.T @ y)[1]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_start_at_the_solution_needs_no_pass():
    for n_targets in (0, 2):
        X, y = problem(60, 6, n_targets)
        coef = lasso_path(X, y, alphas=[0.1], tol=1e-10, max_iter=5_000)[1][..., 0]
        *_, passes = lasso_path(X, y, alphas=[0.1], tol=1e-8, coef_init=coef, return_n_iter=True)
        assert passes.tolist() == [0]


def test_input_that_was_looked_over_is_not_looked_over_again():
    X, y = problem(60, 6)
    np.testing.assert_array_equal(lasso_path(X, y, check_input=False)[1], lasso_path(X, y)[1])


def test_a_path_that_runs_out_of_passes_says_at_which_penalty_and_what_to_do():
    for n_targets in (0, 2):
        X, y = problem(60, 30, n_targets)
        with pytest.warns(ConvergenceWarning, match=r"At alpha=0\.01: The objective may still be .* Raise max_iter"):
            lasso_path(X, y, alphas=[0.01], max_iter=1, tol=1e-13)


def test_a_path_of_several_targets_has_its_picture():
    X, y = problem(40, 5, 2)
    with diorama.record() as recording:
        watched = lasso_path(X, y, alphas=6)
    assert len(recording.scene().frames) == 6
    np.testing.assert_array_equal(watched[1], lasso_path(X, y, alphas=6)[1])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"eps": 0}, "'eps' parameter of enet_path"),
        ({"alphas": 0}, "'alphas' parameter"),
        ({"alphas": [-1.0]}, "alphas must be one row of numbers from 0 upwards"),
        ({"alphas": [np.nan]}, "alphas contains NaN"),
        ({"l1_ratio": 2}, "'l1_ratio' parameter"),
        ({"coef_init": [1.0]}, r"coef_init must be of shape \(1, 3\); got \(1,\)"),
        ({"precompute": np.eye(2)}, r"precompute must be of shape \(3, 3\); got \(2, 2\)"),
        ({"precompute": np.eye(3)}, r"precompute must be X.T @ X of this X"),
        ({"precompute": "yes"}, "'precompute' parameter"),
        ({"Xy": [1.0, 2.0]}, r"Xy must be of shape \(3, 1\)"),
        ({"tol": -1}, "'tol' parameter"),
        ({"max_iter": 0}, "'max_iter' parameter"),
    ],
)
def test_what_does_not_fit_is_said_by_name(settings, said):
    X, y = problem(20, 3)
    with pytest.raises(ValueError, match=said):
        enet_path(X, y, **settings)


def test_several_targets_cannot_all_be_positive():
    with pytest.raises(ValueError, match="positive=True takes one target"):
        lasso_path(*problem(20, 3, 2), positive=True)
