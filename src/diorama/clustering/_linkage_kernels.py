"""Trees of merges: by nearest-neighbour chains on a table of distances, or on the points themselves.

Each kernel writes its merges as (a row of one cluster, a row of the other, height) in the order in which it finds them.
"""

import math

import numpy as np

from diorama._kernel import exact_kernel, kernel, kernel_step
from diorama._typing import Array

SINGLE, COMPLETE, AVERAGE, WARD = 0, 1, 2, 3  # how `chain` measures clusters
CENTROID, MEDIAN = 4, 5  # how `merge_points` does, which also takes WARD


@kernel_step
def _apart(points: Array, i: int, power: int, m: int, away: Array) -> None:
    """Sums of |difference|^power of column i of `points` (d, n) from the first `m` columns, into `away` (n,)."""
    # loops over columns begin at 0: only then the compiler knows that no number is negative, and makes vectors of them
    for j in range(m):
        away[j] = 0.0
    d, f = points.shape[0], 0
    if power == 2:
        # four at a time: a quarter as often is `away` fetched and put back
        while f + 4 <= d:
            x0, x1, x2, x3 = points[f, i], points[f + 1, i], points[f + 2, i], points[f + 3, i]
            for j in range(m):
                g0, g1, g2, g3 = points[f, j] - x0, points[f + 1, j] - x1, points[f + 2, j] - x2, points[f + 3, j] - x3
                away[j] += g0 * g0 + g1 * g1 + g2 * g2 + g3 * g3
            f += 4
        while f < d:
            x0 = points[f, i]
            for j in range(m):
                away[j] += (points[f, j] - x0) * (points[f, j] - x0)
            f += 1
    else:
        while f < d:
            x0 = points[f, i]
            for j in range(m):
                away[j] += abs(points[f, j] - x0)
            f += 1


@kernel_step
def _far_between(weights: Array, method: int, weight: float, m: int, away: Array) -> None:
    """Turn squared distances from a cluster of this weight into how far clusters are; those gone are out of reach."""
    if method == WARD:
        for j in range(m):
            away[j] *= 2.0 * weight * weights[j] / (weight + weights[j])
    for j in range(m):
        away[j] = away[j] if weights[j] > 0.0 else np.inf


@kernel
def nearest_others(points: Array, power: int, first: int, last: int, near: Array, whose: Array, away: Array) -> None:
    """For columns first ... last - 1 of `points` (d, n) the nearest other one, `whose` (n,), and how far, `near` (n,).

    Distances are sums of |difference|^power; of several as near the first counts. `away` (n,) is scratch.
    """
    n = points.shape[1]
    for i in range(first, last):
        _apart(points, i, power, n, away)
        away[i] = np.inf
        least, k = np.inf, 0
        for j in range(n):
            least = min(least, away[j])
        while away[k] != least:
            k += 1
        near[i], whose[i] = least, k


@kernel
def fill_rows(
    points: Array, power: int, root: bool, n_pairs: int, mean: bool, first: int, last: int, table: Array, away: Array
) -> None:
    """Rows first ... last - 1 of `table` (m, m): how far clusters are, of which the first `n_pairs` have two points.

    Those are next to one another in `points` (d, n); every other point is a cluster of its own. Points are as far as
    the sums of |difference|^power, or with `root` their square roots; clusters as the `mean` of their points, or else
    as the farthest. `away` (2, n) is scratch.
    """
    n = points.shape[1]
    for c in range(first, last):
        start = 2 * c if c < n_pairs else n_pairs + c
        for side in range(2 if c < n_pairs else 1):
            line = away[side]
            _apart(points, start + side, power, n, line)
            if root:
                for j in range(n):
                    line[j] = math.sqrt(line[j])
        if c < n_pairs:
            for j in range(n):
                away[0, j] = 0.5 * (away[0, j] + away[1, j]) if mean else max(away[0, j], away[1, j])
        for j in range(n_pairs):
            one, other = away[0, 2 * j], away[0, 2 * j + 1]
            table[c, j] = 0.5 * (one + other) if mean else max(one, other)
        for j in range(n - 2 * n_pairs):
            table[c, n_pairs + j] = away[0, 2 * n_pairs + j]


