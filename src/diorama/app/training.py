"""Training in the background: one run after another on threads of their own, watched, and ended when asked."""

import json
import logging
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import diorama
from diorama._iterate import Cancelled, Fit, Observer
from diorama.app.runs import Plan, Runs
from diorama.app.uploads import Uploads
from diorama.workbench import Result, UserError, run

# what states call the number that a fit lowers
OBJECTIVES = ("cost", "loss", "inertia", "value")
LOG = logging.getLogger("diorama.app")


@dataclass(frozen=True)
class Progress:
    """How far a run is, as its page shows it."""

    phase: str = "waiting for the run before it"
    iteration: int = 0
    max_iter: int = 0
    part: str = ""  # which of several loops: "start 2 of 10"
    objective: float | None = None
    over: bool = False


class Watcher(Observer):
    """Publishes where a fit is, and ends it when it is cancelled."""

    def __init__(self) -> None:
        self.progress = Progress()
        self.cancelled = threading.Event()

    def begin(self, fit: Fit, max_iter: int) -> None:
        self._go_on()
        self.progress = Progress("fitting", 0, max_iter, fit.part)

    def see(self, fit: Fit, iteration: int, state: Any) -> None:
        self._go_on()
        self.progress = Progress("fitting", iteration, self.progress.max_iter, fit.part, objective_of(state))

    def end(self, fit: Fit) -> None:
        self.progress = replace(self.progress, phase="judging")

    def _go_on(self) -> None:
        if self.cancelled.is_set():
            raise Cancelled("cancelled from its page")


def objective_of(state: Any) -> float | None:
    """The number that the fit lowers, or None for a state that has none (a tree that grows)."""
    for name in OBJECTIVES:
        value = getattr(state, name, None)
        if value is not None:
            return float(value)
    return None


class Trainer:
    """Starts runs and knows those that are under way. They wait for each other: a fit uses every core by itself."""

    def __init__(self, runs: Runs, uploads: Uploads) -> None:
        self.runs = runs
        self.uploads = uploads
        self._turn = threading.Lock()
        self._watchers: dict[str, Watcher] = {}
        self._threads: dict[str, threading.Thread] = {}

    def start(self, plan: Plan) -> str:
        """Begin a run; gives its id at once."""
        name = self.runs.begin(plan)
        self._watchers[name] = watcher = Watcher()
        # a daemon, for a kernel that is long at work must not keep the app from ending
        thread = threading.Thread(target=self._train, args=(name, plan, watcher), name=f"run {name}", daemon=True)
        self._threads[name] = thread
        thread.start()
        return name

    def progress(self, name: str) -> Progress:
        """How far a run is; over when it is not under way."""
        watcher = self._watchers.get(name)
        return watcher.progress if watcher else Progress("over", over=True)

    def cancel(self, name: str) -> None:
        """Ask a run to end at its next step."""
        if watcher := self._watchers.get(name):
            watcher.cancelled.set()

    def close(self, patience: float = 2.0) -> None:
        """Cancel what is under way, and wait a little for it."""
        deadline = time.monotonic() + patience
        for name in list(self._watchers):
            self.cancel(name)
        for thread in list(self._threads.values()):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _train(self, name: str, plan: Plan, watcher: Watcher) -> None:
        try:
            with self._turn:
                self._train_in_turn(name, plan, watcher)
        except Cancelled:
            self.runs.end(name, "cancelled", "Cancelled before it was done.")
        except UserError as error:
            self.runs.end(name, "failed", str(error))
        except Exception as error:  # whatever it was, the run's page says it and the app goes on
            LOG.exception("run %s failed", name)
            self.runs.end(name, "failed", f"This is an error of Diorama's own: {type(error).__name__}: {error}")
        finally:
            # first the outcome is kept, then it is told that there is one
            watcher.progress = replace(watcher.progress, over=True)
            self._watchers.pop(name, None)
            self._threads.pop(name, None)

    def _train_in_turn(self, name: str, plan: Plan, watcher: Watcher) -> None:
        if watcher.cancelled.is_set():
            raise Cancelled
        watcher.progress = Progress("reading the table")
        result = run(
            self.uploads.table(plan.table),
            plan.target,
            plan.model,
            plan.parameters,
            test=plan.test,
            seed=plan.seed,
            observers=[watcher],
        )
        if watcher.cancelled.is_set():
            raise Cancelled
        watcher.progress = replace(watcher.progress, phase="drawing the replay")
        scene = json.dumps(result.recording.scene().to_dict()) if result.recording else None
        self.runs.finish(name, summary_of(result), scene, model_file(result))


def summary_of(result: Result) -> dict[str, Any]:
    """What the run's page shows, as plain data."""
    return {
        "metrics": [{"name": metric.name, "higher_is_better": metric.higher_is_better} for metric in result.metrics],
        "scores": [
            {"who": score.who, "name": score.name, "values": dict(score.values), "seconds": score.seconds}
            for score in result.scores
        ],
        "notes": list(result.notes),
        "code": result.code,
        "target": result.target,
        "task": result.task,
        "n_train": result.n_train,
        "n_test": result.n_test,
    }


def model_file(result: Result) -> bytes:
    """The bytes that `diorama.save` writes."""
    with tempfile.TemporaryDirectory() as folder:
        return diorama.save(result.model, Path(folder) / "model.diorama").read_bytes()
