"""Values that arrive, with mean, median and deviation; or pairs, and the rectangle that each adds."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.mathematics.summary import Sample, State, co_moment, moments
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.parts import ACCENT, CLASS_COLORS, number, padded_range, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

MARKS = ("mean", "median", "mean \N{MINUS SIGN} deviation", "mean + deviation")


def summary_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of `summary`, `covariance` and `correlation`."""
    sample: Sample = recorded.fit.subject
    states = [moment.state for moment in recorded.moments]
    rows, caption = sample_rows(sample.x.size)
    if sample.y is None:
        return Scene(
            title="A sample and its summary",
            spec=_line_spec(sample.x),
            frames=tuple(_line_frame(sample.x, s.n_seen, rows) for s in states),
            code=marked_source(moments),
            caption=caption,
        )
    return Scene(
        title="Covariance as rectangles",
        spec=_pair_spec(sample.x, sample.y),
        frames=tuple(_pair_frame(sample.x, sample.y, s.n_seen, rows) for s in states),
        code=marked_source(co_moment),
        formulas={"": r"\frac{1}{n} \sum_i (x_i - \bar x)(y_i - \bar y) = \slot{covariance}"},
        caption=caption,
    )


def _line_spec(x: Array) -> dict[str, Any]:
    deviation = float(x.std())
    domain = padded_range([*x[[x.argmin(), x.argmax()]], x.mean() - deviation, x.mean() + deviation])
    place = {"type": "quantitative", "scale": {"domain": domain, "nice": False}, "title": "value"}
    color = {
        "field": "name",
        "scale": {"domain": list(MARKS), "range": [ACCENT, CLASS_COLORS[2], CLASS_COLORS[3], CLASS_COLORS[3]]},
        "title": None,
        # two lines, which fit a small screen
        "legend": {"columns": 2},
    }
    height = {"field": "height", "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": None}
    return {
        "description": "Values on a line, with their mean, median and deviation.",
        "width": 620,
        "height": 220,
        "layer": [
            {
                "data": {"name": "values"},
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 0.6, "color": CLASS_COLORS[0]},
                "encoding": {"x": {**place, "field": "x"}, "y": height},
            },
            {
                "data": {"name": "marks"},
                "mark": {"type": "rule", "strokeWidth": 2.5, "clip": True},
                "encoding": {
                    "x": {**place, "field": "x"},
                    "color": color,
                    "strokeDash": {"field": "name", "legend": None},
                },
            },
        ],
    }


def _line_frame(x: Array, n: int, rows: Array) -> Frame:
    seen = x[:n]
    mean, middle, deviation = float(seen.mean()), float(np.median(seen)), float(seen.std())
    kept = rows[rows < n]
    # a fixed scatter in height, so that equal values do not hide each other
    heights = 0.1 + 0.8 * ((kept * 0.6180339887) % 1.0)
    data: dict[str, Columns] = {
        "values": {"x": x[kept], "height": heights},
        "marks": {"name": list(MARKS), "x": [mean, middle, mean - deviation, mean + deviation]},
    }
    told = f"{n} of {x.size} values: mean {number(mean)}, median {number(middle)}, deviation {number(deviation)}."
    return Frame(data, told, told, "mean")


def _pair_spec(x: Array, y: Array) -> dict[str, Any]:
    across = {"type": "quantitative", "scale": {"domain": padded_range(x), "nice": False}, "title": "x"}
    up = {"type": "quantitative", "scale": {"domain": padded_range(y), "nice": False}, "title": "y"}
    signs = {
        "field": "sign",
        "scale": {"domain": ["adds", "takes away"], "range": list(CLASS_COLORS[:2])},
        "title": None,
    }
    corners = {
        "x": {**across, "field": "x"},
        "x2": {"field": "mean_x"},
        "y": {**up, "field": "y"},
        "y2": {"field": "mean_y"},
        "color": signs,
    }
    return {
        "description": "Pairs, each with the rectangle from it to the point of both means.",
        "width": 460,
        "height": 340,
        "data": {"name": "pairs"},
        "layer": [
            {"mark": {"type": "rect", "fillOpacity": 0.12}, "encoding": corners},
            {
                "mark": {"type": "point", "filled": True, "size": 60},
                "encoding": {"x": {**across, "field": "x"}, "y": {**up, "field": "y"}, "color": signs},
            },
        ],
    }


def _pair_frame(x: Array, y: Array, n: int, rows: Array) -> Frame:
    mean_x, mean_y = float(x[:n].mean()), float(y[:n].mean())
    kept = rows[rows < n]
    products = (x[kept] - mean_x) * (y[kept] - mean_y)
    data = {
        "pairs": {
            "x": x[kept],
            "y": y[kept],
            "mean_x": np.full(kept.size, mean_x),
            "mean_y": np.full(kept.size, mean_y),
            "sign": ["adds" if product >= 0 else "takes away" for product in products],
        }
    }
    covariance = co_moment(x[:n], y[:n]) / n
    told = f"{n} of {x.size} pairs: the rectangles, signed, are on average {number(covariance)}."
    return Frame(data, told, told, "products", {"covariance": number(covariance)})
