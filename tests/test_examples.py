"""Every example that a reader may copy runs: those in docstrings, and the README's."""

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import diorama

README = Path(__file__).resolve().parents[1] / "README.md"
MODULES = sorted(module.name for module in pkgutil.walk_packages(diorama.__path__, "diorama."))
ROOMS = (
    "bayes",
    "clustering",
    "decomposition",
    "ensembles",
    "evaluation",
    "linear",
    "losses",
    "mathematics",
    "neighbors",
    "optimization",
    "penalties",
    "svm",
    "trees",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_give_what_they_show(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_algorithm_explains_itself_with_an_example(room):
    module = importlib.import_module(f"diorama.{room}")
    for name in module.__all__:
        item = getattr(module, name)
        if inspect.isclass(item) and issubclass(item, Warning | tuple):
            continue
        if callable(item):
            assert item.__doc__, f"{room}.{name} has no docstring"
        if inspect.isclass(item) and hasattr(item, "fit"):
            assert ">>>" in item.__doc__, f"{room}.{name} shows no example"


def test_the_readmes_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    for block in re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL):
        exec(compile(block, str(README), "exec"), {})
    assert (tmp_path / "k-means.html").stat().st_size > 100_000
    assert (tmp_path / "wine.diorama").exists()


def test_the_readmes_picture_is_there():
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README.read_text()):
        assert (README.parent / picture).is_file()
