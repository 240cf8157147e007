"""A Gaussian mixture as a moving picture: points wear the colours of the bells that share them, ellipses breathe.

Two frames a step, one for each half; beside them the log-likelihood, which climbs.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.clustering._covariances import KINDS, Mixture, log_densities
from diorama.clustering.gaussian_mixture import State, maximise, step
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.journey import journey_panel
from diorama.scenes.parts import CLASS_COLORS, Plane, class_scales, number, padded_range, rgb, sample_rows
from diorama.scenes.scene import MAX_MOVING_ROWS, Frame, Scene
from diorama.scenes.source import marked_source

LEVELS = (1.0, 2.0)  # standard deviations at which a bell is outlined
MOST_BELLS = 40  # that are outlined; a picture with more says nothing
SHADES = 16  # steps in which colours blend: finer ones no eye can tell
_FORMULA = (
    r"L = \frac{1}{n} \sum_{i=1}^{n} \log \sum_{j} w_j \, \mathcal{N}(x_i \mid \mu_j, \Sigma_j)"
    r" = \slot{L} \; \slot{gain}"
)


class Shot(NamedTuple):
    """What one frame shows."""

    step: str  # "maximise", "expect" or "" (the start)
    iteration: int
    state: State
    sharing: int  # index of the state whose shares colour the points
    place: int  # index of the state whose bells are drawn


def gaussian_mixture_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded mixture: `state` is the last of its states."""
    moments = recorded.moments
    shots = list(_shots(moments, 2 * len(moments) - 1 <= recorded.max_frames))
    stage = _Stage(recorded)
    k = len(state.mixture.weights)
    return Scene(
        title=f"Gaussian mixture of {k} bell{'s' if k > 1 else ''}",
        spec={
            "hconcat": [
                _plane_panel(stage),
                journey_panel(recorded.n_iter, "L", "L, mean log-likelihood of a point", span=_span(moments)),
            ],
            "spacing": 28,
        },
        data={
            "journey": {
                "step": [moment.iteration for moment in moments],
                "L": [moment.state.log_likelihood for moment in moments],
            }
        },
        frames=tuple(_frame(stage, shot, recorded, shot is shots[-1]) for shot in shots),
        code=marked_source(step, maximise),
        formulas={"": _FORMULA},
        tween=("outlines", "means", "now"),
        caption=stage.caption,
    )


def _shots(moments: list[Moment], halves: bool) -> Iterator[Shot]:
    """The start, then for each state both halves of its step; one for a state whose predecessor was not kept."""
    yield Shot("", moments[0].iteration, moments[0].state, 0, 0)
    for place, (iteration, state) in enumerate(moments[1:], start=1):
        if halves and moments[place - 1].iteration == iteration - 1:
            yield Shot("maximise", iteration, state, place - 1, place)
        yield Shot("expect", iteration, state, place, place)


def _span(moments: list[Moment]) -> list[float]:
    """The axis of L: the start may lie far below all the rest, and then only its direction is worth showing."""
    values = [moment.state.log_likelihood for moment in moments]
    later = values[1:] or values
    low, high = min(later), max(later)
    room = max(high - low, 0.02 * abs(high), 1e-3)
    return padded_range([max(min(values), low - room), high])


