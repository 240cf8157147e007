"""GradientDescentClassifier: the text's figures, LogisticRegression, metamorphic relations, limits."""

import numpy as np
import pytest
from scipy.special import log_softmax
from scipy.special import softmax as scipy_softmax
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import diorama
from diorama._differences import central_differences
from diorama.linear import GradientDescentClassifier
from diorama.linear.gradient_descent_classifier import (
    binary_cost_and_gradient,
    cross_entropy_epoch,
    sigmoid,
    softmax,
    softmax_cost_and_gradient,
)
from diorama.optimization import DivergenceWarning, GradientDescent


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.fixture(scope="module")
def overlapping():
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 2))
    return X, np.where(X @ [1.0, -2.0] + 0.5 + random.logistic(size=300) > 0, "yes", "no")


# the figures that the text prints


@pytest.fixture(scope="module")
def students(exam):
    X = np.column_stack([exam["Studied"], exam["Slept"]])
    model = GradientDescentClassifier(learning_rate=0.1, max_iter=3001, tol=None)
    return model.fit(X, exam["Passed"]), X, exam["Passed"]


def test_the_costs_of_the_exam_as_the_text_has_them(students):
    costs = students[0].cost_history_
    assert [f"{costs[k]:.3f}" for k in (1, 1001, 2001)] == ["0.635", "0.302", "0.264"]
    assert f"{costs[3001]:.4f}" == "0.2486"


def test_the_weights_of_the_exam_as_the_text_has_them(students):
    model, X, passed = students
    assert [f"{w:.3f}" for w in (*model.intercept_, *model.coef_[0])] == ["-8.199", "0.921", "0.739"]
    assert model.score(X, passed) == pytest.approx(0.89)


def test_the_texts_own_last_cost_is_that_of_one_update_less(students):
    _, X, passed = students
    model = GradientDescentClassifier(learning_rate=0.1, max_iter=3000, tol=None).fit(X, passed)
    assert f"{model.cost_history_[-1]:.4f}" == "0.2487"


# the formulas


def test_sigmoid_and_softmax_do_not_overflow():
    sums = np.array([-1e4, -1.0, 0.0, 1.0, 1e4])
    np.testing.assert_allclose(sigmoid(sums), [0, 1 / (1 + np.e), 0.5, np.e / (1 + np.e), 1])
    large = np.array([[1e4, 0.0, -1e4], [1.0, 2.0, 3.0]])
    np.testing.assert_allclose(softmax(large), scipy_softmax(large, axis=1))


def test_a_sure_and_wrong_prediction_costs_much_and_not_infinity():
    rows, weights = np.array([[1.0], [-1.0]]), np.array([[1e4]])
    cost, gradient = binary_cost_and_gradient(rows, np.array([0.0, 0.0]), None, weights, 2.0)
    assert cost == pytest.approx(5e3)
    np.testing.assert_allclose(gradient, [[0.5]])
    several = np.array([[1e4], [0.0], [-1e4]])
    cost, _ = softmax_cost_and_gradient(rows, np.array([2, 0]), None, several, 2.0)
    assert cost == pytest.approx(2e4)


@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_are_the_costs_slopes(weighted):
    random = np.random.default_rng(0)
    rows, row_weights = random.normal(size=(30, 4)), random.uniform(size=30) if weighted else None
    for formula, targets, shape in (
        (binary_cost_and_gradient, random.integers(0, 2, 30).astype(float), (1, 4)),
        (softmax_cost_and_gradient, random.integers(0, 3, 30), (3, 4)),
    ):
        weights = random.normal(size=shape)

        def value(flat, formula=formula, targets=targets, shape=shape):
            return formula(rows, targets, row_weights, flat.reshape(shape), 30.0)[0]

        slope = central_differences(value, weights.ravel()).reshape(shape)
        np.testing.assert_allclose(formula(rows, targets, row_weights, weights, 30.0)[1], slope, atol=1e-8)


