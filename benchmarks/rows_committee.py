"""Ensembles of any members beside scikit-learn's, with the members that each takes by itself."""

from functools import partial
from typing import Any

from sklearn import ensemble
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.tree import DecisionTreeRegressor

from benchmarks.harness import OURS, Row
from benchmarks.rows_forest import _accuracy, _classes, _judged, _numbers, _r2
from diorama import ensembles


def _row(
    name: str, data: Any, kind: str, quality: Any, tolerance: float = 0.01, target: float = 1.0, **parameters: Any
) -> Row:
    ours, peer = getattr(ensembles, kind), getattr(ensemble, kind)
    return Row(
        name,
        data,
        {
            OURS: lambda data: _judged(ours(random_state=0, **parameters), data),
            "scikit-learn": lambda data: _judged(peer(random_state=0, **parameters), data),
        },
        quality,
        "held-out accuracy" if quality is _accuracy else "held-out R2",
        tolerance=tolerance,
        target=target,
    )


_LINE_AND_TREE = [("line", LinearRegression()), ("tree", DecisionTreeRegressor(max_depth=6, random_state=0))]


def _same_members(name: str, kind: str, **parameters: Any) -> Row:
    """Both with scikit-learn's members: what is compared is the committee's own work."""
    return Row(
        name,
        partial(_numbers, 5_000, 10),
        {
            who: lambda data, room=room: _judged(getattr(room, kind)(_LINE_AND_TREE, **parameters), data)
            for who, room in ((OURS, ensembles), ("scikit-learn", ensemble))
        },
        _r2,
        "held-out R2",
        # the same fits either way
        target=0.95,
    )


_stumps = partial(_row, kind="AdaBoostClassifier", quality=_accuracy, n_estimators=100)


# two draws of the rows are two models, and few rows tell them apart by chance
ROWS: list[Row] = [
    _row("bagging 10, 200 x 5", partial(_classes, 200, 5, 2), "BaggingClassifier", _accuracy, tolerance=0.05),
    _row("bagging 10, 20k x 30, 3 classes", partial(_classes, 20_000, 30, 3), "BaggingClassifier", _accuracy),
    _row("bagging 10, numbers, 5k x 10", partial(_numbers, 5_000, 10), "BaggingRegressor", _r2),
    _stumps("AdaBoost 100 stumps, 200 x 5", partial(_classes, 200, 5, 2), target=1.0),
    _stumps("AdaBoost 100 stumps, 20k x 30", partial(_classes, 20_000, 30, 2), target=10.0),
    _stumps("AdaBoost 100 stumps, 20k x 30, 3 classes", partial(_classes, 20_000, 30, 3), target=10.0),
    _row("AdaBoost 50 trees, numbers, 5k x 10", partial(_numbers, 5_000, 10), "AdaBoostRegressor", _r2),
    _same_members("voting of the same two, 5k x 10", "VotingRegressor"),
    _same_members("stacking of the same two, 5k x 10", "StackingRegressor", final_estimator=Ridge()),
]
