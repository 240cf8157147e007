"""Several threads on one job inside a kernel: its pieces go, one by one, to whoever is free.

Handing a job to threads from Python takes a tenth of a millisecond, and a kernel that has a new one at every leaf of a
tree would wait for that longer than for the work. So a leader runs the kernel, and helpers are inside a kernel of their
own already: the leader opens a job of some pieces, everybody takes pieces until none is left, and the leader goes on
when all are done. Nobody waits for a helper that has not come: the leader takes what is left. Pieces write to places of
their own, so that the result does not know who took them.

The leader opens a job, takes pieces until there is none, and waits for those that others took; in the end it dismisses
the crew. A helper waits for pieces until it is dismissed. Whoever has done a piece says so.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from diorama._atomics import add_to, give_way, read, write
from diorama._kernel import exact_kernel_step
from diorama._parallel import beside
from diorama._typing import Array

Result = TypeVar("Result")

# places in a crew, far enough apart for threads not to get into each other's way
TICKET, DONE, WORDS = 0, 16, 32
# a ticket counts jobs, and in its lower bits how many pieces of the job were asked for
PIECE_BITS = 32
PIECES = (1 << PIECE_BITS) - 1
DISMISSED = -(1 << 62)
NO_PIECE = -1


def new_crew() -> Array:
    """A crew without a job: as if many pieces had been taken."""
    crew = np.zeros(WORDS, dtype=np.int64)
    crew[TICKET] = PIECES >> 1
    return crew


def together(leader: Callable[[], Result], helper: Callable[[], Any], crew: Array, most: int) -> Result:
    """`leader()`, with `helper()` on up to `most` other threads meanwhile."""
    helpers = beside(helper, most)
    try:
        return leader()
    finally:
        dismiss(crew)
        for one in helpers:
            if not one.cancel():
                one.result()


@exact_kernel_step
def open_pieces(crew: Array) -> None:
    """Begin a job; what its pieces read is written already."""
    write(crew, DONE, 0)
    write(crew, TICKET, ((read(crew, TICKET) >> PIECE_BITS) + 1) << PIECE_BITS)


@exact_kernel_step
def take_piece(crew: Array, n_pieces: int) -> int:
    """A piece of the job that nobody has taken, or NO_PIECE."""
    ticket = add_to(crew, TICKET, 1)
    piece = ticket & PIECES
    return piece if ticket >= 0 and piece < n_pieces else NO_PIECE


@exact_kernel_step
def wait_for_piece(crew: Array, n_pieces: int) -> int:
    """A piece of this job or of the next, or NO_PIECE when the crew is dismissed."""
    while True:
        ticket = read(crew, TICKET)
        if ticket < 0:
            return NO_PIECE
        if ticket & PIECES < n_pieces:
            piece = take_piece(crew, n_pieces)
            if piece != NO_PIECE:
                return piece
        give_way()


@exact_kernel_step
def piece_done(crew: Array) -> None:
    """Say that a piece is done: what it wrote may be read."""
    add_to(crew, DONE, 1)


@exact_kernel_step
def wait_for_all(crew: Array, n_pieces: int) -> None:
    """Wait until every piece of the job is done."""
    while read(crew, DONE) < n_pieces:
        give_way()


@exact_kernel_step
def dismiss(crew: Array) -> None:
    """Send all helpers home, those too who come later."""
    write(crew, TICKET, DISMISSED)
