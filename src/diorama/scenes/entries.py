"""Tables whose result fills entry by entry, the entries that made the newest one lit."""

from collections.abc import Callable
from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.mathematics._entries import State, Tables
from diorama.mathematics.conditional_table import divide, multiply_margins
from diorama.mathematics.hadamard import multiply_entries
from diorama.mathematics.matmul_steps import multiply
from diorama.mathematics.transpose import swap
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.parts import ACCENT, number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

# rows and columns that a picture has room for
SHOWN = 20
# the function behind each operation; its line is marked "fill"
RULES: dict[str, Callable[..., Array]] = {
    "Conditional table": divide,
    "Hadamard product": multiply_entries,
    "Independence": multiply_margins,
    "Matrix product": multiply,
    "Transpose": swap,
}


def entries_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a matrix operation."""
    tables: Tables = recorded.fit.subject
    panels = [("left", "from", tables.left), ("result", "result", tables.result)]
    if tables.right is not None:
        panels.insert(1, ("right", "and", tables.right))
    cut = max(max(table.shape) for _, _, table in panels) > SHOWN
    return Scene(
        title=tables.operation,
        spec={
            "description": f"{tables.operation}: the result fills entry by entry.",
            "hconcat": [_panel(name, title, table, len(panels)) for name, title, table in panels],
        },
        frames=tuple(_frame(tables, moment.state) for moment in recorded.moments),
        code=marked_source(RULES[tables.operation]),
        formulas={"fill": tables.formula},
        caption=f"Drawn: the first {SHOWN} rows and columns." if cut else "",
    )


def _panel(name: str, title: str, table: Array, n_panels: int) -> dict[str, Any]:
    rows, columns = (min(n, SHOWN) for n in table.shape)
    side = min(56, 600 // n_panels // columns, 300 // rows)
    axis = {"title": None, "ticks": False, "domain": False, "labelAngle": 0}
    place = {
        "x": {"field": "column", "type": "ordinal", "scale": {"domain": list(range(1, columns + 1))}, "axis": axis},
        "y": {"field": "row", "type": "ordinal", "scale": {"domain": list(range(1, rows + 1))}, "axis": axis},
    }
    shown = {"field": "shown", "type": "nominal"}
    light = {"condition": {"test": "datum.lit > 0", "value": 0.45}, "value": 0.06}
    cells = {
        "mark": {"type": "rect", "stroke": "#8A8A8A", "color": ACCENT},
        "encoding": {**place, "fillOpacity": light, "tooltip": [shown]},
    }
    texts = {"mark": {"type": "text", "fontSize": max(7, min(14, side // 3))}, "encoding": {**place, "text": shown}}
    return {
        "title": f"{title} ({table.shape[0]} × {table.shape[1]})",  # noqa: RUF001 - the sign that is meant
        "data": {"name": name},
        "width": side * columns,
        "height": side * rows,
        "layer": [cells, texts],
    }


def _frame(tables: Tables, state: State) -> Frame:
    data = {"left": _cells(tables.left, state.left), "result": _result(tables.result, state)}
    if tables.right is not None:
        data["right"] = _cells(tables.right, state.right)
    rows, columns = tables.result.shape
    told = f"Entry {state.n_filled} of {rows * columns}: {state.sentence}."
    if not state.n_filled:
        told = f"{tables.operation}: the result has {rows} rows and {columns} columns, still empty."
    value = number(tables.result[state.row, state.column]) if state.n_filled else "?"
    return Frame(data, told, told, "fill" if state.n_filled else "", {"value": value})


def _cells(table: Array, lit: tuple[tuple[int, int], ...]) -> Columns:
    rows, columns = (min(n, SHOWN) for n in table.shape)
    mask = np.zeros(table.shape, dtype=int)
    for place in lit:
        mask[place] = 1
    row, column = np.indices((rows, columns)).reshape(2, -1)
    shown = [number(value, 4) for value in table[row, column]]
    return {"row": row + 1, "column": column + 1, "shown": shown, "lit": mask[row, column]}


def _result(table: Array, state: State) -> Columns:
    cells = dict(_cells(table, ((state.row, state.column),) if state.n_filled else ()))
    order = (np.asarray(cells["row"]) - 1) * table.shape[1] + np.asarray(cells["column"]) - 1
    cells["shown"] = [s if k < state.n_filled else "" for s, k in zip(cells["shown"], order, strict=True)]
    return cells
