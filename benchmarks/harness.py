"""Time ours beside its peers in one run: interleaved, warmed up, medians, with the quality that each reached.

A ratio is best peer's time / our time, so above 1 we are ahead. It counts only at the same quality: when ours is worse
than the best peer's by more than the row's tolerance, the ratio is void and the row says so.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

OURS = "diorama"
# a row is run at least so long (seconds), but no oftener than so
SETTLED, MOST_TURNS = 1.0, 100


@dataclass(frozen=True)
class Row:
    """One comparison: data, who runs on it, and what "equally good" means."""

    name: str  # "k-means 100k x 20, k = 20"
    data: Callable[[], Any]  # made once, outside the clock
    contenders: Mapping[
        str, Callable[[Any], Any]
    ]  # name -> work on the data, returns the fitted thing; one is "diorama"
    quality: Callable[[Any, Any], float]  # (fitted, data) -> figure
    measure: str = "score"  # what the figure is
    lower_is_better: bool = False
    tolerance: float = 1e-3  # relative: how much worse ours may be and still count as the same
    target: float = 1.0  # the ratio that is promised
    against: Mapping[str, float] = field(default_factory=dict)  # peer -> ratio promised against that peer instead


@dataclass(frozen=True)
class Result:
    """What a row measured."""

    row: Row
    seconds: dict[str, float]  # median of each contender
    quality: dict[str, float]

    @property
    def best_peer(self) -> str:
        return min((name for name in self.seconds if name != OURS), key=self.seconds.__getitem__)

    @property
    def ratio(self) -> float:
        return self.seconds[self.best_peer] / self.seconds[OURS]

    @property
    def same_quality(self) -> bool:
        ours, peer = self.quality[OURS], self.quality[self.best_peer]
        worse = ours - peer if self.row.lower_is_better else peer - ours
        return bool(worse <= self.row.tolerance * max(abs(peer), 1e-12))

    @property
    def verdict(self) -> str:
        if not self.same_quality:
            return "void: lower quality"
        if self.row.against:
            met = all(self.seconds[peer] / self.seconds[OURS] >= goal for peer, goal in self.row.against.items())
        else:
            met = self.ratio >= self.row.target
        return "ahead" if met else "behind"


def measure(row: Row, repeats: int = 5, budget: float = 60.0) -> Result:
    """Run the contenders of `row` in turns, A B C A B C ..., `repeats` times or until `budget` seconds are spent.

    What takes milliseconds is run more often, since a median of five of them says little.
    """
    data = row.data()
    fitted = {name: work(data) for name, work in row.contenders.items()}  # warm-up, and what quality is read from
    quality = {name: float(row.quality(result, data)) for name, result in fitted.items()}
    seconds: dict[str, list[float]] = {name: [] for name in row.contenders}
    started = time.perf_counter()
    for turn in range(MOST_TURNS):
        for name, work in row.contenders.items():
            before = time.perf_counter()
            work(data)
            seconds[name].append(time.perf_counter() - before)
        spent = time.perf_counter() - started
        if (turn + 1 >= repeats and spent > SETTLED) or (turn >= 2 and spent > budget):
            break
    return Result(row, {name: statistics.median(times) for name, times in seconds.items()}, quality)
