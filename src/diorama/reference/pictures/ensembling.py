"""The live picture of ensembling: four ensembles fitted for real to the same rows, and judged on others."""

from functools import lru_cache
from typing import Literal

import numpy as np

from diorama._typing import Array
from diorama.ensembles import AdaBoostClassifier, BaggingClassifier, StackingClassifier, VotingClassifier
from diorama.reference.pictures.cart import points
from diorama.reference.pictures.voting import classifiers
from diorama.scenes import Scene
from diorama.scenes.ensembling import Contest, ensembling_scene
from diorama.trees import CARTClassifier

Points = Literal["moons", "checkers", "slanted", "no pattern"]
# draws of the same kind of points to judge by
OTHERS = 3


def ensembling(
    method: Literal["bagging", "boosting", "voting", "stacking"] = "boosting",
    n_estimators: int = 12,
    max_depth: int = 4,
    data: Points = "moons",
    seed: int = 0,
) -> Scene:
    """Four ensembles on points of the plane; the `seed` draws the points and the rows of bagging."""
    X, y, names = points(data, seed)
    others, labels = _not_seen(data, seed)
    tree = CARTClassifier(max_depth=max_depth)
    vote, stack = _committees(max_depth, data, seed)
    contest = Contest(
        X,
        y,
        others=others,
        labels=labels,
        names=names,
        bagging=BaggingClassifier(tree, n_estimators, random_state=seed).fit(X, y),
        boosting=AdaBoostClassifier(tree, n_estimators=n_estimators, random_state=seed).fit(X, y),
        voting=vote,
        stacking=stack,
        one_tree=tree.fit(X, y),
    )
    return ensembling_scene(contest, method)


@lru_cache(maxsize=32)
def _not_seen(data: Points, seed: int) -> tuple[Array, Array]:
    """Rows of the same kind to judge by, and what they are."""
    drawn = [points(data, 1_000 + OTHERS * seed + k)[:2] for k in range(OTHERS)]
    return np.concatenate([rows for rows, _ in drawn]), np.concatenate([labels for _, labels in drawn])


@lru_cache(maxsize=32)
def _committees(max_depth: int, data: Points, seed: int) -> tuple[VotingClassifier, StackingClassifier]:
    """What does not depend on how many are bagged or boosted is fitted once."""
    X, y, _ = points(data, seed)
    vote = VotingClassifier(classifiers(max_depth), voting="soft").fit(X, y)
    return vote, StackingClassifier(classifiers(max_depth), cv=2).fit(X, y)
