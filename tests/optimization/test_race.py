"""Races: each runner goes as it would alone, nobody runs on after the end, and the picture tells it."""

import numpy as np
import pytest

import diorama
from diorama.optimization import SURFACES, Adam, GradientDescent, Momentum, Newton, minimize, race
from tests.estimators import same_bits

valley, saddle = SURFACES["ill-conditioned valley"], SURFACES["saddle"]
RUNNERS = {"plain": GradientDescent(0.15), "heavy": Momentum(0.05), "Adam": Adam(0.2), "Newton": Newton()}


@pytest.fixture(scope="module")
def recorded():
    with diorama.record() as recording:
        result = race(valley, (-2.8, 1.5), RUNNERS, max_iter=30)
    return result, recording


def test_each_runs_as_it_would_alone(recorded):
    result, _ = recorded
    for name, x, n in zip(result.names, result.x, result.n_iter, strict=True):
        alone = minimize(valley, (-2.8, 1.5), method=RUNNERS[name], max_iter=30)
        np.testing.assert_array_equal(x, alone.x)
        assert n == alone.n_iter


def test_a_watched_race_has_the_same_bits(recorded):
    watched, recording = recorded
    plain = race(valley, (-2.8, 1.5), RUNNERS, max_iter=30)
    assert watched.x.tobytes() == plain.x.tobytes()
    assert len(recording) == 31


def test_who_arrives_first_ranks_first_and_rests(recorded):
    result, recording = recorded
    assert result.ranking[0] == "Newton"
    assert result.rests[3] == "arrived"
    assert result.n_iter[3] == 1
    states = [moment.state for moment in recording.fits[-1].moments]
    assert states[-1].runners[3].x is states[1].runners[3].x


def test_a_race_is_saved_and_comes_back(recorded, tmp_path):
    _, recording = recorded
    loaded = diorama.Recording.load(recording.save(tmp_path / "race.diorama"))
    ours, theirs = recording.fits[-1].moments[-1].state, loaded.fits[-1].moments[-1].state
    assert same_bits(ours, theirs)
    assert loaded.scene().to_dict() == recording.scene().to_dict()


def test_who_runs_away_stays_where_it_last_was_finite():
    result = race(valley, [1.0, 1.0], {"wild": GradientDescent(1e3), "tame": GradientDescent(0.1)}, max_iter=400)
    assert result.rests[0] == "ran away"
    assert np.isfinite(result.x).all()
    assert np.isfinite(result.fun).all()
    assert result.n_iter[1] > result.n_iter[0]


def test_on_a_saddle_all_fall_away_and_the_race_ends():
    result = race(saddle, saddle.start, ["newton", "gradient-descent"], max_iter=5000)
    assert set(result.rests) == {"fell away"}
    assert result.n_iter.max() < 5000


def test_runners_without_names_go_by_their_class():
    result = race(valley, [1.0, 1.0], [Adam(0.1), Adam(0.2), "momentum"], max_iter=2)
    assert result.names == ("Adam", "Adam 2", "Momentum")


def test_a_runner_may_have_a_gradient_of_its_own():
    backwards = {"lost": lambda x: -valley.gradient(x)}
    runners = {"lost": GradientDescent(0.01), "sure": GradientDescent(0.01)}
    result = race(valley, [1.0, 1.0], runners, grad=backwards, max_iter=3)
    assert result.fun[0] > valley(np.ones(2)) > result.fun[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"methods": []}, "at least one runner"),
        ({"methods": ["adm"]}, "did you mean 'adam'"),
        ({"grad": {"nobody": valley.gradient}}, "who do not run"),
        ({"x0": [np.inf, 0.0]}, "must be finite"),
    ],
)
def test_what_is_no_race_is_refused_with_a_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        race(**{"fun": valley, "x0": [1.0, 1.0], "methods": ["adam"], **arguments})


def test_the_picture_draws_a_path_for_each_and_says_who_is_where(recorded):
    scene = recorded[1].scene()
    assert len(scene.frames) == 31
    last = scene.frames[-1]
    assert set(last.data["paths"]["runner"]) == set(RUNNERS)
    assert len(last.data["paths"]["x"]) == 31 * len(RUNNERS)
    assert "Newton has arrived after 1 step" in scene.frames[1].narration
    assert last.narration.startswith("Round 30 of 30, lowest first: Newton")
    assert scene.frames[1].step == "search"


def test_the_picture_of_three_numbers_shows_the_heights_alone():
    with diorama.record() as recording:
        race(lambda x: float(x @ x), [1.0, 2.0, 3.0], ["adam", "lbfgs"], max_iter=5)
    scene = recording.scene()
    assert set(scene.frames[0].data) == {"travelled", "now"}
    assert "down" not in scene.title


def test_the_picture_of_a_plain_function_of_two_numbers_has_a_ground():
    with diorama.record() as recording:
        race(lambda x: float(x[0] ** 2 + x[1] ** 2), [1.0, 2.0], ["sgd"], max_iter=5)
    assert "ground" in recording.scene().data
