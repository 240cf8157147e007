"""Many clusterings of the same points, side by side."""

from collections.abc import Mapping
from typing import Any

from diorama._typing import Array
from diorama.scenes.cluster_plane import NOISE, cluster_color, cluster_names
from diorama.scenes.parts import padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import Code

SIDE = 148  # of a panel
COLUMNS = 4


def clusterings_scene(X: Array, found: Mapping[str, Array], shape: str, code: Code) -> Scene:
    """A panel for each clustering `found` (name -> labels) of the points X (n_samples, 2); noise has the label -1."""
    names = list(found)
    n_clusters = max(int(labels.max()) for labels in found.values()) + 1
    told = _narration(found, shape)
    panels = [_panel(name, X, found[name], n_clusters) for name in names]
    # the screen stacks columns, not rows, when it is narrow
    columns = [{"vconcat": panels[k::COLUMNS]} for k in range(COLUMNS)]
    data = {name: {"x": X[:, 0], "y": X[:, 1], "cluster": cluster_names(labels)} for name, labels in found.items()}
    return Scene(
        title="Clusterings side by side",
        spec={"description": "The same points as eight methods see them.", "hconcat": columns, "spacing": 14},
        frames=(Frame(data=data, narration=told, alt=told, step="fit", values={"shape": shape}),),
        code=code,
        formulas={"": r"\text{points: } \slot{shape}"},
        caption="Grey is noise, to those who know it. Colours are the methods' own: only who is together matters.",
    )


def _panel(name: str, X: Array, labels: Array, n_clusters: int) -> dict[str, Any]:
    n_found = len(set(labels[labels >= 0].tolist()))
    noise = f", {int((labels < 0).sum())} noise" if (labels < 0).any() else ""
    return {
        "title": {"text": name, "subtitle": f"{n_found} cluster{'' if n_found == 1 else 's'}{noise}", "fontSize": 12},
        "width": SIDE,
        "height": SIDE,
        "data": {"name": name},
        "mark": {"type": "point", "filled": True, "size": 12, "opacity": 0.9},
        "encoding": {
            "x": _axis("x", X[:, 0]),
            "y": _axis("y", X[:, 1]),
            "color": cluster_color(n_clusters, NOISE),
            "tooltip": [{"field": "cluster", "type": "nominal"}],
        },
    }


def _axis(field: str, values: Array) -> dict[str, Any]:
    scale = {"domain": padded_range(values), "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def _narration(found: Mapping[str, Array], shape: str) -> str:
    counts = {name: len(set(labels[labels >= 0].tolist())) for name, labels in found.items()}
    few, many = min(counts.values()), max(counts.values())
    n = len(next(iter(found.values())))
    if few == many:
        return f"{n} points ({shape}): every method finds {few} cluster{'' if few == 1 else 's'}."
    least = [name for name, count in counts.items() if count == few]
    most = [name for name, count in counts.items() if count == many]
    return f"{n} points ({shape}): from {few} ({_listed(least)}) to {many} ({_listed(most)}) clusters are found."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
