"""The trainer: what a watcher sees, how a run is ended, what is told of it."""

import json
import math
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import anyio
import pytest

from diorama._iterate import Cancelled, Fit, iterate, observing
from diorama.app.events import event, plain, progress_events
from diorama.app.runs import Plan, Runs
from diorama.app.training import Progress, Trainer, Watcher, objective_of
from diorama.app.uploads import Uploads
from diorama.workbench import TableError


class State(NamedTuple):
    number: int
    cost: float


def count(watcher, steps=5, at=None):
    """A loop that calls `at(number)` before each step."""

    def step(state):
        if at:
            at(state.number)
        return State(state.number + 1, 1 / (state.number + 2))

    with observing(watcher):
        return iterate(
            State(0, 1.0), step, lambda before, after: False, max_iter=steps, fit=Fit(None, part="start 1 of 2")
        )


def test_a_watcher_sees_iteration_and_objective():
    watcher, seen = Watcher(), []
    count(watcher, at=lambda number: seen.append(watcher.progress))
    assert seen[2] == Progress("fitting", 2, 5, "start 1 of 2", 1 / 3)
    assert watcher.progress.phase == "judging"


def test_a_cancelled_fit_ends_at_its_next_step():
    watcher, seen = Watcher(), []

    def at(number):
        seen.append(number)
        if number == 2:
            watcher.cancelled.set()

    with pytest.raises(Cancelled):
        count(watcher, steps=100, at=at)
    assert seen == [0, 1, 2]


@pytest.mark.parametrize("name", ["cost", "loss", "inertia", "value"])
def test_the_objective_is_what_the_state_calls_it(name):
    assert objective_of(NamedTuple("S", [(name, float)])(2)) == 2.0


def test_a_state_without_an_objective_has_none():
    assert objective_of(NamedTuple("S", [("node", int)])(2)) is None


@pytest.fixture
def trainer(tmp_path):
    made = Trainer(Runs(tmp_path / "runs.sqlite"), Uploads(tmp_path / "uploads", 1000))
    yield made
    made.close()


def wait(trainer, name):
    thread = trainer._threads.get(name)
    if thread:
        thread.join(60)
    return trainer.runs.get(name)


def test_what_the_user_can_put_right_is_the_runs_message(trainer):
    run = wait(trainer, trainer.start(Plan("iris", "iris", "spices", "CARTClassifier")))
    assert run.state == "failed"
    assert "species" in run.message
    assert "own" not in run.message


def test_an_error_of_ours_is_said_and_the_next_run_goes_on(trainer, monkeypatch, caplog):
    monkeypatch.setattr(trainer.uploads, "table", lambda key: 1 / 0)
    run = wait(trainer, trainer.start(Plan("iris", "iris", None, "CARTClassifier")))
    assert (run.state, "ZeroDivisionError" in run.message) == ("failed", True)
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()
    assert wait(trainer, trainer.start(Plan("iris", "iris", None, "CARTClassifier"))).state == "done"


def test_runs_wait_for_each_other_and_one_that_waits_can_be_cancelled(trainer, monkeypatch):
    go_on = threading.Event()

    def slow(key):
        assert go_on.wait(30)
        raise TableError("no table")

    monkeypatch.setattr(trainer.uploads, "table", slow)
    first = trainer.start(Plan("iris", "iris", None, "CARTClassifier"))
    second = trainer.start(Plan("iris", "iris", None, "CARTClassifier"))
    assert trainer.progress(second).phase.startswith("waiting")
    trainer.cancel(second)
    go_on.set()
    assert wait(trainer, first).state == "failed"
    assert wait(trainer, second).state == "cancelled"
    assert trainer.progress(first).over


def test_an_event_is_one_whatever_is_in_it():
    assert event("progress", {"part": "a\n\nevent: over"}).count(b"\n\n") == 1


def test_events_tell_each_change_once_and_then_the_end():
    states = iter([Progress("fitting", 1), Progress("fitting", 1), Progress("fitting", 2), Progress(over=True)])

    async def collect():
        return [told async for told in progress_events(lambda: next(states))]

    # a thread of its own, for the browser of other tests may keep a loop running in this one
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(anyio.run, collect).result()
    assert [line.split(b"\n")[0] for line in told] == [b"event: progress"] * 2 + [b"event: over"]
    assert json.loads(told[1].split(b"data: ")[1])["iteration"] == 2


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_an_objective_that_json_cannot_say_is_left_out(value):
    assert plain(Progress(objective=value))["objective"] is None
