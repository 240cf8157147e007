"""The bar is one more observer: late, quiet in pipes, and without a say in the fit."""

import time

import numpy as np

from diorama._iterate import Fit, iterate, observing
from diorama.recording.progress import Progress


def count(observer: Progress, pause: float = 0.0, steps: int = 5) -> int:
    def step(state: int) -> int:
        time.sleep(pause)
        return state + 1

    with observing(observer):
        return iterate(
            0, step, lambda previous, state: False, max_iter=steps, fit=Fit("counting", part="start 1")
        ).state


def test_nothing_is_shown_of_what_is_quick(capfd):
    with Progress("counting", terminal=True) as progress:
        assert count(progress) == 5
        assert not progress.shown
    assert capfd.readouterr() == ("", "")


def test_nothing_is_shown_where_there_is_no_terminal(capfd):
    with Progress("counting", patience=0.0, terminal=False) as progress:
        assert count(progress, pause=0.01) == 5
    assert capfd.readouterr() == ("", "")


def test_the_bar_comes_when_it_takes_long_and_goes_after(capfd):
    with Progress("counting", patience=0.0, terminal=True) as progress:
        deadline = time.monotonic() + 10
        while not progress.shown and time.monotonic() < deadline:
            time.sleep(0.01)
        assert progress.shown
        assert count(progress, pause=0.01) == 5
    assert not progress.shown
    assert capfd.readouterr().out == ""


def test_a_bar_that_comes_too_late_stays_away():
    progress = Progress("counting", patience=60, terminal=True)
    with progress:
        pass
    progress._appear()
    assert not progress.shown


def test_a_fit_is_the_same_with_a_bar():
    from diorama.clustering import KMeans

    X = np.random.default_rng(0).normal(size=(200, 3))
    plain = KMeans(3, random_state=0).fit(X)
    with Progress("fitting", patience=0.0, terminal=True) as progress, observing(progress):
        watched = KMeans(3, random_state=0).fit(X)
    assert np.array_equal(plain.cluster_centers_, watched.cluster_centers_)
