"""How many clusters: four ways to judge every k at once, because none of them is right always.

    elbow        J of k-means falls with every k; the k farthest below the line from its first J to its last [1]_
    silhouette   how much nearer rows are to their own cluster than to the next, on average; the largest [2]_
    gap          how much lower log J is than on rows without clusters; the first k that is as good as k + 1 [3]_
    bic          the likelihood of a Gaussian mixture less a charge for its numbers; the smallest [4]_

.. [1] V. Satopaa and others, "Finding a kneedle in a haystack", ICDCS workshops (2011).
.. [2] P. J. Rousseeuw, "Silhouettes", Journal of Computational and Applied Mathematics 20 (1987).
.. [3] R. Tibshirani, G. Walther, T. Hastie, "Estimating the number of clusters in a data set
   via the gap statistic", Journal of the Royal Statistical Society B 63 (2001).
.. [4] G. Schwarz, "Estimating the dimension of a model", Annals of Statistics 6 (1978).
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.utils import check_array, check_random_state

from diorama._iterate import Fit, iterate, unobserved
from diorama._typing import Array
from diorama.clustering.gaussian_mixture import GaussianMixture
from diorama.clustering.k_means import KMeans

METHODS = ("elbow", "silhouette", "gap", "bic")
# rows on which silhouettes are taken at most: their work grows with the square
SILHOUETTE_ROWS = 5_000
BLOCK = 512  # rows whose distances to all others are held at a time
STARTS = 3
TINY = float(np.finfo(np.float64).tiny)


class State(NamedTuple):
    """What was found for one k; NaN where it was not asked for or has no meaning."""

    k: int
    labels: Array  # (n_samples,) clusters of k-means
    inertia: float  # J of k-means
    silhouette: float  # mean over the rows, from -1 to 1
    gap: float  # mean log J of rows without clusters, less log J
    gap_error: float  # how far the gap may be off
    bic: float  # of a Gaussian mixture
    before: tuple["State", ...]  # the same of each smaller k


class Question(NamedTuple):
    """What is asked, of which rows."""

    X: Array
    ks: tuple[int, ...]
    methods: tuple[str, ...]
    references: tuple[Array, ...]  # rows without clusters, in the same box
    seed: int
    metric: str = "euclidean"


class KChoice(NamedTuple):
    """How good each k is, and which one each method would take."""

    ks: tuple[int, ...]
    inertia: Array  # (len(ks),) each
    silhouette: Array
    gap: Array
    gap_error: Array
    bic: Array
    chosen: dict[str, int]  # method -> k


def choose_k(
    X: Any,
    k: Iterable[int] = range(1, 11),
    *,
    methods: Iterable[str] = METHODS,
    n_references: int = 10,
    random_state: Any = None,
) -> KChoice:
    """Judge each number of clusters `k` of the rows X (n_samples, n_features) by all `methods`.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    k : increasing numbers of clusters, three at least
    methods : any of "elbow", "silhouette", "gap", "bic"
    n_references : how many tables without clusters the gap is taken from
    random_state : int, RandomState instance or None

    Raises
    ------
    ValueError
        When a method has another name, there are fewer than three k, they do not rise, or one is below 1 or above the
        number of rows.

    Notes
    -----
    Silhouettes are taken a block of rows at a time, on at most 5,000 rows drawn at random, and never hold a distance
    for each pair.

    Examples
    --------
    >>> import numpy as np
    >>> from diorama.clustering import choose_k
    >>> X = np.random.default_rng(0).normal(size=(90, 2)) + 8 * np.repeat(np.eye(2), 45, axis=0)
    >>> choose_k(X, range(1, 6), random_state=0).chosen["silhouette"]
    2
    """
    X = check_array(X, dtype=np.float64)
    ks, methods = _checked(X, tuple(k), tuple(methods))
    random = check_random_state(random_state)
    references = tuple(without_clusters(X, random) for _ in range(n_references if "gap" in methods else 0))
    question = Question(X, ks, methods, references, int(random.randint(2**31 - 1)))
    first = judged(question, ks[0], ())
    outcome = iterate(first, partial(step, question), _never, max_iter=len(ks) - 1, fit=Fit(question, X))
    return choice(question, (*outcome.state.before, outcome.state))


def step(question: Question, state: State) -> State:
    """The next k."""
    before = (*state.before, state._replace(before=()))
    return judged(question, question.ks[len(before)], before)


def judged(question: Question, k: int, before: tuple[State, ...]) -> State:
    """Everything that was asked about one k."""
    X, seed, nan = question.X, question.seed, float("nan")
    with unobserved():
        found = KMeans(k, n_init=STARTS, random_state=seed).fit(X)  #: cluster
        silhouette, gap, error, bic = nan, nan, nan, nan
        if "silhouette" in question.methods:
            rows = check_random_state(seed).permutation(len(X))[:SILHOUETTE_ROWS]
            silhouette = mean_silhouette(X[rows], found.labels_[rows])  #: silhouette
        if "gap" in question.methods:
            fits = [KMeans(k, random_state=seed).fit(rows) for rows in question.references]
            logs = np.log([max(fit.inertia_, TINY) for fit in fits])
            gap = float(logs.mean() - np.log(max(found.inertia_, TINY)))  #: gap
            error = float(logs.std() * np.sqrt(1 + 1 / len(logs)))
        if "bic" in question.methods:
            bic = float(GaussianMixture(k, random_state=seed).fit(X).bic(X))  #: bic
    return State(k, found.labels_, float(found.inertia_), silhouette, gap, error, bic, before)


def mean_silhouette(X: Array, labels: Array) -> float:
    """Mean of (b - a) / max(a, b) over the rows: a is how far a row's own cluster is on average, b the next one.

    NaN when the rows are of one cluster, or each is one of its own. Distances are held for a block of rows at a time.
    """
    present, own = np.unique(labels, return_inverse=True)
    if not 1 < len(present) < len(X):
        return float("nan")
    member = np.eye(len(present))[own]
    sizes = member.sum(axis=0)
    total = 0.0
    for first in range(0, len(X), BLOCK):
        block = slice(first, first + BLOCK)
        mine, rows = own[block], np.arange(len(own[block]))
        sums = cdist(X[block], X) @ member
        # the row itself is no company; who has none counts as 0
        inside = sums[rows, mine] / np.maximum(sizes[mine] - 1, 1)
        means = sums / sizes
        means[rows, mine] = np.inf
        beyond = means.min(axis=1)
        widest = np.maximum(inside, beyond)
        apart = np.divide(beyond - inside, widest, out=np.zeros_like(widest), where=widest > 0)
        total += float(apart[sizes[mine] > 1].sum())
    return total / len(X)


def without_clusters(X: Array, random: np.random.RandomState) -> Array:
    """As many rows, spread evenly over the box that X fills along its principal axes."""
    mean = X.mean(axis=0)
    axes = np.linalg.svd(X - mean, full_matrices=False)[2]
    places = (X - mean) @ axes.T
    box = random.uniform(places.min(axis=0), places.max(axis=0), size=places.shape)
    rows: Array = box @ axes + mean
    return rows


def choice(question: Question, states: tuple[State, ...]) -> KChoice:
    """The numbers of all k, and what each method makes of them."""
    columns = {
        name: np.array([getattr(state, name) for state in states])
        for name in ("inertia", "silhouette", "gap", "gap_error", "bic")
    }
    ks = tuple(state.k for state in states)
    pick: dict[str, Callable[[], int]] = {
        "elbow": lambda: int(np.argmax(below_the_line(np.array(ks), columns["inertia"]))),
        "silhouette": lambda: int(np.nanargmax(columns["silhouette"])),
        "gap": lambda: first_that_suffices(columns["gap"], columns["gap_error"]),
        "bic": lambda: int(np.argmin(columns["bic"])),
    }
    usable = [method for method in question.methods if not np.isnan(columns.get(method, columns["inertia"])).all()]
    return KChoice(ks, **columns, chosen={method: ks[pick[method]()] for method in usable})


def below_the_line(ks: Array, inertia: Array) -> Array:
    """How far each J lies below the straight line from the first to the last, both axes brought to 1."""
    x = (ks - ks[0]) / (ks[-1] - ks[0])
    fall = inertia[0] - inertia[-1]
    y = (inertia - inertia[-1]) / fall if fall > 0 else 1 - x
    below: Array = 1 - x - y
    return below


def first_that_suffices(gap: Array, error: Array) -> int:
    """The first place whose gap is no less than the next one's, give or take its error; else the largest."""
    enough = np.flatnonzero(gap[:-1] >= gap[1:] - error[1:])
    return int(enough[0]) if len(enough) else int(np.argmax(gap))


def _never(previous: State, state: State) -> bool:
    return False


def _checked(X: Array, ks: tuple[int, ...], methods: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    unknown = [method for method in methods if method not in METHODS]
    if unknown or not methods:
        raise ValueError(f"methods must be some of {', '.join(METHODS)}; they are {methods}.")
    if len(ks) < 3 or list(ks) != sorted(set(ks)):
        raise ValueError(f"k must be three rising numbers at least; it is {list(ks)}.")
    if ks[0] < 1 or ks[-1] > len(X):
        raise ValueError(f"k must lie between 1 and the {len(X)} rows of X; it is {list(ks)}.")
    return tuple(int(k) for k in ks), methods
