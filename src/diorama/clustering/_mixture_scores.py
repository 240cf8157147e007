"""What a fitted mixture says of rows: whose they are, how likely they are, how well they fit for their number."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from diorama import _parallel
from diorama._typing import Array
from diorama.clustering._covariances import KINDS, Mixture, log_densities

_ROWS_AT_ONCE = 4_096


class MixtureScores(DensityMixin, BaseEstimator):
    """The half of GaussianMixture that asks and changes nothing; see there for the attributes that it reads."""

    covariance_type: str
    random_state: Any
    weights_: Array
    means_: Array
    covariances_: Array
    precisions_cholesky_: Array

    def predict(self, X: Any) -> Array:
        """Index of the likeliest component of each row, (n_samples,)."""
        labels: Array = self._log_densities(X).argmax(axis=1)
        return labels

    def predict_proba(self, X: Any) -> Array:
        """Each component's share in each row, (n_samples, n_components)."""
        found = self._log_densities(X)
        shares: Array = np.exp(found - found.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return shares.astype(self.means_.dtype, copy=False)

    def score_samples(self, X: Any) -> Array:
        """log-likelihood of each row, (n_samples,)."""
        found = self._log_densities(X)
        top = found.max(axis=1)
        logs: Array = top + np.log(np.exp(found - top[:, None]).sum(axis=1))
        return logs.astype(self.means_.dtype, copy=False)

    def score(self, X: Any, y: Any = None) -> float:
        """Mean log-likelihood of these rows; y is ignored."""
        return float(self.score_samples(X).mean(dtype=np.float64))

    def bic(self, X: Any) -> float:
        """Bayesian information criterion of these rows [Schwarz 1978]: the lower the better."""
        logs = self.score_samples(X)
        return -2 * float(logs.sum(dtype=np.float64)) + self._n_parameters() * float(np.log(len(logs)))

    def aic(self, X: Any) -> float:
        """Akaike's information criterion of these rows [Akaike 1974]: the lower the better."""
        return -2 * float(self.score_samples(X).sum(dtype=np.float64)) + 2 * self._n_parameters()

    def sample(self, n_samples: int = 1) -> tuple[Array, Array]:
        """`n_samples` new rows drawn from the mixture, component by component, and the component of each."""
        check_is_fitted(self)
        if n_samples < 1:
            raise ValueError(f"n_samples must be at least 1: that many rows are drawn; got {n_samples}.")
        random = check_random_state(self.random_state)
        k, d = self.means_.shape
        weights = self.weights_.astype(np.float64)
        counts = random.multinomial(n_samples, weights / weights.sum())
        labels = np.repeat(np.arange(k), counts)
        covariances = KINDS[self.covariance_type].matrices(self.covariances_.astype(np.float64), k, d)
        roots = np.linalg.cholesky(covariances)
        drawn = np.einsum("nij,nj->ni", roots[labels], random.standard_normal((n_samples, d)))
        return (self.means_[labels] + drawn).astype(self.means_.dtype, copy=False), labels

    def _log_densities(self, X: Any) -> Array:
        """log of weight x density of each component at each row, (n_samples, n_components)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32], order="C")
        kind, mixture = KINDS[self.covariance_type], self._mixture()
        jobs = [(kind, mixture, X[a:b]) for a, b in _parallel.blocks(len(X), _ROWS_AT_ONCE)]
        found = _parallel.run(log_densities, jobs, work=len(X) * mixture.means.size * X.shape[1])
        return np.concatenate(found)

    def _mixture(self) -> Mixture:
        """What was learned, in double precision."""
        found = self.weights_, self.means_, self.covariances_, self.precisions_cholesky_
        return Mixture(*(np.array(part, dtype=np.float64, order="C") for part in found))

    def _n_parameters(self) -> int:
        """How many numbers the model may choose freely."""
        k, d = self.means_.shape
        return KINDS[self.covariance_type].n_parameters(int(k), int(d)) + int(k * d + k - 1)
