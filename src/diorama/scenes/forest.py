"""A random forest as a moving picture: what the newest tree says by itself, beside the vote of all trees so far."""

from functools import partial

import numpy as np

from diorama.ensembles._planting import grow_trees
from diorama.ensembles._urn import draw_lots
from diorama.ensembles.random_forest import State, mean_of
from diorama.recording.recorder import RecordedFit
from diorama.scenes.numeric import drawn
from diorama.scenes.pair import PairOfPlanes, pair_of
from diorama.scenes.parts import number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

FORMULAS = {
    "": r"\hat{p}(x) = \frac{1}{T} \sum_{t=1}^{T} p_t(x) \qquad T = \slot{trees}, "
    r"\quad \text{this tree: } \slot{alone}, \quad \text{the vote: } \slot{together}",
}


def forest_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded random forest: probabilities of classes, or predictions of numbers."""
    fit = drawn(recorded.fit)
    picture = pair_of(fit)
    frames, total, counted, codes = [], None, 0, state.bins.codes(np.asarray(fit.X))
    for moment in recorded.moments:
        now = moment.state
        new = np.zeros((len(codes), now.grove.values.shape[1]))
        now.grove.only(counted, now.n_trees).add(codes, new)
        total = new if total is None else total + new
        counted = now.n_trees
        newest, vote = now.grove.only(counted - 1, counted), now.grove.only(0, counted)
        alone = picture.score(mean_of(newest, now.bins, fit.X))
        together = picture.score(total / counted)
        data = picture.frame(partial(mean_of, newest, now.bins), partial(mean_of, vote, now.bins))
        told = f"Tree {counted} of {now.grove.n_trees}: alone it {picture.says(alone)}; the vote of "
        told += f"{counted} {'tree' if counted == 1 else 'trees'} {picture.says(together)}."
        values = {"trees": str(counted), "alone": number(alone), "together": number(together)}
        alt = f"Left what the newest tree says, right the vote of {counted}. {told}"
        frames.append(Frame(data=data, narration=told, alt=alt, step="grow", values=values))
    together_title = "the vote so far" if isinstance(picture, PairOfPlanes) else "the mean so far"
    return Scene(
        title="Random forest",
        spec={
            "description": "The newest tree by itself, and the vote of all trees so far.",
            "hconcat": picture.panels("the newest tree", together_title),
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(frames),
        data=picture.still,
        code=marked_source(draw_lots, grow_trees),
        formulas=FORMULAS,
        caption=picture.caption,
    )
