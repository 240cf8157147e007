"""The thread pool: order, blocks, and one level of parallelism."""

import threading

import pytest

from diorama._parallel import blas_threads, blocks, n_threads, run


@pytest.mark.parametrize(
    ("n", "size", "expected"),
    [(0, 4, []), (3, 4, [(0, 3)]), (4, 4, [(0, 4)]), (9, 4, [(0, 4), (4, 8), (8, 9)])],
)
def test_blocks_cover_all_rows_once(n, size, expected):
    assert blocks(n, size) == expected


@pytest.mark.parametrize("threads", ["1", "2", "5"])
def test_results_keep_the_order_of_the_blocks(threads, monkeypatch):
    monkeypatch.setenv("DIORAMA_NUM_THREADS", threads)
    assert run(lambda a, b: a * b, [(i, i) for i in range(50)], work=1e9) == [i * i for i in range(50)]


def test_small_work_stays_on_this_thread(monkeypatch):
    monkeypatch.setenv("DIORAMA_NUM_THREADS", "2")
    here = threading.get_ident()
    assert run(threading.get_ident, [(), ()], work=10) == [here, here]


def test_work_inside_work_is_serial(monkeypatch):
    monkeypatch.setenv("DIORAMA_NUM_THREADS", "2")

    def outer():
        return threading.get_ident(), run(threading.get_ident, [(), ()], work=1e9)

    for thread, inner in run(outer, [(), ()], work=1e9):
        assert inner == [thread, thread]


def test_an_error_in_a_block_reaches_the_caller(monkeypatch):
    monkeypatch.setenv("DIORAMA_NUM_THREADS", "2")
    with pytest.raises(ZeroDivisionError):
        run(lambda x: 1 / x, [(1,), (0,)], work=1e9)


def test_number_of_threads_is_a_setting(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert n_threads() == 3
    monkeypatch.setenv("DIORAMA_NUM_THREADS", "7")
    assert n_threads() == 7
    monkeypatch.setenv("DIORAMA_NUM_THREADS", "many")
    assert n_threads() == 3


def test_linear_algebra_is_held_back_only_inside_the_block():
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))

    def threads():
        return {info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"}

    before = threads()
    with blas_threads(1):
        assert threads() == {1}
    assert threads() == before
