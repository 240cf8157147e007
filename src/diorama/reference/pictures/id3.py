"""The live picture of ID3: a tree grown for real on Saturday mornings or on made-up words."""

from typing import Literal

from diorama.recording import record
from diorama.reference.pictures.mornings import Problem, exclusive_or, fruit, mornings
from diorama.scenes import Scene
from diorama.trees import ID3Classifier

Data = Literal["Saturday mornings", "mornings with their date", "fruit", "exclusive or"]


def id3(
    data: Data = "Saturday mornings",
    max_depth: int = 4,
    min_gain: float = 0.0,
    noise: float = 0.1,
    seed: int = 0,
) -> Scene:
    """A tree of at most `max_depth` questions, each worth `min_gain` bits; `noise` of the fruit have a wrong label."""
    problem = _problem(data, noise, seed)
    with record(max_frames=40) as recording:
        ID3Classifier(max_depth=max_depth, min_gain=min_gain).fit(problem.X, problem.y)
    return recording.scene()


def _problem(data: Data, noise: float, seed: int) -> Problem:
    if data == "fruit":
        return fruit(seed, noise)
    if data == "exclusive or":
        return exclusive_or(seed)
    return mornings(dates=data == "mornings with their date")
