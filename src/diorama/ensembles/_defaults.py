"""Different kinds of estimators that make a committee when nobody says which: each errs in its own way.

The rooms they come from are imported when they are asked for: whoever brings estimators does not wait for others.
"""

from typing import Any

DEPTH = 6


def classifiers() -> list[tuple[str, Any]]:
    """A straight boundary, bell curves, and a tree."""
    from diorama.bayes import GaussianNB
    from diorama.linear import LogisticRegression
    from diorama.trees import CARTClassifier

    return [("line", LogisticRegression()), ("bells", GaussianNB()), ("tree", CARTClassifier(max_depth=DEPTH))]


def regressors() -> list[tuple[str, Any]]:
    """A straight line, a bending curve for each column, and a tree."""
    from diorama.linear import Ridge, SplineRegression
    from diorama.trees import CARTRegressor

    return [("line", Ridge()), ("curve", SplineRegression()), ("tree", CARTRegressor(max_depth=DEPTH))]


def final_classifier() -> Any:
    """What learns whom of several classifiers to trust."""
    from diorama.linear import LogisticRegression

    return LogisticRegression()


def final_regressor() -> Any:
    """What learns whom of several regressors to trust."""
    from diorama.linear import Ridge

    return Ridge()
