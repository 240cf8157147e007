"""What pictures of a descent share: the cost against the step, and the path over a surface of two numbers."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.optimization.optimizer import Method
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.contours import contour, corners
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, image_url, number, padded_range, rgb
from diorama.scenes.source import Code

# cells of the surface, and the lines of equal height on it
WIDTH, HEIGHT = 64, 48
N_LINES = 11
# the lowest place is clear, the highest covers this much of 255
OPACITY = 190
# a cost that spans more than this factor is drawn on a logarithmic scale
WIDE = 30.0
# coordinates are drawn in single precision, whose largest number is 3.4e38
DRAWABLE = 1e30
# most places lie low when their middle height is below this share of the highest
LOW = 0.45


class Curve(NamedTuple):
    """Cost against step: all of it faintly, what has happened so far boldly, and a point for now."""

    steps: Array  # (n_frames,)
    costs: Array  # (n_frames,) finite, and not too large to draw
    title: str
    logarithmic: bool
    step: str = "step"  # what is counted along the other axis

    @classmethod
    def of(cls, moments: Sequence[Moment], title: str, step: str = "step") -> "Curve":
        """The costs of recorded states; what is too large for an axis, or no number, is drawn at its end."""
        costs = np.clip([moment.state.cost for moment in moments], -DRAWABLE, DRAWABLE)
        finite = costs[np.isfinite(costs)]
        costs = np.nan_to_num(costs, nan=finite.max())
        wide = bool(finite.min() > 0 and finite.max() > WIDE * finite.min())
        return cls(np.array([moment.iteration for moment in moments]), costs, title, wide, step)

    @property
    def still(self) -> dict[str, Columns]:
        return {"course": {"step": self.steps, "cost": self.costs}}

    def frame(self, number_of_frame: int) -> dict[str, Columns]:
        """The data sets of one frame."""
        so_far = slice(0, number_of_frame + 1)
        return {
            "travelled": {"step": self.steps[so_far], "cost": self.costs[so_far]},
            "now": {"step": self.steps[[number_of_frame]], "cost": self.costs[[number_of_frame]]},
        }

    def panel(self, width: int = 240, height: int = 280) -> dict[str, Any]:
        """The Vega-Lite panel."""
        scale: dict[str, Any] = {"domain": padded_range(self.costs), "zero": False, "nice": False}
        if self.logarithmic:
            low, high = padded_range(np.log(self.costs))
            scale = {"type": "log", "domain": [float(np.exp(low)), float(np.exp(high))], "nice": False}
        x = {
            "field": "step",
            "type": "quantitative",
            "title": self.step,
            "scale": {"domain": [0, max(1, int(self.steps[-1]))], "nice": False},
            "axis": {"tickMinStep": 1, "grid": False, "tickCount": 5},
        }
        y = {"field": "cost", "type": "quantitative", "title": self.title, "scale": scale}
        y["axis"] = {"grid": False, "tickCount": 5}
        tooltip = [
            {"field": "step", "type": "quantitative", "title": self.step},
            {"field": "cost", "type": "quantitative", "title": self.title},
        ]
        layers = [
            {
                "data": {"name": "course"},
                "mark": {"type": "line", "color": NEUTRAL, "opacity": 0.5, "strokeWidth": 1.5},
            },
            {"data": {"name": "travelled"}, "mark": {"type": "line", "color": ACCENT, "strokeWidth": 2.5}},
            {"data": {"name": "now"}, "mark": {"type": "point", "filled": True, "size": 110, "color": ACCENT}},
        ]
        encoding = {"x": x, "y": y, "tooltip": tooltip}
        return {"width": width, "height": height, "layer": [{**layer, "encoding": encoding} for layer in layers]}


class Landscape(NamedTuple):
    """A cost over two numbers as colour and lines of equal height, the path over it, and the step that comes next."""

    x_range: list[float]
    y_range: list[float]
    titles: tuple[str, str]
    path: Array  # (n_frames, 2)
    steps: Array  # (n_frames,)
    arrows: Array  # (n_frames, 2) where the next step leads, NaN where that is not known
    still: Mapping[str, Columns]

    @classmethod
    def of(
        cls,
        height: Callable[[Array], Array],
        ranges: tuple[Sequence[float], Sequence[float]],
        titles: tuple[str, str],
        path: Array,
        steps: Array,
        arrows: Array,
        minima: Sequence[Sequence[float]] = (),
        color: str = CLASS_COLORS[0],
    ) -> "Landscape":
        """The picture of `height`: (n, 2) places to (n,) costs. `minima` are marked where they are known."""
        x_range, y_range = list(ranges[0]), list(ranges[1])
        places = corners(x_range, y_range, WIDTH, HEIGHT)
        heights = height(places.reshape(-1, 2)).reshape(HEIGHT + 1, WIDTH + 1)
        levels = _even(heights)
        lines = _lines(places, levels)
        ground = {
            "url": [_shaded(levels, color)],
            "x": [x_range[0]],
            "x2": [x_range[1]],
            "y": [y_range[0]],
            "y2": [y_range[1]],
        }
        lowest = np.array(minima, dtype=float).reshape(-1, 2)
        still = {
            "ground": ground,
            "lines": dict(zip(("x", "y", "x2", "y2"), lines.T, strict=True)),
            "minima": {"x": lowest[:, 0], "y": lowest[:, 1]},
        }
        return cls(x_range, y_range, titles, path, steps, arrows, still)

    def frame(self, number_of_frame: int) -> dict[str, Columns]:
        """The data sets of one frame."""
        here, there = self.path[number_of_frame], self.arrows[number_of_frame]
        known = bool(np.isfinite(here).all() and np.isfinite(there).all() and (here != there).any())
        arrow = np.array([[*here, *there]] if known else []).reshape(-1, 4)
        so_far = slice(0, number_of_frame + 1)
        return {
            "path": {"x": self.path[so_far, 0], "y": self.path[so_far, 1], "step": self.steps[so_far]},
            "here": {"x": here[:1], "y": here[1:], "step": self.steps[[number_of_frame]]},
            "arrow": {"x": arrow[:, 0], "y": arrow[:, 1], "x2": arrow[:, 2], "y2": arrow[:, 3]},
        }

    def panel(self, width: int = 380, height: int = 280) -> dict[str, Any]:
        """The Vega-Lite panel. What leaves the drawn ground is cut off at its edge."""
        x, y = self.axis("x"), self.axis("y")
        ends = {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}
        order = {"field": "step", "type": "quantitative"}
        tooltip = [
            {"field": "step", "type": "quantitative"},
            {"field": "x", "type": "quantitative", "title": self.titles[0]},
            {"field": "y", "type": "quantitative", "title": self.titles[1]},
        ]
        at = {"x": x, "y": y, "tooltip": tooltip}
        dot = {"type": "point", "filled": True, "color": ACCENT, "clip": True}
        layers: list[dict[str, Any]] = [
            *self.ground(),
            {
                "data": {"name": "path"},
                "mark": {"type": "line", "color": ACCENT, "strokeWidth": 1.6, "opacity": 0.85, "clip": True},
                "encoding": {"x": x, "y": y, "order": order},
            },
            {"data": {"name": "path"}, "mark": {**dot, "size": 18}, "encoding": at},
            {
                "data": {"name": "arrow"},
                "mark": {"type": "rule", "color": ACCENT, "strokeWidth": 3, "strokeDash": [4, 3], "clip": True},
                "encoding": ends,
            },
            {"data": {"name": "here"}, "mark": {**dot, "size": 120}, "encoding": at},
        ]
        return {"width": width, "height": height, "layer": layers}

    def ground(self) -> list[dict[str, Any]]:
        """The layers of what keeps still: colour, lines of equal height, the known minima."""
        x, y = self.axis("x"), self.axis("y")
        ends = {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}
        return [
            {
                "data": {"name": "ground"},
                "mark": {"type": "image", "aspect": False},
                "encoding": {**ends, "url": {"field": "url"}},
            },
            {
                "data": {"name": "lines"},
                "mark": {"type": "rule", "color": NEUTRAL, "opacity": 0.7, "strokeWidth": 0.8},
                "encoding": ends,
            },
            {
                "data": {"name": "minima"},
                "mark": {"type": "point", "shape": "cross", "filled": True, "size": 90, "color": CLASS_COLORS[2]},
                "encoding": {"x": x, "y": y},
            },
        ]

    def axis(self, name: str) -> dict[str, Any]:
        title, domain = (self.titles[0], self.x_range) if name == "x" else (self.titles[1], self.y_range)
        scale = {"domain": domain, "zero": False, "nice": False}
        axis = {"grid": False, "tickCount": 5}
        return {"field": name, "type": "quantitative", "title": title, "scale": scale, "axis": axis}


def _even(heights: Array) -> Array:
    """Heights from 0 to 1: on a logarithmic scale where most places lie low, so that a valley's floor shows too."""
    finite = np.isfinite(heights)
    if not finite.any():
        return np.zeros_like(heights)
    above = np.where(finite, heights, heights[finite].max()) - heights[finite].min()
    middle, top = float(np.median(above)), float(above.max())
    # a hundredth of the middle height is floor
    levels = np.log1p(above / (0.01 * middle)) if 0 < middle <= LOW * top else above
    evened: Array = levels / max(float(levels.max()), 1e-300)
    return evened


