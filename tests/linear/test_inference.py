"""What a least-squares fit says of itself, held against statsmodels, against formulas by hand, and against itself."""

import warnings
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

import diorama
from diorama.linear import LinearRegression
from diorama.linear._inference import LOOKED_AT, noise_quantiles

# our name -> theirs
NUMBERS = {
    "coef": "params",
    "standard_errors": "bse",
    "t": "tvalues",
    "p_values": "pvalues",
    "df_model": "df_model",
    "df_residual": "df_resid",
    "r2": "rsquared",
    "adjusted_r2": "rsquared_adj",
    "f": "fvalue",
    "f_p_value": "f_pvalue",
    "log_likelihood": "llf",
    "aic": "aic",
    "bic": "bic",
    "fitted": "fittedvalues",
    "residuals": "resid",
}
ROWS = {
    "leverage": "hat_matrix_diag",
    "standardized": "resid_studentized_internal",
    "studentized": "resid_studentized_external",
}


def problem(n=60, d=3, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d)) * random.uniform(0.5, 20, d) + random.normal(size=d) * 5
    y = X @ random.normal(size=d) + 3 + random.standard_t(3, size=n)
    return X, y, random.uniform(0.2, 4, n)


def inference(X, y, weight=None, *, level=0.95, **parameters):
    return LinearRegression(**parameters).fit(X, y, weight).inference(X, y, weight, level=level)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("fit_intercept", [False, True])
@pytest.mark.parametrize("shape", [(60, 3), (12, 9), (300, 1)])
def test_statsmodels_finds_the_same(shape, fit_intercept, weighted):
    X, y, weight = problem(*shape)
    weight = weight if weighted else np.ones(len(y))
    table = np.column_stack([np.ones(len(y)), X]) if fit_intercept else X
    theirs = sm.WLS(y, table, weights=weight, hasconst=fit_intercept).fit()
    ours = inference(X, y, weight if weighted else None, fit_intercept=fit_intercept, level=0.9)
    for name, other in NUMBERS.items():
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, other), rtol=1e-8, atol=1e-8, err_msg=name)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(ours.intervals, theirs.conf_int(alpha=0.1), rtol=1e-8)
    np.testing.assert_allclose(ours.sigma**2, theirs.scale, rtol=1e-8)
    # of the influence of rows theirs speaks without weights: so the rows are weighted first
    root = np.sqrt(weight)
    influence = sm.OLS(root * y, root[:, None] * table).fit().get_influence()
    for name, other in ROWS.items():
        np.testing.assert_allclose(getattr(ours, name), getattr(influence, other), rtol=1e-8, atol=1e-8, err_msg=name)
    np.testing.assert_allclose(ours.cooks_distance, influence.cooks_distance[0], rtol=1e-8, atol=1e-12)


def test_an_ill_conditioned_table_of_economists():
    data = sm.datasets.longley.load_pandas()
    ours = inference(data.exog, data.endog)
    theirs = sm.OLS(data.endog, sm.add_constant(data.exog)).fit()
    assert ours.names == ("intercept", *data.exog.columns)
    np.testing.assert_allclose(ours.standard_errors, theirs.bse, rtol=1e-6)
    np.testing.assert_allclose(ours.p_values, theirs.pvalues, rtol=1e-6)


def test_a_fit_worked_by_hand():
    # y = 1, 3, 2 over x = 0, 1, 2: slope 1/2, intercept 3/2, residuals -1/2, 1, -1/2
    found = inference([[0.0], [1.0], [2.0]], [1.0, 3.0, 2.0])
    np.testing.assert_allclose(found.coef, [1.5, 0.5])
    np.testing.assert_allclose(found.residuals, [-0.5, 1, -0.5])
    np.testing.assert_allclose(found.leverage, [5 / 6, 1 / 3, 5 / 6])
    np.testing.assert_allclose(found.standard_errors, [np.sqrt(1.5 * 5 / 6), np.sqrt(1.5 / 2)])
    assert (found.r2, found.f, found.df_residual) == (pytest.approx(0.25), pytest.approx(1 / 3), 1)
    assert np.isnan(found.studentized).all(), "without a row, nothing is left to measure noise by"


