"""Pictures of descents: what they draw, what they say, and what they say of a divergence."""

import warnings

import numpy as np
import pytest

import diorama
from diorama.linear import GradientDescentClassifier, GradientDescentRegressor
from diorama.optimization import METHODS, SURFACES, DivergenceWarning, GradientDescent, Momentum, minimize
from diorama.scenes.contours import contour, corners
from diorama.scenes.scene import Scene


def down(function, start, rate, steps, max_frames=60):
    with warnings.catch_warnings(), diorama.record(max_frames) as recording:
        warnings.simplefilter("ignore", DivergenceWarning)
        minimize(function, start, method=GradientDescent(rate), max_iter=steps)
    return recording.scene()


def watched(model, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DivergenceWarning)
        return diorama.watch(model, X, y)


@pytest.fixture
def line_data():
    random = np.random.default_rng(0)
    X = random.uniform(-2, 3, size=(80, 1))
    return X, 2 * X[:, 0] + 1 + 0.5 * random.normal(size=80)


def test_contours_of_a_cone_are_circles():
    grid = corners([-2, 2], [-2, 2], 60, 60)
    radius = np.linalg.norm(grid, axis=-1)
    segments, values = contour(grid, radius - 1.3, radius[..., None])
    np.testing.assert_allclose(np.hypot(segments[:, 0], segments[:, 1]), 1.3, atol=2e-3)
    np.testing.assert_allclose(values, 1.3, atol=2e-3)
    length = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]).sum()
    assert length == pytest.approx(2 * np.pi * 1.3, rel=1e-2)


# descent on a function


@pytest.mark.parametrize("name", SURFACES)
def test_every_surface_has_its_picture(name):
    surface = SURFACES[name]
    scene = down(surface, surface.start, 0.001, 30)
    assert len(scene.frames) == 31
    assert len(scene.data["lines"]["x"]) > 100
    assert len(scene.data["minima"]["x"]) == len(surface.minima)
    last = scene.frames[-1].data
    assert len(last["path"]["x"]) == 31
    assert (last["path"]["x"][0], last["path"]["y"][0]) == surface.start
    assert Scene.from_dict(scene.to_dict()).title == f"Gradient descent: {name}"


def test_the_arrow_leads_to_the_next_place():
    scene = down(SURFACES["bowl"], (2.0, -1.0), 0.2, 6)
    for frame, following in zip(scene.frames[:-1], scene.frames[1:], strict=True):
        arrow, there = frame.data["arrow"], following.data["here"]
        np.testing.assert_allclose([arrow["x2"][0], arrow["y2"][0]], [there["x"][0], there["y"][0]])


def test_a_divergence_is_told_with_the_rate_that_is_safe():
    scene = down(SURFACES["ill-conditioned valley"], (-2.8, 1.5), 0.25, 20)
    assert "times: the learning rate 0.25 is above 2/L = 0.2." in scene.frames[-1].narration
    assert "2/L" not in scene.frames[3].narration


def test_a_descent_that_goes_well_says_nothing_of_it():
    scene = down(SURFACES["ill-conditioned valley"], (-2.8, 1.5), 0.15, 20)
    assert "2/L" not in scene.frames[-1].narration
    assert "the value falls from" in scene.frames[1].narration
    assert (scene.frames[0].step, scene.frames[1].step) == ("", "update")
    assert "* gradient" in scene.code.lines[scene.code.steps["update"]]


@pytest.mark.parametrize("dimension", [1, 5])
def test_other_dimensions_have_the_curve_alone(dimension):
    scene = down(lambda x: float(x @ x), np.ones(dimension), 0.1, 10)
    assert len(scene.spec["hconcat"]) == 1
    assert set(scene.frames[0].data) == {"travelled", "now"}


def test_any_function_of_two_numbers_is_drawn_around_its_path():
    scene = down(lambda x: float((x[0] - 100) ** 2 + (x[1] + 50) ** 2), [90.0, -40.0], 0.3, 40)
    here = scene.frames[-1].data["here"]
    np.testing.assert_allclose([here["x"][0], here["y"][0]], [100, -50], atol=1e-4)
    assert scene.data["ground"]["x"][0] < 90 < 100 < scene.data["ground"]["x2"][0]


def test_thinned_steps_are_owned_up_to():
    scene = down(SURFACES["bowl"], (2.0, 1.0), 0.01, 100, max_frames=20)
    assert f"Shown are {len(scene.frames) - 1} of 100 steps." in scene.caption
    assert "(at step" in scene.frames[2].narration


# linear regression


def test_the_line_ends_where_the_model_is_and_the_ground_is_lowest_there(line_data):
    X, y = line_data
    model, recording = watched(GradientDescentRegressor(max_iter=300, tol=None), X, y)
    scene = recording.scene()
    line = scene.frames[-1].data["line"]
    np.testing.assert_allclose(line["y"], model.predict(line["x"][:, None]))
    lowest = scene.data["minima"]
    np.testing.assert_allclose([lowest["x"][0], lowest["y"][0]], [model.coef_[0], model.intercept_], atol=1e-3)
    errors = scene.frames[-1].data["residuals"]
    assert np.mean((errors["y"] - errors["y2"]) ** 2) == pytest.approx(model.cost_history_[-1])


def test_a_regression_that_diverges_says_so_and_keeps_its_ground(line_data):
    model, recording = watched(GradientDescentRegressor(learning_rate=0.6, max_iter=50, tol=None), *line_data)
    scene = recording.scene()
    assert f"is above 2/L = {model.largest_safe_rate_:.3g}." in scene.frames[-1].narration
    assert scene.data["ground"]["x2"][0] < 20