def _lines(places: Array, levels: Array) -> Array:
    pieces = [contour(places, levels - level, levels[..., None])[0] for level in np.linspace(0, 1, N_LINES + 2)[1:-1]]
    return np.concatenate(pieces)


def _shaded(levels: Array, color: str) -> str:
    pixels = np.empty((*levels.shape, 4))
    pixels[..., :3] = rgb(color)
    pixels[..., 3] = OPACITY * levels
    return image_url(pixels.astype(np.uint8))


def change(before: Moment, after: Moment) -> str:
    """How the cost went from one recorded state to the next, in words: "falls from 3 to 2"."""
    old, new = before.state.cost, after.state.cost
    if not np.isfinite(new):
        return "grows beyond all numbers"
    if number(new, 4) == number(old, 4):
        return f"hardly changes from {number(new, 4)}"
    since = "" if after.iteration == before.iteration + 1 else f" (at step {before.iteration})"
    return f"{'falls' if new < old else 'rises'} from {number(old, 4)}{since} to {number(new, 4)}"


def steepness(gradient: Array) -> float:
    """Length of a gradient, also where its square is too large for a float."""
    return math.hypot(*gradient.ravel().tolist())


def spoken(method: Method) -> str:
    """The name of a method within a sentence: "gradient descent" for GradientDescent, "Adam" for Adam."""
    name = type(method).__name__
    parts = re.findall(r"[A-Z]+[a-z]*", name)
    words = [part if part[:2].isupper() else part.lower() for part in parts]
    return " ".join(words) if len(words) > 1 else name


def running_line(code: Code, otherwise: str) -> str:
    """The mark of the line where a method takes its step; of the loop around it where its rule marks none."""
    return next((mark for mark in ("update", "search") if mark in code.steps), otherwise)


def thinning(recorded: RecordedFit) -> str:
    """The sentence that says how many of the steps are shown; "" when all are."""
    kept, taken = len(recorded) - 1, recorded.n_iter
    return f"Shown are {kept} of {taken} steps." if kept < taken else ""


def runaway(costs: Array, rate: float | None, safe_rate: float) -> str:
    """The sentence that ends the narration of a descent that went up; "" for one that went down."""
    lowest, last = np.nanmin(costs), costs[-1]
    if np.isfinite(last) and not (last > costs[0] and last > lowest * 1.1 if lowest > 0 else last > costs[0]):
        return ""
    grew = f"grew {number(last / lowest)} times" if np.isfinite(last) and lowest > 0 else "grew without end"
    if rate is None or not (np.isfinite(safe_rate) and rate > safe_rate):
        return f" The cost {grew}: the learning rate is too large."
    return f" The cost {grew}: the learning rate {number(rate)} is above 2/L = {number(safe_rate)}."
