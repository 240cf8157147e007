"""Numerical derivatives beside the evaluations that they cannot do without."""

from typing import Any

import numpy as np
from scipy.optimize import approx_fprime, rosen, rosen_der

from benchmarks.harness import Row
from diorama.mathematics import gradient


def _evaluations(x: np.ndarray) -> np.ndarray:
    """As many values of the function as central differences take, and nothing else."""
    for _ in range(2 * x.size):
        rosen(x)
    return np.asarray(rosen_der(x))


def _furthest(found: Any, x: np.ndarray) -> float:
    # central differences are good to about 1e-6 of the largest slope: what is finer than that is rounding
    exact = rosen_der(x)
    return max(float(abs(found - exact).max() / abs(exact).max()), 1e-6)


def _row(n: int) -> Row:
    return Row(
        name=f"numerical gradient of {n:,} numbers (Rosenbrock)",
        data=lambda: np.random.default_rng(0).normal(size=n),
        contenders={
            "diorama": lambda x: gradient(rosen, x),
            "2n evaluations": _evaluations,
            "scipy, one-sided": lambda x: approx_fprime(x, rosen),
        },
        quality=_furthest,
        measure="largest error",
        lower_is_better=True,
        # twice its 2n evaluations' own time at most; SciPy's takes half as many values and has half as many digits
        against={"2n evaluations": 0.5, "scipy, one-sided": 0.4},
    )


ROWS = [_row(n) for n in (10, 200, 1_000)]
