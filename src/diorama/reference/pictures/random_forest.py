"""The live picture of a random forest: grown for real, each tree beside the vote."""

import numpy as np

from diorama.ensembles import RandomForestClassifier
from diorama.recording import record
from diorama.reference.pictures.cart import Data, points
from diorama.scenes import Scene


def random_forest(
    n_estimators: int = 12,
    max_depth: int = 8,
    max_features: int = 1,
    bootstrap: str = "yes",
    data: Data = "moons",
    seed: int = 0,
) -> Scene:
    """A forest on points of the plane; the `seed` draws the points and the forest's luck."""
    X, y, names = points(data, seed)
    model = RandomForestClassifier(
        n_estimators,
        max_depth=max_depth,
        max_features=min(max_features, X.shape[1]),
        bootstrap=bootstrap == "yes",
        random_state=seed,
    )
    with record(max_frames=12) as recording:
        model.fit(X, y)
    # the scene reads the names when it is made
    model.feature_names_in_ = np.array(names, dtype=object)
    return recording.scene()
