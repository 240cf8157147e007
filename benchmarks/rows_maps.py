"""t-SNE beside its peers, on handwritten digits and on groups."""

from functools import partial
from typing import Any

import openTSNE
from sklearn.datasets import load_digits, make_blobs
from sklearn.manifold import trustworthiness
from sklearnex import manifold as intelex

from benchmarks.harness import OURS, Row
from diorama.decomposition import TSNE


def _digits() -> Any:
    return load_digits().data


def _blobs(n: int, d: int) -> Any:
    return make_blobs(n, d, centers=10, random_state=0)[0]


def _row(name: str, data: Any, open_tsne: bool) -> Row:
    contenders = {
        OURS: lambda X: TSNE(random_state=0).fit(X).embedding_,
        "intelex": lambda X: intelex.TSNE(random_state=0).fit(X).embedding_,
    }
    if open_tsne:
        contenders["openTSNE"] = lambda X: openTSNE.TSNE(random_state=0, n_jobs=2).fit(X)
    return Row(
        f"t-SNE {name}",
        data,
        contenders,
        lambda places, X: trustworthiness(X, places),
        "trustworthiness",
        tolerance=5e-3,
    )


ROWS: list[Row] = [
    _row("200 x 4", partial(_blobs, 200, 4), False),
    _row("digits, 1797 x 64", _digits, True),
    _row("5000 x 10", partial(_blobs, 5_000, 10), False),
]
