"""Every optimizer beside torch's of the same name, step by step, on the same gradients in double precision."""

import numpy as np
import pytest
import torch

from diorama.optimization import (
    LBFGS,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    CosineSchedule,
    FixedLength,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    StepSchedule,
    WarmUp,
    minimize,
)

STEPS = 12
PAIRS = {
    "gradient descent": (GradientDescent(0.05), "SGD", {"lr": 0.05}),
    "SGD": (SGD(0.05), "SGD", {"lr": 0.05}),
    "SGD, decay": (SGD(0.05, weight_decay=0.1), "SGD", {"lr": 0.05, "weight_decay": 0.1}),
    "momentum": (Momentum(0.02), "SGD", {"lr": 0.02, "momentum": 0.9}),
    "momentum, damped": (
        Momentum(0.02, momentum=0.8, dampening=0.3, weight_decay=0.1),
        "SGD",
        {"lr": 0.02, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.1},
    ),
    "Nesterov": (
        Nesterov(0.02, weight_decay=0.1),
        "SGD",
        {"lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    ),
    "Adagrad": (Adagrad(), "Adagrad", {}),
    "Adagrad, all set": (
        Adagrad(0.1, lr_decay=0.2, weight_decay=0.1, initial_accumulator_value=0.5, eps=1e-3),
        "Adagrad",
        {"lr": 0.1, "lr_decay": 0.2, "weight_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3},
    ),
    "Adadelta": (Adadelta(), "Adadelta", {}),
    "Adadelta, all set": (
        Adadelta(0.5, rho=0.8, eps=1e-3, weight_decay=0.1),
        "Adadelta",
        {"lr": 0.5, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.1},
    ),
    "RMSProp": (RMSProp(), "RMSprop", {}),
    "RMSProp, all set": (
        RMSProp(0.03, alpha=0.8, eps=1e-3, weight_decay=0.1),
        "RMSprop",
        {"lr": 0.03, "alpha": 0.8, "eps": 1e-3, "weight_decay": 0.1},
    ),
    "Adam": (Adam(), "Adam", {}),
    "Adam, all set": (
        Adam(0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1),
        "Adam",
        {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.1},
    ),
    "AdamW": (AdamW(), "AdamW", {}),
    "AdamW, all set": (
        AdamW(0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.3),
        "AdamW",
        {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.3},
    ),
}


def slope(x):
    """Of a bent function of a (2, 3) matrix; the same numbers for both libraries."""
    return np.array([[1.0, 4.0, 0.1], [0.5, 2.0, 9.0]]) * x + np.cos(x)


def torch_path(name, options, start, schedule=None):
    parameter = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([parameter], **options)
    following = schedule(optimizer) if schedule else None
    path = []
    for _ in range(STEPS):
        parameter.grad = torch.tensor(slope(parameter.detach().numpy()))
        optimizer.step()
        if following:
            following.step()
        path.append(parameter.detach().numpy().copy())
    return np.array(path)


def our_path(optimizer, start):
    x, state, path = start, optimizer.init(start), []
    for _ in range(STEPS):
        x, state = optimizer.update(slope(x), state, x)
        path.append(x)
    return np.array(path)


START = np.array([[1.0, -2.0, 3.0], [0.3, 0.0, -1.0]])


@pytest.mark.parametrize("case", PAIRS)
def test_every_step_is_torchs_step(case):
    ours, name, options = PAIRS[case]
    np.testing.assert_allclose(our_path(ours, START), torch_path(name, options, START), rtol=1e-12, atol=1e-14)


SCHEDULES = {
    "step": (StepSchedule(0.1, step_size=3, gamma=0.5), lambda o: torch.optim.lr_scheduler.StepLR(o, 3, 0.5)),
    "cosine": (
        CosineSchedule(0.1, n_steps=STEPS, lowest=0.01),
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, STEPS, 0.01),
    ),
    "warm-up": (WarmUp(0.1, n_steps=5), lambda o: torch.optim.lr_scheduler.LinearLR(o, total_iters=5)),
}


@pytest.mark.parametrize("case", SCHEDULES)
def test_every_schedule_is_torchs_under_adam(case):
    ours, theirs = SCHEDULES[case]
    expected = torch_path("Adam", {"lr": 0.1}, START, theirs)
    np.testing.assert_allclose(our_path(Adam(ours), START), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", [GradientDescent, SGD, Momentum, Nesterov, Adagrad, Adadelta, RMSProp, Adam, AdamW])
def test_any_optimizer_takes_any_schedule(kind):
    # a schedule that never falls is the number itself
    steady = StepSchedule(0.05, step_size=4, gamma=1.0)
    np.testing.assert_array_equal(our_path(kind(steady), START), our_path(kind(0.05), START))
    falling = our_path(kind(WarmUp(CosineSchedule(0.05, n_steps=5), n_steps=3)), START)
    assert np.isfinite(falling).all()
    # at rate 0 nothing moves
    np.testing.assert_array_equal(falling[-1], falling[-2])


def test_lbfgs_without_search_is_torchs():
    curvatures = np.array([1.0, 3.0, 10.0, 0.5])
    start = np.array([1.0, -2.0, 0.5, 4.0])
    parameter = torch.tensor(start, requires_grad=True)
    optimizer = torch.optim.LBFGS([parameter], lr=1.0, max_iter=1, history_size=3)

    def closure():
        optimizer.zero_grad()
        value = (torch.tensor(curvatures) * parameter**2).sum() / 2
        value.backward()
        return value

    path = []
    for _ in range(8):
        optimizer.step(closure)
        path.append(parameter.detach().numpy().copy())
    method = LBFGS(history_size=3, line_search=FixedLength())
    ours = [
        minimize(
            lambda x: float(curvatures @ x**2) / 2,
            start,
            grad=lambda x: curvatures * x,
            method=method,
            max_iter=n,
            tol=0.0,
        ).x
        for n in range(1, 9)
    ]
    np.testing.assert_allclose(ours, path, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("kind", [GradientDescent, SGD, Momentum, Nesterov, Adagrad, Adadelta, RMSProp, Adam, AdamW])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_optimizer_keeps_the_type_and_writes_nothing(kind, dtype):
    optimizer = kind()
    x, gradient = np.ones((2, 3), dtype=dtype), np.full((2, 3), 2, dtype=dtype)
    first = optimizer.init(x)
    moved, state = optimizer.update(gradient, first, x)
    again, _ = optimizer.update(gradient, state, moved)
    assert moved.dtype == again.dtype == dtype
    assert (x == 1).all()
    assert (gradient == 2).all()
    repeated, _ = optimizer.update(gradient, first, x)
    assert repeated.tobytes() == moved.tobytes()


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: SGD(weight_decay=-1.0), "weight_decay"),
        (lambda: Momentum(momentum=1.0), "momentum must be at least 0 and less than 1"),
        (lambda: Momentum(dampening=-0.1), "dampening"),
        (lambda: Nesterov(momentum=-0.5), "momentum"),
        (lambda: Adagrad(eps=-1.0), "eps"),
        (lambda: Adadelta(rho=1.5), "rho"),
        (lambda: RMSProp(alpha=1.0), "alpha"),
        (lambda: Adam(betas=(0.9, 1.0)), "each of betas"),
        (lambda: Adam(betas=(0.9,)), "two numbers"),
        (lambda: AdamW(learning_rate=np.inf), "positive finite"),
        (lambda: StepSchedule(0.1, step_size=0), "step_size"),
        (lambda: StepSchedule(0.1, step_size=1, gamma=0.0), "gamma"),
        (lambda: CosineSchedule(-0.1, n_steps=5), "learning_rate"),
        (lambda: CosineSchedule(0.1, n_steps=5, lowest=1.0), "lowest"),
        (lambda: WarmUp(0.1, n_steps=0), "n_steps"),
        (lambda: WarmUp(0.1, n_steps=1, start_factor=2.0), "start_factor"),
        (lambda: WarmUp(0.0, n_steps=1), "follows a warm-up"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(build, sentence):
    with pytest.raises(ValueError, match=sentence):
        build()
