"""Mini-batch k-means as a moving picture: a few points at a time take a colour, and centres move less and less."""

import numpy as np

from diorama.clustering.mini_batch_k_means import State, move, step
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.k_means import CentersStage, centers_spec
from diorama.scenes.parts import number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

GREY = "Grey points are not in the batch."


def mini_batch_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded MiniBatchKMeans: `state` is the last of its states."""
    stage = CentersStage(recorded)
    moments = recorded.moments
    n_clusters = len(state.centers)
    return Scene(
        title=f"k-means from batches, {n_clusters} cluster{'s' if n_clusters > 1 else ''}",
        spec=centers_spec(stage, n_clusters, "J, mean squared distance of the batch"),
        data={
            "journey": {
                "step": [moment.iteration for moment in moments[1:]],
                "J": [moment.state.inertia for moment in moments[1:]],
            }
        },
        frames=tuple(_frame(stage, moments, place) for place in range(len(moments))),
        code=marked_source(step, move),
        formulas={"": r"\mu_j \leftarrow \frac{W_j\, \mu_j + \sum_{i \in B_j} x_i}{W_j + |B_j|}, \quad J = \slot{J}"},
        tween=("centers", "trails", "now"),
        caption=" ".join(filter(None, (stage.caption, GREY))),
    )


def _frame(stage: CentersStage, moments: list[Moment], place: int) -> Frame:
    iteration, now = moments[place]
    labels = np.full(stage.n_rows, -1)
    labels[now.batch] = now.labels
    told = _narration(moments, place)
    return Frame(
        data=stage.data(place, labels[stage.chosen], iteration, now.inertia),
        narration=told,
        alt=f"{len(stage.points)} points, those of the batch in {len(now.centers)} colours, a centre in each. {told}",
        step="move" if place else "",
        values={"J": number(now.inertia, 4) if place else "not known yet"},
    )


def _narration(moments: list[Moment], place: int) -> str:
    iteration, now = moments[place]
    if place == 0:
        return f"The start: {len(now.centers)} centres stand at points far from one another or where you put them."
    drawn = f"{len(now.batch):,} rows are drawn and join their nearest centre"
    told = f"Batch {iteration}: {drawn}; their mean squared distance is {number(now.inertia, 4)}"
    if place == len(moments) - 1:
        return f"{told}, and that is the end: {int(now.weights.sum()):,} rows joined in all."
    return f"{told}, and the centres move {number(now.shift**0.5)} in all."
