"""The Python that does what a run did."""

from collections.abc import Mapping
from typing import Any

from diorama.workbench.models import ModelEntry


def code_for(
    source: str, target: str | None, entry: ModelEntry, settings: Mapping[str, Any], *, test: float, seed: int
) -> str:
    """A script that reads `source` and makes the same split, the same features and the same model."""
    room = entry.path.rpartition(".")[0]
    given = dict(settings)
    if any(parameter.name == "random_state" for parameter in entry.parameters):
        given.setdefault("random_state", seed)
    arguments, prepared = _arguments(given), _arguments(entry.preparing(settings))
    rows = f"split(table.frame, {target!r}, model={entry.name!r}, test={test!r}, seed={seed!r})"
    fit = "preparation.transform(rows.train)"
    lines = [
        "import diorama",
        f"from {room} import {entry.name}",
        "from diorama.workbench import Preparation, read_table, split",
        "",
        f"table = read_table({source!r})",
        f"rows = {rows}",
        f"preparation = Preparation({prepared}).fit(rows.train)",
        f"model = {entry.name}({arguments})",
        "with diorama.record() as recording:",
        f"    model.fit({fit if entry.task == 'clustering' else f'{fit}, rows.y_train'})",
        *_judgement(entry),
        'recording.save("replay.html")',
    ]
    return "\n".join(lines) + "\n"


def _arguments(given: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in given.items())


def _judgement(entry: ModelEntry) -> list[str]:
    if not hasattr(entry.load(), "score"):
        return ["print(model.labels_)"]
    if entry.task == "clustering":
        return ["print(model.score(preparation.transform(rows.train)))"]
    return ["print(model.score(preparation.transform(rows.test), rows.y_test))"]
