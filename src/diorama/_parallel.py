"""One thread pool over kernels that release the interpreter's lock, and how many threads a job deserves.

Work is cut into blocks that depend on the data alone, never on the number of threads, and results come back in the
order of the blocks: whoever adds them up in that order gets the same bits on any machine with any number of threads.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

# below this many elementary operations, handing work to another thread costs more than doing it
WORTH_A_THREAD = 200_000

_here = threading.local()


def n_threads() -> int:
    """Threads that a job may use: DIORAMA_NUM_THREADS, else OMP_NUM_THREADS, else the cores given to this process."""
    for variable in ("DIORAMA_NUM_THREADS", "OMP_NUM_THREADS"):
        value = os.environ.get(variable, "")
        if value.isdigit() and int(value) > 0:
            return int(value)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def blocks(n: int, size: int) -> list[tuple[int, int]]:
    """[start, stop) bounds that cut `n` rows into pieces of `size` (the last may be shorter)."""
    return [(start, min(start + size, n)) for start in range(0, n, size)]


def run(kernel: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], *, work: float) -> list[Any]:
    """`[kernel(*a) for a in arguments]`, on several threads when `work` (elementary operations in all) is worth it.

    The kernel must release the lock and must not write where another call reads. Called from inside a kernel's
    thread it runs serially: parallelism is one level.
    """
    if work < WORTH_A_THREAD or getattr(_here, "working", False):
        return [kernel(*argument) for argument in arguments]
    # also for one thread: a library that splits a product over threads of its own may round it otherwise
    with blas_threads(1):
        if min(n_threads(), len(arguments)) <= 1:
            return [kernel(*argument) for argument in arguments]
        return list(_pool(n_threads()).map(lambda argument: _work(kernel, argument), arguments))


def beside(helper: Callable[[], Any], most: int) -> list[Future[Any]]:
    """Begin `helper()` on up to `most` other threads, as soon as they are free; none from inside a kernel's thread."""
    helpers = 0 if getattr(_here, "working", False) else min(n_threads() - 1, most)
    return [_pool(n_threads()).submit(_work, helper, ()) for _ in range(helpers)]


def _work(kernel: Callable[..., Any], argument: tuple[Any, ...]) -> Any:
    _here.working = True
    return kernel(*argument)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="diorama")


if hasattr(os, "register_at_fork"):
    # a forked child inherits the pool's book-keeping but none of its threads
    os.register_at_fork(after_in_child=_pool.cache_clear)


@cache
def _blas() -> tuple[Any, ...]:
    return tuple(ThreadpoolController().select(user_api="blas").lib_controllers)


@contextmanager
def blas_threads(limit: int) -> Iterator[None]:
    """Hold the linear algebra library to `limit` threads, so that it and our own threads do not fight for cores."""
    # threadpoolctl's own context asks the libraries for all that they know of themselves, which small fits would notice
    changed = [(library, threads) for library in _blas() if (threads := library.get_num_threads()) not in (limit, None)]
    for library, _ in changed:
        library.set_num_threads(limit)
    try:
        yield
    finally:
        for library, threads in changed:
            library.set_num_threads(threads)
