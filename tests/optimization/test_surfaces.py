"""The test surfaces: derivatives against differences, minima where they are said to be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import rosen, rosen_der, rosen_hess

from diorama._differences import central_differences, largest_curvature
from diorama.optimization import SURFACES

each = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
coordinate = st.floats(-2, 2)


@each
@given(x=coordinate, y=coordinate)
def test_derivatives_agree_with_differences(surface, x, y):
    point = np.array([x, y])
    slope = surface.gradient(point)
    np.testing.assert_allclose(central_differences(surface, point), slope, rtol=1e-5, atol=1e-5)
    columns = [central_differences(lambda p, i=i: surface.gradient(p)[i], point) for i in range(2)]
    np.testing.assert_allclose(np.array(columns), surface.hessian(point), rtol=1e-5, atol=1e-4)


@each
def test_minima_are_flat_and_curve_up(surface):
    for minimum in surface.minima:
        point = np.array(minimum)
        assert surface(point) == pytest.approx(0, abs=1e-12)
        np.testing.assert_allclose(surface.gradient(point), 0, atol=1e-9)
        assert np.linalg.eigvalsh(surface.hessian(point)).min() > 0


@each
def test_start_and_minima_lie_on_the_drawn_domain(surface):
    for place in (surface.start, *surface.minima):
        assert all(low <= value <= high for value, (low, high) in zip(place, surface.domain, strict=True))
    assert repr(surface).startswith("<surface")


def test_rosenbrock_is_scipys():
    point = np.array([-0.7, 1.3])
    surface = SURFACES["Rosenbrock"]
    assert surface(point) == pytest.approx(rosen(point))
    np.testing.assert_allclose(surface.gradient(point), rosen_der(point))
    np.testing.assert_allclose(surface.hessian(point), rosen_hess(point))


@each
def test_the_curvature_measured_from_gradients_is_the_hessians(surface):
    for point in (np.array([0.3, -0.4]), np.array([1.2, 0.9])):
        measured = largest_curvature(surface.gradient, point, n_products=200)
        assert measured == pytest.approx(max(surface.largest_curvature(point), 0), rel=1e-3, abs=1e-6)


def test_the_curvature_of_a_hilltop_is_its_least_downward_one():
    # curves down everywhere: nothing limits the rate
    assert largest_curvature(lambda x: -x, np.zeros(3)) == pytest.approx(0, abs=1e-9)


def test_no_curvature_is_claimed_where_the_gradient_is_not_finite():
    assert np.isnan(largest_curvature(lambda x: np.full_like(x, np.inf), np.zeros(2)))
