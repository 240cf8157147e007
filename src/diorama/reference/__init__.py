"""Every concept explained briefly, with a picture that the library computes and the code that runs.

from diorama.reference import concept

page = concept("k-means")
page.scene(n_clusters=4)
"""

from diorama.reference.concept import SECTIONS, Concept, Reading
from diorama.reference.errors import ConceptError, PageError
from diorama.reference.loading import concept, concepts, load_folder
from diorama.reference.parameters import Parameter
from diorama.reference.questions import Question

__all__ = [
    "SECTIONS",
    "Concept",
    "ConceptError",
    "PageError",
    "Parameter",
    "Question",
    "Reading",
    "concept",
    "concepts",
    "load_folder",
]
