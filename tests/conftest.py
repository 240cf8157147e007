"""Fixtures that every room's tests share."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

# one Chromium for every room whose tests need pages
pytest_plugins = ["tests.browser"]


def _test_data(name: str) -> Path:
    folder = os.environ.get("DIORAMA_TEST_DATA")
    if folder and (Path(folder) / name).exists():
        return Path(folder) / name
    reason = f"set DIORAMA_TEST_DATA to the folder that holds {name}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}: these tests must not be skipped here.")
    pytest.skip(reason)


def _columns(path: Path) -> dict[str, np.ndarray]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


@pytest.fixture(scope="session")
def advertising() -> dict[str, np.ndarray]:
    """200 markets: TV, Radio, Newspaper (money spent) and Sales."""
    return _columns(_test_data("advertising.csv"))


@pytest.fixture(scope="session")
def exam() -> dict[str, np.ndarray]:
    """100 students: hours Studied and Slept, and whether they Passed (0 or 1)."""
    return _columns(_test_data("exam.csv"))