def test_leaving_a_row_out_is_what_its_numbers_say():
    X, y, _ = problem(30, 2)
    found = inference(X, y)
    for row in (0, 7):
        rest = np.delete(np.arange(30), row)
        other = LinearRegression().fit(X[rest], y[rest])
        moved = found.fitted - other.predict(X)
        assert found.cooks_distance[row] == pytest.approx(moved @ moved / (3 * found.sigma**2))
        assert y[row] - other.predict(X[[row]])[0] == pytest.approx(found.residuals[row] / (1 - found.leverage[row]))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-50, 50))
def test_units_change_no_statement(seed, unit, shift):
    X, y, weight = problem(25, 2, seed)
    before, after = inference(X, y, weight), inference(X * unit + shift, y * 7, weight * 3)
    for name in ("t", "p_values"):
        np.testing.assert_allclose(getattr(after, name)[1:], getattr(before, name)[1:], rtol=1e-5, atol=1e-9)
    for name in ("leverage", "studentized", "r2", "f"):
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), rtol=1e-5, atol=1e-7)
    assert before.leverage.sum() == pytest.approx(3)
    assert abs(before.weight @ before.residuals) < 1e-8


def test_intervals_hold_the_truth_as_often_as_they_say():
    random = np.random.default_rng(3)
    X = random.normal(size=(15, 1))
    caught = 0
    for _ in range(250):
        low, high = inference(X, 2 * X[:, 0] + random.normal(size=15), level=0.8).intervals[1]
        caught += low <= 2 <= high
    assert caught / 250 == pytest.approx(0.8, abs=0.06)


