"""Any scikit-learn estimator as a member of an ensemble: made from a prototype, fitted with weights, asked."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone, is_classifier
from sklearn.ensemble._base import _set_random_states
from sklearn.utils import check_random_state
from sklearn.utils.validation import has_fit_parameter

from diorama._iterate import Fit, unobserved, watched
from diorama._typing import Array


class Members(NamedTuple):
    """Fitted estimators and the columns that each has seen."""

    estimators: tuple[Any, ...]
    features: tuple[Array | None, ...]  # columns of X that a member was given; None for all
    n_outputs: int  # n_classes, or 1 for a number

    def says(self, number: int, X: Any) -> Array:
        """(n, n_outputs) what one member says of X."""
        features = self.features[number]
        return opinion(self.estimators[number], X if features is None else X[:, features], self.n_outputs)

    def mean(self, X: Any) -> Array:
        """(n, n_outputs) mean of what all members say of X."""
        total = np.zeros((X.shape[0], self.n_outputs))
        for number in range(len(self.estimators)):
            total += self.says(number, X)
        total /= len(self.estimators)
        return total


def seeded(prototype: Any, seed: int) -> Any:
    """An unfitted copy whose random choices, if it makes any, follow the seed."""
    member = clone(prototype)
    parts = [name for name in member.get_params() if name == "random_state" or name.endswith("__random_state")]
    if parts == ["random_state"]:
        # what scikit-learn's way below comes to, without reading all parameters twice more for every member
        member.random_state = check_random_state(seed).randint(np.iinfo(np.int32).max)
    elif parts:
        _set_random_states(member, seed)
    return member


def takes_weights(estimator: Any) -> bool:
    """Whether the rows of this estimator can weigh different amounts."""
    # what stands on the object itself hides what its class has
    if "fit" in vars(estimator):
        return bool(has_fit_parameter(estimator, "sample_weight"))
    return _class_takes_weights(estimator.__class__)


@lru_cache(maxsize=64)
def _class_takes_weights(kind: type[Any]) -> bool:
    return bool(has_fit_parameter(kind, "sample_weight"))


def fit_member(member: Any, X: Any, y: Array, params: Mapping[str, Any]) -> Any:
    """Fit it, unwatched, with what else its `fit` is given. Raises ValueError for weights that it does not take."""
    if "sample_weight" in params and not takes_weights(member):
        raise ValueError(
            f"sample_weight was given and {type(member).__name__} takes none: leave out the one or the other."
        )
    with unobserved():
        return member.fit(X, y, **params)


def opinion(member: Any, X: Any, n_outputs: int) -> Array:
    """(n, n_outputs) probabilities of classes 0, 1, 2 ..., or 1 for the class voted for; or the number predicted."""
    if not is_classifier(member):
        return np.asarray(member.predict(X), dtype=float).reshape(-1, 1)
    if not hasattr(member, "predict_proba"):
        return vote(member, X, n_outputs)
    shares = member.predict_proba(X)
    if shares.shape[1] == n_outputs:
        return np.asarray(shares)
    # a class that its rows did not have is one it holds impossible
    all_shares = np.zeros((len(shares), n_outputs))
    all_shares[:, member.classes_] = shares
    return all_shares


def vote(member: Any, X: Any, n_outputs: int) -> Array:
    """(n, n_outputs) 1 for the class that it predicts, 0 for every other."""
    votes: Array = np.eye(n_outputs)[np.asarray(member.predict(X), dtype=np.int64)]
    return votes


def dense_fit(subject: Any, X: Any, y: Array) -> Fit:
    """What observers are told; whoever draws wants every number of a sparse table."""
    return Fit(subject, X.toarray() if watched() and sp.issparse(X) else X, y)
