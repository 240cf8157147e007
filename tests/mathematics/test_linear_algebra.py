"""Vectors and matrices against NumPy, the text's own exercises, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import diorama
from diorama.mathematics import broadcast_rules, broadcast_shape, dot, hadamard, matmul_steps, transpose, vector_field


def test_products_of_the_text():
    assert matmul_steps([[1, 2], [5, 6]], [[1, 2, 3], [5, 6, 7]]).shape == (2, 3)
    assert matmul_steps(np.ones((3, 4)), np.ones((4, 2))).shape == (3, 2)
    assert matmul_steps([[2, 3], [1, 4]], [[5, 4], [3, 5]]).product.tolist() == [[19, 23], [17, 24]]
    assert matmul_steps([[3], [5]], [[1, 2, 3]]).product.tolist() == [[3, 6, 9], [5, 10, 15]]
    assert matmul_steps([1, 2, 3], [[4], [5], [6]]).product.tolist() == [32]
    assert dot([1, 2, 3], [2, 3, 4]) == 20
    assert hadamard([1, 2, 3], [2, 3, 4]).tolist() == [2, 6, 12]


def test_each_entry_is_the_sum_of_its_terms_and_the_transpose_turns_the_product():
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
    steps = matmul_steps(A, B)
    for entry in steps:
        assert entry.terms.sum() == pytest.approx((A @ B)[entry.row, entry.column])
    np.testing.assert_allclose(transpose(steps.product), matmul_steps(transpose(B), transpose(A)).product)


@given(st.lists(st.lists(st.integers(0, 4), max_size=4).map(tuple), min_size=1, max_size=4))
def test_broadcasting_is_numpys(shapes):
    try:
        expected = np.broadcast_shapes(*shapes)
    except ValueError:
        with pytest.raises(ValueError, match="do not combine"):
            broadcast_shape(*shapes)
    else:
        assert broadcast_shape(*shapes) == expected


def test_arrows_of_a_field():
    field = vector_field(lambda p: (-p[1], p[0]), n=5)
    np.testing.assert_array_equal(field.arrows, np.column_stack([-field.points[:, 1], field.points[:, 0]]))


@pytest.mark.parametrize("call", [lambda x: dot(x, x), lambda x: hadamard(x, x), lambda x: matmul_steps(x, x)])
def test_bad_input_is_refused_by_name(call):
    for bad, error in ([], (ValueError, TypeError)), ([np.nan], ValueError), (["a"], TypeError), ([True], TypeError):
        with pytest.raises(error, match=r"^[aA] must"):
            call(bad)


@pytest.mark.parametrize(
    "call",
    [
        lambda: dot([1, 2, 3], [2, 3, 4]),
        lambda: hadamard([1, 2], [2, 3]),
        lambda: transpose([[1, 2]]),
        lambda: matmul_steps([[1, 2]], [[1], [2]]),
        lambda: broadcast_shape((3, 1), (4,)),
        lambda: broadcast_rules((3, 1), (4,)),
        lambda: broadcast_rules((2, 3), (2,)),
        lambda: vector_field(lambda p: p, n=4),
    ],
)
def test_each_has_a_scene(call):
    with diorama.record() as recording:
        call()
    assert len(recording.scene().frames) > 1