@kernel
def chain(table: Array, sizes: Array, dead: Array, rows: Array, path: Array, method: int, merges: Array) -> None:
    """All merges of n clusters whose distances stand in `table` (n * n,), row by row, infinite on the diagonal.

    Follows nearest neighbours until two clusters are each other's, and merges them. Overwrites `table`; WARD wants it
    squared and gives squared heights. `sizes` (n,) says how many rows the clusters have, `rows` (n,) one row of each,
    `dead` (n,) are zeros, `path` (n,) scratch that begins with 0, `merges` (n - 1, 3) the result. When half of the
    clusters are gone, the table is packed together.
    """
    m = rows.size
    alive, found, length = m, 0, 0
    while alive > 1:
        if length == 0:
            while dead[path[0]] > 0.0:
                path[0] += 1
            length = 1
        here = path[length - 1]
        least = np.inf
        for j in range(m):
            least = min(least, table[here * m + j] + dead[j])
        if length > 1 and table[here * m + path[length - 2]] <= least:
            nearest = path[length - 2]  #: nearest
            length -= 2
            n_a, n_b, height = sizes[here], sizes[nearest], table[here * m + nearest]
            merges[found, 0], merges[found, 1], merges[found, 2] = rows[here], rows[nearest], height  #: merge
            found += 1
            one, other = table[here * m : (here + 1) * m], table[nearest * m : (nearest + 1) * m]
            # a loop for each linkage: a choice inside would keep it from vector instructions
            if method == SINGLE:
                for j in range(m):
                    other[j] = min(one[j], other[j])
            elif method == COMPLETE:
                for j in range(m):
                    other[j] = max(one[j], other[j])
            elif method == AVERAGE:
                share_a, share_b = n_a / (n_a + n_b), n_b / (n_a + n_b)
                for j in range(m):
                    other[j] = share_a * one[j] + share_b * other[j]
            else:
                for j in range(m):
                    n_j = sizes[j]
                    risen = (n_a + n_j) * one[j] + (n_b + n_j) * other[j] - n_j * height
                    other[j] = risen / (n_a + n_b + n_j)
            table[nearest * m + nearest] = np.inf
            for j in range(m):
                # a column lies far apart in memory: those gone need none
                if dead[j] == 0.0:
                    table[j * m + nearest] = table[nearest * m + j]
            sizes[nearest] += sizes[here]
            dead[here] = np.inf
            alive -= 1
        else:
            nearest = 0
            while table[here * m + nearest] + dead[nearest] != least:
                nearest += 1
            path[length] = nearest
            length += 1
        if 2 * alive <= m and alive > 1:
            kept = 0
            for i in range(m):
                if dead[i] == 0.0:
                    sizes[kept], rows[kept], path[kept] = sizes[i], rows[i], i
                    kept += 1
            for i in range(kept):
                for j in range(kept):
                    table[i * kept + j] = table[path[i] * m + path[j]]
            for i in range(kept):
                dead[i] = 0.0
            m, length, path[0] = kept, 0, 0


@kernel
def span_points(points: Array, power: int, near: Array, tied: Array, rows: Array, away: Array, merges: Array) -> None:
    """The shortest tree through `points` (d, n), which it overwrites, by Prim's way: single linkage, no table.

    Always joins the point nearest to those joined. Lengths are sums of |difference|^power. `near`, `away` (n,) are
    scratch, `tied` (n,) as well, `rows` (n,) is 0 ... n - 1, `merges` (n - 1, 3) is the result.
    """
    d, n = points.shape
    for j in range(n):
        near[j] = np.inf
    here = n - 1
    for left in range(n - 1, 0, -1):
        # the joined point changes places with the last, so that those left stand together
        row = rows[here]
        for f in range(d):
            points[f, here], points[f, left] = points[f, left], points[f, here]
        rows[here], near[here], tied[here] = rows[left], near[left], tied[left]
        _apart(points, left, power, left, away)
        least = np.inf
        for j in range(left):
            tied[j] = row if away[j] < near[j] else tied[j]
            near[j] = min(near[j], away[j])
            least = min(least, near[j])
        here = 0
        while near[here] != least:  #: nearest
            here += 1
        merge = n - 1 - left
        merges[merge, 0], merges[merge, 1], merges[merge, 2] = tied[here], rows[here], least  #: merge


@kernel
def nearest_points(
    points: Array, weights: Array, method: int, first: int, last: int, near: Array, whose: Array, away: Array
) -> None:
    """For clusters first ... last - 1 the nearest before it, `whose` (n,), and how far, `near` (n,).

    `points` (d, n) are the clusters' middles, `weights` (n,) how many rows they have, 0 for those gone. Distances are
    squared, for WARD twice the rise of the sum of squares. `away` (n,) is scratch.
    """
    for i in range(first, last):
        _apart(points, i, 2, i, away)
        _far_between(weights, method, weights[i], i, away)
        least, k = np.inf, 0
        for j in range(i):
            least = min(least, away[j])
        while k < i and away[k] != least:
            k += 1
        near[i], whose[i] = least, k