def test_a_perfect_fit_is_certain_and_a_level_target_says_nothing():
    x = np.arange(5.0)[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        perfect, level = inference(x, 2 * x[:, 0]), inference(x, np.full(5, 3.0))
        assert perfect.r2 == pytest.approx(1)
        assert perfect.p_values[1] < 1e-12
        assert (np.isnan(level.r2), level.coef.tolist()) == (True, [3.0, 0.0])
        assert "Least squares: 5 rows" in str(perfect) + str(level)


def test_a_row_alone_on_its_column_decides_its_prediction():
    X, y, _ = problem(20, 2)
    alone = np.column_stack([X, np.arange(20) == 4])
    found = inference(alone, y)
    assert found.leverage[4] == pytest.approx(1)
    assert np.isnan(found.studentized[4])
    assert np.isfinite(np.delete(found.studentized, 4)).all()


def test_the_mean_alone():
    found = inference(np.ones((4, 1)), [1.0, 2.0, 3.0, 6.0], fit_intercept=False)
    assert found.coef[0] == pytest.approx(3)
    assert found.standard_errors[0] == pytest.approx(np.std([1, 2, 3, 6], ddof=1) / 2)


def test_it_prints_as_a_table_of_eighty_columns():
    X, y, _ = problem()
    frame = pd.DataFrame(X, columns=["TV", "Radio", "Newspaper"])
    text = str(inference(frame, y))
    assert max(map(len, text.splitlines())) <= 80
    assert [line.split()[0] for line in text.splitlines()[3:7]] == ["intercept", "TV", "Radio", "Newspaper"]
    assert all(word in text for word in ("std. error", "2.5 %", "97.5 %", "R2", "AIC", "< 0.0001"))


def test_nothing_of_it_can_be_changed_and_the_rows_stay():
    X, y, weight = problem()
    before = X.copy(), y.copy(), weight.copy()
    found = inference(X, y, weight)
    with pytest.raises(FrozenInstanceError):
        found.level = 0.5
    assert all((a == b).all() for a, b in zip((X, y, weight), before, strict=True))


def test_single_precision_is_enough():
    X, y, _ = problem()
    single = inference(X.astype(np.float32), y.astype(np.float32))
    np.testing.assert_allclose(single.t, inference(X, y).t, rtol=1e-4)


REFUSED = {
    "too few rows": (lambda X, y, w: inference(X[:4], y[:4]), "there are 4 rows for 4 coefficients with the intercept"),
    "a column twice": (
        lambda X, y, w: inference(np.column_stack([X, X[:, 0]]), y),
        r"columns 'feature 1' and 'feature 4' repeat each other \(rank 3 of 4\)",
    ),
    "a sum": (
        lambda X, y, w: inference(pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "both": X[:, :2].sum(axis=1)}), y),
        "columns 'a', 'b' and 'both' repeat each other",
    ),
    "a constant": (lambda X, y, w: inference(np.column_stack([X, w * 0 + 0.1]), y), "column 'feature 4' says what"),
    "other rows": (lambda X, y, w: LinearRegression().fit(X, y).inference(X[:30], y[:30]), "not the least squares of"),
    "other weights": (lambda X, y, w: LinearRegression().fit(X, y, w).inference(X, y), "not the least squares of"),
    "no weight": (lambda X, y, w: inference(X, y, np.maximum(w - 1, 0)), "takes weights above 0; [0-9]+ rows have"),
    "positive": (lambda X, y, w: inference(X, y, positive=True), "fit without positive=True"),
    "two targets": (lambda X, y, w: inference(X, np.column_stack([y, y])), "one target at a time; y has 2 columns"),
    "level": (lambda X, y, w: inference(X, y, level=95), "level must lie between 0 and 1; got 95"),
    "sparse": (lambda X, y, w: inference(sp.csr_matrix(X), y), "[Ss]parse data was passed"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_said(what):
    call, said = REFUSED[what]
    with pytest.raises((ValueError, TypeError), match=said):
        call(*problem())


def test_noise_has_the_quantiles_of_noise():
    random = np.random.default_rng(5)
    drawn = random.standard_t(20, size=4000)
    quantiles = noise_quantiles(drawn, 21)
    assert np.corrcoef(drawn, quantiles)[0, 1] > 0.99
    assert (np.diff(quantiles[np.argsort(drawn)]) > 0).all()
    assert np.isnan(noise_quantiles(np.array([np.nan, 1.0]), 5)).tolist() == [True, False]


def test_watched_it_says_the_same_and_shows_the_rows_that_pull():
    X, y, _ = problem()
    y[11] += 40
    model = LinearRegression().fit(X, y)
    plain = model.inference(X, y)
    with diorama.record() as recording:
        watched = model.inference(X, y)
    np.testing.assert_array_equal(plain.studentized, watched.studentized)
    states = [moment.state for moment in recording.fits[-1].moments]
    assert [state.row for state in states[:4]] == [-1, -1, -1, 11]
    assert len(states) == 3 + LOOKED_AT


@pytest.mark.parametrize(
    "shape", [(60, 3), (4, 2), (1500, 2)], ids=["usual", "one degree of freedom", "more rows than are drawn"]
)
def test_every_inference_has_a_picture(shape):
    X, y, weight = problem(*shape)
    model = LinearRegression().fit(X, y, weight)
    with diorama.record() as recording:
        model.inference(X, y, weight)
    scene = recording.scene()
    assert [frame.step for frame in scene.frames[:4]] == ["residuals", "quantiles", "leverage", "row"]
    assert len(scene.frames) == 3 + min(LOOKED_AT, shape[0])
    drawn = set(scene.data["points"]["row"])
    for frame in scene.frames[3:]:
        assert set(frame.data["pointed"]["row"]) <= drawn
        assert frame.narration.startswith(f"Row {frame.data['pointed']['row'][0]}: target")
    assert ("chosen at random" in scene.caption) == (shape[0] > 600)


def test_the_picture_names_what_a_row_alone_does(tmp_path):
    X, y, _ = problem(20, 2)
    alone = np.column_stack([X, np.arange(20) == 4])
    model = LinearRegression().fit(alone, y)
    with diorama.record() as recording:
        model.inference(alone, y)
    assert "Row 5: " in (told := recording.scene().frames[3].narration)
    assert "decides alone" in told
    diorama.save(recording, tmp_path / "inference.diorama")
    assert diorama.load(tmp_path / "inference.diorama").scene().frames[3].narration == told
