"""Whole numbers that several threads read and write at once, in kernels.

Each of these sees what all threads did before, and is seen by them at once; what a thread wrote elsewhere before it
wrote a word can be read by whoever has read that word.
"""

import os
from typing import Any

from llvmlite import ir

from diorama._kernel import numba
from diorama._typing import Array

WORD = ir.IntType(64)
# what the operating system calls it when a thread lets others go first
YIELD = "SwitchToThread" if os.name == "nt" else "sched_yield"


def add_to(words: Array, place: int, amount: int) -> int:
    """Add to one of the int64 `words`, and say what it was before."""
    before = int(words[place])
    words[place] += amount
    return before


def read(words: Array, place: int) -> int:
    """One of the `words`."""
    return int(words[place])


def write(words: Array, place: int, value: int) -> None:
    """Make one of the `words` a new number."""
    words[place] = value


def give_way() -> None:
    """Let another thread run first."""


def _word(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Where the word lies that the first two arguments name."""
    words = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(builder.bitcast(words.data, WORD.as_pointer()), [arguments[1]])


def _add_to(typing: Any, words: Any, place: Any, amount: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.atomic_rmw("add", _word(context, builder, signature, arguments), arguments[2], "seq_cst")

    return numba.types.int64(words, numba.types.int64, numba.types.int64), generate


def _read(typing: Any, words: Any, place: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_word(context, builder, signature, arguments), "seq_cst", 8)

    return numba.types.int64(words, numba.types.int64), generate


def _write(typing: Any, words: Any, place: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store_atomic(arguments[2], _word(context, builder, signature, arguments), "seq_cst", 8)
        return context.get_dummy_value()

    return numba.types.void(words, numba.types.int64, numba.types.int64), generate


def _give_way(typing: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        system = ir.FunctionType(ir.IntType(32), [])
        builder.call(numba.core.cgutils.get_or_insert_function(builder.module, system, YIELD), [])
        return context.get_dummy_value()

    return numba.types.void(), generate


ADD_TO: Any = numba.extending.intrinsic(_add_to)
READ: Any = numba.extending.intrinsic(_read)
WRITE: Any = numba.extending.intrinsic(_write)
GIVE_WAY: Any = numba.extending.intrinsic(_give_way)


def _add_to_in_kernels(words: Any, place: Any, amount: Any) -> Any:
    def add(words: Any, place: Any, amount: Any) -> Any:
        return ADD_TO(words, place, amount)

    return add


def _read_in_kernels(words: Any, place: Any) -> Any:
    def read(words: Any, place: Any) -> Any:
        return READ(words, place)

    return read


def _write_in_kernels(words: Any, place: Any, value: Any) -> Any:
    def write(words: Any, place: Any, value: Any) -> Any:
        WRITE(words, place, value)

    return write


def _give_way_in_kernels() -> Any:
    def give_way() -> Any:
        GIVE_WAY()

    return give_way


for _plain, _compiled in (
    (add_to, _add_to_in_kernels),
    (read, _read_in_kernels),
    (write, _write_in_kernels),
    (give_way, _give_way_in_kernels),
):
    numba.extending.overload(_plain, jit_options={"no_cpython_wrapper": True, "no_cfunc_wrapper": True})(_compiled)
