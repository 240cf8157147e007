"""Machine learning you can watch work: real algorithms, recorded as they fit, replayed as moving pictures.

import diorama
from diorama.clustering import KMeans

model, recording = diorama.watch(KMeans(3), X)
recording.show()                # in the notebook, or in the browser
recording.save("k-means.html")  # one file that plays offline
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diorama.evaluation import evaluate
    from diorama.persistence import load, save
    from diorama.recording import Recording, record, watch

# public name -> where it lives; looked up on first use, so that importing the package stays quick
_HOMES = {
    "Recording": "diorama.recording",
    "evaluate": "diorama.evaluation",
    "load": "diorama.persistence",
    "record": "diorama.recording",
    "save": "diorama.persistence",
    "watch": "diorama.recording",
}

__all__ = ["Recording", "evaluate", "load", "record", "save", "watch"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # takes longer than all else here

        return version("diorama")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'diorama' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