def test_softmax_cost_is_minus_the_mean_log_probability():
    random = np.random.default_rng(1)
    rows, targets, weights = random.normal(size=(20, 3)), random.integers(0, 4, 20), random.normal(size=(4, 3))
    cost, _ = softmax_cost_and_gradient(rows, targets, None, weights, 20.0)
    assert cost == pytest.approx(-log_softmax(rows @ weights.T, axis=1)[np.arange(20), targets].mean())


# an oracle


def test_two_classes_reach_logistic_regression(overlapping):
    X, y = overlapping
    model = GradientDescentClassifier(tol=1e-14, max_iter=20_000).fit(X, y)
    expected = LogisticRegression(C=np.inf, tol=1e-10).fit(X, y)
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-4)
    np.testing.assert_allclose(model.intercept_, expected.intercept_, rtol=1e-4)
    np.testing.assert_array_equal(model.predict(X), expected.predict(X))
    np.testing.assert_allclose(model.predict_proba(X), expected.predict_proba(X), atol=1e-5)


def test_sample_weights_count_as_in_logistic_regression(overlapping):
    X, y = overlapping
    weights = np.random.default_rng(1).uniform(0, 3, size=len(y))
    model = GradientDescentClassifier(tol=1e-14, max_iter=20_000).fit(X, y, sample_weight=weights)
    expected = LogisticRegression(C=np.inf, tol=1e-10).fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-4)


def test_three_classes_reach_logistic_regression():
    random = np.random.default_rng(2)
    X = random.normal(size=(300, 2))
    y = np.argmax(X @ random.normal(size=(2, 3)) + random.gumbel(size=(300, 3)), axis=1)
    model = GradientDescentClassifier(tol=1e-14, max_iter=20_000).fit(X, y)
    expected = LogisticRegression(C=np.inf, tol=1e-10).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), expected.predict_proba(X), atol=1e-4)


def test_iris_is_told_apart(iris):
    X, y = iris
    model = GradientDescentClassifier(max_iter=300, tol=None).fit(X, y)
    assert model.score(X, y) > 0.93
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    assert (np.diff(model.cost_history_) < 0).all()


# relations


def test_names_of_the_classes_change_nothing_but_names(overlapping):
    X, y = overlapping
    named = GradientDescentClassifier().fit(X, y)
    coded = GradientDescentClassifier().fit(X, (y == "yes").astype(int))
    assert named.coef_.tobytes() == coded.coef_.tobytes()
    np.testing.assert_array_equal(named.predict(X) == "yes", coded.predict(X) == 1)


def test_swapped_classes_turn_the_weights_around(overlapping):
    X, y = overlapping
    one = GradientDescentClassifier(max_iter=50, tol=None).fit(X, y == "yes")
    other = GradientDescentClassifier(max_iter=50, tol=None).fit(X, y == "no")
    np.testing.assert_allclose(one.coef_, -other.coef_, rtol=1e-10)


def test_two_classes_as_softmax_give_half_the_difference_twice():
    """A sigmoid's step is a softmax's: w_1 - w_0 moves at twice the rate of each."""
    random = np.random.default_rng(3)
    rows, targets = random.normal(size=(40, 2)), random.integers(0, 2, 40)
    weights = np.zeros((2, 2))
    _, both = softmax_cost_and_gradient(rows, targets, None, weights, 40.0)
    _, one = binary_cost_and_gradient(rows, targets.astype(float), None, np.zeros((1, 2)), 40.0)
    np.testing.assert_allclose(both[1] - both[0], 2 * one[0])


