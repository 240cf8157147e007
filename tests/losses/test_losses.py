"""Losses: against PyTorch and scikit-learn, against central differences, exact values, weights, limits, bad input."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from sklearn import metrics
from torch.nn import functional

from diorama.losses import MAE, MSE, RMSE, BinaryCrossEntropy, CrossEntropy, Hinge, Huber, KLDivergence

REDUCTIONS = ("mean", "sum", "none")
RNG = np.random.default_rng(0)
N, K = 7, 4
NUMBERS, SCORES = RNG.normal(size=(N, K)), RNG.normal(size=(N, K)) * 2
SIGNS = np.where(RNG.random((N, K)) < 0.5, -1.0, 1.0)
LIKELY, GUESSED = RNG.uniform(0.05, 0.95, size=(2, N, K))
P, Q = RNG.dirichlet(np.ones(K), size=(2, N)) * 0.9 + 0.1 / K
CLASSES = RNG.integers(0, K, size=N)
WEIGHTS = RNG.integers(1, 4, size=N)

# a loss by its reduction, its targets and its predictions
CASES = {
    "mse": (MSE, {}, NUMBERS, SCORES),
    "rmse": (RMSE, {}, NUMBERS, SCORES),
    "mae": (MAE, {}, NUMBERS, SCORES),
    "huber": (Huber, {"delta": 0.7}, NUMBERS, SCORES),
    "hinge": (Hinge, {}, SIGNS, SCORES),
    "squared hinge": (Hinge, {"squared": True}, SIGNS, SCORES),
    "binary logits": (BinaryCrossEntropy, {"label_smoothing": 0.1}, LIKELY, SCORES),
    "binary probabilities": (BinaryCrossEntropy, {"from_logits": False}, LIKELY, GUESSED),
    "classes": (CrossEntropy, {"label_smoothing": 0.2}, CLASSES, SCORES),
    "class probabilities": (CrossEntropy, {"from_logits": False}, P, Q),
    "divergence": (KLDivergence, {}, P, Q),
    "divergence logits": (KLDivergence, {"from_logits": True}, P, SCORES),
}


def reduced(parts, reduction):
    return {"mean": parts.mean, "sum": parts.sum, "none": lambda: parts}[reduction]()


def torch_value(name, reduction, target, predicted):
    mean = "batchmean" if reduction == "mean" else reduction
    return {
        "mse": lambda: functional.mse_loss(predicted, target, reduction=reduction),
        "mae": lambda: functional.l1_loss(predicted, target, reduction=reduction),
        "huber": lambda: functional.huber_loss(predicted, target, delta=0.7, reduction=reduction),
        "binary logits": lambda: functional.binary_cross_entropy_with_logits(
            predicted, 0.9 * target + 0.05, reduction=reduction
        ),
        "binary probabilities": lambda: functional.binary_cross_entropy(predicted, target, reduction=reduction),
        "classes": lambda: functional.cross_entropy(predicted, target, label_smoothing=0.2, reduction=reduction),
        # its own cross-entropy would normalise the probabilities once more
        "class probabilities": lambda: reduced(-(target * predicted.log()).sum(-1), reduction),
        "divergence": lambda: functional.kl_div(predicted.log(), target, reduction=mean),
        "divergence logits": lambda: functional.kl_div(predicted.log_softmax(-1), target, reduction=mean),
    }[name]()


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", [name for name in CASES if "hinge" not in name and name != "rmse"])
def test_values_and_gradients_are_those_of_pytorch(name, reduction):
    loss, settings_, target, predicted = CASES[name]
    ours = loss(**settings_, reduction=reduction)
    theirs_at = torch.tensor(predicted, requires_grad=True)
    theirs = torch_value(name, reduction, torch.tensor(target), theirs_at)
    theirs.sum().backward()
    value = theirs.detach().numpy()
    # its divergence leaves the rows apart
    value = value.sum(axis=-1) if name.startswith("divergence") and reduction == "none" else value
    np.testing.assert_allclose(ours(target, predicted), value, rtol=1e-12)
    gradient = theirs_at.grad.numpy()
    np.testing.assert_allclose(ours.gradient(target, predicted), gradient, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_values_are_those_of_scikit_learn(weights):
    y, p = NUMBERS[:, 0], SCORES[:, 0]
    for ours, theirs in (
        (MSE(), metrics.mean_squared_error),
        (MAE(), metrics.mean_absolute_error),
        (RMSE(), metrics.root_mean_squared_error),
    ):
        assert ours(y, p, weights) == pytest.approx(theirs(y, p, sample_weight=weights), rel=1e-13)
    signs = SIGNS[:, 0]
    assert Hinge()(signs, p, weights) == pytest.approx(metrics.hinge_loss(signs, p, sample_weight=weights))
    guesses = CrossEntropy(from_logits=False)(CLASSES, Q, weights)
    assert guesses == pytest.approx(metrics.log_loss(CLASSES, Q, sample_weight=weights, labels=range(K)))


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_central_differences(name, reduction, weights):
    loss, settings_, target, predicted = CASES[name]
    ours = loss(**settings_, reduction=reduction)
    h, numeric = 1e-6, np.empty_like(predicted)
    for place in np.ndindex(predicted.shape):
        nudge = np.zeros_like(predicted)
        nudge[place] = h
        numeric[place] = (ours(target, predicted + nudge, weights) - ours(target, predicted - nudge, weights)) / (2 * h)
    np.testing.assert_allclose(ours.gradient(target, predicted, weights), numeric, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("name", CASES)
def test_a_weight_counts_a_row_as_often(name, reduction):
    loss, settings_, target, predicted = CASES[name]
    ours = loss(**settings_, reduction=reduction)
    again = np.repeat(np.arange(N), WEIGHTS)
    assert ours(target, predicted, WEIGHTS) == pytest.approx(ours(target[again], predicted[again]), rel=1e-13)
    apart = ours.gradient(target[again], predicted[again])
    together = np.stack([apart[again == i].sum(axis=0) for i in range(N)])
    np.testing.assert_allclose(ours.gradient(target, predicted, WEIGHTS), together, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", CASES)
def test_leading_axes_and_single_precision_are_kept(name):
    loss, settings_, target, predicted = CASES[name]
    small = predicted.astype(np.float32)
    parts = loss(**settings_, reduction="none")
    assert parts(target, small).dtype == parts.gradient(target, small).dtype == np.float32
    assert loss(**settings_).gradient(target, small, WEIGHTS).dtype == np.float32
    assert loss(**settings_)(target, small) == pytest.approx(loss(**settings_)(target, predicted), rel=1e-5)
    folded = parts.gradient(target[None, :, None], predicted[None, :, None])
    np.testing.assert_array_equal(folded[0, :, 0], parts.gradient(target, predicted))
    assert settings_.keys() <= vars(parts).keys()
    assert type(parts).__name__ in repr(parts)


def test_constructed_values():
    assert MSE()([0.0, 0.0], [3.0, 1.0]) == 5.0
    assert RMSE(reduction="sum")([0.0, 0.0], [3.0, 4.0]) == 5.0
    np.testing.assert_array_equal(RMSE().gradient([1.0, 2.0], [1.0, 2.0]), [0, 0])
    # straight on both sides, also where the prediction is too high
    np.testing.assert_array_equal(Huber(2.0, reduction="none")([0.0, 0.0, 0.0], [-5.0, 5.0, 1.0]), [8, 8, 0.5])
    np.testing.assert_array_equal(Hinge(reduction="none").gradient([1, 1, -1], [1.0, 0.9, 0.0]), [0, -1, 1])
    assert KLDivergence()(P, P) == pytest.approx(0, abs=1e-15)
    one_hot = np.eye(K)[CLASSES]
    assert CrossEntropy()(CLASSES, SCORES) == CrossEntropy()(one_hot, SCORES)
    two = np.stack([np.zeros(N), SCORES[:, 0]], axis=1)
    labels = (SIGNS[:, 0] > 0).astype(int)
    assert BinaryCrossEntropy()(labels, SCORES[:, 0]) == pytest.approx(CrossEntropy()(labels, two), rel=1e-14)


def test_softmax_does_not_see_a_shift():
    for loss in (CrossEntropy(), KLDivergence(from_logits=True)):
        shifted = SCORES + 1000.0
        assert loss(P, SCORES) == pytest.approx(loss(P, shifted), rel=1e-12)
        np.testing.assert_allclose(loss.gradient(P, SCORES), loss.gradient(P, shifted), atol=1e-12)


def test_sure_and_wrong_costs_much_and_never_infinity():
    logits = np.array([1e4, -1e4])
    assert BinaryCrossEntropy()([0.0, 1.0], logits) == 1e4
    assert BinaryCrossEntropy()([1.0, 0.0], logits) == 0.0
    assert CrossEntropy()([1], [[1e4, -1e4]]) == 2e4
    assert 300 < BinaryCrossEntropy(from_logits=False)([1.0, 0.0], [0.0, 1.0]) < 400
    assert BinaryCrossEntropy(from_logits=False)([1.0, 0.0], [1.0, 0.0]) == 0
    assert 300 < CrossEntropy(from_logits=False)([0], [[0.0, 1.0]]) < 400
    assert 300 < KLDivergence()([[1.0, 0.0]], [[0.0, 1.0]]) < 400
    assert KLDivergence()([[1.0, 0.0]], [[1.0, 0.0]]) == 0


SHAPES = array_shapes(min_dims=1, max_dims=3, max_side=4)
FLOATS = st.sampled_from([np.float32, np.float64])


@settings(max_examples=60, deadline=None)
@given(data=st.data(), dtype=FLOATS, shape=SHAPES, reduction=st.sampled_from(REDUCTIONS))
def test_cross_entropies_are_finite_for_every_finite_number(data, dtype, shape, reduction):
    width = np.dtype(dtype).itemsize * 8
    reals = st.floats(allow_nan=False, allow_infinity=False, width=width)
    shares = st.floats(0, 1, width=width)
    logits, y = data.draw(arrays(dtype, shape, elements=reals)), data.draw(arrays(dtype, shape, elements=shares))
    p = data.draw(arrays(dtype, shape, elements=shares))
    classes = np.zeros(shape[:-1], dtype=int)
    for loss, target, predicted in (
        (BinaryCrossEntropy(reduction=reduction), y, logits),
        (BinaryCrossEntropy(reduction=reduction, from_logits=False), y, p),
        (CrossEntropy(reduction=reduction, label_smoothing=0.5), classes, logits),
    ):
        assert np.isfinite(loss(target, predicted)).all()
        gradient = loss.gradient(target, predicted)
        assert np.isfinite(gradient).all()
        assert gradient.shape == shape
        assert gradient.dtype == dtype
        assert np.min(loss(target, predicted)) >= 0


@settings(max_examples=40, deadline=None)
@given(data=st.data(), shape=SHAPES)
def test_regression_losses_are_symmetric_and_never_negative(data, shape):
    numbers = arrays(np.float64, shape, elements=st.floats(-1e6, 1e6))
    y, p = data.draw(numbers), data.draw(numbers)
    for loss in (MSE(), RMSE(), MAE(), Huber(3.0)):
        assert loss(y, p) == loss(p, y) >= 0
        assert loss(y, y) == 0


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_number_that_is_none_is_named_by_place(name, bad):
    loss, settings_, target, predicted = CASES[name]
    broken = predicted.copy()
    broken[2, 1] = bad
    for act in (loss(**settings_), loss(**settings_).gradient):
        with pytest.raises(ValueError, match=r"y_pred of shape \(7, 4\) must hold finite.*entry \(2, 1\)"):
            act(target, broken)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: MSE()([], []), ValueError, r"y_pred is empty \(shape \(0,\)\)"),
        (lambda: MSE()([[1.0], [2.0]], [1.0, 2.0]), ValueError, r"y_true has shape \(2, 1\); expected .*\(2,\)"),
        (lambda: MSE()(["a"], [1.0]), TypeError, "y_true must hold real numbers"),
        (lambda: MSE(reduction="men"), ValueError, "reduction must be one of .*'men': did you mean 'mean'"),
        (lambda: MSE()([1.0], [1.0], [1.0, 2.0]), ValueError, r"sample_weight has shape \(2,\); expected \(1,\)"),
        (lambda: MSE()([1.0], [1.0], [-1.0]), ValueError, "sample_weight of shape .* must not be negative"),
        (lambda: MSE()([1.0], [1.0], [0.0]), ValueError, "zero everywhere"),
        (lambda: Huber(0.0), ValueError, "delta must be positive"),
        (lambda: Hinge()([0, 1], [0.0, 1.0]), ValueError, "y_true of shape .* must hold -1 and 1 only; it has 0"),
        (lambda: BinaryCrossEntropy(label_smoothing=1.0), ValueError, "label_smoothing must be at least 0"),
        (lambda: BinaryCrossEntropy()([2.0], [0.0]), ValueError, "y_true of shape .* probabilities from 0 to 1"),
        (lambda: BinaryCrossEntropy(from_logits=False)([1.0], [1.5]), ValueError, "y_pred of shape .* range is 1.5"),
        (lambda: CrossEntropy()([3], [[0.0, 1.0]]), ValueError, "class indices from 0 to 1; got 3 to 3"),
        (lambda: CrossEntropy()([0.0], [[0.0, 1.0]]), TypeError, "whole class indices; its type is float64"),
        (lambda: CrossEntropy()([0, 1], [[0.0, 1.0]]), ValueError, r"y_true has shape \(2,\); expected \(1,\) for"),
        (lambda: CrossEntropy()(0, 1.0), ValueError, r"y_pred has shape \(\); expected \(..., n_classes\)"),
        (lambda: KLDivergence()(1.0, 1.0), ValueError, r"y_pred has shape \(\); expected \(..., n_classes\)"),
        (lambda: KLDivergence()([[0.5, 0.2]], [[0.5, 0.5]]), ValueError, "y_true of .* add up to 1 .* off by 0.3"),
    ],
)
def test_errors_say_what_was_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()
