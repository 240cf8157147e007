"""Naive Bayes beside its peer: fitting and judging all rows."""

from functools import partial
from typing import Any

import numpy as np
from scipy import sparse
from sklearn import naive_bayes

from benchmarks.harness import OURS, Row
from diorama.bayes import BernoulliNB, GaussianNB, MultinomialNB


def _bells(n: int, d: int, dtype: type = np.float64) -> Any:
    random = np.random.default_rng(0)
    y = random.integers(0, 3, n)
    return (random.normal(size=(n, d)) + 0.3 * y[:, None]).astype(dtype), y


def _words(n: int, d: int) -> Any:
    random = np.random.default_rng(0)
    table = sparse.random_array((n, d), density=0.01, format="csr", rng=random)
    table.data = np.ceil(3 * table.data)
    return table, random.integers(0, 4, n)


def _accuracy(fitted: Any, data: Any) -> float:
    return float(fitted.score(*data))


def _judged(model: Any, data: Any) -> Any:
    model.fit(*data).predict_proba(data[0])
    return model


def _row(name: str, data: Any, ours: type, theirs: type, *, judge: bool = False) -> Row:
    def contender(kind: type) -> Any:
        return (lambda data: _judged(kind(), data)) if judge else (lambda data: kind().fit(*data))

    contenders = {OURS: contender(ours), "scikit-learn": contender(theirs)}
    return Row(name, data, contenders, _accuracy, "train accuracy")


ROWS: list[Row] = [
    _row("GaussianNB 200 x 5", partial(_bells, 200, 5), GaussianNB, naive_bayes.GaussianNB),
    _row("GaussianNB 200k x 30", partial(_bells, 200_000, 30), GaussianNB, naive_bayes.GaussianNB),
    _row(
        "GaussianNB 200k x 30, float32",
        partial(_bells, 200_000, 30, np.float32),
        GaussianNB,
        naive_bayes.GaussianNB,
    ),
    _row(
        "GaussianNB 200k x 30, fit and probabilities",
        partial(_bells, 200_000, 30),
        GaussianNB,
        naive_bayes.GaussianNB,
        judge=True,
    ),
    _row("MultinomialNB 20k x 5000 sparse", partial(_words, 20_000, 5_000), MultinomialNB, naive_bayes.MultinomialNB),
    _row("BernoulliNB 20k x 5000 sparse", partial(_words, 20_000, 5_000), BernoulliNB, naive_bayes.BernoulliNB),
]
