"""Names for types that many files use."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
