"""Thinning while recording: bounded memory, first and last always there, even spacing."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diorama._iterate import Fit, iterate, observing, show
from diorama.recording import RecordedFit, Recorder, Recording, record


def recorded(n_steps: int, max_frames: int) -> RecordedFit:
    recorder = Recorder(max_frames)
    with observing(recorder):
        iterate(0, lambda x: x + 1, lambda a, b: False, max_iter=n_steps, fit=Fit("counting"))
    return recorder.fits[-1]


@given(n_steps=st.integers(0, 700), max_frames=st.integers(2, 50))
def test_first_and_last_stay_within_the_bound_and_evenly_spaced(n_steps, max_frames):
    iterations = [moment.iteration for moment in recorded(n_steps, max_frames).moments]
    assert iterations[0] == 0
    assert iterations[-1] == n_steps
    assert len(iterations) <= max_frames
    gaps = {b - a for a, b in pairwise(iterations[:-1])}
    assert len(gaps) <= 1
    assert all(gap & (gap - 1) == 0 for gap in gaps), "every 1st, 2nd, 4th ..."


def test_all_states_stay_when_there_is_room():
    fit = recorded(9, 120)
    assert [(m.iteration, m.state) for m in fit.moments] == [(i, i) for i in range(10)]
    assert len(fit) == 10
    assert fit.n_iter == 9


def test_of_a_long_search_the_last_fits_stay():
    recorder = Recorder(max_fits=3)
    with observing(recorder):
        for number in range(10):
            show(lambda: iter("ab"), total=2, fit=Fit(number))
    assert [fit.fit.subject for fit in recorder.fits] == [7, 8, 9]


def test_a_loop_inside_a_loop_comes_first_so_that_the_outer_is_shown():
    def step(x):
        show(lambda: iter("ab"), total=2, fit=Fit("inner"))
        return x + 1

    with record() as recording:
        iterate(0, step, lambda a, b: True, max_iter=3, fit=Fit("outer"))
    assert [fit.fit.subject for fit in recording.fits] == ["inner", "outer"]
    assert [moment.state for moment in recording.fits[-1].moments] == [0, 1]


def test_too_few_frames_are_refused():
    with pytest.raises(ValueError, match="at least 2"):
        Recorder(max_frames=1)


def test_an_empty_recording_says_what_to_do():
    with record() as recording:
        pass
    assert len(recording) == 0
    with pytest.raises(ValueError, match=r"fit one of Diorama's models inside"):
        recording.scene()


def test_states_without_a_scene_are_named():
    with record() as recording:
        iterate(0, lambda x: x + 1, lambda a, b: True, max_iter=3, fit=Fit("outer"))
    with pytest.raises(TypeError, match=r"builtins\.int"):
        recording.scene()
    assert isinstance(recording, Recording)
    assert "2 of 2 states" in repr(recording)
