"""All rows of `make bench`, family by family."""

from benchmarks import (
    rows_bayes,
    rows_boosting,
    rows_clustering,
    rows_committee,
    rows_density,
    rows_descent,
    rows_forest,
    rows_linear,
    rows_linkage,
    rows_mathematics,
    rows_medoids,
    rows_mixture,
    rows_multiway,
    rows_neighbors,
    rows_penalized,
    rows_polynomial,
    rows_svm,
    rows_trees,
)
from benchmarks.harness import Row

ROWS: list[Row] = [
    *rows_bayes.ROWS,
    *rows_boosting.ROWS,
    *rows_clustering.ROWS,
    *rows_committee.ROWS,
    *rows_density.ROWS,
    *rows_descent.ROWS,
    *rows_forest.ROWS,
    *rows_linear.ROWS,
    *rows_linkage.ROWS,
    *rows_mathematics.ROWS,
    *rows_mixture.ROWS,
    *rows_multiway.ROWS,
    *rows_medoids.ROWS,
    *rows_neighbors.ROWS,
    *rows_penalized.ROWS,
    *rows_polynomial.ROWS,
    *rows_svm.ROWS,
    *rows_trees.ROWS,
]
