"""The forces on a t-SNE map: neighbours pull, everybody pushes, and whoever is far pushes in bulk [1]_.

Points are put in the order of a curve that fills the plane, so that each square of each size is one stretch of them: a
quadtree without pointers. A handful of points that lie together reads the tree once; a square that is small beside its
distance from all of them counts as its middle.

.. [1] L. van der Maaten, "Accelerating t-SNE using tree-based algorithms", JMLR 15 (2014).
"""

from typing import Any

import numpy as np

from diorama._kernel import kernel, kernel_step
from diorama._typing import Array

BITS = 16  # halvings of each side
LEAF = 8  # points of a square that is not cut again
TOGETHER = 16  # points that read the tree as one


@kernel
def plant(
    places: Array, order: Array, codes: Array, counts: Array, ordered: Array, sums: Array, ints: Array, floats: Array
) -> int:
    """Put the points in order and cut their square into quarters, again and again.

    places (2, n) the map; order (2, n) whole numbers, whose first row gets the point at each place of the curve; codes
    (2, n) and counts (256,) room; ordered (2, n) the places in that order; sums (2, n + 1) running sums of them; ints
    (4, room): start, stop, level, and the node after all that is inside this one; floats (4, room): middle, number of
    points, squared width. The number of nodes.
    """
    n = places.shape[1]
    left, bottom = places[0, 0], places[1, 0]
    right, top = left, bottom
    for i in range(n):
        left, right = min(left, places[0, i]), max(right, places[0, i])
        bottom, top = min(bottom, places[1, i]), max(top, places[1, i])
    width = max(right - left, top - bottom)
    scale = np.float32(65535.0) / width if width > 0 else np.float32(0.0)
    for i in range(n):
        order[0, i] = i
        x, y = np.uint32((places[0, i] - left) * scale), np.uint32((places[1, i] - bottom) * scale)
        codes[0, i] = spaced(x) | (spaced(y) << np.uint32(1))
    put_in_order(codes, order, counts)
    sums[0, 0], sums[1, 0] = 0.0, 0.0
    for i in range(n):
        x32, y32 = places[0, order[0, i]], places[1, order[0, i]]
        ordered[0, i], ordered[1, i] = x32, y32
        sums[0, i + 1], sums[1, i + 1] = sums[0, i] + x32, sums[1, i] + y32
    return cut(codes, sums, ints, floats, counts, width)


@kernel_step
def spaced(x: Any) -> Any:
    """The sixteen bits of x with a zero before each."""
    x = (x | (x << np.uint32(8))) & np.uint32(0x00FF00FF)
    x = (x | (x << np.uint32(4))) & np.uint32(0x0F0F0F0F)
    x = (x | (x << np.uint32(2))) & np.uint32(0x33333333)
    return (x | (x << np.uint32(1))) & np.uint32(0x55555555)


@kernel_step
def put_in_order(codes: Array, order: Array, counts: Array) -> None:
    """Sort codes[0] and order[0] together, eight bits at a time; the second rows are room."""
    n = codes.shape[1]
    for turn in range(4):
        shift, here, there = np.uint32(8 * turn), turn % 2, 1 - turn % 2
        for digit in range(256):
            counts[digit] = 0
        for i in range(n):
            counts[(codes[here, i] >> shift) & np.uint32(255)] += 1
        total = 0
        for digit in range(256):
            total, counts[digit] = total + counts[digit], total
        for i in range(n):
            digit = (codes[here, i] >> shift) & np.uint32(255)
            at = counts[digit]
            codes[there, at], order[there, at] = codes[here, i], order[here, i]
            counts[digit] = at + 1


@kernel_step
def cut(codes: Array, sums: Array, ints: Array, floats: Array, after: Array, width: float) -> int:
    """Squares from the largest in, each before its quarters; the nodes that wait stand at the far end of `ints`."""
    room = ints.shape[1]
    ints[0, room - 1], ints[1, room - 1], ints[2, room - 1] = 0, codes.shape[1], 0
    waiting, nodes = 1, 0
    while waiting > 0:
        at = room - waiting
        start, stop, level = ints[0, at], ints[1, at], ints[2, at]
        waiting -= 1
        count = stop - start
        ints[0, nodes], ints[1, nodes], ints[2, nodes] = start, stop, level
        floats[0, nodes] = (sums[0, stop] - sums[0, start]) / count
        floats[1, nodes] = (sums[1, stop] - sums[1, start]) / count
        floats[2, nodes] = count
        side = width / np.float32(1 << level)
        floats[3, nodes] = side * side
        nodes += 1
        if count <= LEAF or level == BITS:
            continue
        shift = np.uint32(2 * (BITS - 1 - level))
        first = start
        while first < stop:
            quarter, last = codes[0, first] >> shift, first + 1
            while last < stop and codes[0, last] >> shift == quarter:
                last += 1
            waiting += 1
            ints[0, room - waiting], ints[1, room - waiting], ints[2, room - waiting] = first, last, level + 1
            first = last
    for level in range(BITS + 1):
        after[level] = nodes
    for node in range(nodes - 1, -1, -1):
        level = ints[2, node]
        ints[3, node] = after[level]
        for deeper in range(level, BITS + 1):
            after[deeper] = node
    return nodes


