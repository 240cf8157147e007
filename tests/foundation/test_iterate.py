"""The loop: what it returns, who is told, and that looking changes nothing."""

import pytest

from diorama._iterate import Cancelled, Fit, Observer, iterate, observing, show, watched

FIT = Fit("halving")


def halve(x: float) -> float:
    return x / 2


def small(previous: float, state: float) -> bool:
    return state < 1


class Diary(Observer):
    """Writes down all it is told, and asks to stop when it sees `stop_at`."""

    def __init__(self, stop_at=None):
        self.entries = []
        self.stop_at = stop_at

    def begin(self, fit, max_iter):
        self.entries.append(("begin", max_iter))

    def see(self, fit, iteration, state):
        self.entries.append((iteration, state))
        return iteration == self.stop_at

    def end(self, fit):
        self.entries.append("end")


def test_runs_until_done():
    assert iterate(5.0, halve, small, max_iter=10, fit=FIT) == (0.625, 3, True)


def test_says_when_steps_ran_out():
    assert iterate(5.0, halve, small, max_iter=2, fit=FIT) == (1.25, 2, False)


def test_no_steps_leaves_the_start():
    assert iterate(5.0, halve, small, max_iter=0, fit=FIT) == (5.0, 0, False)


def test_observers_see_every_state_once_in_order():
    diary = Diary()
    with observing(diary):
        watched_outcome = iterate(5.0, halve, small, max_iter=10, fit=FIT)
    assert diary.entries == [("begin", 10), (0, 5.0), (1, 2.5), (2, 1.25), (3, 0.625), "end"]
    assert watched_outcome == iterate(5.0, halve, small, max_iter=10, fit=FIT)


@pytest.mark.parametrize("stop_at", [0, 2])
def test_an_observer_may_stop_the_loop_and_all_observers_see_that_state(stop_at):
    first, second = Diary(stop_at), Diary()
    with observing(first, second):
        outcome = iterate(8.0, halve, small, max_iter=10, fit=FIT)
    assert outcome == (8.0 / 2**stop_at, stop_at, False)
    assert first.entries == second.entries
    assert first.entries[-1] == "end"


def test_an_observer_may_cancel_and_is_told_of_the_end():
    class Impatient(Diary):
        def see(self, fit, iteration, state):
            if iteration == 1:
                raise Cancelled

    diary, impatient = Diary(), Impatient()
    with observing(diary, impatient), pytest.raises(Cancelled):
        iterate(8.0, halve, small, max_iter=10, fit=FIT)
    assert diary.entries == [("begin", 10), (0, 8.0), (1, 4.0), "end"]
    assert not watched()


def test_observers_add_up_and_leave():
    outer, inner = Diary(), Diary()
    with observing(outer):
        with observing(inner):
            iterate(1.5, halve, small, max_iter=3, fit=FIT)
        assert watched()
        iterate(1.5, halve, small, max_iter=3, fit=FIT)
    assert not watched()
    assert len(outer.entries) == 2 * len(inner.entries)


def test_show_asks_for_states_only_when_somebody_looks():
    def states():
        calls.append(1)
        yield from "abc"

    calls = []
    show(states, total=3, fit=FIT)
    assert calls == []
    diary = Diary()
    with observing(diary):
        show(states, total=3, fit=FIT)
    assert diary.entries == [("begin", 3), (0, "a"), (1, "b"), (2, "c"), "end"]
