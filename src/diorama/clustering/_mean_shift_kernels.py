"""Where places go in one step of mean shift: the mean of the rows around them, taken from a k-d tree."""

import math

from diorama._kd_tree import box_distance, farthest_distance
from diorama._kernel import exact_kernel
from diorama._typing import Array


@exact_kernel
def climb(
    points: Array,
    ranges: Array,
    boxes: Array,
    sums: Array,
    places: Array,
    limit: float,
    scale: float,
    stack: Array,
    found: Array,
) -> None:
    """For each of `places` (m, d) the weight of the rows around it and their mean, into `found` (m, 1 + d).

    `points`, `ranges` and `boxes` are those of a k-d tree, `sums` (n_nodes, 1 + d) how many rows each node has and what
    they add up to. Rows farther than the root of `limit` weigh nothing; others 1, or for a `scale` above 0 the
    exponential of -scale x squared distance. `stack` holds nodes to be opened. Without any row a place stays.
    """
    d = points.shape[1]
    first_leaf = ranges.shape[0] // 2
    for i in range(places.shape[0]):
        for f in range(1 + d):
            found[i, f] = 0.0
        stack[0] = 0
        waiting = 1
        while waiting > 0:
            waiting -= 1
            node = stack[waiting]
            if box_distance(places, i, boxes, node, 2.0) > limit:
                continue
            if scale == 0.0 and farthest_distance(places, i, boxes, node, 2.0) <= limit:
                for f in range(1 + d):
                    found[i, f] += sums[node, f]
            elif node < first_leaf:
                stack[waiting] = 2 * node + 1
                stack[waiting + 1] = 2 * node + 2
                waiting += 2
            else:
                for k in range(ranges[node, 0], ranges[node, 1]):
                    squared = 0.0
                    for f in range(d):
                        squared += (points[k, f] - places[i, f]) * (points[k, f] - places[i, f])
                    if squared <= limit:
                        weight = math.exp(-scale * squared) if scale > 0.0 else 1.0
                        found[i, 0] += weight
                        for f in range(d):
                            found[i, 1 + f] += weight * points[k, f]
        for f in range(d):
            found[i, 1 + f] = found[i, 1 + f] / found[i, 0] if found[i, 0] > 0.0 else places[i, f]
