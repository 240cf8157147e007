"""What every estimator of the package keeps to. New ones are found by themselves."""

import copy
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

import diorama
from diorama._iterate import Cancelled, Observer, observing
from tests.estimators import ROWS_WORTH_THREADS, all_estimators, learned, same_bits, small_problem

ESTIMATORS = [estimator() for estimator in all_estimators()]
IDS = [type(estimator).__name__ for estimator in ESTIMATORS]
each = pytest.mark.parametrize("prototype", ESTIMATORS, ids=IDS)


def fresh(prototype):
    """An unfitted copy whose random choices, if it makes any, are the same each time."""
    estimator = clone(prototype)
    if "random_state" in estimator.get_params():
        estimator.set_params(random_state=0)
    return estimator


@pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::sklearn.exceptions.SkipTestWarning"
)
@parametrize_with_checks(ESTIMATORS)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_the_check_that_skips_itself_here_passes_where_scipy_takes_any_array():
    # SciPy reads the setting when it is imported, and changes for everybody: so in a process of its own
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "array_api_input", __file__]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "SCIPY_ARRAY_API": "1"})
    assert done.returncode == 0, done.stdout
    assert "s" not in done.stdout.splitlines()[0].split()[0], "none is skipped"


@each
def test_a_recorded_fit_has_the_bits_of_an_unrecorded_one(prototype):
    X, y = small_problem(prototype)
    plain = fresh(prototype).fit(X, y)
    watched, recording = diorama.watch(fresh(prototype), X, y)
    assert same_bits(learned(plain), learned(watched))
    assert len(recording) >= 2


@each
def test_the_number_of_threads_changes_no_bit(prototype, monkeypatch):
    # large enough that the work is worth handing to threads
    X, y = small_problem(prototype, n=ROWS_WORTH_THREADS.get(type(prototype).__name__, 20_000))
    estimator = fresh(prototype)
    if "max_depth" in estimator.get_params():
        estimator.set_params(max_depth=8)
    if "early_exaggeration" in estimator.get_params():
        estimator.set_params(max_iter=20)
    found = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("DIORAMA_NUM_THREADS", threads)
        found.append(learned(clone(estimator).fit(X, y)))
    assert same_bits(found[0], found[1])
    assert same_bits(found[0], found[2])


@each
def test_the_recorded_states_are_never_written_after_they_are_handed_out(prototype):
    class Keeper(Observer):
        def __init__(self):
            self.seen = []

        def see(self, fit, iteration, state):
            self.seen.append((state, copy.deepcopy(state)))

    keeper = Keeper()
    X, y = small_problem(prototype)
    with observing(keeper):
        fresh(prototype).fit(X, y)
    assert keeper.seen
    assert all(same_bits(list(state), list(as_it_was)) for state, as_it_was in keeper.seen)


@each
def test_the_users_arrays_stay_as_they_were(prototype):
    X, y = small_problem(prototype)
    X_before, y_before = X.copy(), None if y is None else y.copy()
    fresh(prototype).fit(X, y)
    np.testing.assert_array_equal(X, X_before)
    if y is not None:
        np.testing.assert_array_equal(y, y_before)


@each
def test_a_fit_can_be_cancelled_and_leaves_the_estimator_unfitted(prototype):
    class Impatient(Observer):
        def see(self, fit, iteration, state):
            raise Cancelled

    X, y = small_problem(prototype)
    estimator = fresh(prototype)
    with observing(Impatient()), pytest.raises(Cancelled):
        estimator.fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert same_bits(learned(estimator.fit(X, y)), learned(fresh(prototype).fit(X, y)))


@each
def test_every_recording_becomes_a_scene(prototype):
    X, y = small_problem(prototype)
    _, recording = diorama.watch(fresh(prototype), X, y)
    scene = recording.scene()
    assert len(scene.frames) >= 2
    assert all(frame.narration and frame.alt for frame in scene.frames)
    assert scene.code.lines
    assert any(frame.step for frame in scene.frames), "some line of the code lights up"
    assert any(frame.values for frame in scene.frames), "the formula carries numbers"


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_single_precision_stays_single(prototype, dtype):
    X, y = small_problem(prototype, dtype=dtype)
    estimator = fresh(prototype).fit(X, y)
    for name in ("coef_", "cluster_centers_"):
        if hasattr(estimator, name):
            assert getattr(estimator, name).dtype == dtype


@each
def test_a_column_of_infinities_is_refused(prototype):
    X, y = small_problem(prototype)
    X = X.copy()
    X[3, 1] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        fresh(prototype).fit(X, y)


@pytest.mark.parametrize("prototype", [e for e in ESTIMATORS if is_classifier(e)], ids=lambda e: type(e).__name__)
def test_a_model_round_trips_through_a_file(prototype, tmp_path):
    X, y = small_problem(prototype)
    model = fresh(prototype).fit(X, y)
    diorama.save(model, tmp_path / "model.diorama")
    again = diorama.load(tmp_path / "model.diorama")
    # a machine without probabilities has its sums, and a committee that counts hands its count only
    judge = next(name for name in ("predict_proba", "decision_function", "predict") if hasattr(model, name))
    assert same_bits(getattr(model, judge)(X), getattr(again, judge)(X))
