"""Whatever shape, type or value comes in: an answer that agrees with NumPy, or one sentence that names the argument."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import diorama
from diorama import mathematics as m

# every size from none to a few, every kind of number, text and objects, and the values that break arithmetic
TYPES = st.sampled_from(["f8", "f4", "f2", "i8", "u1", "?", "c16", "U3", "O"])
SHAPES = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
ODD = st.sampled_from([0, 1, 2, 0.5, -1, np.nan, np.inf, 1e308, 1e-320])


@st.composite
def anything(draw):
    dtype, shape = np.dtype(draw(TYPES)), draw(SHAPES)
    values = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        values[place] = draw(ODD)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if dtype.kind in "iu":
            values = np.nan_to_num(values.astype(float), nan=3, posinf=4).clip(0, 100)
        return values.astype(dtype)


ONE = {
    "transpose": (m.transpose, "A"),
    "summary": (m.summary, "x"),
    "confidence_interval": (m.confidence_interval, "x"),
    "conditional_table": (m.conditional_table, "counts"),
    "independence": (m.independence, "counts"),
}
TWO = {
    "dot": (m.dot, ("a", "b")),
    "hadamard": (m.hadamard, ("a", "b")),
    "matmul_steps": (m.matmul_steps, ("A", "B")),
    "covariance": (m.covariance, ("x", "y")),
    "correlation": (m.correlation, ("x", "y")),
    "bayes_rule": (m.bayes_rule, ("prior", "likelihood")),
}


def answered(call, names):
    """Whether there was an answer; a refusal must be one sentence that begins with an argument's name."""
    refusal = ""
    with np.errstate(all="ignore"):
        try:
            call()
        except (TypeError, ValueError) as error:
            refusal = str(error)
    assert not refusal or refusal.split()[0] in names
    return not refusal


@pytest.mark.parametrize("name", sorted(ONE))
@settings(max_examples=60)
@given(a=anything())
def test_one_argument_of_any_kind(name, a):
    function, argument = ONE[name]
    plain = a.dtype.kind in "iuf" and a.size and np.isfinite(a).all()
    assert plain or not answered(lambda: function(a), {argument})


@pytest.mark.parametrize("name", sorted(TWO))
@settings(max_examples=60)
@given(a=anything(), b=anything())
def test_two_arguments_of_any_kind(name, a, b):
    function, arguments = TWO[name]
    fine = answered(lambda: function(a, b), set(arguments))
    assert not fine or all(v.dtype.kind in "iuf" and v.size and np.isfinite(v).all() for v in (a, b))


small = st.floats(-1e3, 1e3)


@given(data=st.data(), n=st.integers(1, 4), k=st.integers(1, 4), columns=st.integers(1, 4))
def test_products_are_numpys(data, n, k, columns):
    a = data.draw(arrays.arrays(float, (n, k), elements=small))
    b = data.draw(arrays.arrays(float, (k, columns), elements=small))
    np.testing.assert_array_equal(m.matmul_steps(a, b).product, a @ b)
    np.testing.assert_array_equal(m.hadamard(a, a), a * a)
    np.testing.assert_array_equal(m.transpose(a), a.T)
    assert m.dot(a[0], b[:, 0]) == pytest.approx(float(a[0] @ b[:, 0]))
    for entry in m.matmul_steps(a, b):
        assert entry.terms.sum() == pytest.approx(entry.value, abs=1e-9 * (1 + abs(entry.terms).sum()))


@given(x=arrays.arrays(float, st.integers(2, 12), elements=small), scale=st.floats(0.1, 10), shift=small)
def test_statistics_follow_a_change_of_units(x, scale, shift):
    before, after = m.summary(x), m.summary(scale * x + shift)
    assert after.mean == pytest.approx(scale * before.mean + shift, abs=1e-6)
    assert after.sample_deviation == pytest.approx(scale * before.sample_deviation, abs=1e-5)
    assert m.covariance(x, x) == pytest.approx(before.sample_variance)
    low, middle, high = m.confidence_interval(x)
    assert low <= middle <= high


@given(
    counts=arrays.arrays(float, arrays.array_shapes(min_dims=2, max_dims=2, max_side=4), elements=st.floats(0.1, 50))
)
def test_tables_of_probabilities_add_up(counts):
    np.testing.assert_allclose(m.conditional_table(counts).sum(axis=1), 1)
    np.testing.assert_allclose(m.conditional_table(counts, "column").sum(axis=0), 1)
    np.testing.assert_allclose(m.independence(counts).product.sum(), 1)
    # a table made of its margins is independent
    assert m.independence(np.outer(counts.sum(axis=1), counts.sum(axis=0))).independent


def distributions():
    share, positive = st.floats(0, 1), st.floats(1e-3, 1e3)
    return st.one_of(
        st.builds(m.Normal, st.floats(-1e6, 1e6), positive),
        st.builds(lambda low, width: m.Uniform(low, low + width), small, positive),
        st.builds(m.Exponential, positive),
        st.builds(m.Binomial, st.integers(1, 100), share),
        st.builds(m.Geometric, st.floats(1e-3, 1)),
        st.builds(m.Poisson, positive),
    )


@settings(max_examples=30, deadline=None)
@given(distribution=distributions(), n=st.integers(1, 40))
def test_every_distribution_has_samples_means_and_pictures(distribution, n):
    with diorama.record() as recording:
        drawn = distribution.sample(n)
        means = m.central_limit(distribution, size=n, repeats=20).means
    assert drawn.shape == (n,)
    assert means.shape == (20,)
    assert (distribution.density(drawn) > 0).all()
    assert [len(recording.scene(i).frames) > 1 for i in range(len(recording.fits))] == [True, True]


@pytest.mark.parametrize("nothing_varies", [m.Binomial(5, 0.0), m.Binomial(5, 1.0), m.Geometric(1.0)])
def test_where_nothing_varies_every_mean_is_the_mean(nothing_varies):
    with diorama.record() as recording:
        found = m.central_limit(nothing_varies, repeats=10)
    assert set(found.means) == {nothing_varies.mean}
    assert found.expected_deviation == 0
    assert recording.scene().frames[-1].narration.startswith("10 means, on average")


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: m.Uniform(-1e308, 1e308), "low=-1e"),
        (lambda: m.Exponential(1e-300), "rate=1e-300"),
        (lambda: m.Normal(0.0, 1e-300), "deviation=1e-300"),
        (lambda: m.Geometric(1e-200), "p=1e-200"),
    ],
)
def test_a_variance_beyond_floats_is_refused(make, names):
    with pytest.raises(ValueError, match="the variance leaves the range of floats") as caught:
        make()
    assert names in str(caught.value)


@given(length=st.integers(1, 6), rank=st.integers(0, 3))
def test_what_is_1_and_stays_1_is_not_said_to_repeat(length, rank):
    told = [str(rule) for rule in m.broadcast_rules((length,) * rank, (1,) * rank, ())]
    assert len(told) == rank
    assert not any("repeated 1 times" in rule for rule in told)
