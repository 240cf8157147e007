"""The sweep: one operation on a table of products that lets a column into a least-squares fit, or out of it [1]_.

Of columns x_1, ..., x_d and a target y the table holds all products. Once the columns S are swept it holds, in place:

* for those in S among themselves minus the inverse of their products; against y, their coefficients;
* for those outside the products of what S leaves of them; against y, of what is left of both;
* in the corner the sum of squared residuals.

So what any single move would do to that sum is one division, and a move costs one pass over the table.

.. [1] Goodnight (1979). A tutorial on the SWEEP operator. The American Statistician 33(3).
"""

from typing import NamedTuple, Self

import numpy as np

from diorama._typing import Array

# of a column of length 1, what the chosen ones must leave at least of its square
_LEFT = 1e-9
# share of the target's squares below which nothing is left to explain
NOTHING = 1e-12


def sweep(table: Array, j: int) -> Array:
    """The table (k, k) with column `j` in the fit if it was out, or out if it was in."""
    pivot, column = table[j, j], table[j].copy()
    swept: Array = table - np.outer(column, column / pivot)
    swept[j] = swept[:, j] = column / abs(pivot)
    swept[j, j] = -1 / pivot
    return swept


class Information(NamedTuple):
    """Akaike's or Schwarz's criterion: n (log(2 pi rss / n) + 1) + price (columns + 1 for the intercept)."""

    swept: Array  # (n_features + 1, n_features + 1) the table, the target last
    chosen: Array  # (n_features,) which columns are in
    total: float  # number of rows, or the sum of their weights
    price: float  # of each column: 2, or the logarithm of `total`
    intercept: int  # 1 with an intercept, else 0
    square: float  # sum of squares of the target

    @property
    def score(self) -> float:
        """The criterion of the columns that are in."""
        return float(self._of(self.swept[-1, -1], int(self.chosen.sum())))

    @property
    def coef(self) -> Array:
        """(n_features,) coefficients, 0 for those that are out."""
        return np.where(self.chosen, self.swept[:-1, -1], 0.0)

    @property
    def possible(self) -> Array:
        """(n_features,) which columns may move: those that are in, and those of which the others leave enough."""
        return self.chosen | (np.diag(self.swept)[:-1] > _LEFT)

    def after(self) -> Array:
        """(n_features,) the criterion if that column moved, in or out; infinite where it may not."""
        pivots, left = np.diag(self.swept)[:-1], self.swept[:-1, -1]
        possible = self.possible
        rss = self.swept[-1, -1] - left**2 / np.where(possible, pivots, 1.0)  #: weigh
        number = self.chosen.sum() + np.where(self.chosen, -1, 1)
        return np.where(possible, self._of(rss, number), np.inf)

    def moved(self, j: int) -> Self:
        """The same with column `j` in if it was out, or out if it was in."""
        return self._replace(swept=sweep(self.swept, j), chosen=flipped(self.chosen, j))

    def _of(self, rss: Array, number: Array | int) -> Array:
        left = np.maximum(rss, max(NOTHING * self.square, np.finfo(float).tiny))
        scores: Array = self.total * (np.log(2 * np.pi * left / self.total) + 1) + self.price * (
            number + self.intercept
        )
        return scores


class CrossValidation(NamedTuple):
    """Mean squared error on rows that were left out, fold by fold, from tables of products alone.

    Tables go over the columns, the target, and a column of ones, which is always in where there is an intercept.
    """

    swept: Array  # (n_folds, n_features + 2, n_features + 2) of the rows that stay
    tests: Array  # (n_folds, n_features + 2, n_features + 2) of the rows left out, never swept
    whole: Information  # all rows, for the coefficients

    @classmethod
    def of(cls, trains: Array, tests: Array, whole: Information) -> Self:
        """From the products of the rows that stay and of those left out, fold by fold."""
        swept = np.stack([sweep(table, len(table) - 1) for table in trains]) if whole.intercept else trains
        return cls(swept, tests, whole)

    @property
    def chosen(self) -> Array:
        """(n_features,) which columns are in."""
        return self.whole.chosen

    @property
    def coef(self) -> Array:
        """(n_features,) coefficients of all rows."""
        return self.whole.coef

    @property
    def score(self) -> float:
        """The error of the columns that are in."""
        errors = np.array([self._error(k)[0] for k in range(len(self.tests))])
        return float(self._of(errors.sum()))

    @property
    def possible(self) -> Array:
        """(n_features,) which columns may move, in every fold."""
        d = len(self.chosen)
        pivots = np.diagonal(self.swept, axis1=1, axis2=2)[:, :d]
        return self.chosen | ((pivots > _LEFT).all(axis=0) & self.whole.possible)

    def after(self) -> Array:
        """(n_features,) the error if that column moved, in or out; infinite where it may not."""
        d, possible = len(self.chosen), self.possible
        errors = np.zeros(d)
        for k, table in enumerate(self.swept):
            error, pull, curvature = self._error(k)
            far = table[:d, d] / np.where(possible, np.diag(table)[:d], 1.0)
            errors += error - 2 * far * pull + far**2 * curvature  #: weigh
        return np.where(possible, self._of(errors), np.inf)

    def moved(self, j: int) -> Self:
        """The same with column `j` in if it was out, or out if it was in."""
        swept = np.stack([sweep(table, j) for table in self.swept])
        return self._replace(swept=swept, whole=self.whole.moved(j))

    def _error(self, k: int) -> tuple[float, Array, Array]:
        """Of a fold: the squared error on its rows, and the error's slope and curvature along each column's move."""
        table, test, d = self.swept[k], self.tests[k], len(self.chosen)
        inside = np.append(self.chosen, [False, self.whole.intercept == 1])
        # what the columns that are in leave of each column and of the target, as weights of all of them
        left = np.diag((~inside).astype(float))
        left[inside] -= table[inside]
        products = test @ left
        curvature = (left * products).sum(axis=0)
        return float(curvature[d]), left[:, :d].T @ products[:, d], curvature[:d]

    def _of(self, errors: Array) -> Array:
        nothing = max(NOTHING * self.whole.square, np.finfo(float).tiny)
        scores: Array = np.maximum(errors, nothing) / self.tests[:, -1, -1].sum()
        return scores


def flipped(chosen: Array, j: int) -> Array:
    """A copy in which column `j` is in if it was out, or out if it was in."""
    other = chosen.copy()
    other[j] = not other[j]
    return other
