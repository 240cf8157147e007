"""The house rules that a program can check: which room imports which, file lengths, what importing costs."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "diorama"
MODULES = sorted(SOURCE.rglob("*.py"))

BASE = {
    "_atomics",
    "_bits",
    "_categories",
    "_class_losses",
    "_crew",
    "_differences",
    "_errors",
    "_exponential",
    "_files",
    "_iterate",
    "_k_smallest",
    "_kd_tree",
    "_kernel",
    "_minkowski",
    "_parallel",
    "_quick_checks",
    "_scramble",
    "_typing",
    "_validation",
}
PARTS = {"losses", "penalties", "mathematics", "optimization"}
ALGORITHMS = {"bayes", "linear", "trees", "clustering", "decomposition", "svm", "neighbors", "ensembles"}
# room -> the rooms it may import besides itself and the base
MAY_IMPORT = {
    **dict.fromkeys(BASE | PARTS, frozenset()),
    **dict.fromkeys(ALGORITHMS, PARTS),
    # clusters by density ask who is near whom
    "clustering": PARTS | {"neighbors"},
    # and so do maps
    "decomposition": PARTS | {"neighbors"},
    # what an ensemble is made of when nobody says
    "ensembles": PARTS | {"trees", "linear", "bayes"},
    # a Recording offers to show and save itself, so its methods (never the module) reach forward
    "recording": {"scenes", "player", "persistence"},
    "scenes": ALGORITHMS | PARTS | {"recording", "evaluation"},
    "evaluation": {"recording", "scenes", "player"},
    "player": {"scenes", "recording"},
    "persistence": ALGORITHMS | PARTS | {"recording", "workbench", "evaluation"},
    "datasets": set(),
    "workbench": ALGORITHMS | PARTS | {"recording", "datasets", "persistence"},
    "reference": ALGORITHMS | PARTS | {"recording", "scenes", "player", "datasets", "evaluation"},
    "__init__": {"recording", "persistence", "evaluation"},
}
EVERYTHING = {"app", "cli", "__main__"}
NOT_FOR_ALGORITHMS = {
    "altair",
    "vl_convert",
    "PIL",
    "polars",
    "pandas",
    "skrub",
    "starlette",
    "typer",
    "rich",
    "jinja2",
}


def room(module: Path) -> str:
    return module.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{module}: imports are absolute"
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(SOURCE)))
def test_imports_go_one_way(module):
    here = room(module)
    if here in EVERYTHING:
        return
    reached = {name.split(".")[1] for name in imports(module) if name.startswith("diorama.")}
    allowed = MAY_IMPORT[here] | BASE | {here}
    rooms = {path.stem if path.is_file() else path.name for path in SOURCE.iterdir()}
    assert (reached & rooms) - allowed == set()


@pytest.mark.parametrize("name", sorted(ALGORITHMS | PARTS))
def test_algorithms_import_no_pictures_no_tables_no_web(name):
    for module in MODULES:
        if room(module) == name:
            assert {imported.split(".")[0] for imported in imports(module)} & NOT_FOR_ALGORITHMS == set(), module


def test_files_stay_short():
    long = {str(m.relative_to(SOURCE)): n for m in MODULES if (n := len(m.read_text().splitlines())) > 400}
    assert long == {}


def in_fresh_process(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, json, diorama; print(json.dumps(sorted({n.split('.')[0] for n in sys.modules})))"
    heavy = {"numpy", "scipy", "sklearn", "numba", "altair", "polars", "skrub", "starlette", "typer"}
    assert set(json.loads(in_fresh_process(code))) & heavy == set()


def test_rooms_load_only_what_a_first_fit_needs():
    # ensembles are left out: scikit-learn's own, which they ask how members are seeded, load its metrics
    rooms = ", ".join(f"diorama.{name}" for name in sorted(ALGORITHMS - {"ensembles"}))
    heavy = ("altair", "polars", "sklearn.metrics", "sklearn.model_selection", "sklearn.ensemble")
    code = f"import sys, {rooms}; print([name for name in {heavy} if name in sys.modules])"
    assert in_fresh_process(code).strip() == "[]"


def test_public_names_are_there_and_others_are_refused_by_name():
    import diorama

    for name in diorama.__all__:
        assert getattr(diorama, name) is not None
    assert diorama.__version__.count(".") == 2
    assert set(diorama.__all__) <= set(dir(diorama))
    with pytest.raises(AttributeError, match="no attribute 'recrod'"):
        diorama.__getattr__("recrod")
