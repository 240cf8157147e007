"""Which clusters of a condensed tree are the answer, how sure each row is of its own, and who is an outlier.

By excess of mass a cluster is kept when it is more stable than all that becomes of it together [Campello et al. 2013]_;
by leaf, when it never breaks. Outliers are scored against the densest place of the cluster they fell out of (GLOSH).

References
----------
.. [Campello et al. 2013] R. Campello, D. Moulavi, J. Sander, "Density-based clustering based on hierarchical density
   estimates", PAKDD 2013.
"""

import numpy as np

from diorama._typing import Array
from diorama.clustering._condensed import ROOT, CondensedTree


def excess_of_mass(tree: CondensedTree, max_size: float, allow_root: bool) -> Array:
    """The clusters that are more stable than all that becomes of them, none within another."""
    best, below = tree.stability, np.zeros(len(tree.parent))
    keeps = np.ones(len(tree.parent), dtype=bool)
    keeps[ROOT] = allow_root
    for cluster in range(len(best) - 1, 0, -1):
        if below[cluster] > best[cluster] or tree.size[cluster] > max_size:  #: break
            keeps[cluster], best[cluster] = False, below[cluster]
        below[tree.parent[cluster]] += best[cluster]
    if below[ROOT] > best[ROOT] or tree.size[ROOT] > max_size:
        keeps[ROOT] = False
    # of one within another the outer stays
    covered = np.zeros(len(best), dtype=bool)
    for cluster in range(1, len(best)):
        covered[cluster] = covered[tree.parent[cluster]] or keeps[tree.parent[cluster]]  #: keep
    return np.flatnonzero(keeps & ~covered)


def not_below(tree: CondensedTree, selected: Array, epsilon: float, allow_root: bool) -> Array:
    """Clusters in place of those that came to be at a distance below `epsilon`: the first above that did not."""
    outer = set()
    for cluster in selected:
        here = int(cluster)
        while here != ROOT and tree.birth[here] * epsilon > 1.0:
            above = int(tree.parent[here])
            if above == ROOT and not allow_root:
                break
            here = above
        outer.add(here)
    owner = tree.owners(np.array(sorted(outer), dtype=np.intp))
    return np.array([c for c in sorted(outer) if c == ROOT or owner[tree.parent[c]] < 0], dtype=np.intp)


def row_clusters(tree: CondensedTree, selected: Array, epsilon: float) -> Array:
    """(n_samples,) the selected cluster of each row, -1 for noise."""
    own = tree.owners(selected)[tree.row_cluster]
    if ROOT in selected:
        # everything is the one cluster: who left it before it was as dense as it gets is noise
        least = 1.0 / epsilon if epsilon > 0 else tree.death[ROOT]
        own = np.where(tree.row_lambda >= least, own, -1)
    return own


def memberships(tree: CondensedTree, own: Array) -> Array:
    """(n_samples,) how long each row stayed in its cluster `own`, as a share of the longest in it; 0 for noise."""
    death = tree.death[own]
    inside = (death == 0) | ~np.isfinite(tree.row_lambda)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(inside, 1.0, np.minimum(tree.row_lambda, death) / death)
    return np.where(own < 0, 0.0, share)


def outlier_scores(tree: CondensedTree) -> Array:
    """(n_samples,) 1 - lambda / the largest lambda reached in the row's last cluster or what became of it (GLOSH)."""
    densest = tree.death
    for cluster in range(len(densest) - 1, 0, -1):
        densest[tree.parent[cluster]] = max(densest[tree.parent[cluster]], densest[cluster])
    largest = densest[tree.row_cluster]
    inside = (largest == 0) | ~np.isfinite(tree.row_lambda)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(inside, 0.0, 1.0 - tree.row_lambda / largest)
