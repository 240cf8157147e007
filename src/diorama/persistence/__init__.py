"""Keep a fitted model or a recording in one file, and get it back without running code.

import diorama

diorama.save(model, "model.diorama")
model = diorama.load("model.diorama")
"""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from diorama.persistence import container
from diorama.persistence.decoding import Decoder
from diorama.persistence.encoding import Encoder
from diorama.persistence.errors import LoadError, SaveError

__all__ = ["LoadError", "SaveError", "load", "save"]


def save(model: Any, path: str | Path) -> Path:
    """Write `model` to `path`, whole or not at all, and return the path.

    `model` is one of Diorama's estimators, a TableModel, a Recording, or a scikit-learn Pipeline of Diorama's
    estimators and common transformers. Raises SaveError that says what in it cannot be kept, or why nothing can be
    written there.

    >>> import tempfile
    >>> import numpy as np
    >>> from diorama.clustering import KMeans
    >>> X = np.array([[0.0], [1.0], [9.0]])
    >>> path = save(KMeans(2, random_state=0).fit(X), Path(tempfile.mkdtemp()) / "model.diorama")
    >>> load(path).predict(X).shape
    (3,)
    """
    path = Path(path)
    encoder = Encoder()
    graph = encoder.encode(model)
    packages = {name: version(name) for name in ("diorama", "scikit-learn", "skrub", "numpy")}
    container.write(path, {"packages": packages, "describes": _summary(model), "object": graph}, encoder.arrays)
    return path


def load(path: str | Path) -> Any:
    """What `save` wrote to `path`: its predictions are the same, bit for bit.

    Raises LoadError for a file that is damaged, foreign, hostile or of a newer format. Nothing in a file is run: it
    names classes from a fixed list and holds plain values for their attributes.
    """
    path = Path(path)
    document, arrays = container.read(path)
    try:
        return Decoder(arrays).decode(document["object"])
    except LoadError as error:
        raise LoadError(f"{path} cannot be loaded: {error}.") from error
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        RecursionError,
        ImportError,
    ) as error:
        raise LoadError(f"{path} cannot be loaded: its parts do not fit together ({type(error).__name__}).") from error


def _summary(model: Any) -> dict[str, Any]:
    """What a reader of the file's header can know without loading it."""
    preparation = getattr(model, "preparation", None)
    names = getattr(model, "feature_names_in_", ())
    return {
        "class": f"{type(model).__module__}.{type(model).__qualname__}",
        "target": getattr(model, "target", None),
        "columns": list(preparation.columns_) if preparation is not None else [str(name) for name in names],
        "preprocessing": list(preparation.notes_) if preparation is not None else [],
    }
