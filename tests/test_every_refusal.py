"""What no function can work with, given as each argument of everything public: a refusal that names the argument."""

import inspect
import re
from importlib import import_module

import numpy as np
import pytest
from sklearn.base import clone

from diorama import losses as ls
from diorama import mathematics as m
from diorama import optimization as o
from diorama import penalties as p
from diorama.linear import enet_path, lasso_path
from tests.estimators import all_estimators, small_problem

VECTOR, TABLE = np.array([1.0, 2.0, 4.0]), np.array([[1.0, 2.0], [3.0, 5.0]])
ROWS = np.random.default_rng(0).normal(size=(12, 3))
TARGET = ROWS @ VECTOR


def each_wrong(good):
    """Each way to be wrong, by name: where `good` is an array, its NaN is one entry."""
    nan = float("nan")
    if isinstance(good, np.ndarray):
        nan = good.copy()
        nan.flat[-1] = np.nan
    return {
        "text": "text",
        "None": None,
        "an object": object(),
        "ragged": [[1.0], [1.0, 2.0]],
        "NaN": nan,
        "empty": np.empty(0),
        "deep": np.zeros((2, 2, 2, 2)),
    }


def square(x):
    return x * x


def bowl(x):
    return float(np.sum(np.square(x)))


def turned(place):
    return -place[1], place[0]


def spread(call):
    """A call that takes its arguments in a row, with the row as one."""
    return lambda shapes: call(*shapes) if isinstance(shapes, tuple) else call(shapes)


