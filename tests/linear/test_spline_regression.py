"""Spline regression held against SciPy's splines, exact answers, and what a spline must be at its knots and ends."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.interpolate import CubicSpline, make_lsq_spline
from sklearn.linear_model import LinearRegression as Twin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer

import diorama
from diorama.linear import SplineRegression
from diorama.linear._spline_basis import DEGREES, Basis, bumps
from diorama.linear.spline_regression import joining

KINDS = sorted(DEGREES)
DEGREE_OF = {"step": 0, "linear": 1, "cubic": 3}


def wave(n=150, seed=0):
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(-3, 7, n))
    return x, np.sin(x) + 0.1 * random.normal(size=n), random.integers(0, 4, n).astype(float)


def truncated_powers(x, knots, degree):
    """The columns of the formula, written out."""
    past = x[:, None] >= knots
    powers = [x**p for p in range(degree + 1)]
    return np.column_stack([*powers, past * (x[:, None] - knots) ** degree])


@pytest.mark.parametrize("kind", ["linear", "cubic"])
@pytest.mark.parametrize("weighted", [False, True])
def test_is_scipys_least_squares_spline(kind, weighted):
    x, y, weight = wave()
    weight = weight + 1 if weighted else None
    model = SplineRegression(kind, n_knots=6).fit(x[:, None], y, weight)
    degree = DEGREE_OF[kind]
    t = np.concatenate([[x[0]] * (degree + 1), model.knots_[0], [x[-1]] * (degree + 1)])
    theirs = make_lsq_spline(x, y, t, degree, w=None if weight is None else np.sqrt(weight))
    places = np.linspace(-3.5, 7.5, 60)
    assert_allclose(model.predict(places[:, None]), theirs(places), atol=1e-9)


@pytest.mark.parametrize("kind", ["step", "linear", "cubic"])
def test_is_the_least_squares_of_the_formula_with_heavisides_step(kind):
    x, y, _ = wave()
    knots = np.array([-1.0, 0.5, 3.0])
    columns = truncated_powers(x, knots, DEGREE_OF[kind])
    expected = columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
    assert_allclose(SplineRegression(kind, knots=knots).fit(x[:, None], y).predict(x[:, None]), expected, atol=1e-8)


def test_features_add_up_as_in_scikit_learns_pipeline():
    random = np.random.default_rng(1)
    X = random.uniform(size=(200, 3))
    y = np.sin(5 * X[:, 0]) + X[:, 1] ** 2 + 0.1 * random.normal(size=200)
    edges = np.stack([np.linspace(*column, 6) for column in zip(X.min(axis=0), X.max(axis=0), strict=True)], axis=1)
    twin = make_pipeline(SplineTransformer(knots=edges, include_bias=False), Twin()).fit(X, y)
    model = SplineRegression(n_knots=4, knots="uniform").fit(X, y)
    assert_allclose(model.predict(X), twin.predict(X), atol=1e-9)
    assert_allclose(model.contributions(X).sum(axis=1) + model.intercept_, model.predict(X))
    assert_allclose(model.basis(X) @ model.weights_ + model.intercept_, model.predict(X))


@pytest.mark.parametrize("kind", ["step", "linear", "cubic"])
def test_a_spline_is_recovered(kind):
    x, _, _ = wave()
    knots = np.array([-1.0, 0.5, 3.0])
    degree = DEGREE_OF[kind]
    weights = np.arange(1.0, degree + 5)
    model = SplineRegression(kind, knots=knots).fit(x[:, None], truncated_powers(x, knots, degree) @ weights)
    places = np.linspace(-4, 8, 50)
    assert_allclose(
        model.predict(places[:, None]), truncated_powers(places, knots, degree) @ weights, rtol=1e-8, atol=1e-8
    )


def test_a_natural_spline_is_recovered_and_scipy_agrees_on_what_it_is():
    sites = np.array([0.0, 1.0, 2.5, 4.0, 5.0])
    truth = CubicSpline(sites, [1.0, -1.0, 2.0, 0.0, 3.0], bc_type="natural")
    x = np.linspace(0, 5, 80)
    model = SplineRegression("natural", knots=sites[1:-1]).fit(x[:, None], truth(x))
    assert_allclose(model.predict(x[:, None]), truth(x), atol=1e-10)
    for end, side in ((0.0, -1.0), (5.0, 1.0)):
        outside = end + side * np.array([0.5, 1.0, 20.0])
        assert_allclose(model.predict(outside[:, None]), truth(end) + truth(end, 1) * (outside - end), atol=1e-8)


def test_a_natural_spline_has_no_curvature_at_its_ends_and_none_outside():
    x, y, _ = wave()
    model = SplineRegression("natural", n_knots=7).fit(x[:, None], y)
    h = 1e-3
    for place in (x[0], x[-1], -10.0, 20.0):
        low, here, high = model.predict(np.array([[place - h], [place], [place + h]]))
        assert abs(low - 2 * here + high) / h**2 < 0.05
    middle = model.predict(np.array([[1.5 - h], [1.5], [1.5 + h]]))
    assert abs(middle[0] - 2 * middle[1] + middle[2]) / h**2 > 0.5


@pytest.mark.parametrize(("kind", "agree"), [("linear", 1), ("cubic", 3), ("natural", 3)])
def test_pieces_agree_where_they_meet(kind, agree):
    x, y, _ = wave()
    model = SplineRegression(kind, n_knots=3).fit(x[:, None], y)
    for knot in model.knots_[0]:
        sides = []
        for side in (-1, 1):
            places = knot + side * np.linspace(1e-3, 1e-2, 8)
            fit = np.polynomial.Polynomial.fit(places - knot, model.predict(places[:, None]), DEGREES[kind])
            sides.append([fit.deriv(order)(0.0) for order in range(agree)])
        assert_allclose(sides[0], sides[1], atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@given(places=st.lists(st.floats(0.05, 0.95), max_size=8, unique=True))
@settings(max_examples=20, deadline=None)
def test_bumps_add_up_to_one(kind, places):
    x = np.linspace(0, 1, 40)
    knots = np.unique(np.round(places, 2))
    columns = bumps(kind, x, knots)
    assert columns.shape[1] == len(knots) + DEGREES[kind] + 1 - 2 * (kind == "natural")
    assert_allclose(columns.sum(axis=1), 1, atol=1e-9)


def test_a_staircase_is_the_mean_between_knots():
    x, y, weight = wave()
    model = SplineRegression("step", knots=[0.0, 4.0]).fit(x[:, None], y, weight)
    for low, high in ((-9, 0), (0, 4), (4, 9)):
        here = (x >= low) & (x < high)
        assert_allclose(model.predict(x[here][:, None]), np.average(y[here], weights=weight[here]))


def test_quantiles_leave_as_many_rows_between_and_uniform_knots_as_much_room():
    x = np.random.default_rng(0).exponential(size=(1000, 1))
    model = SplineRegression(n_knots=4).fit(x, x[:, 0])
    counts = np.histogram(x, np.concatenate([[0.0], model.knots_[0], [x.max()]]))[0]
    assert abs(counts - 200).max() <= 1
    spread = SplineRegression(n_knots=4, knots="uniform").fit(x, x[:, 0])
    edges = np.concatenate([[x.min()], spread.knots_[0], [x.max()]])
    assert_allclose(np.diff(edges), np.ptp(x) / 5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_weight_of_two_is_a_row_twice_and_of_zero_none(kind):
    x, y, weight = wave()
    rows = np.repeat(np.arange(len(x)), weight.astype(int))
    weighted = SplineRegression(kind).fit(x[:, None], y, weight)
    repeated = SplineRegression(kind).fit(x[rows][:, None], y[rows])
    assert_allclose(weighted.knots_, repeated.knots_)
    assert_allclose(weighted.predict(x[:, None]), repeated.predict(x[:, None]), atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@given(scale=st.floats(1e-3, 1e3), shift=st.floats(-1e4, 1e4))
@settings(max_examples=10, deadline=None)
def test_units_change_nothing(kind, scale, shift):
    x, y, _ = wave(60)
    moved = scale * x + shift
    plain = SplineRegression(kind, n_knots=3).fit(x[:, None], y).predict(x[:, None])
    other = SplineRegression(kind, n_knots=3).fit(moved[:, None], 5 * y - 2).predict(moved[:, None])
    assert_allclose(other, 5 * plain - 2, atol=1e-4)


def test_without_knots_it_is_the_polynomial_or_the_mean():
    x, y, _ = wave()
    for kind, degree in (("step", 0), ("linear", 1), ("natural", 1), ("cubic", 3)):
        expected = np.polynomial.Polynomial.fit(x, y, degree)(x)
        assert_allclose(SplineRegression(kind, n_knots=0).fit(x[:, None], y).predict(x[:, None]), expected, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (4, 9), (40, 2)])
def test_few_rows_constant_and_repeated_columns_leave_finite_answers(kind, shape):
    random = np.random.default_rng(0)
    X = random.normal(size=shape)
    X = np.column_stack([X, X[:, 0], np.full(shape[0], 7.0), np.arange(shape[0]) % 2])
    y = random.normal(size=shape[0])
    model = SplineRegression(kind, n_knots=9).fit(X, y)
    assert np.isfinite(model.predict(X)).all()
    assert len(model.knots_[-2]) == 0
    assert not model.contributions(X)[:, -2].any()


def test_knots_without_rows_between_them_leave_the_answer_finite_and_the_fit_no_worse():
    x, y, _ = wave()
    many = SplineRegression(knots=np.linspace(0, 0.01, 30)).fit(x[:, None], y)
    few = SplineRegression(knots=[0.0]).fit(x[:, None], y)
    residuals = [((model.predict(x[:, None]) - y) ** 2).sum() for model in (many, few)]
    assert residuals[0] <= residuals[1] * (1 + 1e-6)
    assert np.abs(many.predict(x[:, None])).max() < 3


def test_places_of_ones_own_count_once_and_inside_the_data_only():
    x, y, _ = wave()
    X = np.column_stack([x, x[::-1] + 10])
    model = SplineRegression(knots=[[0.0, 9.0], [2.0, 11.0], [0.0, 99.0]]).fit(X, y)
    assert [knots.tolist() for knots in model.knots_] == [[0.0, 2.0], [9.0, 11.0]]


def test_recorded_curves_come_closer_knot_by_knot_and_end_at_the_fit():
    x, y, _ = wave()
    model, recording = diorama.watch(SplineRegression(n_knots=5), x[:, None], y)
    states = [moment.state for moment in recording.fits[-1].moments]
    assert [len(state.basis.knots) for state in states] == [0, 0, 1, 2, 3, 4, 5]
    assert all(before.cost >= after.cost - 1e-12 for before, after in pairwise(states))
    assert_allclose(states[0].cost, np.var(y))
    assert_allclose(states[-1].cost, np.mean((model.predict(x[:, None]) - y) ** 2))
    assert_allclose(states[3].basis.knots, model.knots_[0][[1, 2]])
    scene = recording.scene()
    assert "Without a knot, one cubic must do" in scene.frames[1].narration
    assert "All 5 knots are in" in scene.frames[-1].narration


def test_the_middle_knot_joins_first_and_those_between_follow():
    basis = Basis("cubic", np.zeros(2), np.ones(2), np.arange(10.0), np.repeat([0, 1], [7, 3]))
    assert joining(basis).tolist() == [4, 2, 5, 1, 6, 3, 7, 2, 1, 3]


def test_a_model_is_kept_in_a_file(tmp_path):
    x, y, _ = wave()
    model = SplineRegression("natural").fit(x[:, None], y)
    diorama.save(model, tmp_path / "model.diorama")
    again = diorama.load(tmp_path / "model.diorama")
    assert (again.predict(x[:, None]) == model.predict(x[:, None])).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda x, y: SplineRegression("quartic").fit(x, y), "'kind' parameter of SplineRegression"),
        (lambda x, y: SplineRegression(n_knots=-1).fit(x, y), "'n_knots' parameter of SplineRegression"),
        (lambda x, y: SplineRegression(knots=[[0.0, 1.0]]).fit(x, y), r"a column for each feature.*got shape \(1, 2\)"),
        (lambda x, y: SplineRegression(knots=[np.nan]).fit(x, y), "knots must be finite numbers"),
        (lambda x, y: SplineRegression().fit(np.where(x > 6, np.nan, x), y), "Input X contains NaN"),
        (lambda x, y: SplineRegression().fit(x, np.where(y > 0.9, np.nan, y)), "Input y contains NaN"),
        (lambda x, y: SplineRegression().fit(x, y, np.zeros(len(y))), "at least one non-zero number"),
        (lambda x, y: SplineRegression().fit(x[:0], y[:0]), "0 sample"),
        (lambda x, y: SplineRegression().fit(x, y * 1e200), "too large for a float"),
    ],
)
def test_what_cannot_be_is_said(call, said):
    x, y, _ = wave()
    with pytest.raises(ValueError, match=said):
        call(x[:, None], y)
