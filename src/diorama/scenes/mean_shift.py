"""Mean shift as a moving picture: seeds flow uphill from the points to the modes, beside how many still climb."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.clustering.mean_shift import ARRIVED, State, look_around, modes, step
from diorama.recording.recorder import RecordedFit
from diorama.scenes.journey import journey_panel
from diorama.scenes.parts import NEUTRAL, Plane, class_scales, number, padded_range, sample_rows
from diorama.scenes.scene import MAX_MOVING_ROWS, Frame, Scene
from diorama.scenes.source import marked_source

TAIL = 7  # places that a seed's trail remembers at most
LOST = "sees no row"
WAITING = "not known yet"
PALETTE = 12
_FORMULA = (
    r"x \leftarrow \frac{\sum_i K(x_i - x) \, x_i}{\sum_i K(x_i - x)}, \quad"
    r" \max \lVert \Delta x \rVert = \slot{shift}"
)


def mean_shift_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded mean shift: `state` is the last of its states."""
    stage = _Stage(state, recorded)
    kept = recorded.moments
    return Scene(
        title="Mean shift",
        spec={
            "hconcat": [_plane_panel(stage), journey_panel(recorded.n_iter, "climbing", "seeds that still climb")],
            "spacing": 28,
        },
        data={
            "journey": {
                "step": [moment.iteration for moment in kept],
                "climbing": [int(moment.state.moving.sum()) for moment in kept],
            },
        },
        frames=tuple(_frame(stage, place, recorded) for place in range(len(kept))),
        code=marked_source(step, look_around),
        formulas={"": _FORMULA},
        tween=("seeds", "trails", "now"),
        caption=stage.caption,
    )


