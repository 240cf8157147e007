"""How every kernel of the package is compiled: without the interpreter's lock, cached on disk, serial inside."""

import gc
import importlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np


def _import_numba() -> Any:
    """Numba without its hook for measuring test coverage.

    The hook imports whatever is called `coverage`, and a script of that name beside the user's own would break it.
    """
    if "coverage" in sys.modules:
        return importlib.import_module("numba")
    sys.modules["coverage"] = None  # type: ignore[assignment]  # how Python is told that there is no such module
    try:
        return importlib.import_module("numba")
    finally:
        del sys.modules["coverage"]


numba = _import_numba()
Listener: Any = numba.core.event.Listener


class _NoGarbageMeanwhile(Listener):
    """Python looks for garbage after it has compiled a kernel, not while: what compiling makes is mostly there to stay.

    Looking took a sixth of the time that a first fit waits.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._usual = True

    def on_start(self, event: Any) -> None:
        if self._depth == 0:
            self._usual = gc.isenabled()
            gc.disable()
        self._depth += 1

    def on_end(self, event: Any) -> None:
        self._depth -= 1
        if self._depth == 0 and self._usual:
            gc.enable()


# seconds that a large kernel takes to compile, about
COMPILING = 3.0
# elementary operations that plain Python makes in well below that
FEW = 1_000_000
# seconds that each kernel has run as plain Python
_in_python: dict[Callable[..., Any], float] = {}

# one kernel is compiled at a time: Numba holds a lock
numba.core.event.register("numba:compile", _NoGarbageMeanwhile())

Function = TypeVar("Function", bound=Callable[..., Any])

# reassociation and the like let loops use vector instructions; "nnan" and "ninf" stay out, so that a NaN stays one
FAST_MATH = {"reassoc", "nsz", "arcp", "contract", "afn"}
_NO_ENTRANCE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: Function) -> Function:
    """Compile `function` of plain C-contiguous arrays and scalars; `function.py_func` is the Python it came from."""
    return cast(Function, numba.njit(nogil=True, cache=True, no_cfunc_wrapper=True, fastmath=FAST_MATH)(function))


def exact_kernel(function: Function) -> Function:
    """The same without fast arithmetic, for kernels that look for NaN or must add in the order written."""
    # said aloud: left open, it would inherit the arithmetic of the first kernel that calls it
    return cast(Function, numba.njit(nogil=True, cache=True, no_cfunc_wrapper=True, fastmath=False)(function))


def kernel_step(function: Function) -> Function:
    """A piece of kernels: compiled as part of each one that calls it, plain Python for anyone else.

    It has no entrance of its own from Python and no file of its own on disk, which are half of what a small function
    costs to compile. `kernel(function)` makes a kernel of it where one is wanted.
    """
    return cast(Function, numba.extending.register_jitable(fastmath=FAST_MATH, **_NO_ENTRANCE)(function))


def exact_kernel_step(function: Function) -> Function:
    """The same for exact kernels; `exact_kernel(function)` makes a kernel of it."""
    return cast(Function, numba.extending.register_jitable(fastmath=False, **_NO_ENTRANCE)(function))


def exact_kernel_choice(steps: Mapping[type[Any], Callable[..., Any]]) -> Callable[..., Any]:
    """A piece of exact kernels that is another one for each NamedTuple that it may be given first.

    Which, is settled when a kernel is compiled, so that it holds no code of the others.
    """

    def chosen(first: Any, *rest: Any) -> Any:
        return steps[type(first)](first, *rest)

    def compiled(first: Any, *rest: Any) -> Any:
        return steps[first.instance_class]

    numba.extending.overload(chosen, jit_options={"fastmath": False, **_NO_ENTRANCE}, strict=False)(compiled)
    return chosen


def small(kernel: Callable[..., Any], *arguments: Any) -> Any:
    """What an exact `kernel` makes of a job so small that plain Python does it in less time than compiling takes.

    A kernel that was compiled before, here or in an earlier process, is used. Else it runs as the Python that it is
    written in, to the same bits, until that has taken as long in all as compiling would have: whoever fits one small
    table does not wait for a compiler, and whoever fits a thousand waits at most twice as long as needed.
    """
    compiled: Any = kernel
    if _in_python.get(kernel, 0.0) >= COMPILING or compiled.signatures or _on_disk(compiled):
        return kernel(*arguments)
    started = time.perf_counter()
    with np.errstate(all="ignore"):  # a kernel does not warn, either
        result = compiled.py_func(*arguments)
    _in_python[kernel] = _in_python.get(kernel, 0.0) + time.perf_counter() - started
    return result


def suited(kernel: Function, work: float) -> Function:
    """The `kernel`, or `small` of it where its `work` (elementary operations in all) is little."""
    return cast(Function, partial(small, kernel)) if work <= FEW else kernel


def _on_disk(kernel: Any) -> bool:
    return any(Path(kernel.stats.cache_path).glob(f"*.{kernel.__qualname__}-*.nbi"))


@contextmanager
def compile_times() -> Iterator[list[float]]:
    """Seconds of each compilation that happens inside the `with` block: what a fit takes only once on a machine."""
    seconds: list[float] = []
    with numba.core.event.install_timer("numba:compile", seconds.append):
        yield seconds
