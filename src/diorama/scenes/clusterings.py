"""Many clusterings of the same shapes, side by side: a row for each shape, a column for each method."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from diorama._typing import Array
from diorama.scenes.cluster_plane import NOISE, cluster_color, cluster_names
from diorama.scenes.columns import Columns
from diorama.scenes.parts import NEUTRAL, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import Code

CELL = 92  # pixels of a panel's side
GAP = 0.03  # of a panel's width, on either side
TOLD = 0.17  # share of a panel above its points, where it is said how many clusters there are
TOGETHER = 3  # methods that stay beside each other on a small screen
STAR = " \N{BLACK STAR}"
AS_DRAWN = 0.95  # share of the points that must be with those they were drawn with


class Drawn(NamedTuple):
    """The points of one shape."""

    X: Array  # (n_samples, 2)
    groups: Array  # (n_samples,) which group each was drawn for, from 0


def clusterings_scene(drawn: Mapping[str, Drawn], found: Mapping[str, Mapping[str, Array]], code: Code) -> Scene:
    """A panel for each shape of `drawn` and each method of `found` (shape -> method -> labels); noise has the label -1.

    A cluster has the colour of the group that it is most of, so that who agrees looks alike.
    """
    shapes, methods = list(drawn), list(next(iter(found.values())))
    tables: dict[str, Columns] = {}
    met: dict[str, list[str]] = {shape: [] for shape in shapes}
    n_colors = 0
    for at, method in enumerate(methods):
        cells = [_Cell.of(drawn[shape], found[shape][method]) for shape in shapes]
        tables[method] = _points(drawn, cells, at % TOGETHER)
        tables[f"{method}: told"] = _told(shapes, method, cells, at % TOGETHER)
        n_colors = max(n_colors, *(int(cell.labels.max()) + 1 for cell in cells))
        for shape, cell in zip(shapes, cells, strict=True):
            met[shape] += [method] * cell.as_drawn
    narration = _narration(met, len(methods))
    blocks = {f"methods {k + 1}": methods[k : k + TOGETHER] for k in range(0, len(methods), TOGETHER)}
    names = {title: {"middle": np.arange(len(block)) + 0.5, "method": block} for title, block in blocks.items()}
    return Scene(
        title="Clusterings side by side",
        spec={
            "description": f"{len(shapes)} shapes as {len(methods)} methods see them.",
            "hconcat": [_block(title, block, len(shapes), n_colors) for title, block in blocks.items()],
            "spacing": 6,
        },
        frames=(Frame(data=tables, narration=narration, alt=f"{narration} {_counts(met)}", step="fit"),),
        data={"shapes": {"row": _rows(len(shapes)), "shape": shapes}, **names},
        code=code,
        caption=(
            "Over each panel: how many clusters, and how many points are noise (grey). A star: at least "
            f"{AS_DRAWN:.0%} of the points are with those that they were drawn with."
        ),
    )


class _Cell(NamedTuple):
    """What one method made of one shape."""

    labels: Array  # renamed after the groups; -1 is noise
    n_clusters: int
    as_drawn: bool

    @classmethod
    def of(cls, drawn: Drawn, labels: Array) -> "_Cell":
        """Rename `labels` so that each cluster is called as the group that it shares most points with."""
        known = labels >= 0
        n_groups, n_clusters = int(drawn.groups.max()) + 1, int(labels.max()) + 1
        shared = np.zeros((n_clusters, n_groups), dtype=np.intp)
        np.add.at(shared, (labels[known], drawn.groups[known]), 1)
        clusters, groups = linear_sum_assignment(-shared)
        names = np.full(n_clusters + 1, -1)
        names[clusters] = groups
        others = np.setdiff1d(np.arange(n_clusters), clusters)
        names[others] = n_groups + np.arange(others.size)
        together = int(shared[clusters, groups].sum())
        return cls(names[labels], n_clusters, n_groups > 1 and together >= AS_DRAWN * labels.size)

    @property
    def told(self) -> str:
        """What stands over its panel."""
        noise = int((self.labels < 0).sum())
        return f"{self.n_clusters}{f', {noise} noise' if noise else ''}{STAR if self.as_drawn else ''}"


def _rows(n_shapes: int) -> Array:
    """The middle of each shape's row on the vertical axis; the first is at the top."""
    return np.arange(n_shapes, 0, -1) - 0.5


