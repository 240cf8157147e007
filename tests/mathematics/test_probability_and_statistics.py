"""Probability and statistics against SciPy and NumPy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import diorama
from diorama import mathematics as m

PAIRS = [
    (m.Normal(1, 2), stats.norm(1, 2).pdf),
    (m.Uniform(-1, 3), stats.uniform(-1, 4).pdf),
    (m.Exponential(2), stats.expon(scale=0.5).pdf),
    (m.Binomial(7, 0.3), stats.binom(7, 0.3).pmf),
    (m.Geometric(0.3), stats.geom(0.3).pmf),
    (m.Poisson(4), stats.poisson(4).pmf),
]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_densities_and_samples(ours, theirs):
    x = np.arange(-2, 12) + (0 if ours.discrete else 0.25)
    np.testing.assert_allclose(ours.density(x), theirs(x), rtol=1e-10, atol=1e-15)
    sample = ours.sample(20_000)
    assert abs(sample.mean() - ours.mean) < 5 * math.sqrt(ours.variance / sample.size)
    assert sample.var() == pytest.approx(ours.variance, rel=0.1)


def test_bayes_and_its_refusals():
    assert m.bayes_rule(0.01, [0.9, 0.09]).posterior[0] == pytest.approx(0.009 / 0.0981)
    for prior, likelihood in ([0.5, 0.6], [1, 1]), ([0.5, 0.5], [0, 0]), (1.5, [1, 1]), ([0.5, 0.5], [1]):
        with pytest.raises(ValueError, match=r"prior|likelihood"):
            m.bayes_rule(prior, likelihood)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_summary_is_numpys(x):
    found = m.summary(x)
    assert found.median == pytest.approx(np.median(x))
    assert found.sample_variance == pytest.approx(np.var(x, ddof=1))


def test_pairs_and_intervals():
    x, y = np.random.default_rng(0).normal(size=(2, 30))
    assert m.correlation(x, y) == pytest.approx(stats.pearsonr(x, y).statistic)
    assert m.covariance(x, y) == pytest.approx(np.cov(x, y)[0, 1])
    low, _, high = m.confidence_interval(x)
    assert (low, high) == pytest.approx(stats.t.interval(0.95, 29, x.mean(), stats.sem(x)))
    assert m.interval_coverage(m.Normal(), repeats=20_000).share == pytest.approx(0.95, abs=0.01)
    with pytest.raises(ValueError, match="x must not be constant"):
        m.correlation([1, 1], [1, 2])


@pytest.mark.parametrize(
    "call",
    [
        lambda: m.bayes_rule(0.1, [0.9, 0.2]),
        lambda: m.conditional_table([[1, 2], [3, 4]]),
        lambda: m.independence([[1, 2], [3, 4]]),
        lambda: m.Poisson(3).sample(50),
        lambda: m.central_limit(m.Exponential(1)),
        lambda: m.interval_coverage(m.Normal()),
        lambda: m.summary([1, 2, 4]),
        lambda: m.correlation([1, 2, 4], [1, 3, 2]),
    ],
)
def test_each_has_a_scene(call):
    with diorama.record() as recording:
        call()
    assert len(recording.scene().frames) > 1
