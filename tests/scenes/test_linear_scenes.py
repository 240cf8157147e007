"""The scenes of linear and logistic regression say and show what the models do."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose

import diorama
from diorama.linear import LinearRegression, LogisticRegression
from diorama.reference.pictures.linear_regression import linear_regression
from diorama.reference.pictures.logistic_regression import logistic_regression
from diorama.scenes.fitted import Coefficients, FittedLine
from diorama.scenes.logistic_regression import probabilities


def rows(n=80, d=1, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d))
    return X, X @ np.arange(1.0, d + 1) + 0.5 + random.normal(size=n)


def test_the_line_turns_from_the_mean_to_the_solution():
    X, y = rows()
    model, recording = diorama.watch(LinearRegression(), X, y)
    scene = recording.scene()
    first, last = scene.frames[0].data["line"], scene.frames[-1].data["line"]
    assert_allclose(first["y"], y.mean())
    assert_allclose(last["y"], model.predict(np.array(last["x"])[:, None]))
    assert [frame.step for frame in scene.frames] == ["mean", *["features"] * 8, "solution"]
    here = np.array([frame.data["here"]["x"][0] for frame in scene.frames])
    assert_allclose(here[-1], model.coef_[0])
    assert (np.abs(np.diff(here)[:-1]) > 0).all()


def test_each_frame_of_the_turning_line_tells_its_true_cost():
    X, y = rows()
    _, recording = diorama.watch(LinearRegression(), X, y)
    for frame in recording.scene().frames:
        line = frame.data["line"]
        slope, middle = np.diff(line["y"])[0] / np.diff(line["x"])[0], np.interp(X[:, 0], line["x"], line["y"])
        assert_allclose(float(frame.values["cost"]), np.mean((y - middle) ** 2), rtol=1e-3)
        assert abs(float(frame.values["w"].replace("\N{MINUS SIGN}", "-")) - slope) < 0.01


def test_the_squares_are_as_high_as_wide_on_the_screen():
    X, y = rows(n=30)
    model, recording = diorama.watch(LinearRegression(), X, y)
    line = FittedLine(recording.fits[0].fit, 400, 300)
    data = line.frame(model.coef_, model.intercept_)["residuals"]
    wide = np.abs(data["x2"] - data["x"]) / np.ptp(line.x_range) * 400
    high = np.abs(data["y2"] - data["y"]) / np.ptp(line.y_range) * 300
    assert_allclose(wide, high)


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array])
@pytest.mark.parametrize("targets", [1, 2])
def test_many_features_join_one_by_one(form, targets):
    X, y = rows(d=4)
    y = y if targets == 1 else np.stack([y, -y], axis=1)
    model, recording = diorama.watch(LinearRegression(), form(X), y)
    scene = recording.scene()
    assert len(scene.frames) == 6
    assert "feature 3 joins" in scene.frames[3].narration
    assert_allclose(scene.frames[-1].data["predictions"]["y"], model.predict(X).reshape(80, -1)[:, 0])
    assert ("first of 2 targets" in scene.caption) == (targets == 2)


def test_features_that_repeat_come_in_as_directions():
    X, y = rows(d=3)
    _, recording = diorama.watch(LinearRegression(), np.column_stack([X, X]), y)
    scene = recording.scene()
    assert scene.frames[1].step == "directions"
    assert "Direction 1" in scene.frames[1].narration


@pytest.mark.parametrize("options", [{"fit_intercept": False}, {"positive": True}])
def test_every_kind_of_least_squares_has_a_picture(options):
    for d in (1, 3):
        X, y = rows(d=d)
        _, recording = diorama.watch(LinearRegression(**options), X, y)
        assert len(recording.scene().frames) >= 2


def test_a_flat_target_is_drawn_too():
    _, recording = diorama.watch(LinearRegression(), np.arange(5.0)[:, None], np.full(5, 2.0))
    assert recording.scene().frames[-1].values["cost"] == "0"


def test_only_the_largest_coefficients_are_drawn():
    X, y = rows(d=30)
    _, recording = diorama.watch(LinearRegression(), X, y)
    bars = Coefficients(recording.fits[0].fit, np.arange(30.0)[None], 150, 300)
    assert len(bars.names) == 16
    assert bars.names[-1] == "feature 30"
    assert "14 smaller" in bars.caption


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array])
@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("options", [{}, {"solver": "newton-cg"}, {"l1_ratio": 0.7}, {"multi_class": "ovr"}])
def test_every_kind_of_logistic_regression_has_a_picture(form, d, k, options):
    X, y = rows(d=d)
    labels = np.array(["a", "b", "c"])[np.digitize(y, [0.5] if k == 2 else [0.0, 1.0])]
    model, recording = diorama.watch(LogisticRegression(**options), form(X), labels)
    scene = recording.scene()
    assert len(scene.frames) == len(recording)
    assert "arrived" in scene.frames[-1].narration
    assert all(frame.step for frame in scene.frames)
    if options.get("multi_class") == "ovr" and k == 3:
        assert "class c against the rest" in scene.title
    else:
        theta = recording.fits[-1].moments[-1].state.theta
        assert_allclose(probabilities(X, theta), model.predict_proba(X), atol=1e-9)


def test_zeros_of_an_l1_penalty_are_counted():
    X, y = rows(d=6)
    _, recording = diorama.watch(LogisticRegression(l1_ratio=1, C=0.05), X, y > 0)
    zeros = int((recording.fits[0].moments[-1].state.coef == 0).sum())
    assert zeros > 0
    assert f"{zeros} of 6 coefficients are 0" in recording.scene().frames[-1].narration


def test_live_pictures_move_with_their_sliders():
    assert len(linear_regression(outlier=20.0).frames) == 10
    assert linear_regression(n_points=2, noise=0.0).frames[-1].values["w"] == "1.2"
    for n_classes in (2, 3, 4):
        for penalty in ("L2", "L1", "elastic net"):
            for classes in ("softmax", "one against the rest"):
                scene = logistic_regression(n_classes, C=0.1, penalty=penalty, classes=classes)
                assert len(scene.frames) >= 2
