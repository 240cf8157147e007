"""Judging held against scikit-learn's measures, against counts by hand, and against what must hold for any scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LinearRegression
from sklearn.linear_model import RidgeClassifier as NoProbabilities
from sklearn.tree import DecisionTreeClassifier

import diorama
from diorama.bayes import GaussianNB
from diorama.evaluation import evaluate, sweep
from diorama.evaluation.threshold import Scores, at


@pytest.fixture(scope="module")
def tumours():
    X, y = load_breast_cancer(return_X_y=True)
    return GaussianNB().fit(X[::2], y[::2]), X[1::2], y[1::2]


def test_the_numbers_are_scikit_learns(tumours):
    model, X, y = tumours
    report = diorama.evaluate(model, X, y)
    said, shares = model.predict(X), model.predict_proba(X)[:, 1]
    assert report.scores["accuracy"] == metrics.accuracy_score(y, said)
    assert report.scores["area under ROC"] == pytest.approx(metrics.roc_auc_score(y, shares))
    assert report.scores["log loss"] == pytest.approx(metrics.log_loss(y, model.predict_proba(X)))
    np.testing.assert_array_equal(report.confusion, metrics.confusion_matrix(y, said))
    assert report.by_class[0]["specificity"] == pytest.approx(metrics.recall_score(y, said))
    assert report.by_class[1]["precision"] == pytest.approx(metrics.precision_score(y, said))
    assert report.curves[1].average_precision == pytest.approx(metrics.average_precision_score(y, shares))


def test_a_model_of_scikit_learn_with_three_classes_is_judged_too():
    X, y = load_iris(return_X_y=True)
    labels = np.array(["setosa", "versicolor", "virginica"])[y]
    report = evaluate(DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, labels), X, labels, yes="setosa")
    assert report.confusion.sum() == 150
    assert report.scores["null accuracy"] == pytest.approx(1 / 3)
    assert set(report.curves) == {"setosa", "versicolor", "virginica"}
    assert (
        report.recording.fits[-1].moments[0].state.true_yes + report.recording.fits[-1].moments[0].state.false_no == 50
    )
    assert "accuracy" in str(report)


def test_a_classifier_without_probabilities_has_its_counts():
    X, y = load_iris(return_X_y=True)
    report = evaluate(NoProbabilities().fit(X, y), X, y)
    assert report.curves == {}
    assert "log loss" not in report.scores
    assert report.confusion.shape == (3, 3)


def test_a_regression_is_judged_beside_the_mean(tmp_path):
    X, y = load_diabetes(return_X_y=True)
    report = evaluate(LinearRegression().fit(X[::2], y[::2]), X[1::2], y[1::2])
    said = LinearRegression().fit(X[::2], y[::2]).predict(X[1::2])
    assert report.scores["R2"] == pytest.approx(metrics.r2_score(y[1::2], said))
    assert report.scores["root mean squared error"] < report.scores["the mean's"]
    np.testing.assert_allclose(report.residuals, y[1::2] - said)
    assert "The mean is off by" in report.scene().frames[0].narration
    assert report.save(tmp_path / "judged.html").stat().st_size > 10_000


def test_counts_by_hand():
    scores = Scores(np.array([True, True, False, False]), np.array([0.9, 0.4, 0.6, 0.1]), "yes")
    now = at(scores, 0.5)
    assert now[1:] == (1, 1, 1, 1)
    assert (now.recall, now.precision, now.specificity, now.accuracy) == (0.5, 0.5, 0.5, 0.5)
    everybody, nobody = at(scores, 0.0), at(scores, 0.95)
    assert (everybody.recall, everybody.specificity) == (1.0, 0.0)
    assert (nobody.recall, nobody.precision) == (0.0, 1.0)


def test_a_recorded_sweep_moves_the_threshold(tumours):
    model, X, y = tumours
    with diorama.record() as recording:
        sweep(y, model.predict_proba(X)[:, 1])
    states = [moment.state for moment in recording.fits[-1].moments]
    assert (np.diff([state.recall for state in states]) >= 0).all()
    assert (np.diff([state.specificity for state in states]) <= 0).all()
    assert "of those called are" in recording.scene().frames[5].narration


@given(seed=st.integers(0, 1000), n=st.integers(4, 60))
@settings(max_examples=25, deadline=None)
def test_the_area_is_the_chance_that_a_yes_stands_above_a_no(seed, n):
    random = np.random.default_rng(seed)
    y = np.arange(n) % 2 == 0
    probability = random.integers(0, 8, n) / 8
    above = probability[y][:, None] - probability[~y][None, :]
    assert sweep(y, probability).area == pytest.approx((np.sign(above) + 1).mean() / 2)


def test_turning_the_question_round_turns_the_curve_round():
    y, probability = [0, 0, 1, 1, 1], np.array([0.2, 0.7, 0.3, 0.8, 0.9])
    assert sweep(y, probability, yes=1).area == pytest.approx(sweep(y, 1 - probability, yes=0).area)


def test_perfect_and_useless_scores_are_the_ends():
    assert sweep([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]).area == 1.0
    assert sweep([0, 0, 1, 1], [0.5] * 4).area == 0.5


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: sweep([1, 1], [0.1, 0.2]), ValueError, "two labels"),
        (lambda: sweep([0, 1], [0.1, 1.2]), ValueError, "between 0 and 1"),
        (lambda: sweep([0, 1], [0.1, np.nan]), ValueError, "between 0 and 1"),
        (lambda: sweep([0, 1], [0.1]), ValueError, "inconsistent numbers of samples"),
        (lambda: sweep([0, 1], [0.1, 0.2], yes="maybe"), ValueError, "yes='maybe' is not among"),
        (lambda: evaluate(KMeans(2, n_init=1).fit([[0.0], [1.0]]), [[0.0]], [0]), TypeError, "KMeans is neither"),
    ],
)
def test_what_cannot_be_is_said(call, error, said):
    with pytest.raises(error, match=said):
        call()