@kernel
def push(
    ordered: Array, ints: Array, floats: Array, nodes: int, angle: float, first: int, last: int, near: Array, out: Array
) -> float:
    """What all points push those at places `first` to `last` of the order, into out (2, n); the sum of all closeness.

    near (3, n) is room for what one handful sees: middles and numbers of points.
    """
    total = 0.0
    one, narrow = np.float32(1.0), np.float32(angle * angle)
    for low in range(first, last, TOGETHER):
        high = min(low + TOGETHER, last)
        seen = look(ordered, ints, floats, nodes, narrow, low, high, near)
        for i in range(low, high):
            x, y = ordered[0, i], ordered[1, i]
            across, up, close = np.float32(0.0), np.float32(0.0), np.float32(0.0)
            for s in range(seen):
                dx, dy = x - near[0, s], y - near[1, s]
                q = np.divide(one, one + dx * dx + dy * dy)  # without Python's check for zero, eight at a time
                w = near[2, s] * q
                close += w
                across += w * q * dx
                up += w * q * dy
            out[0, i], out[1, i] = across, up
            total += float(close - one)  # itself
    return total


@kernel_step
def look(ordered: Array, ints: Array, floats: Array, nodes: int, narrow: Any, low: int, high: int, near: Array) -> int:
    """Squares that are narrow beside their distance from the box of points `low` to `high`, and single points else."""
    left, right = ordered[0, low], ordered[0, low]
    bottom, top = ordered[1, low], ordered[1, low]
    for i in range(low + 1, high):
        left, right = min(left, ordered[0, i]), max(right, ordered[0, i])
        bottom, top = min(bottom, ordered[1, i]), max(top, ordered[1, i])
    zero = np.float32(0.0)
    seen, node = 0, 0
    while node < nodes:
        x, y = floats[0, node], floats[1, node]
        dx, dy = max(left - x, x - right, zero), max(bottom - y, y - top, zero)
        if floats[3, node] < narrow * (dx * dx + dy * dy):
            near[0, seen], near[1, seen], near[2, seen] = x, y, floats[2, node]
            seen += 1
            node = ints[3, node]
        elif ints[3, node] == node + 1:
            for i in range(ints[0, node], ints[1, node]):
                near[0, seen], near[1, seen], near[2, seen] = ordered[0, i], ordered[1, i], np.float32(1.0)
                seen += 1
            node += 1
        else:
            node += 1
    return seen


@kernel
def pull(places: Array, starts: Array, columns: Array, shares: Array, first: int, last: int, out: Array) -> None:
    """What neighbours pull rows `first` to `last`, into out (2, n): sum of p_ij q_ij (y_i - y_j).

    `columns` are unsigned: numbers that cannot count from the end are looked up eight at a time.
    """
    one = np.float32(1.0)
    all_x, all_y = places[0], places[1]
    for i in range(first, last):
        x, y = all_x[i], all_y[i]
        others, much = columns[starts[i] : starts[i + 1]], shares[starts[i] : starts[i + 1]]
        across, up = np.float32(0.0), np.float32(0.0)
        for s in range(others.size):
            dx, dy = x - all_x[others[s]], y - all_y[others[s]]
            w = much[s] * np.divide(one, one + dx * dx + dy * dy)
            across += w * dx
            up += w * dy
        out[0, i], out[1, i] = across, up


@kernel
def shift(
    places: Array, speed: Array, gains: Array, pulled: Array, pushed: Array, order: Array, numbers: Array
) -> float:
    """One step down: gains grow where the slope keeps its direction, speed keeps a part of itself. |slope|^2.

    places, speed, gains, pulled, pushed (n_components, n).
    numbers: exaggeration, 1 / sum of closeness, learning rate, momentum. The slope of KL is
    4 (exaggeration * pulled - pushed / sum of closeness); pushed comes in the order of the curve.
    """
    exaggeration, share, rate, momentum = numbers[0], numbers[1], numbers[2], numbers[3]
    length = 0.0
    for place in range(places.shape[1]):
        i = order[0, place]
        for d in range(places.shape[0]):
            slope = np.float32(4.0) * (exaggeration * pulled[d, i] - share * pushed[d, place])
            length += slope * slope
            gain: Any = gains[d, i]
            gain = gain + np.float32(0.2) if speed[d, i] * slope < 0 else gain * np.float32(0.8)
            gain = max(gain, np.float32(0.01))
            gains[d, i] = gain
            speed[d, i] = momentum * speed[d, i] - rate * gain * slope
    for d in range(places.shape[0]):
        for i in range(places.shape[1]):
            places[d, i] += speed[d, i]
    return length
