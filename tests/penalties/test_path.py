"""The path of a growing penalty: against exact solutions, and its scene."""

import numpy as np
import pytest

import diorama
from diorama.penalties import L1, L2, penalty_path

X = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, 1.0], [2.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
Y = np.array([1.0, -1.0, 2.0, 0.5])


def test_l2_follows_the_exact_solution():
    alphas = [0.1, 1.0, 5.0]
    exact = [np.linalg.solve(X.T @ X / 4 + a * np.eye(3), X.T @ Y / 4) for a in alphas]
    np.testing.assert_allclose(penalty_path(L2, X, Y, alphas), exact, atol=1e-8)


def test_l1_ends_at_zero_exactly_and_twins_are_shared():
    strongest = np.abs(X.T @ Y / 4).max()
    assert not penalty_path(L1, X, Y, [0.1, strongest * 1.001])[-1].any()
    twins = penalty_path(L2, X[:, [0, 0]], Y, [0.5])[0]
    assert twins[0] == pytest.approx(twins[1])


@pytest.mark.parametrize("n_columns", [2, 3])
def test_watched_it_is_the_same_and_has_a_scene(n_columns):
    plain = penalty_path(L1, X[:, :n_columns], Y, [0.1, 0.5, 9.0])
    with diorama.record() as recording:
        seen = penalty_path(L1, X[:, :n_columns], Y, [0.1, 0.5, 9.0])
    np.testing.assert_array_equal(plain, seen)
    scene = recording.scene()
    assert f"{n_columns} of {n_columns} weights are exactly zero" in scene.frames[-1].narration


def test_shapes_must_fit():
    with pytest.raises(ValueError, match=r"X, y and alphas must have the shapes .*\(4, 3\), \(3,\)"):
        penalty_path(L1, X, Y[:3], [1.0])