# by name: what is called, right arguments, and what is no mistake for some of them
LOSS = {"y_true": VECTOR, "y_pred": VECTOR + 1, "sample_weight": VECTOR}
SHARES = {"y_true": np.array([[0.5, 0.5], [0.0, 1.0]]), "y_pred": TABLE, "sample_weight": np.array([1.0, 2.0])}
CALLS = {
    "MSE": (ls.MSE, {"reduction": "mean"}, {}),
    "MAE": (ls.MAE, {"reduction": "mean"}, {}),
    "RMSE": (ls.RMSE, {"reduction": "mean"}, {}),
    "Huber": (ls.Huber, {"delta": 1.0, "reduction": "mean"}, {}),
    "Hinge": (ls.Hinge, {"squared": True, "reduction": "mean"}, {}),
    "CrossEntropy": (ls.CrossEntropy, {"from_logits": True, "label_smoothing": 0.1, "reduction": "mean"}, {}),
    "BinaryCrossEntropy": (
        ls.BinaryCrossEntropy,
        {"from_logits": True, "label_smoothing": 0.1, "reduction": "mean"},
        {},
    ),
    "KLDivergence": (ls.KLDivergence, {"from_logits": True, "reduction": "mean"}, {}),
    "fit_line": (
        ls.fit_line,
        {"loss": ls.Huber(), "x": VECTOR, "y": VECTOR**2, "max_iter": 200, "tol": 1e-9},
        {},
    ),
    "sweep": (ls.sweep, {"loss": ls.MSE(), "y_true": VECTOR, "y_pred": np.stack([VECTOR, VECTOR])}, {}),
    **{f"{kind.__name__}()": (kind(), LOSS, {}) for kind in (ls.MSE, ls.MAE, ls.RMSE, ls.Huber)},
    **{f"{kind.__name__}().gradient": (kind().gradient, LOSS, {}) for kind in (ls.MSE, ls.MAE, ls.RMSE, ls.Huber)},
    "Hinge()": (ls.Hinge(), {**LOSS, "y_true": np.array([-1.0, 1.0, 1.0])}, {}),
    "BinaryCrossEntropy()": (ls.BinaryCrossEntropy(), {**LOSS, "y_true": np.array([0.0, 1.0, 1.0])}, {}),
    "CrossEntropy()": (ls.CrossEntropy(), SHARES, {}),
    "KLDivergence()": (ls.KLDivergence(from_logits=True), SHARES, {}),
    "L1": (p.L1, {"alpha": 1.0}, {}),
    "L2": (p.L2, {"alpha": 1.0}, {}),
    "ElasticNet": (p.ElasticNet, {"alpha": 1.0, "l1_ratio": 0.5}, {}),
    **{
        f"{kind.__name__}().{name}": (getattr(kind(), name), {"w": VECTOR, **others}, {"w": ("empty", "deep")})
        for kind in (p.L1, p.L2, p.ElasticNet)
        for name, others in (("__call__", {}), ("gradient", {}), ("prox", {"step": 0.5}))
    },
    "penalty_path": (
        p.penalty_path,
        {"penalty": p.L1, "X": ROWS, "y": TARGET, "alphas": np.array([1.0, 0.1])},
        {},
    ),
    "SGD": (o.SGD, {"learning_rate": 0.1, "weight_decay": 0.0}, {}),
    "GradientDescent": (o.GradientDescent, {"learning_rate": 0.1}, {}),
    "Momentum": (o.Momentum, {"learning_rate": 0.1, "momentum": 0.9, "dampening": 0.0, "weight_decay": 0.0}, {}),
    "Nesterov": (o.Nesterov, {"learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.0}, {}),
    "Adagrad": (
        o.Adagrad,
        {"learning_rate": 0.1, "lr_decay": 0.0, "weight_decay": 0.0, "initial_accumulator_value": 0.0, "eps": 1e-8},
        {},
    ),
    "Adadelta": (o.Adadelta, {"learning_rate": 0.1, "rho": 0.9, "eps": 1e-8, "weight_decay": 0.0}, {}),
    "RMSProp": (o.RMSProp, {"learning_rate": 0.1, "alpha": 0.9, "eps": 1e-8, "weight_decay": 0.0}, {}),
    "Adam": (o.Adam, {"learning_rate": 0.1, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.0}, {}),
    "AdamW": (o.AdamW, {"learning_rate": 0.1, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.0}, {}),
    "Armijo": (o.Armijo, {"share": 0.1, "max_trials": 5}, {}),
    "StrongWolfe": (o.StrongWolfe, {"share": 0.1, "curvature": 0.9, "max_trials": 5}, {}),
    "FixedLength": (o.FixedLength, {"share": 0.1}, {}),
    "BFGS": (o.BFGS, {"line_search": o.Armijo()}, {}),
    "LBFGS": (o.LBFGS, {"history_size": 3, "line_search": o.Armijo()}, {}),
    "ConjugateGradient": (o.ConjugateGradient, {"line_search": o.Armijo()}, {}),
    "Newton": (o.Newton, {"line_search": o.Armijo()}, {}),
    "StepSchedule": (o.StepSchedule, {"learning_rate": 0.1, "step_size": 3, "gamma": 0.5}, {}),
    "CosineSchedule": (o.CosineSchedule, {"learning_rate": 0.1, "n_steps": 3, "lowest": 0.0}, {}),
    "WarmUp": (o.WarmUp, {"after": 0.1, "n_steps": 3, "start_factor": 0.5}, {}),
    "minimize": (
        o.minimize,
        {
            "fun": bowl,
            "x0": VECTOR,
            "method": "newton",
            "grad": lambda x: 2 * x,
            "hess": lambda x: 2 * np.eye(3),
            "max_iter": 5,
            "tol": 1e-6,
        },
        {},
    ),
    "race": (
        o.race,
        {
            "fun": bowl,
            "x0": VECTOR,
            "methods": ["newton", "bfgs"],
            "grad": lambda x: 2 * x,
            "hess": lambda x: 2 * np.eye(3),
            "max_iter": 5,
            "tol": 1e-6,
        },
        {},
    ),
    "bayes_rule": (
        m.bayes_rule,
        {"prior": np.array([0.2, 0.8]), "likelihood": np.array([0.5, 0.1]), "names": ("ill", "well")},
        {},
    ),
    "broadcast_rules": (spread(m.broadcast_rules), {"shapes": ((2, 3), (3,))}, {"shapes": ("empty",)}),
    "broadcast_shape": (spread(m.broadcast_shape), {"shapes": ((2, 3), (3,))}, {"shapes": ("empty",)}),
    "central_limit": (m.central_limit, {"distribution": m.Uniform(), "size": 3, "repeats": 9, "seed": 0}, {}),
    "interval_coverage": (
        m.interval_coverage,
        {"distribution": m.Uniform(), "size": 3, "level": 0.9, "repeats": 9, "seed": 0},
        {},
    ),
    # any word is a variable
    "chain_rule": (
        m.chain_rule,
        {"expression": "sin(x**2)", "variable": "x"},
        {"expression": ("text",), "variable": ("text",)},
    ),
    "conditional_table": (m.conditional_table, {"counts": TABLE, "given": "row"}, {}),
    "independence": (m.independence, {"counts": TABLE}, {}),
    "confidence_interval": (m.confidence_interval, {"x": VECTOR, "level": 0.9}, {}),
    "summary": (m.summary, {"x": VECTOR}, {}),
    "correlation": (m.correlation, {"x": VECTOR, "y": VECTOR**2}, {}),
    "covariance": (m.covariance, {"x": VECTOR, "y": VECTOR**2, "sample": True}, {}),
    "derivative": (m.derivative, {"f": square, "x": 3.0, "method": "forward", "step": 1e-4}, {}),
    "derivative_errors": (
        m.derivative_errors,
        {"f": square, "x": 3.0, "method": "forward", "exact": 6.0, "steps": np.array([0.1, 0.01])},
        {},
    ),
    "directional_derivative": (
        m.directional_derivative,
        {"f": bowl, "x": VECTOR, "direction": np.array([1.0, 0.0, 0.0]), "normalize": True},
        {},
    ),
    "gradient": (m.gradient, {"f": bowl, "x": VECTOR}, {}),
    "hessian": (m.hessian, {"f": bowl, "x": VECTOR}, {}),
    "jacobian": (m.jacobian, {"f": np.square, "x": VECTOR}, {}),
    "integrate": (
        m.integrate,
        {"f": square, "a": 0.0, "b": 1.0, "method": "simpson", "n": 10, "tol": 1e-8},
        {},
    ),
    "Density": (m.Density, {"pdf": lambda x: 2 * x, "support": (0.0, 1.0)}, {}),
    "Density().probability": (m.Density(lambda x: 2 * x, (0, 1)).probability, {"a": 0.0, "b": 1.0}, {}),
    "dot": (m.dot, {"a": VECTOR, "b": VECTOR}, {}),
    "hadamard": (m.hadamard, {"a": VECTOR, "b": VECTOR}, {}),
    "matmul_steps": (m.matmul_steps, {"A": TABLE, "B": TABLE}, {}),
    "matmul_steps().entry": (m.matmul_steps(TABLE, TABLE).entry, {"row": 0, "column": 1}, {}),
    "transpose": (m.transpose, {"A": TABLE}, {}),
    "vector_field": (m.vector_field, {"field": turned, "x_range": (0.0, 1.0), "y_range": (0.0, 1.0), "n": 3}, {}),
    "Binomial": (m.Binomial, {"n": 3, "p": 0.5}, {}),
    "Geometric": (m.Geometric, {"p": 0.5}, {}),
    "Exponential": (m.Exponential, {"rate": 0.5}, {}),
    "Poisson": (m.Poisson, {"rate": 0.5}, {}),
    "Normal": (m.Normal, {"center": 0.0, "deviation": 0.5}, {}),
    "Uniform": (m.Uniform, {"low": 0.0, "high": 0.5}, {}),
    "Normal().sample": (m.Normal().sample, {"n": 3, "seed": 0}, {}),
    "Normal().draw": (m.Normal().draw, {"n": 3, "repeats": 2, "seed": 0}, {}),
    "Normal().density": (m.Normal().density, {"x": VECTOR}, {"x": ("empty", "deep")}),
    "enet_path": (
        enet_path,
        {
            "X": ROWS,
            "y": TARGET,
            "l1_ratio": 0.5,
            "eps": 0.01,
            "alphas": np.array([1.0, 0.1]),
            "precompute": False,
            "Xy": ROWS.T @ TARGET,
            "coef_init": np.zeros(3),
            "copy_X": True,
            "return_n_iter": True,
            "positive": False,
            "check_input": True,
            "tol": 1e-4,
            "max_iter": 100,
            "random_state": 0,
            "selection": "cyclic",
        },
        {},
    ),
    "lasso_path": (lasso_path, {"X": ROWS, "y": TARGET}, {}),
}
# what is handed out, not called; what others derive from; words and warnings
NOT_CALLED = {
    "losses": {"Line", "Loss", "SweepResult"},
    "penalties": {"Penalty"},
    "mathematics": {
        *("AxisRule", "Belief", "ChainRule", "Coverage", "DerivativeErrors", "Distribution", "Entry", "Independence"),
        *("Integral", "Interval", "MatmulSteps", "Means", "Summary", "VectorField"),
    },
    "optimization": {
        *("METHODS", "SURFACES", "DivergenceWarning", "ExactLength", "LineSearch", "Method", "MinimizeResult"),
        *("Objective", "Optimizer", "Place", "RaceResult", "Schedule", "Surface"),
    },
}


def mistakes(call, right, fine):
    """Of every argument and every way to be wrong, those that are not refused by name."""
    found = []
    for name, good in right.items():
        optional = inspect.signature(call).parameters[name].default is None
        for kind, wrong in each_wrong(good).items():
            if kind in fine.get(name, ()) or (kind == "None" and optional):
                continue
            found += complaint(lambda **given: call(**{**right, **given}), name, kind, wrong)
    return found


def complaint(call, name, kind, wrong):
    """What is to be said of the answer to a wrong argument: nothing of a refusal that names it."""
    try:
        call(**{name: wrong})
    except Exception as error:
        if isinstance(error, TypeError | ValueError) and re.search(rf"\b{name}\b", str(error)):
            return []
        return [f"{name}={kind}: {type(error).__name__}: {str(error)[:150]}"]
    return [f"{name}={kind}: taken"]


@pytest.mark.parametrize("room", sorted(NOT_CALLED))
def test_everything_public_is_in_the_table(room):
    public = set(import_module(f"diorama.{room}").__all__)
    assert public == NOT_CALLED[room] | (public & set(CALLS))


@pytest.mark.parametrize("name", CALLS)
def test_what_is_wrong_is_refused_by_the_argument_s_name(name):
    call, right, fine = CALLS[name]
    call(**right)
    assert mistakes(call, right, fine) == []


LINEAR = [kind for kind in all_estimators() if kind.__module__.startswith("diorama.linear")]
# what parameters have to be for another to be looked at
LOOKED_AT = {"StepwiseRegression": {"criterion": "cv"}}
# what means something: no limit, no knots, the usual number of folds; a table with gaps for one that may have them
TAKEN = {
    "ElasticNet": {"max_iter": ("None",)},
    "Lasso": {"max_iter": ("None",)},
    "GradientDescentClassifier": {"tol": ("None",)},
    "GradientDescentRegressor": {"tol": ("None",)},
    "LogisticRegression": {"penalty": ("None",)},
    "MeanNormalizer": {"X": ("NaN",)},
    "SplineRegression": {"knots": ("empty",)},
    "StepwiseRegression": {"cv": ("None",)},
}
each_linear_model = pytest.mark.parametrize("kind", LINEAR, ids=lambda kind: kind.__name__)


def forty(kind):
    """Rows, targets and weights for a model of this kind."""
    X, y = small_problem(kind(), n=40)
    if y is not None and y.dtype.kind == "U":
        y = np.unique(y, return_inverse=True)[1].astype(float)
    return {"X": X, "y": y, "sample_weight": np.ones(len(X))}


@each_linear_model
def test_a_linear_model_names_the_parameter_that_is_wrong(kind):
    rows, found = forty(kind), []
    model = kind(**LOOKED_AT.get(kind.__name__, {}))
    for name, good in model.get_params().items():
        for way, wrong in each_wrong(good).items():
            if wrong is not good and way not in TAKEN.get(kind.__name__, {}).get(name, ()):
                found += complaint(lambda **given: clone(model).set_params(**given).fit(**rows), name, way, wrong)
    assert found == []


@each_linear_model
def test_a_linear_model_names_the_rows_targets_or_weights_that_are_wrong(kind):
    right, found = forty(kind), []
    model = kind().fit(**right)
    methods = [name for name in ("predict", "predict_proba", "transform", "basis") if hasattr(model, name)]
    for name, good in right.items():
        if good is None:
            continue
        for way, wrong in each_wrong(good).items():
            if way in TAKEN.get(kind.__name__, {}).get(name, ()) or (name, way) == ("sample_weight", "None"):
                continue
            found += complaint(lambda **given: clone(model).fit(**{**right, **given}), name, way, wrong)
            for method in methods if name == "X" else ():
                found += complaint(getattr(model, method), name, f"{way} in {method}", wrong)
    assert found == []
