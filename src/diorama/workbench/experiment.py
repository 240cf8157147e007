"""One honest run: split, prepare, fit, and compare with the trivial model and with scikit-learn's on the same rows."""

import contextvars
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NamedTuple

from diorama._iterate import Observer, observing
from diorama._typing import Array
from diorama.recording import Recording
from diorama.recording import record as recorded
from diorama.workbench.errors import ParameterError, TableError
from diorama.workbench.models import ModelEntry, find_model, parse_parameters
from diorama.workbench.preparation import Preparation
from diorama.workbench.scores import METRICS, Metric, Score, score
from diorama.workbench.sketch import code_for
from diorama.workbench.splitting import Split, split
from diorama.workbench.table_model import TableModel
from diorama.workbench.tables import Table

# seconds: a fit quicker than this is timed a second time, so that loading code is not compared
QUICK = 2.0


@dataclass(frozen=True)
class Result:
    """What a run leaves."""

    model: TableModel
    task: str
    target: str | None
    metrics: tuple[Metric, ...]
    scores: tuple[Score, ...]  # ours, the baseline, scikit-learn's twin
    recording: Recording | None
    notes: tuple[str, ...]  # how columns were handled, what was left out, what the fit warned of
    code: str  # the Python that does the same
    n_train: int
    n_test: int  # 0 for a clustering, which is judged on the rows it learned from


class _Data(NamedTuple):
    """The matrices that every model of a comparison gets."""

    X: Any
    y: Array | None
    X_test: Any  # of a clustering the rows it learned from
    y_test: Array | None

    @classmethod
    def of(cls, rows: Split, preparation: Preparation) -> "_Data":
        X = preparation.transform(rows.train)
        if not rows.test.height:
            return cls(X, rows.y_train, X, rows.y_train)
        return cls(X, rows.y_train, preparation.transform(rows.test), rows.y_test)


def run(
    table: Table,
    target: str | None,
    model: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    test: float = 0.25,
    seed: int = 0,
    record: bool = True,
    observers: Sequence[Observer] = (),
) -> Result:
    """Fit `model` to a table and compare it.

    `target` names the column to predict (a built-in table knows its own; a clustering leaves it out of the features);
    `test` is the share of rows held out; `observers` watch the fit. Raises UserError for everything that the user can
    put right, `Cancelled` when an observer says so.

    >>> from diorama.workbench import read_table
    >>> result = run(read_table("iris"), None, "CARTClassifier", {"max_depth": "2"}, record=False)
    >>> result.scores[0].values["accuracy"] > 0.8
    True
    """
    entry = find_model(model)
    settings = parse_parameters(entry, parameters or {})
    target = table.target if target is None else target
    rows = split(table.frame, target, model=entry.name, test=test, seed=seed)
    _check_clusters(entry, settings, rows.train.height)
    preparation = Preparation(**entry.preparing(settings)).fit(rows.train)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = _Data.of(rows, preparation)
        estimator = entry.make(settings, seed=seed)
        recording, ours = _ours(entry, estimator, data, record, observers)
    said = dict.fromkeys(str(warning.message).strip() for warning in caught)
    others, remarks = _rivals(entry, settings, seed, *_data_of_rivals(rows, preparation, data))
    return Result(
        model=TableModel(
            preparation,
            estimator,
            model=entry.name,
            task=entry.task,
            target=None if entry.task == "clustering" else target,
        ),
        task=entry.task,
        target=target,
        metrics=METRICS[entry.task],
        scores=(ours, *others),
        recording=recording,
        notes=(*table.notes, *rows.notes, *preparation.notes_, *said, *remarks),
        code=code_for(table.source or table.name, target, entry, settings, test=test, seed=seed),
        n_train=rows.train.height,
        n_test=rows.test.height,
    )


