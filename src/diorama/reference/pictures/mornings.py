"""Data for trees that ask about words: the fourteen Saturday mornings of Quinlan (1986, 1993), and made-up tables."""

from typing import Any, NamedTuple

import numpy as np
import polars as pl

from diorama._typing import Array

N_ROWS = 150
MORNINGS = """
sunny    85 hot  85 high   weak   no
sunny    80 hot  90 high   strong no
overcast 83 hot  78 high   weak   yes
rain     70 mild 96 high   weak   yes
rain     68 cool 80 normal weak   yes
rain     65 cool 70 normal strong no
overcast 64 cool 65 normal strong yes
sunny    72 mild 95 high   weak   no
sunny    69 cool 70 normal weak   yes
rain     75 mild 80 normal weak   yes
sunny    75 mild 70 normal strong yes
overcast 72 mild 90 high   strong yes
overcast 81 hot  75 normal weak   yes
rain     71 mild 80 high   strong no
"""


class Problem(NamedTuple):
    """A table of words and numbers, and the classes of its rows."""

    X: pl.DataFrame
    y: Array


def mornings(*, numbers: bool = False, dates: bool = False) -> Problem:
    """Would you play tennis? Temperature and humidity in words or as measured, and perhaps the date besides."""
    rows = [line.split() for line in MORNINGS.strip().splitlines()]
    outlook, degrees, temperature, percent, humidity, wind, play = zip(*rows, strict=True)
    columns: dict[str, Any] = {"date": [f"May {day}" for day in range(1, len(rows) + 1)]} if dates else {}
    columns["outlook"] = outlook
    columns["temperature"] = [float(value) for value in degrees] if numbers else temperature
    columns["humidity"] = [float(value) for value in percent] if numbers else humidity
    columns["wind"] = wind
    return Problem(pl.DataFrame(columns), np.array(play))


def exclusive_or(seed: int) -> Problem:
    """Two columns that say nothing alone and everything together, and one of no use."""
    random = np.random.default_rng(seed)
    hand, foot = random.choice(["left", "right"], (2, N_ROWS))
    hat = random.choice(["red", "green", "blue"], N_ROWS)
    table = pl.DataFrame({"hand": hand, "foot": foot, "hat": hat})
    return Problem(table, np.where(hand == foot, "same", "different"))


def fruit(seed: int, noise: float) -> Problem:
    """Ripe or not: by colour, and if it is yellow by its feel; the rest does not matter. Some labels are wrong."""
    random = np.random.default_rng(seed)
    color = random.choice(["green", "yellow", "red", "brown"], N_ROWS)
    feel = random.choice(["hard", "firm", "soft"], N_ROWS)
    size = random.choice(["small", "middle", "large"], N_ROWS)
    stall = random.choice(list("ABCDEFGH"), N_ROWS)
    ripe = (color == "red") | (color == "brown") | ((color == "yellow") & (feel != "hard"))
    ripe ^= random.random(N_ROWS) < noise
    table = pl.DataFrame({"colour": color, "feel": feel, "size": size, "stall": stall})
    return Problem(table, np.where(ripe, "ripe", "not yet"))
