"""Mean normalisation held against the textbook's figures, against its own definition, and against itself."""

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LinearRegression as TheirRegression
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import diorama
from diorama.linear import GradientDescentRegressor, MeanNormalizer
from diorama.linear.mean_normalizer import extent

TABLE = np.array([[1.0, 300.0, 5.0], [2.0, 100.0, 5.0], [6.0, 200.0, 5.0]])


def test_sales_on_three_media_as_the_text_has_it(advertising):
    X = np.column_stack([advertising[name] for name in ("TV", "Radio", "Newspaper")])
    Z = MeanNormalizer().fit_transform(X)
    np.testing.assert_allclose(Z, (X - X.mean(axis=0)) / np.ptp(X, axis=0), atol=1e-15)
    model = GradientDescentRegressor(learning_rate=0.005, max_iter=1000, tol=None, cost="half_mse")
    model.fit(Z, advertising["Sales"])
    costs = [f"{model.cost_history_[k]:.2f}" for k in (1, -1)]
    weights = [f"{w:.2f}" for w in (model.intercept_, *model.coef_)]
    assert (costs, weights) == (["110.87", "6.25"], ["13.93", "4.77", "3.52", "0.82"])


def test_a_table_worked_by_hand():
    Z = MeanNormalizer().fit_transform(TABLE)
    np.testing.assert_allclose(Z, [[-0.4, 0.5, 0], [-0.2, -0.5, 0], [0.6, 0, 0]], atol=1e-15)


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 4)), elements=st.floats(-1e9, 1e9, width=32)))
def test_between_minus_one_and_one_and_back_again(X):
    model = MeanNormalizer().fit(X)
    Z = model.transform(X)
    assert np.abs(Z).max() <= 1 + 1e-12
    assert (Z[:, np.ptp(X, axis=0) == 0] == 0).all()
    np.testing.assert_allclose(model.inverse_transform(Z), X, atol=1e-6, rtol=1e-9)


@pytest.mark.parametrize("change", [(3.0, 0.0), (1.0, 50.0), (0.001, -2.0)])
def test_other_units_change_nothing(change):
    X = np.random.default_rng(0).normal(size=(40, 3))
    np.testing.assert_allclose(
        MeanNormalizer().fit_transform(X * change[0] + change[1]), MeanNormalizer().fit_transform(X), atol=1e-9
    )


def test_missing_numbers_are_left_out_and_stay_missing():
    random = np.random.default_rng(1)
    X = random.normal(size=(50, 4))
    X[random.random(X.shape) < 0.3] = np.nan
    model = MeanNormalizer().fit(X)
    np.testing.assert_allclose(model.mean_, StandardScaler().fit(X).mean_)
    np.testing.assert_allclose(model.data_range_, MinMaxScaler().fit(X).data_range_)
    np.testing.assert_array_equal(np.isnan(model.transform(X)), np.isnan(X))
    np.testing.assert_array_equal(model.count_, (~np.isnan(X)).sum(axis=0))


def test_a_column_of_which_nothing_is_known_stays_unknown():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = MeanNormalizer().fit([[np.nan, 1.0], [np.nan, 3.0]])
        assert np.isnan(model.transform([[4.0, 2.0]])).tolist() == [[True, False]]
        model.partial_fit([[2.0, 1.0], [4.0, 1.0]])
    np.testing.assert_allclose(model.mean_, [3.0, 1.5])


def test_weights_count_as_repetitions_also_beside_missing_numbers():
    random = np.random.default_rng(2)
    X, weight = random.normal(size=(30, 3)), random.integers(0, 4, 30)
    for missing in (False, True):
        X[3, 1] = np.nan if missing else X[3, 1]
        weighted = MeanNormalizer().fit(X, sample_weight=weight)
        repeated = MeanNormalizer().fit(np.repeat(X, weight, axis=0))
        for name in ("mean_", "data_min_", "data_max_", "count_"):
            np.testing.assert_allclose(getattr(weighted, name), getattr(repeated, name), atol=1e-12, err_msg=name)


@pytest.mark.parametrize("cuts", [[10], [1, 2, 39]])
def test_in_parts_as_in_one(cuts):
    X = np.random.default_rng(3).normal(size=(40, 3)) + 100
    X[5:12, 0] = np.nan
    parts, whole = MeanNormalizer(), MeanNormalizer().fit(X)
    for part in np.split(X, cuts):
        parts.partial_fit(part)
    for name in ("mean_", "data_min_", "data_max_", "scale_", "count_"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-13, err_msg=name)
    np.testing.assert_array_equal(parts.fit(X[:7]).mean_, MeanNormalizer().fit(X[:7]).mean_)