def _check_clusters(entry: ModelEntry, settings: Mapping[str, Any], n_rows: int) -> None:
    defaults = {parameter.name: parameter.default for parameter in entry.parameters}
    n_clusters = {**defaults, **settings}.get("n_clusters")
    if isinstance(n_clusters, int) and n_clusters > n_rows:
        raise TableError(
            f"n_clusters={n_clusters} is more clusters than the table has rows ({n_rows}); "
            f"ask for at most {n_rows}, or add rows."
        )


def _ours(
    entry: ModelEntry, estimator: Any, data: _Data, record: bool, observers: Sequence[Observer]
) -> tuple[Recording | None, Score]:
    """Fit while the observers look on, and judge."""
    with ExitStack() as stack:
        recording = stack.enter_context(recorded()) if record else None
        stack.enter_context(observing(*observers))
        try:
            seconds = _seconds_to_fit(estimator, data)
        except ValueError as error:
            # what scikit-learn's and our own checks say of parameters that do not go together
            raise ParameterError(f"{entry.name} cannot be fitted: {str(error).strip()}") from error
    values = score(entry.task, estimator, data.X_test, data.y_test)
    return recording, Score("ours", entry.name, values, seconds)


def _seconds_to_fit(model: Any, data: _Data) -> float:
    seconds = _timed_fit(model, data)
    if seconds >= QUICK:
        return seconds
    from sklearn.base import clone

    # in an empty context nobody watches: what is timed is the fit alone
    again = contextvars.Context().run(_timed_fit, clone(model), data)
    return min(seconds, again)


def _timed_fit(model: Any, data: _Data) -> float:
    """Seconds of a fit without those of compiling kernels, which happens once on a machine."""
    from diorama._kernel import compile_times

    with compile_times() as compiling:
        start = time.perf_counter()
        model.fit(data.X) if data.y is None else model.fit(data.X, data.y)
        seconds = time.perf_counter() - start
    return max(seconds - sum(compiling), 0.0)


def _data_of_rivals(rows: Split, preparation: Preparation, data: _Data) -> tuple[_Data, bool]:
    """What the models to compare with get, and whether that is other than ours: they take no words."""
    if not preparation.as_categories_:
        return data, False
    with warnings.catch_warnings(action="ignore"):  # of what has been said
        numbers = Preparation(scale=preparation.scale, impute=preparation.impute).fit(rows.train)
        return _Data.of(rows, numbers), True


def _rivals(
    entry: ModelEntry, settings: Mapping[str, Any], seed: int, data: _Data, encoded: bool
) -> tuple[tuple[Score, ...], tuple[str, ...]]:
    """The trivial model and scikit-learn's, judged like ours, and what must be said of the comparison."""
    twin, left_out = entry.make_twin(settings, seed=seed)
    name = f"scikit-learn's {type(twin).__name__}"
    remarks = [f"{name} has no {', '.join(left_out)} and was fitted without"] if left_out else []
    remarks += [f"{name} was given the categories as columns of 0 and 1"] if encoded else []
    scores = []
    rivals = [("baseline", *_baseline(entry.task)), ("twin", name, twin)]
    with warnings.catch_warnings(action="ignore"):
        for who, title, model in rivals:
            try:
                seconds = _seconds_to_fit(model, data)
            except ValueError as error:
                remarks.append(f"{title} could not be fitted to compare with: {str(error).strip().splitlines()[0]}")
                continue
            scores.append(Score(who, title, score(entry.task, model, data.X_test, data.y_test), seconds))
    return tuple(scores), tuple(remarks)


def _baseline(task: str) -> tuple[str, Any]:
    """What needs no learning: the most frequent class, the mean, one cluster."""
    if task == "clustering":
        from sklearn.cluster import KMeans

        return "one cluster", KMeans(n_clusters=1, n_init=1)
    from sklearn.dummy import DummyClassifier, DummyRegressor

    # "prior" names the most frequent class too, and gives the classes' shares as its probabilities
    return (
        ("most frequent class", DummyClassifier(strategy="prior"))
        if task == "classification"
        else ("mean", DummyRegressor())
    )
