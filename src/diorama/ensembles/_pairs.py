"""Two neighbouring whole numbers added at once, as one vector: the innermost step of every histogram.

Numba's own code adds them one after the other, and a histogram of gradients then takes a third longer.
"""

from typing import Any

from llvmlite import ir

from diorama._kernel import numba
from diorama._typing import Array

PAIR = ir.VectorType(ir.IntType(64), 2)


def add_pair(sums: Array, place: Any, pairs: Array, row: Any) -> None:
    """Add pair `row` of `pairs` to pair `place` of `sums`, for C-contiguous int64 arrays of an even last axis.

    Pairs are counted from each array's start, whatever its shape; in a kernel neither number is checked.
    """
    sums.reshape(-1, 2)[place] += pairs.reshape(-1, 2)[row]


def _add_vectors(typing: Any, sums: Any, place: Any, pairs: Any, row: Any) -> Any:
    """What `add_pair` is in a kernel."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def pointer(position: int) -> Any:
            array = context.make_array(signature.args[position])(context, builder, arguments[position])
            return builder.gep(builder.bitcast(array.data, PAIR.as_pointer()), [arguments[position + 1]])

        to = pointer(0)
        # arrays begin at multiples of 8 bytes, not always of 16
        total = builder.add(builder.load(to, align=8), builder.load(pointer(2), align=8))
        builder.store(total, to, align=8)
        return context.get_dummy_value()

    return numba.types.void(sums, place, pairs, row), generate


_vectors: Any = numba.extending.intrinsic(_add_vectors)


def _compiled(sums: Any, place: Any, pairs: Any, row: Any) -> Any:
    def add(sums: Any, place: Any, pairs: Any, row: Any) -> None:
        _vectors(sums, place, pairs, row)

    return add


numba.extending.overload(add_pair, jit_options={"no_cpython_wrapper": True, "no_cfunc_wrapper": True})(_compiled)