@kernel
def merge_points(
    points: Array, weights: Array, method: int, near: Array, whose: Array, rows: Array, away: Array, merges: Array
) -> None:
    """All merges of clusters with middles `points` (d, n), always of the nearest two; overwrites all but `method`.

    `near` and `whose` are those of `nearest_points`; a cluster whose neighbour is gone (whose = -1) keeps the old
    distance, which none of the others can beat, and looks again when it comes first. `rows` (n,) is 0 ... n - 1.
    When half of the clusters are gone, the rest is packed together.
    """
    d, m = points.shape
    alive, found = m, 0
    while alive > 1:
        b, least = 0, np.inf
        for j in range(m):
            least = min(least, near[j])
        while near[b] != least:
            b += 1
        if whose[b] < 0:
            nearest_points(points, weights, method, b, b + 1, near, whose, away)
            continue
        a = whose[b]  #: nearest
        merges[found, 0], merges[found, 1], merges[found, 2] = rows[a], rows[b], least  #: merge
        found += 1
        alive -= 1
        share = 0.5 if method == MEDIAN else weights[b] / (weights[a] + weights[b])
        for f in range(d):
            points[f, a] += share * (points[f, b] - points[f, a])
        weights[a], weights[b], near[b] = weights[a] + weights[b], 0.0, np.inf
        _apart(points, a, 2, m, away)
        _far_between(weights, method, weights[a], m, away)
        least, k = np.inf, 0
        for j in range(a):
            least = min(least, away[j])
        while k < a and away[k] != least:
            k += 1
        near[a], whose[a] = least, k
        later_near, later_whose, later_away = near[a + 1 : m], whose[a + 1 : m], away[a + 1 : m]
        for j in range(m - a - 1):
            # those that pointed at either have lost their neighbour; the new cluster may be nearer than what they had
            now = -1 if later_whose[j] == a or later_whose[j] == b else later_whose[j]
            nearer = later_away[j] <= later_near[j] and later_away[j] < np.inf
            later_whose[j] = a if nearer else now
            later_near[j] = later_away[j] if nearer else later_near[j]
        if 2 * alive <= m:
            m = _pack(points, weights, near, whose, rows, away, m)


@kernel_step
def _pack(points: Array, weights: Array, near: Array, whose: Array, rows: Array, away: Array, m: int) -> int:
    """Move the clusters that are left among the first `m` to the front; how many they are."""
    kept = 0
    for i in range(m):
        away[i] = kept
        if weights[i] > 0.0:
            weights[kept], near[kept], whose[kept], rows[kept] = weights[i], near[i], whose[i], rows[i]
            for f in range(points.shape[0]):
                points[f, kept] = points[f, i]
            kept += 1
    for i in range(kept):
        whose[i] = int(away[whose[i]]) if whose[i] >= 0 else -1
    return kept


@exact_kernel
def name_clusters(merges: Array, parent: Array, tree: Array) -> None:
    """Write `merges` as SciPy does: `tree` (n - 1, 4) is two clusters (rows, then n + merge), the height, the size.

    `parent` (2 n - 1,) is scratch that holds 0 ... 2 n - 2.
    """
    n = merges.shape[0] + 1
    for i in range(n - 1):
        size = 0.0
        for side in range(2):
            root = int(merges[i, side])
            while parent[root] != root:
                parent[root] = parent[parent[root]]
                root = parent[root]
            tree[i, side] = root
            parent[root] = n + i
            size += 1.0 if root < n else tree[root - n, 3]
        if tree[i, 0] > tree[i, 1]:
            tree[i, 0], tree[i, 1] = tree[i, 1], tree[i, 0]
        tree[i, 2], tree[i, 3] = merges[i, 2], size


@exact_kernel
def cut_tree(tree: Array, joined: Array, root: Array, numbers: Array, labels: Array) -> None:
    """Clusters of the rows, `labels` (n,), when only the merges in the mask `joined` (n - 1,) are made.

    They are numbered by their first rows. `root` (2 n - 1,) is scratch that holds 0 ... 2 n - 2, `numbers` (2 n - 1,)
    scratch that holds -1.
    """
    n = labels.size
    for i in range(n - 2, -1, -1):
        if joined[i]:
            root[int(tree[i, 0])] = root[int(tree[i, 1])] = root[n + i]
    count = 0
    for i in range(n):
        if numbers[root[i]] < 0:
            numbers[root[i]] = count
            count += 1
        labels[i] = numbers[root[i]]
