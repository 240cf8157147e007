"""What scenes share: colours by role, a fair sample, a plane to draw many columns on, a surface as an image."""

import base64
import io
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from scipy.sparse.linalg import LinearOperator, eigsh

from diorama._typing import Array
from diorama.scenes.scene import MAX_MOVING_ROWS

# Okabe and Ito's colours without black and yellow, which vanish on one paper or the other (jfly.uni-koeln.de/color)
CLASS_COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")
# shape doubles colour, for who cannot tell the colours apart
CLASS_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
ACCENT = "#D55E00"
NEUTRAL = "#8A8A8A"
# numbers of a table that a picture fills in at most, and columns of which all principal components are quick to find
MAX_NUMBERS = 10_000_000
MAX_EXACT = 400


def class_scales(names: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Vega-Lite scales (colour, shape) for these class names; the same name order gives the same colours everywhere."""
    n = len(names)
    colors = [CLASS_COLORS[i % len(CLASS_COLORS)] for i in range(n)]
    shapes = [CLASS_SHAPES[(i + i // len(CLASS_COLORS)) % len(CLASS_SHAPES)] for i in range(n)]
    return {"domain": list(names), "range": colors}, {"domain": list(names), "range": shapes}


def sample_rows(n: int, cap: int = MAX_MOVING_ROWS) -> tuple[Array, str]:
    """Indices of at most `cap` of `n` rows, drawn once and fairly, and the sentence that says so ("" when all stay)."""
    if n <= cap:
        return np.arange(n), ""
    rows = np.sort(np.random.default_rng(0).choice(n, cap, replace=False))
    return rows, f"Drawn: {cap:,} of {n:,} rows, chosen at random; all of them were used in the fit."


def affordable(cap: int, n_columns: int) -> int:
    """How many rows of a table to fill in and draw: at most `cap`, and of a wide one no more than memory bears."""
    return max(1, min(cap, MAX_NUMBERS // max(n_columns, 1)))


def padded_range(values: Any, share: float = 0.06) -> list[float]:
    """[low, high] around finite `values` with some air, for an axis that keeps still."""
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    if finite.size == 0:
        return [0.0, 1.0]
    low, high = float(finite.min()), float(finite.max())
    air = (high - low) * share or max(abs(low) * share, 0.5)
    return [low - air, high + air]


class Plane(NamedTuple):
    """A plane through feature space: two features as they are, or the first two principal components of more."""

    origin: Array  # (n_features,)
    axes: Array  # (2, n_features) orthonormal rows
    titles: tuple[str, str]
    caption: str  # says when it is a projection

    @classmethod
    def of(cls, X: Any, names: Sequence[str] | None = None) -> "Plane":
        """The plane on which these rows are drawn; with one feature, the second axis is zero for every row."""
        X = np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=float)
        n_features = X.shape[1]
        names = list(names) if names is not None else [f"feature {i + 1}" for i in range(n_features)]
        if n_features <= 2:
            axes = np.eye(2, n_features)
            return cls(np.zeros(n_features), axes, (names[0], names[1] if n_features == 2 else ""), "")
        origin = np.nanmean(X, axis=0)
        centred = np.nan_to_num(X - origin)
        axes = _principal_axes(centred)
        total = float(np.vdot(centred, centred))
        # a fixed sign, so that the picture does not flip from run to run
        axes = axes * np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None]
        share = float(((centred @ axes.T) ** 2).sum()) / total if total > 0 else 1.0
        caption = f"{n_features} features, shown by their first two principal components ({share:.0%} of the variance)."
        return cls(origin, axes, ("component 1", "component 2"), caption)

    def project(self, points: Any) -> Array:
        """(n, n_features) points to their (n, 2) places on the plane."""
        points = np.asarray(points.toarray() if hasattr(points, "toarray") else points, dtype=float)
        places: Array = np.nan_to_num(points - self.origin) @ self.axes.T
        return places

    def grid(self, x_range: Sequence[float], y_range: Sequence[float], width: int, height: int) -> Array:
        """(height * width, n_features) points of a grid on the plane, top row first, at the centres of its cells."""
        x = np.linspace(x_range[0], x_range[1], 2 * width + 1)[1::2]
        y = np.linspace(y_range[0], y_range[1], 2 * height + 1)[-2::-2]
        places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        points: Array = self.origin + places @ self.axes
        return points


def _principal_axes(centred: Array) -> Array:
    """(2, n_features) directions of the largest spread of rows whose mean is zero, orthonormal."""
    n_features = centred.shape[1]
    if not centred.any():
        return np.eye(2, n_features)
    if n_features <= MAX_EXACT:
        directions: Array = np.linalg.eigh(centred.T @ centred)[1][:, :-3:-1].T
        return directions
    # of many columns only two directions are wanted, and looking for them is quicker than finding all
    products = LinearOperator((n_features, n_features), matvec=lambda x: centred.T @ (centred @ x), dtype=float)
    start = np.random.default_rng(0).normal(size=n_features)
    found: Array = eigsh(products, k=2, v0=start, tol=1e-6)[1][:, ::-1].T
    return found


def image_url(pixels: Array) -> str:
    """(height, width, 3 or 4) bytes as a PNG data URL, for an image mark stretched over the plane."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels, dtype=np.uint8)).save(file, "PNG", compress_level=6)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def rgb(color: str) -> Array:
    """'#0072B2' as three numbers from 0 to 255."""
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)


def number(value: float, digits: int = 3) -> str:
    """A number with as many digits as mean something; a proper minus sign; inf and NaN said in words."""
    value = float(value)
    if np.isnan(value):
        return "not a number"
    if np.isinf(value):
        return "infinity" if value > 0 else "\N{MINUS SIGN}infinity"
    if value and (abs(value) >= 1e6 or abs(value) < 1e-3):
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "\N{MINUS SIGN}")
    text = f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:,.0f}"
    return text.replace("-", "\N{MINUS SIGN}")