class _Stage:
    """What all frames share: the rows on their plane, where the seeds were, and where each ends."""

    def __init__(self, state: State, recorded: RecordedFit) -> None:
        X = recorded.fit.X
        chosen, sampled = sample_rows(len(X))
        self.plane = Plane.of(X[chosen], getattr(recorded.fit.subject, "feature_names_in_", None))
        self.rows = self.plane.project(X[chosen])
        self.drawn, fewer = sample_rows(len(state.places))
        tops = modes(state)
        away = np.linalg.norm(state.places[self.drawn, None, :] - tops, axis=2)
        self.names = [str(top) for top in range(len(tops))]
        seen = state.weights[self.drawn] > 0
        self.owners = [self.names[top] if sees else LOST for top, sees in zip(away.argmin(axis=1), seen, strict=True)]
        nearest = [np.linalg.norm(X[chosen] - top, axis=1) for top in tops]
        self.belongs = [self.names[top] for top in np.argmin(nearest, axis=0)]
        # (n_states, n_seeds, 2)
        self.paths = np.array([self.plane.project(kept.state.places[self.drawn]) for kept in recorded.moments])
        places = np.concatenate([self.rows, self.paths[0]])
        self.x_range, self.y_range = padded_range(places[:, 0]), padded_range(places[:, 1])
        self.tail = min(TAIL, MAX_MOVING_ROWS // max(1, len(self.drawn)))
        self.reach = state.bandwidth
        n_seeds = len(self.drawn)
        # what the rows of the trails are, in every frame
        self.lines = {
            "mode": [owner for owner in self.owners for _ in range(self.tail)],
            "seed": np.repeat(np.arange(n_seeds), self.tail),
            "order": np.tile(np.arange(self.tail), n_seeds),
        }
        seeds = f"Drawn: {len(self.drawn):,} of {len(state.places):,} seeds." if fewer else ""
        self.caption = " ".join(filter(None, (self.plane.caption, f"Bandwidth {number(self.reach)}.", sampled, seeds)))

    def trail(self, place: int) -> Array:
        """(n_seeds, tail, 2) the latest places of the seeds; as many in every frame, so that they can glide."""
        latest = np.clip(np.arange(place - self.tail + 1, place + 1), 0, None)
        found: Array = self.paths[latest].transpose(1, 0, 2)
        return found


def _frame(stage: _Stage, place: int, recorded: RecordedFit) -> Frame:
    iteration, state = recorded.moments[place]
    seeds, trail = stage.paths[place], stage.trail(place)
    climbing = int(state.moving.sum())
    narration = _narration(stage, state, iteration, recorded)
    return Frame(
        data={
            "rows": {
                "x": stage.rows[:, 0],
                "y": stage.rows[:, 1],
                "mode": stage.belongs if iteration == recorded.n_iter else [WAITING] * len(stage.rows),
            },
            "seeds": {"x": seeds[:, 0], "y": seeds[:, 1], "mode": stage.owners},
            "trails": {
                "x": trail[:, :, 0].ravel(),
                "y": trail[:, :, 1].ravel(),
                **stage.lines,
            },
            "now": {"step": [iteration], "climbing": [climbing]},
        },
        narration=narration,
        alt=f"{len(stage.rows)} points and {len(seeds)} seeds on their way to {len(stage.names)} modes; {narration}",
        step="mean" if iteration else "",
        values={"shift": number(state.shift) if iteration else "not known yet"},
    )


def _narration(stage: _Stage, state: State, iteration: int, recorded: RecordedFit) -> str:
    n, climbing = len(state.places), int(state.moving.sum())
    if not iteration:
        return f"The start: {n:,} seeds stand where they were sown, and each sees {number(stage.reach)} far."
    where = f"Step {iteration} of {recorded.n_iter}"
    tops = f"{len(stage.names)} mode{'s' if len(stage.names) > 1 else ''}"
    if not climbing:
        still = f"no seed moves more than {ARRIVED:.1%} of the bandwidth"
        return f"{where}: {still}; they stand on {tops}, and points go with the nearest."
    if iteration == recorded.n_iter and iteration >= recorded.max_iter:
        return f"{where}: that was the last step allowed; {climbing:,} seeds were still on their way to {tops}."
    seeds = "1 seed goes" if climbing == 1 else f"{climbing:,} seeds go"
    return f"{where}: each seed moves to the mean of the points around it, {number(state.shift)} at most; {seeds} on."


def _plane_panel(stage: _Stage) -> dict[str, Any]:
    names = [str(mode) for mode in range(max(len(stage.names), PALETTE))]
    colors, shapes = class_scales(names)
    colors = {"domain": [*names, LOST, WAITING], "range": [*colors["range"], NEUTRAL, NEUTRAL]}
    shapes = {"domain": [*names, LOST, WAITING], "range": [*shapes["range"], "circle", "circle"]}
    color: dict[str, Any] = {"field": "mode", "type": "nominal", "scale": colors, "legend": None}
    shape: dict[str, Any] = {"field": "mode", "type": "nominal", "scale": shapes, "legend": None}
    x_title, y_title = stage.plane.titles
    axes: dict[str, Any] = {}
    for channel, title, span in (("x", x_title, stage.x_range), ("y", y_title, stage.y_range)):
        scale = {"domain": span, "nice": False, "zero": False}
        axes[channel] = {"field": channel, "type": "quantitative", "scale": scale, "title": title}
    if not y_title:  # one feature: the points lie on a line
        axes["y"]["axis"] = None
    return {
        "width": 440,
        "height": 330,
        "layer": [
            {
                "data": {"name": "rows"},
                "mark": {"type": "point", "filled": True, "size": 16, "opacity": 0.5},
                "encoding": {**axes, "color": color, "shape": shape},
            },
            {
                "data": {"name": "trails"},
                "mark": {"type": "line", "strokeWidth": 1, "opacity": 0.35},
                "encoding": {
                    **axes,
                    "color": color,
                    "detail": {"field": "seed"},
                    "order": {"field": "order", "type": "quantitative"},
                },
            },
            {
                "data": {"name": "seeds"},
                "mark": {"type": "point", "filled": True, "size": 42, "opacity": 0.9},
                "encoding": {
                    **axes,
                    "color": color,
                    "shape": shape,
                    "tooltip": [{"field": "mode", "type": "nominal"}],
                },
            },
        ],
    }