@pytest.mark.parametrize("classes", [2, 3])
def test_the_kernel_takes_the_steps_of_the_optimizer_it_stands_for(classes, iris):
    class Plain(GradientDescent):
        """The same rule, which must go batch by batch because it does not say that it is plain."""

        plain_rate = None

    X, y = iris
    y = np.minimum(y, classes - 1)
    options = {"max_iter": 4, "tol": None, "batch_size": 16, "random_state": 3}
    weights = np.linspace(0.5, 2, len(y))
    fast = GradientDescentClassifier(learning_rate=0.05, **options).fit(X, y, sample_weight=weights)
    slow = GradientDescentClassifier(optimizer=Plain(0.05), **options).fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(fast.coef_, slow.coef_, rtol=1e-9)


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_kernel_is_its_python_and_numpys_epoch(outputs):
    random = np.random.default_rng(4)
    rows, order, row_weights = random.normal(size=(7, 3)), random.permutation(7), random.uniform(0.5, 2, size=7)
    codes = random.integers(0, max(outputs, 2), 7)
    targets = codes.astype(float) if outputs == 1 else codes
    formula = binary_cost_and_gradient if outputs == 1 else softmax_cost_and_gradient
    weights = random.normal(size=(outputs, 3))
    expected = weights.copy()
    for batch in (order[:3], order[3:6], order[6:]):
        expected = expected - 0.1 * formula(rows[batch], targets[batch], row_weights[batch], expected, len(batch))[1]
    for run in (cross_entropy_epoch, cross_entropy_epoch.py_func):
        np.testing.assert_allclose(run(rows, targets, row_weights, order, 3, 0.1, weights), expected, rtol=1e-10)


def test_a_higher_threshold_says_yes_less_often(overlapping):
    X, y = overlapping
    careless = GradientDescentClassifier(threshold=0.2).fit(X, y)
    careful = GradientDescentClassifier(threshold=0.8).fit(X, y)
    assert (careful.predict(X) == "yes").sum() < (careless.predict(X) == "yes").sum()
    np.testing.assert_array_equal(careful.predict(X) == "yes", careful.predict_proba(X)[:, 1] >= 0.8)


# limits


@pytest.mark.parametrize("rate", [1e3, 1e300])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_wild_rate_ends_finite_and_says_which_is_safe(rate, classes):
    random = np.random.default_rng(5)
    X = random.normal(size=(200, 2)) * 30
    y = random.integers(0, classes, 200)
    model = GradientDescentClassifier(learning_rate=rate, max_iter=200, tol=None)
    with pytest.warns(DivergenceWarning, match=r"largest safe rate is 2/L = "):
        model.fit(X, y)
    assert np.isfinite(model.coef_).all()
    assert np.isfinite(model.predict_proba(X)).all()


def test_partial_fit_steps_on_and_wants_the_classes_first(overlapping):
    X, y = overlapping
    whole = GradientDescentClassifier(max_iter=3, tol=None).fit(X, y)
    steps = GradientDescentClassifier()
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        steps.partial_fit(X, y)
    steps.partial_fit(X, y, classes=["no", "yes"]).partial_fit(X, y).partial_fit(X, y)
    np.testing.assert_allclose(steps.coef_, whole.coef_, rtol=1e-12)
    with pytest.raises(ValueError, match="not those of the first call"):
        steps.partial_fit(X, y, classes=["no", "maybe"])
    with pytest.raises(ValueError, match=r"labels .*maybe.* not among the classes"):
        steps.partial_fit(X[:2], ["no", "maybe"])


def test_one_class_is_refused(overlapping):
    X, _ = overlapping
    with pytest.raises(ValueError, match="one class only"):
        GradientDescentClassifier().fit(X, np.ones(len(X)))


def test_a_warm_start_goes_on(overlapping):
    X, y = overlapping
    model = GradientDescentClassifier(max_iter=5, tol=None, warm_start=True).fit(X, y).fit(X, y)
    at_once = GradientDescentClassifier(max_iter=10, tol=None).fit(X, y)
    np.testing.assert_allclose(model.coef_, at_once.coef_, rtol=1e-12)


def test_without_intercept_the_boundary_passes_the_origin(overlapping):
    X, y = overlapping
    model = GradientDescentClassifier(fit_intercept=False).fit(X, y)
    assert model.intercept_.tolist() == [0.0]
    np.testing.assert_allclose(model.predict_proba(np.zeros((1, 2))), 0.5)


def test_the_recorded_states_are_the_path(overlapping):
    X, y = overlapping
    model, recording = diorama.watch(GradientDescentClassifier(max_iter=12, tol=None), X, y)
    moments = recording.fits[-1].moments
    np.testing.assert_array_equal([moment.state.cost for moment in moments], model.cost_history_)
    assert recording.fits[-1].fit.y[0] in ("yes", "no")
