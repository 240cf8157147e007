"""A vote as a moving picture: one member after the other by itself, beside what all asked so far say together."""

from functools import partial

import numpy as np

from diorama._typing import Array
from diorama.ensembles._members import opinion, vote
from diorama.ensembles.voting import State, ask, count
from diorama.recording.recorder import RecordedFit
from diorama.scenes.numeric import drawn, nameless
from diorama.scenes.pair import Pair, Says, pair_of
from diorama.scenes.parts import number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

FORMULAS = {
    "": r"p(x) = \frac{\sum_m w_m \, p_m(x)}{\sum_m w_m} \qquad w_m = \slot{weight}"
    r" \quad \text{alone } \slot{alone} \quad \text{together } \slot{together}",
}


def voting_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded vote."""
    fit = drawn(recorded.fit)
    picture = pair_of(fit)
    with nameless():
        frames = _frames(picture, fit.X, recorded)
    return Scene(
        title="Voting",
        spec={
            "description": "One member by itself, and all that were asked so far together.",
            "hconcat": picture.panels("this one alone", "all asked so far"),
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(frames),
        data=picture.still,
        code=marked_source(ask, count),
        formulas=FORMULAS,
        caption=picture.caption,
    )


def _frames(picture: Pair, X: Array, recorded: RecordedFit) -> list[Frame]:
    state: State = recorded.moments[-1].state
    poll = state.poll
    weights = np.ones(len(poll.names)) if poll.weights is None else poll.weights
    single = [_says(state, number_of) for number_of in range(len(poll.names))]
    said = [says(X) for says in single]
    frames = []
    for moment in recorded.moments:
        n = moment.state.n_members
        alone, all_of_them = picture.score(said[n - 1]), picture.score(_counted(said[:n], poll.weights))
        name = poll.names[n - 1]
        told = f"{name} ({n} of {len(poll.names)}): alone it {picture.says(alone)}"
        told += "." if n == 1 else f"; the vote of the {n} asked so far {picture.says(all_of_them)}."
        values = {"weight": number(weights[n - 1]), "alone": number(alone), "together": number(all_of_them)}
        frames.append(
            Frame(
                data=picture.frame(single[n - 1], partial(_together, single[:n], poll.weights)),
                narration=told,
                alt=f"Left what {name} says by itself, right what {n} say together. {told}",
                step="ask" if n == 1 else "count",
                values=values,
            )
        )
    return frames


def _together(single: list[Says], weights: Array | None, points: Array) -> Array:
    """What several say of points together."""
    return _counted([says(points) for says in single], weights)


def _counted(said: list[Array], weights: Array | None) -> Array:
    """The count so far; while only voices of no weight were heard, they count the same."""
    heard = weights is None or weights[: len(said)].sum() > 0
    return count(said, weights if heard else None)


def _says(state: State, number_of: int) -> Says:
    """What one member says of points."""
    members, asked = state.poll.members, vote if state.poll.hard else opinion
    return lambda points: asked(members.estimators[number_of], points, members.n_outputs)
