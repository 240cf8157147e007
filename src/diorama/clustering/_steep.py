"""Clusters read off a reachability plot: valleys between a steep way down and a steep way up.

A step of the plot is steep when the height changes by the share xi or more. A steep area may hold a few steps that are
not, as long as it does not turn. Every way down is held against every later way up; what lies between is a cluster when
nothing in it is as high as its ends [Ankerst et al. 1999]_. The last points of a valley that were reached from outside
it are cut off [Schubert & Gertz 2018]_.

References
----------
.. [Ankerst et al. 1999] M. Ankerst, M. M. Breunig, H.-P. Kriegel, J. Sander, "OPTICS: ordering points to identify the
   clustering structure", SIGMOD 1999.
.. [Schubert & Gertz 2018] E. Schubert, M. Gertz, "Improving the cluster structure extracted from OPTICS plots", LWDA
   2018.
"""

from typing import NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.clustering._ordering import Walk


class Plot(NamedTuple):
    """A reachability plot and its slopes, from place to place in the order of the walk."""

    height: Array  # (n + 1,) reachability; infinity after the last
    source: Array  # (n,) the place that each was reached from; -1 for none
    falls: Array  # (n,) whether the next is lower
    rises: Array  # (n,)
    steep_down: Array  # (n,) whether the next is lower by xi or more
    steep_up: Array  # (n,)
    keeps: float  # 1 - xi

    @classmethod
    def of(cls, walk: Walk, xi: float) -> "Plot":
        """The plot of a walk."""
        n = len(walk.ordering)
        place = np.empty(n, dtype=np.intp)
        place[walk.ordering] = np.arange(n)
        before = walk.predecessor[walk.ordering]
        height = np.append(walk.reachability[walk.ordering], np.inf)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = height[:-1] / height[1:]
            down, up = ratio >= np.divide(1.0, 1.0 - xi), ratio <= 1.0 - xi
        return cls(height, np.where(before < 0, -1, place[before]), ratio > 1, ratio < 1, down, up, 1.0 - xi)


class WayDown(NamedTuple):
    """A steep area in which the plot falls, and the highest place between it and where one is now."""

    start: int
    end: int
    highest: float


def valleys(plot: Plot, min_samples: int, min_size: int, correct: bool) -> Array:
    """(n_clusters, 2) first and last place of each cluster, smaller ones before those around them."""
    found: list[tuple[int, int]] = []
    ways: list[WayDown] = []
    at, highest = 0, 0.0
    for place in np.flatnonzero(plot.steep_down | plot.steep_up).tolist():
        if place < at:
            continue
        highest = max(highest, float(plot.height[at : place + 1].max()))
        ways = _still_open(plot, ways, highest)
        if plot.steep_down[place]:
            end = _stretch(plot.steep_down, plot.rises, place, min_samples)
            ways.append(WayDown(place, end, 0.0))
        else:
            end = _stretch(plot.steep_up, plot.falls, place, min_samples)
            between = [_between(plot, way, place, end, correct) for way in ways]
            # the latest way down opens the smallest valley
            found += [valley for valley in reversed(between) if valley and valley[1] - valley[0] + 1 >= min_size]
        at = end + 1
        highest = float(plot.height[at])
    return np.array(found, dtype=np.intp).reshape(-1, 2)


def _still_open(plot: Plot, ways: list[WayDown], highest: float) -> list[WayDown]:
    """The ways down that start above what has come since."""
    if np.isinf(highest):
        return []
    kept = [way for way in ways if highest <= plot.height[way.start] * plot.keeps]
    return [way._replace(highest=max(way.highest, highest)) for way in kept]


def _stretch(steep: Array, turns: Array, start: int, min_samples: int) -> int:
    """The last place of the steep area that starts here: no turn, and at most `min_samples` flat steps in a row."""
    end, flat = start, 0
    for place in range(start, len(steep)):
        if steep[place]:
            end, flat = place, 0
        elif turns[place]:
            break
        else:
            flat += 1
            if flat > min_samples:
                break
    return end


def _between(plot: Plot, way: WayDown, rise: int, end: int, correct: bool) -> tuple[int, int] | None:
    """The valley between a way down and the way up from `rise` to `end`, if nothing in it is as high as its ends."""
    height, start, last = plot.height, way.start, end
    left, right = float(height[start]), float(height[end + 1])
    if right * plot.keeps < way.highest:
        return None
    if left * plot.keeps >= right:
        # it starts where the way down has come to the height of the other end
        while height[start + 1] > right and start < way.end:
            start += 1
    elif right * plot.keeps >= left:
        while height[last - 1] > left and last > rise:
            last -= 1
    if correct:
        last = _reached_from_inside(plot, start, last)
    return (start, last) if last >= rise and start <= way.end and last > start else None


def _reached_from_inside(plot: Plot, start: int, last: int) -> int:
    """The last place of the valley that is lower than its start or was reached from within, else `start`."""
    while start < last and plot.height[start] <= plot.height[last] and not start <= plot.source[last] < last:
        last -= 1
    return last


def named(valleys: Array, ordering: Array) -> Array:
    """(n,) the cluster of each row: of valleys within one another the smallest; -1 for rows in none."""
    labels = np.full(len(ordering), -1, dtype=np.intp)
    count = 0
    for start, last in valleys:
        rows = ordering[start : last + 1]
        if (labels[rows] < 0).all():
            labels[rows] = count
            count += 1
    return labels
