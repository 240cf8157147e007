"""Naive Bayes held against scikit-learn, against answers worked by hand, and against itself."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn import naive_bayes
from sklearn.datasets import load_iris
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline

import diorama
from diorama.bayes import BernoulliNB, GaussianNB, MultinomialNB
from diorama.bayes._class_moments import class_moments, measure_block, merged
from diorama.bayes.gaussian_nb import State, evidence, judge_block


def problem(seed=0, n=400, d=6, n_classes=3):
    random = np.random.default_rng(seed)
    y = random.integers(0, n_classes, n)
    X = random.normal(size=(n, d)) * (1 + np.arange(d)) + y[:, None] * random.normal(size=d)
    return X, np.array(["a", "b", "c", "d"])[y], random.integers(1, 4, n).astype(float)


def counts(seed=0, n=300, d=8):
    random = np.random.default_rng(seed)
    y = random.integers(0, 3, n)
    rates = random.gamma(1.0, size=(3, d))
    return random.poisson(rates[y]).astype(float), y, random.integers(1, 4, n).astype(float)


PAIRS = [
    (GaussianNB, naive_bayes.GaussianNB, problem),
    (MultinomialNB, naive_bayes.MultinomialNB, counts),
    (BernoulliNB, naive_bayes.BernoulliNB, counts),
]
each = pytest.mark.parametrize(("ours", "theirs", "data"), PAIRS, ids=["gaussian", "multinomial", "bernoulli"])


@each
@pytest.mark.parametrize("seed", range(5))
def test_probabilities_are_scikit_learns(ours, theirs, data, seed):
    X, y, weights = data(seed)
    new = data(seed + 100)[0]
    for sample_weight in (None, weights):
        a, b = ours().fit(X, y, sample_weight), theirs().fit(X, y, sample_weight)
        np.testing.assert_allclose(a.predict_log_proba(new), b.predict_log_proba(new), rtol=1e-6, atol=1e-8)
        np.testing.assert_array_equal(a.predict(new), b.predict(new))


@pytest.mark.parametrize("parameters", [{"alpha": 0.3}, {"fit_prior": False}, {"class_prior": [0.2, 0.3, 0.5]}])
@pytest.mark.parametrize(("ours", "theirs", "data"), PAIRS[1:], ids=["multinomial", "bernoulli"])
def test_smoothing_and_priors_are_scikit_learns(ours, theirs, data, parameters):
    X, y, _ = data(3)
    a, b = ours(**parameters).fit(X, y), theirs(**parameters).fit(X, y)
    np.testing.assert_allclose(a.feature_log_prob_, b.feature_log_prob_)
    np.testing.assert_allclose(a.class_log_prior_, b.class_log_prior_)


def test_every_feature_may_have_a_smoothing_of_its_own():
    X, y, _ = counts(3)
    alpha = np.linspace(0.1, 2.0, 8)
    theirs = naive_bayes.MultinomialNB(alpha=alpha).fit(X, y)
    np.testing.assert_allclose(MultinomialNB(alpha=alpha).fit(X, y).feature_log_prob_, theirs.feature_log_prob_)
    chances = np.exp(BernoulliNB(alpha=alpha).fit(X, y).feature_log_prob_[1])
    rows = X[y == 1] > 0
    np.testing.assert_allclose(chances, (rows.sum(axis=0) + alpha) / (len(rows) + 2 * alpha))


@each
def test_batches_leave_what_one_fit_leaves(ours, theirs, data):
    X, y, weights = data(1)
    whole, parts = ours().fit(X, y, weights), ours()
    for rows in np.array_split(np.arange(len(X)), 4):
        parts.partial_fit(X[rows], y[rows], np.unique(y), weights[rows])
    np.testing.assert_allclose(parts.class_count_, whole.class_count_)
    np.testing.assert_allclose(parts.predict_log_proba(X), whole.predict_log_proba(X), rtol=1e-6)


@each
def test_a_weight_of_two_is_a_row_twice(ours, theirs, data):
    X, y, weights = data(2)
    repeated = np.repeat(np.arange(len(X)), weights.astype(int))
    weighted, plain = ours().fit(X, y, weights), ours().fit(X[repeated], y[repeated])
    np.testing.assert_allclose(weighted.predict_log_proba(X), plain.predict_log_proba(X), rtol=1e-7, atol=1e-9)


def test_bell_curves_by_hand():
    model = GaussianNB(var_smoothing=0).fit([[0.0], [2.0], [4.0], [8.0]], [0, 0, 1, 1])
    assert model.theta_.ravel().tolist() == [1.0, 6.0]
    assert model.var_.ravel().tolist() == [1.0, 4.0]
    odds = norm(1, 1).pdf(3.0) / (norm(1, 1).pdf(3.0) + norm(6, 2).pdf(3.0))
    np.testing.assert_allclose(model.predict_proba([[3.0]])[0, 0], odds)


def test_counts_by_hand():
    model = MultinomialNB(alpha=1.0).fit([[3, 1], [0, 2]], [0, 1])
    np.testing.assert_allclose(np.exp(model.feature_log_prob_), [[4 / 6, 2 / 6], [1 / 4, 3 / 4]])
    yes = BernoulliNB(alpha=1.0).fit([[3, 1], [0, 2]], [0, 1])
    np.testing.assert_allclose(np.exp(yes.feature_log_prob_), [[2 / 3, 2 / 3], [1 / 3, 2 / 3]])


def test_known_bell_curves_are_found_again():
    random = np.random.default_rng(0)
    y = random.integers(0, 2, 200_000)
    mean, width = np.array([[0.0, 5.0], [1.0, -5.0]]), np.array([[1.0, 2.0], [0.5, 3.0]])
    model = GaussianNB().fit(random.normal(mean[y], width[y]), y)
    np.testing.assert_allclose(model.theta_, mean, atol=0.05)
    np.testing.assert_allclose(np.sqrt(model.var_), width, rtol=0.02)


def test_far_from_the_origin_no_digits_are_lost():
    X, y, _ = problem(4)
    near, far = GaussianNB().fit(X, y), GaussianNB().fit(X + 1e8, y)
    np.testing.assert_allclose(far.var_, near.var_, rtol=1e-6)


@given(order=st.permutations(range(6)), shift=st.floats(-100, 100), scale=st.floats(0.01, 100))
@settings(max_examples=20, deadline=None)
def test_units_and_order_of_the_features_change_no_class(order, shift, scale):
    X, y, _ = problem(5)
    expected = GaussianNB(var_smoothing=0).fit(X, y).predict(X)
    other = X[:, list(order)] * scale + shift
    assert np.mean(GaussianNB(var_smoothing=0).fit(other, y).predict(other) == expected) > 0.99


def test_without_smoothing_an_unseen_word_forbids_a_class_and_no_number_is_lost():
    X, y = [[2, 0], [1, 1]], ["plain", "mixed"]
    for model in (MultinomialNB(alpha=0.0), BernoulliNB(alpha=0.0)):
        shares = model.fit(X, y).predict_proba([[0, 3], [1, 1], [1, 0]])
        assert np.isfinite(shares).all()
        np.testing.assert_allclose(shares[:, list(model.classes_).index("plain")][:2], 0.0)


def test_a_constant_feature_says_nothing():
    X, y, _ = problem(6)
    wider = np.column_stack([X, np.full(len(X), 3.0)])
    a, b = GaussianNB().fit(X, y), GaussianNB().fit(wider, y)
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(wider), atol=1e-6)


@pytest.mark.parametrize("model", [MultinomialNB(), BernoulliNB(), BernoulliNB(binarize=1.0)])
def test_sparse_rows_are_counted_like_dense_ones(model):
    X, y, weights = counts(7)
    dense = model.fit(X, y, weights).predict_log_proba(X)
    np.testing.assert_allclose(model.fit(sp.csr_array(X), y, weights).predict_log_proba(sp.csc_array(X)), dense)


def test_raw_strings_are_told_apart():
    texts = ["cheap pills now", "cheap watch now", "the minutes of the meeting", "agenda of the meeting"] * 3
    labels = ["junk", "junk", "work", "work"] * 3
    model = make_pipeline(CountVectorizer(), MultinomialNB()).fit(texts, labels)
    assert model.predict(["cheap meeting pills", "the agenda"]).tolist() == ["junk", "work"]


def test_the_evidence_of_all_features_is_the_joint_probability():
    X, y = load_iris(return_X_y=True)
    model, recording = diorama.watch(GaussianNB(), X, y)
    states = [moment.state for moment in recording.fits[-1].moments]
    assert [state.used for state in states] == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(evidence(X, states[-1]), model.predict_joint_log_proba(X), rtol=1e-9)
    assert "2 of 4" in recording.scene().frames[2].narration


def test_the_picture_of_counts_ends_at_the_models_probability():
    X, y, _ = counts(8)
    model, recording = diorama.watch(MultinomialNB(), X, y)
    last = recording.scene().frames[-1].data["shares"]
    row = int((X != 0).sum(axis=1).argmax())
    np.testing.assert_allclose(last["probability"], model.predict_proba(X[row : row + 1])[0])


def test_kernels_do_what_their_python_says():
    X, y, weights = problem(9, n=20, d=2)
    codes = np.unique(y, return_inverse=True)[1]
    out = [np.zeros(3), np.zeros((3, 2)), np.zeros((3, 2))]
    measure_block.py_func(X, codes, weights, *out)
    for k in range(3):
        rows = codes == k
        np.testing.assert_allclose(out[1][k], np.average(X[rows], axis=0, weights=weights[rows]))
    np.testing.assert_allclose(out[2], class_moments(X, codes, weights, 3).square)
    log = np.empty((20, 3))
    judge_block.py_func(X, out[1], np.ones((3, 2)), np.zeros(3), log)
    np.testing.assert_allclose(log, -((X[:, None] - out[1]) ** 2).sum(axis=2))


def test_moments_of_parts_are_those_of_the_whole():
    X, y, weights = problem(10)
    codes = np.unique(y, return_inverse=True)[1]
    a, b = (class_moments(X[rows], codes[rows], weights[rows], 3) for rows in (slice(0, 150), slice(150, None)))
    for part, whole in zip(merged(a, b), class_moments(X, codes, weights, 3), strict=True):
        np.testing.assert_allclose(part, whole)


def test_unheard_features_count_for_nothing():
    state = State(1, np.log([0.5, 0.5]), np.array([[0.0, 9.0], [1.0, -9.0]]), np.ones((2, 2)))
    assert evidence(np.array([[0.2, -9.0]]), state).argmax() == 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda X, y: GaussianNB(priors=[0.5, 0.5]).fit(X, y), "priors must have one number for each of the 3 classes"),
        (lambda X, y: GaussianNB(priors=[0.5, 0.6, 0.1]).fit(X, y), "priors must be probabilities"),
        (lambda X, y: GaussianNB().partial_fit(X, y), "classes must be passed on the first call"),
        (lambda X, y: GaussianNB().partial_fit(X, y, classes=["a", "b"]), r"labels \['c'\]"),
        (lambda X, y: GaussianNB().fit(np.where(X > 0, np.inf, X), y), "infinity"),
        (lambda X, y: GaussianNB(var_smoothing=-1.0).fit(X, y), "var_smoothing"),
        (lambda X, y: MultinomialNB().fit(X, y), "Negative values"),
        (lambda X, y: MultinomialNB(alpha=[1.0, 2.0]).fit(abs(X), y), "one for each of the 6 features"),
        (lambda X, y: BernoulliNB(class_prior=[1.0]).fit(X, y), "class_prior must have one number"),
    ],
)
def test_what_cannot_be_is_said(call, said):
    X, y, _ = problem(11, n=60)
    with pytest.raises(ValueError, match=said):
        call(X, y)
