"""The race of ensembles: its stages end in the models themselves, and its scores are theirs."""

import numpy as np
import pytest
from sklearn.datasets import make_moons

from diorama.ensembles import AdaBoostClassifier, BaggingClassifier, StackingClassifier, VotingClassifier
from diorama.scenes.ensembling import ONE_TREE, ORDER, Contest, ensembling_scene, stages_of
from diorama.trees import CARTClassifier


@pytest.fixture(scope="module")
def contest():
    X, y = make_moons(120, noise=0.3, random_state=0)
    others, labels = make_moons(80, noise=0.3, random_state=1)
    tree = CARTClassifier(max_depth=2)
    models = (
        BaggingClassifier(tree, 5, random_state=0),
        AdaBoostClassifier(tree, n_estimators=6, random_state=0),
        VotingClassifier(voting="soft"),
        StackingClassifier(cv=2),
        tree,
    )
    return Contest(X, y, others, labels, ("x", "y"), *(model.fit(X, y) for model in models))


@pytest.mark.parametrize("method", ORDER)
def test_the_last_stage_is_the_model(contest, method):
    model = contest.one_tree if method == ONE_TREE else getattr(contest, method)
    last = stages_of(contest, method, contest.others)[-1]
    np.testing.assert_allclose(last, model.predict_proba(contest.others), rtol=1e-9)


@pytest.mark.parametrize(("method", "frames"), [("bagging", 5), ("boosting", 6), ("voting", 3), ("stacking", 4)])
def test_a_frame_for_each_stage_and_the_scores_of_all(contest, method, frames):
    scene = ensembling_scene(contest, method)
    assert len(scene.frames) == frames
    score = getattr(contest, method).score(contest.others, contest.labels)
    assert scene.frames[-1].data["now"]["score"] == [pytest.approx(score)]
    assert set(scene.data["scores"]["method"]) == set(ORDER)
    assert all(f"{name} " in scene.frames[0].narration for name in ORDER if name != method)
