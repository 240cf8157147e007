"""The k smallest of many values as they come by: a heap with the worst of the kept on top, ties decided by index.

An arrival that beats the top takes its place and sinks; everything else is turned away at the door. Because a smaller
index wins among equal values, what is kept depends on what came by, never on the order in which it came.
"""

from diorama._kernel import exact_kernel_step
from diorama._typing import Array


@exact_kernel_step
def sink(values: Array, indices: Array, row: int, size: int, value: float, index: int) -> None:
    """Put an entry at the top of the first `size` places of a row and let it sink below all that are worse."""
    place = 0
    while 2 * place + 1 < size:
        child = 2 * place + 1
        right = child + 1
        if right < size and (
            values[row, right] > values[row, child]
            or (values[row, right] == values[row, child] and indices[row, right] > indices[row, child])
        ):
            child = right
        if values[row, child] < value or (values[row, child] == value and indices[row, child] < index):
            break
        values[row, place] = values[row, child]
        indices[row, place] = indices[row, child]
        place = child
    values[row, place] = value
    indices[row, place] = index


@exact_kernel_step
def offer(values: Array, indices: Array, row: int, value: float, index: int) -> None:
    """Keep an entry in a row of `values` and `indices` (m, k) if it beats the worst; infinity is an empty place."""
    if value < values[row, 0] or (value == values[row, 0] and index < indices[row, 0]):
        sink(values, indices, row, values.shape[1], value, index)


@exact_kernel_step
def put_in_order(values: Array, indices: Array, row: int) -> None:
    """Turn the heap of a row into a list, best first: the worst goes to the end, again and again."""
    for size in range(values.shape[1] - 1, 0, -1):
        value, index = values[row, size], indices[row, size]
        values[row, size] = values[row, 0]
        indices[row, size] = indices[row, 0]
        sink(values, indices, row, size, value, index)