class _Stage:
    """What all frames share: the points on their plane, the colours they wear, the outlines of the bells."""

    def __init__(self, recorded: RecordedFit) -> None:
        X = recorded.fit.X
        self.kind = KINDS[recorded.fit.subject.covariance_type]
        self.chosen, sampled = sample_rows(X.shape[0])
        self.rows = np.asarray(X[self.chosen], dtype=float)
        self.plane = Plane.of(self.rows, getattr(recorded.fit.subject, "feature_names_in_", None))
        self.points = self.plane.project(self.rows)
        mixtures = [moment.state.mixture for moment in recorded.moments]
        self.bells = np.argsort(-mixtures[-1].weights, kind="stable")[:MOST_BELLS]
        self.names = [str(component) for component in range(len(mixtures[-1].weights))]
        self.means = [self.plane.project(mixture.means) for mixture in mixtures]
        self.outlines = [self._outline(mixture, means) for mixture, means in zip(mixtures, self.means, strict=True)]
        self.shares = [_shares(log_densities(self.kind, mixture, self.rows)) for mixture in mixtures]
        self.x_range, self.y_range = self._ranges()
        left_out = len(self.names) - len(self.bells)
        self.caption = " ".join(
            filter(
                None,
                (
                    self.plane.caption,
                    "Ellipses stand one and two standard deviations from their means."
                    if X.shape[1] > 1
                    else "Curves are the bells' shares of the density; the points lie below.",
                    f"The {len(self.bells)} heaviest of {len(self.names)} bells are outlined." if left_out else "",
                    sampled,
                ),
            )
        )

    @property
    def flat(self) -> bool:
        """One feature: bells are drawn as curves."""
        return bool(self.rows.shape[1] == 1)

    def _outline(self, mixture: Mixture, means: Array) -> Array:
        """(n_lines, n_points, 2) places along the outlines of the bells, those of one bell one after the other."""
        k, d = mixture.means.shape
        matrices = self.kind.matrices(mixture.covariances, k, d)[self.bells]
        n_points = min(48, MAX_MOVING_ROWS // (len(LEVELS) * len(self.bells)))
        if self.flat:
            scale = np.sqrt(matrices[:, 0])
            x = np.linspace(-4, 4, n_points)
            y = mixture.weights[self.bells, None] / (scale * np.sqrt(2 * np.pi)) * np.exp(-(x**2) / 2)
            return np.stack([means[self.bells, :1] + scale * x, y], axis=-1)
        seen = self.plane.axes @ matrices @ self.plane.axes.T
        values, vectors = np.linalg.eigh(seen)
        # the symmetric root: the same point of an ellipse stays the same from frame to frame
        roots = (vectors * np.sqrt(np.maximum(values, 0))[:, None, :]) @ vectors.transpose(0, 2, 1)
        angle = np.linspace(0, 2 * np.pi, n_points)
        circles = np.array(LEVELS)[:, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        lines: Array = np.einsum("kij,lpj->klpi", roots, circles) + means[self.bells, None, None, :]
        return lines.reshape(-1, n_points, 2)

    def _ranges(self) -> tuple[list[float], list[float]]:
        """Axes on which all points lie and all means, and the ellipses as far as they end."""
        last = self.outlines[-1].reshape(-1, 2)
        if self.flat:
            top = float(np.median([lines[:, :, 1].max() for lines in self.outlines]))
            return padded_range(self.points[:, 0]), [-0.06 * top, 1.25 * max(top, float(last[:, 1].max()))]
        (low, high), middle = np.quantile(self.points, [0, 1], axis=0), self.points.mean(axis=0)
        # an ellipse may be far wider than the points it shares
        kept = np.clip(last, middle - 1.3 * (high - low), middle + 1.3 * (high - low))
        places = np.concatenate([self.points, *self.means, kept])
        return padded_range(places[:, 0], 0.03), padded_range(places[:, 1], 0.03)

    def colors(self, place: int) -> list[str]:
        """What each point wears: the colours of the bells, mixed by their shares."""
        palette = np.array([rgb(CLASS_COLORS[component % len(CLASS_COLORS)]) for component in range(len(self.names))])
        steps = np.round(self.shares[place] @ palette / 255 * SHADES) * (255 / SHADES)
        return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in steps.astype(int).tolist()]


def _shares(logs: Array) -> Array:
    shares: Array = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def _frame(stage: _Stage, shot: Shot, recorded: RecordedFit, last: bool) -> Frame:
    lines, means = stage.outlines[shot.place], stage.means[shot.place]
    shares = stage.shares[shot.sharing]
    likeliest = shares.argmax(axis=1)
    n_lines, n_points = lines.shape[:2]
    bells = np.repeat(stage.bells, n_lines // len(stage.bells))
    narration = _narration(shot, recorded, shares, last)
    L = recorded.moments[shot.sharing].state.log_likelihood
    return Frame(
        data={
            "points": {
                "x": stage.points[:, 0],
                "y": stage.points[:, 1],
                "color": stage.colors(shot.sharing),
                "bell": [stage.names[component] for component in likeliest],
                "share": shares.max(axis=1),
            },
            "outlines": {
                "x": lines[:, :, 0].ravel(),
                "y": lines[:, :, 1].ravel(),
                "bell": [stage.names[bell] for bell in np.repeat(bells, n_points)],
                "line": [str(line) for line in np.repeat(np.arange(n_lines), n_points)],
                "order": np.tile(np.arange(n_points), n_lines),
            },
            "means": {
                "x": means[:, 0],
                "y": means[:, 1],
                "bell": stage.names,
                "weight": shot.state.mixture.weights,
            },
            "now": {"step": [shot.iteration - (0.5 if shot.step == "maximise" else 0.0)], "L": [L]},
        },
        narration=narration,
        alt=f"{len(stage.points)} points in mixed colours under {len(stage.names)} bells; {narration}",
        step=shot.step,
        values={"L": number(L, 4), "gain": _gain(shot)},
    )


def _gain(shot: Shot) -> str:
    gain = shot.state.gain
    if shot.step != "expect" or not np.isfinite(gain):
        return ""
    return f"(+{number(gain, 2)})" if gain > 0 else f"({number(gain, 2)})" if gain < 0 else "(unchanged)"


def _narration(shot: Shot, recorded: RecordedFit, shares: Array, last: bool) -> str:
    k = len(shot.state.mixture.weights)
    if not shot.step:
        bells = "one bell stands" if k == 1 else f"{k} bells stand"
        return f"The start: {bells}, and each point wears the colours of those that may have made it."
    where = f"Step {shot.iteration} of {recorded.n_iter}"
    if shot.step == "maximise":
        heaviest = number(100 * float(shot.state.mixture.weights.max()), 3)
        return f"{where}: each bell takes the mean and the spread of its shares; the heaviest now weighs {heaviest} %."
    unsure = int(np.count_nonzero(shares.max(axis=1) < 0.9))
    torn = "no point is" if unsure == 0 else "1 point is" if unsure == 1 else f"{unsure:,} points are"
    height = f"L is {number(shot.state.log_likelihood, 4)}"
    if last and abs(shot.state.gain) < recorded.fit.subject.tol:
        return f"{where}: L hardly changes any more: converged, {height}, and {torn} torn between bells."
    if last and shot.iteration >= recorded.max_iter:
        return f"{where}: that was the last step allowed; {height}, and {torn} torn between bells."
    return f"{where}: points are shared anew, and {torn} torn between bells; {height}."


def _plane_panel(stage: _Stage) -> dict[str, Any]:
    colors, shapes = class_scales(stage.names)
    x_title, y_title = stage.plane.titles
    axes: dict[str, Any] = {}
    for channel, title, span in (("x", x_title, stage.x_range), ("y", y_title, stage.y_range)):
        scale = {"domain": span, "nice": False, "zero": False}
        axes[channel] = {"field": channel, "type": "quantitative", "scale": scale, "title": title}
    if stage.flat:
        axes["y"]["title"] = "density"
    color: dict[str, Any] = {"field": "bell", "type": "nominal", "scale": colors, "legend": None}
    shape: dict[str, Any] = {"field": "bell", "type": "nominal", "scale": shapes, "legend": None}
    outline: dict[str, Any] = {"type": "line", "strokeWidth": 1.6, "strokeOpacity": 0.9, "clip": True}
    if not stage.flat:
        outline |= {"interpolate": "linear-closed", "fillOpacity": 0.07}
    wearing = {"field": "color", "type": "nominal", "scale": None}
    tooltip = [{"field": "bell", "type": "nominal"}]
    return {
        "width": 440,
        "height": 330,
        "layer": [
            {
                "data": {"name": "outlines"},
                "mark": outline,
                "encoding": {
                    **axes,
                    "color": color,
                    **({} if stage.flat else {"fill": color}),
                    "detail": {"field": "line"},
                    "order": {"field": "order", "type": "quantitative"},
                },
            },
            {
                "data": {"name": "points"},
                "mark": {"type": "point", "filled": True, "size": 30, "opacity": 0.85},
                "encoding": {
                    **axes,
                    "color": wearing,
                    "shape": shape,
                    "tooltip": [*tooltip, {"field": "share", "type": "quantitative", "format": ".0%"}],
                },
            },
            {
                "data": {"name": "means"},
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 220,
                    "opacity": 1,
                    "stroke": "white",
                    "strokeWidth": 2,
                    "clip": True,
                },
                "encoding": {
                    **axes,
                    "color": color,
                    "shape": shape,
                    "tooltip": [*tooltip, {"field": "weight", "type": "quantitative", "format": ".1%"}],
                },
            },
        ],
    }
