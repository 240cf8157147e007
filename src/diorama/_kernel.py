"""How every kernel of the package is compiled: without the interpreter's lock, cached on disk, serial inside."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# reassociation and the like let loops use vector instructions; "nnan" and "ninf" stay out, so that a NaN stays one
FAST_MATH = {"reassoc", "nsz", "arcp", "contract", "afn"}


def kernel(function: Function) -> Function:
    """Compile `function` of plain C-contiguous arrays and scalars; `function.py_func` is the Python it came from."""
    return cast(Function, numba.njit(nogil=True, cache=True, fastmath=FAST_MATH)(function))


def exact_kernel(function: Function) -> Function:
    """The same without fast arithmetic, for kernels that look for NaN or must add in the order written."""
    # said aloud: left open, it would inherit the arithmetic of the first kernel that calls it
    return cast(Function, numba.njit(nogil=True, cache=True, fastmath=False)(function))
