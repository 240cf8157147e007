"""Importance by permutation among left-out rows: against scikit-learn, on columns of known worth, and relations."""

import numpy as np
import pytest
from sklearn.inspection import permutation_importance

from diorama.ensembles import RandomForestClassifier, RandomForestRegressor

KINDS = (RandomForestClassifier, RandomForestRegressor)


def problem(kind, n=600):
    """One column says most, one little, one nothing, one is always the same."""
    random = np.random.default_rng(3)
    X = random.normal(size=(n, 4))
    X[:, 3] = 1.0
    y = 3 * X[:, 0] + X[:, 1] + random.normal(size=n)
    return X, (y > 0 if kind is RandomForestClassifier else y)


@pytest.mark.parametrize(("kind", "scoring"), [*zip(KINDS, ("accuracy", "neg_mean_squared_error"), strict=True)])
def test_one_trees_importances_are_scikit_learns_on_the_rows_it_left_out(kind, scoring):
    X, y = problem(kind, n=3000)
    model = kind(1, max_depth=4, oob_score=True, oob_importances=True, random_state=0).fit(X, y)
    said = model.oob_decision_function_[:, 0] if kind is RandomForestClassifier else model.oob_prediction_
    left = ~np.isnan(said)
    theirs = permutation_importance(model, X[left], y[left], scoring=scoring, n_repeats=40, random_state=0)
    far = np.abs(model.oob_importances_ - theirs.importances_mean)
    assert (far <= 4 * theirs.importances_std).all()
    assert theirs.importances_mean[0] > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_columns_come_in_the_order_of_what_they_say(kind):
    X, y = problem(kind)
    found = kind(60, oob_importances=True, random_state=0).fit(X, y).oob_importances_
    assert found[0] > 3 * found[1] > 9 * abs(found[2])
    assert found[3] == 0.0, "a column that never changes is never asked for"


def test_a_column_that_only_tells_rows_apart_is_worth_nothing():
    random = np.random.default_rng(0)
    X = np.column_stack([random.normal(size=400), random.integers(0, 2, 400)])
    y = np.where(random.random(400) < 0.8, X[:, 1], 1 - X[:, 1])
    model = RandomForestClassifier(100, oob_importances=True, random_state=0).fit(X, y)
    assert model.feature_importances_[0] > 0.4, "impurity is flattered"
    assert model.oob_importances_[0] < 0.03
    assert model.oob_importances_[1] > 0.15


@pytest.mark.parametrize("kind", KINDS)
def test_shuffled_rows_give_the_same_importances(kind):
    X, y = problem(kind, n=200)
    order = np.random.default_rng(1).permutation(len(X))
    model = kind(10, oob_importances=True, random_state=0)
    first = model.fit(X, y).oob_importances_
    np.testing.assert_allclose(model.fit(X[order], y[order]).oob_importances_, first, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_number_of_threads_changes_no_bit_of_them(kind, monkeypatch):
    X, y = problem(kind, n=2000)
    found = []
    for threads in ("1", "3"):
        monkeypatch.setenv("DIORAMA_NUM_THREADS", threads)
        found.append(kind(8, oob_importances=True, random_state=0).fit(X, y).oob_importances_.tobytes())
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_without_weight_do_not_judge(kind):
    X, y = problem(kind, n=200)
    weight = np.arange(200) % 2
    spoilt = X.copy()
    spoilt[weight == 0] = 9.0
    model = kind(10, oob_importances=True, random_state=0)
    seen = weight == 1
    np.testing.assert_allclose(
        model.fit(spoilt, y, weight).oob_importances_, model.fit(X[seen], y[seen]).oob_importances_, rtol=1e-9
    )


def test_where_no_row_is_left_out_nothing_is_known():
    model = RandomForestClassifier(2, oob_importances=True, random_state=0).fit([[1.0]], ["a"])
    assert np.isnan(model.oob_importances_).all()


@pytest.mark.parametrize("kind", KINDS)
def test_without_drawing_they_are_refused(kind):
    with pytest.raises(ValueError, match="oob_importances=True needs bootstrap=True"):
        kind(2, bootstrap=False, oob_importances=True).fit(*problem(kind, n=20))
