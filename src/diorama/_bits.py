"""Sets of small whole numbers as bits of a word, and the way through them in ascending order."""

from typing import Any

from diorama._kernel import numba


def lowest_bit(word: int) -> int:
    """The place of the lowest bit that is set, from 0; `word` is not 0."""
    number = int(word)
    return (number & -number).bit_length() - 1


def _count_zeros(typing: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(numba.types.boolean, True))

    return numba.types.int64(numba.types.uint64), generate


COUNT_ZEROS: Any = numba.extending.intrinsic(_count_zeros)


def _compiled(word: Any) -> Any:
    def lowest(word: Any) -> Any:
        return COUNT_ZEROS(word)

    return lowest


numba.extending.overload(lowest_bit, jit_options={"no_cpython_wrapper": True, "no_cfunc_wrapper": True})(_compiled)