def _points(drawn: Mapping[str, Drawn], cells: Sequence[_Cell], at: int) -> Columns:
    """All points of one method, in the panels of column `at`: a panel is 1 wide, but for the gap, and 1 high."""
    x = at + GAP + (1 - 2 * GAP) * np.concatenate([_share(X[:, 0]) for X, _ in drawn.values()])
    low = np.repeat(_rows(len(drawn)) - 0.5, [len(X) for X, _ in drawn.values()])
    y = low + (1 - TOLD) * np.concatenate([_share(X[:, 1]) for X, _ in drawn.values()])
    return {"x": x, "y": y, "cluster": cluster_names(np.concatenate([cell.labels for cell in cells]))}


def _share(values: Array) -> Array:
    """Where values are between the ends of a panel, as shares of it."""
    low, high = padded_range(values, 0.07)
    shares: Array = (values - low) / (high - low)
    return shares


def _told(shapes: Sequence[str], method: str, cells: Sequence[_Cell], at: int) -> Columns:
    """The panels of column `at`: their edges, what stands in them, and what they say under the pointer."""
    rows = _rows(len(shapes))
    return {
        "left": np.full(len(shapes), at + GAP),
        "right": np.full(len(shapes), at + 1 - GAP),
        "low": rows - 0.5,
        "high": rows + 0.5,
        "top": rows + 0.5 - TOLD / 2,
        "told": [cell.told for cell in cells],
        "said": [
            f"{method} on {shape}: {cell.n_clusters} cluster{'' if cell.n_clusters == 1 else 's'}"
            for shape, cell in zip(shapes, cells, strict=True)
        ],
    }


def _block(title: str, methods: Sequence[str], n_shapes: int, n_colors: int) -> dict[str, Any]:
    """The columns of some methods, in one view with room for all: it draws in a fraction of what many views take."""
    x, y, words = _axis(len(methods)), _axis(n_shapes), {"type": "text", "fontSize": 11}
    layers = [layer for method in methods for layer in _column(method, x, y, n_colors)]
    names = {
        "data": {"name": title},
        "mark": {**words, "fontWeight": "bold"},
        "encoding": {"x": {"field": "middle", **x}, "y": {"value": -9}, "text": {"field": "method"}},
    }
    shapes = {
        "data": {"name": "shapes"},
        "mark": {**words, "angle": 270, "baseline": "bottom"},
        "encoding": {"x": {"value": 0}, "y": {"field": "row", **y}, "text": {"field": "shape"}},
    }
    return {
        "width": CELL * len(methods),
        "height": CELL * n_shapes,
        "view": {"stroke": None},
        "layer": [*layers, names, shapes],
    }


def _column(method: str, x: Mapping[str, Any], y: Mapping[str, Any], n_colors: int) -> list[dict[str, Any]]:
    """The frames, the points and the counts of one method."""
    told = {"name": f"{method}: told"}
    edges = {
        "x": {"field": "left", **x},
        "x2": {"field": "right"},
        "y": {"field": "low", **y},
        "y2": {"field": "high"},
    }
    place = {"x": {"field": "x", **x}, "y": {"field": "y", **y}}
    top = {"x": {"field": "left", **x}, "y": {"field": "top", **y}}
    return [
        {
            "data": told,
            "mark": {"type": "rect", "fillOpacity": 0, "stroke": NEUTRAL, "strokeOpacity": 0.35},
            "encoding": {**edges, "tooltip": {"field": "said", "type": "nominal"}},
        },
        {
            "data": {"name": method},
            "mark": {"type": "point", "filled": True, "size": 8, "opacity": 0.9},
            "encoding": {
                **place,
                "color": cluster_color(n_colors, NOISE),
                "tooltip": [{"field": "cluster", "type": "nominal"}],
            },
        },
        {
            "data": told,
            "mark": {"type": "text", "align": "left", "fontSize": 10, "dx": 3},
            "encoding": {**top, "text": {"field": "told"}},
        },
    ]


def _axis(top: int) -> dict[str, Any]:
    scale = {"domain": [0, top], "nice": False, "zero": False}
    return {"type": "quantitative", "scale": scale, "axis": None}


def _narration(met: Mapping[str, Sequence[str]], n_methods: int) -> str:
    """Who finds each shape's groups."""
    parts = []
    for shape, methods in met.items():
        if not methods:
            continue
        who = "all" if len(methods) == n_methods else f"{len(methods)} of {n_methods}"
        parts.append(f"{shape} by {who if len(methods) > 3 else _listed(methods)}")
    lost = ", ".join(shape for shape, methods in met.items() if not methods and shape != "noise")
    told = f"The groups that were drawn are found in {_listed(parts)}" if parts else "No method finds what was drawn"
    return f"{told}; {lost} by none." if lost and parts else f"{told}."


def _counts(met: Mapping[str, Sequence[str]]) -> str:
    return " ".join(f"{shape}: {', '.join(methods) or 'none'}." for shape, methods in met.items())


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