def test_a_constant_column_becomes_zero_to_the_last_bit():
    X = np.full((1000, 1), 0.1)
    assert (MeanNormalizer().fit_transform(X) == 0).all()
    assert (MeanNormalizer().fit_transform(X.astype(np.float32)) == 0).all()
    assert MeanNormalizer().fit(X, sample_weight=np.linspace(0, 1, 1000)).mean_[0] == 0.1


def test_new_rows_may_lie_outside_unless_clipped():
    new = [[13.0, 200.0, 9.0]]
    assert MeanNormalizer().fit(TABLE).transform(new).tolist() == [[2.0, 0.0, 4.0]]
    assert MeanNormalizer(clip=True).fit(TABLE).transform(new).tolist() == [[1.0, 0.0, 1.0]]


def test_names_go_through_and_tables_come_out():
    frame = pd.DataFrame(TABLE, columns=["TV", "Radio", "Same"])
    model = MeanNormalizer().set_output(transform="pandas").fit(frame)
    assert list(model.get_feature_names_out()) == list(model.transform(frame).columns) == ["TV", "Radio", "Same"]


def test_predictions_of_an_exact_fit_stay_as_they_are():
    random = np.random.default_rng(4)
    X, y = random.normal(size=(40, 3)) * [1, 100, 0.01], random.normal(size=40)
    Z = MeanNormalizer().fit_transform(X)
    np.testing.assert_allclose(TheirRegression().fit(Z, y).predict(Z), TheirRegression().fit(X, y).predict(X))


def test_extent_of_single_precision_is_found_in_double():
    X = (np.random.default_rng(5).random((5000, 1)) + 1000).astype(np.float32)
    assert extent(X).mean[0] == pytest.approx(X.astype(float).mean(), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda m: m.fit(TABLE, sample_weight=np.zeros(3)), "at least one non-zero number"),
        (lambda m: m.fit([[-1e308], [1e308]]), "range of column 0 of X is too large"),
        (lambda m: m.fit(TABLE).inverse_transform(TABLE[:, :2]), "X must have 3 columns, as in fit; it has 2"),
        (lambda m: m.fit(TABLE).partial_fit(TABLE[:, :2]), "X has 2 features, but MeanNormalizer"),
        (lambda m: m.set_params(clip="yes").fit(TABLE), "'clip' parameter of MeanNormalizer"),
    ],
)
def test_what_cannot_be_is_said(call, said):
    with pytest.raises(ValueError, match=said):
        call(MeanNormalizer())


def test_a_sparse_table_is_refused():
    with pytest.raises(TypeError, match=r"[Ss]parse data was passed"):
        MeanNormalizer().fit(sp.csr_matrix(TABLE))


@pytest.mark.parametrize(
    "X", [TABLE, TABLE[:, :1], TABLE[:, 2:], np.full((3, 2), np.nan)], ids=["three", "one", "constant", "unknown"]
)
def test_every_shape_has_a_picture(X):
    _, recording = diorama.watch(MeanNormalizer(), X)
    scene = recording.scene()
    assert [frame.step for frame in scene.frames] == ["given"] + ["centred"] * 5 + ["scaled"] * 5
    for frame in scene.frames:
        for table in ("lines", "walk"):
            assert np.isfinite(frame.data[table]["x"]).all()
            assert np.abs(frame.data[table]["x"]).max() <= 1.001


def test_the_picture_shows_the_valley_become_round():
    random = np.random.default_rng(6)
    _, recording = diorama.watch(MeanNormalizer(), random.uniform(-1, 1, size=(400, 2)) * [10, 1])
    frames = recording.scene().frames
    # a column that never changes has no valley to show
    _, other = diorama.watch(MeanNormalizer(), np.column_stack([random.normal(size=50) * 10, np.ones(50)]))
    assert "the column of ones" in other.scene().frames[0].narration
    ratios = [float(frame.values["ratio"]) for frame in frames]
    assert ratios[0] == pytest.approx(10, rel=0.1)
    assert ratios[-1] == pytest.approx(1, abs=0.1)
    assert "about 4" in frames[0].narration