@pytest.mark.parametrize("rate", [1e100, 1e300])
def test_numbers_beyond_all_bounds_still_make_a_picture(line_data, rate):
    _, recording = watched(GradientDescentRegressor(learning_rate=rate, max_iter=5, tol=None), *line_data)
    scene = recording.scene()
    assert "grew" in scene.frames[-1].narration
    scene.still()


def test_mini_batches_are_passes(line_data):
    _, recording = watched(GradientDescentRegressor(batch_size=8, max_iter=5, tol=None, random_state=0), *line_data)
    scene = recording.scene()
    assert scene.frames[2].narration.startswith("Pass 2 of 5")
    assert any("permutation" in line for line in scene.code.lines)
    assert len(scene.frames[2].data["arrow"]["x"]) == 0


def test_many_features_are_shown_as_predictions_beside_targets():
    random = np.random.default_rng(1)
    X = random.normal(size=(3000, 3))
    y = X @ [1.0, 2.0, 3.0]
    _, recording = watched(GradientDescentRegressor(max_iter=200, tol=None), X, y)
    scene = recording.scene()
    predictions = scene.frames[-1].data["predictions"]
    np.testing.assert_allclose(predictions["x"], predictions["y"], atol=1e-3)
    assert "1,000 of 3,000 rows" in scene.caption
    assert "(1, 2, 3, " in scene.frames[-1].values["weights"]


def test_without_intercept_there_is_no_ground(line_data):
    _, recording = watched(GradientDescentRegressor(fit_intercept=False, max_iter=9, tol=None), *line_data)
    scene = recording.scene()
    assert len(scene.spec["hconcat"]) == 2
    assert "ground" not in scene.data


# logistic regression


def test_the_last_boundary_is_the_models():
    random = np.random.default_rng(2)
    X = random.normal(size=(100, 2))
    y = np.where(X @ [1.0, -1.0] + random.logistic(size=100) > 0.2, "in", "out")
    model, recording = watched(GradientDescentClassifier(max_iter=40, tol=None), X, y)
    scene = recording.scene()
    line = scene.frames[-1].data["boundary"]
    np.testing.assert_allclose(model.decision_function(np.column_stack([line["x"], line["y"]])), 0, atol=1e-9)
    assert f"{model.score(X, y):.0%} of the rows" in scene.frames[-1].narration
    assert scene.frames[-1].values["cost"] == f"{model.cost_history_[-1]:.4g}"


@pytest.mark.parametrize(("n_features", "classes"), [(1, 2), (1, 3), (2, 3), (4, 2), (4, 3)])
def test_boundaries_for_other_counts_of_features_and_classes(n_features, classes):
    random = np.random.default_rng(3)
    X = random.normal(size=(90, n_features))
    y = np.arange(90) % classes
    X[:, 0] += 2 * y
    _, recording = watched(GradientDescentClassifier(max_iter=30, tol=None), X, y)
    scene = recording.scene()
    assert len(scene.frames) == 31
    assert len(scene.frames[-1].data["boundary"]["x"]) >= 1
    assert any("softmax" in line for line in scene.code.lines) == (classes == 3)


@pytest.mark.parametrize(("rate", "shown"), [(5.0, "5"), (1e300, "1.00e300")])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_classifier_that_diverges_says_so(rate, shown, classes):
    random = np.random.default_rng(4)
    X = 20 * random.normal(size=(100, 2))
    y = random.integers(0, classes, 100)
    _, recording = watched(GradientDescentClassifier(learning_rate=rate, max_iter=20, tol=None), X, y)
    scene = recording.scene()
    assert f"the learning rate {shown} is above 2/L" in scene.frames[-1].narration
    scene.still()


@pytest.mark.parametrize(
    ("method", "words"),
    [("adam", "Adam: "), ("conjugate-gradient", "Conjugate gradient: "), ("lbfgs", "LBFGS: "), ("newton", "Newton: ")],
)
def test_every_way_down_is_told_by_its_name_its_formula_and_its_rule(method, words):
    with diorama.record() as recording:
        minimize(SURFACES["Beale"], (0.5, -1.0), method=method, max_iter=8)
    scene = recording.scene()
    assert scene.title.startswith(words)
    assert METHODS[method].formula in scene.formulas[""]
    assert "dashed" not in scene.caption
    assert {"update" if method == "adam" else "search"} == {frame.step for frame in scene.frames[1:]}


def test_a_heavy_ball_that_runs_away_is_told_of():
    with pytest.warns(DivergenceWarning, match=r"the largest safe rate is about 0\.38"), diorama.record() as recording:
        minimize(SURFACES["ill-conditioned valley"], (1.0, 1.0), method=Momentum(0.5), max_iter=60)
    assert "grew" in recording.scene().frames[-1].narration


def test_a_models_picture_shows_the_rule_that_made_its_weights():
    X = np.linspace(-1, 1, 20)[:, None]
    adam = GradientDescentRegressor(optimizer="adam", learning_rate=0.1, max_iter=5, tol=None)
    _, recording = diorama.watch(adam, X, 2 * X[:, 0])
    scene = recording.scene()
    assert scene.title == "Linear regression by Adam"
    assert "direction(moments" in scene.code.lines[scene.code.steps["update"]]
    # nothing but a plain step is a straight arrow along the gradient
    assert len(scene.frames[1].data["arrow"]["x"]) == 0
