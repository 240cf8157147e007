"""The live picture of voting: three different models fitted for real, asked one by one and counted."""

from typing import Any, Literal

import numpy as np

from diorama.bayes import GaussianNB
from diorama.ensembles import VotingClassifier, VotingRegressor
from diorama.linear import LogisticRegression, PolynomialRegression, Ridge
from diorama.recording import record
from diorama.reference.pictures.bagging import WAVE
from diorama.reference.pictures.cart import Data, points, wave
from diorama.scenes import Scene
from diorama.trees import CARTClassifier, CARTRegressor


def classifiers(max_depth: int) -> list[tuple[str, Any]]:
    """Three that err in different ways."""
    tree = CARTClassifier(max_depth=max_depth)
    return [("logistic regression", LogisticRegression()), ("naive Bayes", GaussianNB()), ("tree", tree)]


def regressors(max_depth: int) -> list[tuple[str, Any]]:
    """Three that bend in different ways."""
    tree = CARTRegressor(max_depth=max_depth)
    return [("line", Ridge()), ("polynomial", PolynomialRegression(4)), ("tree", tree)]


def voting(
    voting: Literal["soft", "hard"] = "soft",
    tree_weight: float = 1.0,
    max_depth: int = 5,
    data: Data = "moons",
    seed: int = 0,
) -> Scene:
    """Three models on points of the plane, or on a wave; the tree's voice weighs `tree_weight`, the others' 1."""
    weights = [1.0, 1.0, tree_weight]
    model: VotingClassifier | VotingRegressor
    if data == WAVE:
        X, y, names = wave(seed)
        model = VotingRegressor(regressors(max_depth), weights=weights)
    else:
        X, y, names = points(data, seed)
        model = VotingClassifier(classifiers(max_depth), voting=voting, weights=weights)
    with record(max_frames=8) as recording:
        model.fit(X, y)
    # the scene reads the names when it is made
    model.feature_names_in_ = np.array(names, dtype=object)
    return recording.scene()
