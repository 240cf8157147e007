"""Several threads inside one kernel: every piece is done once, whoever comes to help."""

import threading

import numpy as np
import pytest

from diorama import _atomics, _crew, _parallel
from diorama._crew import NO_PIECE, new_crew, open_pieces, piece_done, take_piece, together, wait_for_all
from diorama._kernel import exact_kernel

N_PIECES = 5


@exact_kernel
def lead(crew, steps, squares):
    """Job `k` of many adds k to the square of each piece's number."""
    for k in range(len(steps)):
        steps[k] = k
        squares[0, N_PIECES] = k
        open_pieces(crew)
        piece = take_piece(crew, N_PIECES)
        while piece != NO_PIECE:
            squares[0, piece] += piece * piece + squares[0, N_PIECES]
            piece_done(crew)
            piece = take_piece(crew, N_PIECES)
        wait_for_all(crew, N_PIECES)


@exact_kernel
def help_out(crew, squares):
    piece = _crew.wait_for_piece(crew, N_PIECES)
    while piece != NO_PIECE:
        squares[0, piece] += piece * piece + squares[0, N_PIECES]
        squares[1, piece] += 1
        piece_done(crew)
        piece = _crew.wait_for_piece(crew, N_PIECES)


def run(jobs, most=3):
    crew, squares = new_crew(), np.zeros((2, N_PIECES + 1), dtype=np.int64)
    together(lambda: lead(crew, np.empty(jobs), squares), lambda: help_out(crew, squares), crew, most)
    return squares


@pytest.mark.parametrize("threads", ["1", "2", "3"])
def test_every_piece_of_every_job_is_done_once(monkeypatch, threads):
    monkeypatch.setenv("DIORAMA_NUM_THREADS", threads)
    squares = run(jobs=20_000)
    np.testing.assert_array_equal(squares[0, :-1], 20_000 * np.arange(N_PIECES) ** 2 + 20_000 * 19_999 // 2)
    if threads == "1":
        assert not squares[1].any()


def test_helpers_do_come(monkeypatch):
    monkeypatch.setenv("DIORAMA_NUM_THREADS", "2")

    def helped():
        crew, squares, here = new_crew(), np.zeros((2, N_PIECES + 1), dtype=np.int64), threading.Event()

        def first():
            here.wait()
            lead(crew, np.empty(100_000), squares)

        def second():
            here.set()
            help_out(crew, squares)

        together(first, second, crew, most=1)
        return squares[1].any()

    assert any(helped() for _ in range(50))


def test_nobody_waits_for_a_helper_that_is_busy_elsewhere(monkeypatch):
    monkeypatch.setenv("DIORAMA_NUM_THREADS", "2")
    free = threading.Event()
    pool = _parallel._pool(2)
    busy = [pool.submit(free.wait) for _ in range(2)]
    squares = run(jobs=10)
    assert squares[0, 0] == 45
    assert not squares[1].any()
    free.set()
    assert all(one.result() for one in busy)


def test_a_leader_that_fails_sends_its_helpers_home(monkeypatch):
    monkeypatch.setenv("DIORAMA_NUM_THREADS", "2")
    crew, squares = new_crew(), np.zeros((2, N_PIECES + 1), dtype=np.int64)

    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        together(fail, lambda: help_out(crew, squares), crew, most=1)
    assert _crew.wait_for_piece(crew, N_PIECES) == NO_PIECE


def test_the_same_in_plain_python():
    crew, squares = new_crew(), np.zeros((2, N_PIECES + 1), dtype=np.int64)
    assert take_piece(crew, N_PIECES) == NO_PIECE
    lead.py_func(crew, np.empty(3), squares)
    np.testing.assert_array_equal(squares[0, :-1], 3 * np.arange(N_PIECES) ** 2 + 3)
    open_pieces(crew)
    assert [_crew.wait_for_piece(crew, N_PIECES) for _ in range(N_PIECES)] == list(range(N_PIECES))
    _atomics.give_way()
    _crew.dismiss(crew)
    help_out.py_func(crew, squares)
    assert not squares[1].any()
