"""Ensembles of different estimators, each with a name: parameters that reach into them, and their fits."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from sklearn.base import TransformerMixin, clone, is_classifier, is_regressor
from sklearn.utils import Bunch, Tags, get_tags
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    _routing_enabled,
    process_routing,
)
from sklearn.utils.metaestimators import _BaseComposition
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, validate_data

from diorama.ensembles._members import fit_member

DROPPED = "drop"
Named = list[tuple[str, Any]]


class NamedEnsemble(TransformerMixin, _BaseComposition):
    """What voting and stacking share. `estimators` is a list of (name, estimator), or None for a choice of ours."""

    estimators: Named | None
    n_jobs: int | None

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters, with `deep` also the estimators by their names and their parameters as name__parameter."""
        params: dict[str, Any] = self._get_params("estimators", deep=deep)
        return params

    def set_params(self, **params: Any) -> "NamedEnsemble":
        """Set parameters: name=estimator or "drop" replaces one, name__parameter=value reaches into it."""
        self._set_params("estimators", **params)
        return self

    @abstractmethod
    def _default_estimators(self) -> Named:
        """What is asked when no estimators are given."""

    def _entries(self) -> Named:
        """All (name, estimator or "drop"). Raises ValueError for a list that is none, or names that cannot be."""
        entries = self._default_estimators() if self.estimators is None else self.estimators
        if not entries or not all(
            isinstance(e, tuple | list) and len(e) == 2 and isinstance(e[0], str) for e in entries
        ):
            raise ValueError(
                f"Invalid 'estimators' attribute {entries!r}: 'estimators' should be a non-empty list of "
                "(string, estimator) tuples."
            )
        names = [name for name, _ in entries]
        self._validate_names(names)
        if all(isinstance(estimator, str) and estimator == DROPPED for _, estimator in entries):
            raise ValueError("All estimators are dropped. At least one is required to be an estimator.")
        return list(entries)

    def _kept(self) -> Named:
        return [(name, estimator) for name, estimator in self._entries() if not _dropped(estimator)]

    def _refuse_other_kinds(self, kind: str) -> None:
        """Raise ValueError for a member that is no "classifier", or no "regressor"."""
        fits = is_classifier if kind == "classifier" else is_regressor
        for name, estimator in self._kept():
            if not fits(estimator):
                raise ValueError(f"The estimator {name!r} ({type(estimator).__name__}) should be a {kind}.")

    def _fit_members(self, X: Any, y: Any, fit_params: Mapping[str, Any]) -> list[Any]:
        """Every kept estimator, cloned and fitted to all rows."""
        params = self._routed(fit_params)
        jobs = (delayed(fit_member)(clone(estimator), X, y, params[name]) for name, estimator in self._kept())
        fitted: list[Any] = Parallel(n_jobs=self.n_jobs)(jobs)
        return fitted

    def _routed(self, fit_params: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """What the fit of each kept estimator is given besides X and y."""
        names = [name for name, _ in self._kept()]
        if _routing_enabled():
            routed = process_routing(self, "fit", **fit_params)
            return {name: routed[name].fit for name in names}
        given = {name: value for name, value in fit_params.items() if value is not None}
        if set(given) - {"sample_weight"}:
            raise TypeError(
                f"{type(self).__name__}.fit takes sample_weight; {sorted(set(given) - {'sample_weight'})} need "
                "sklearn.set_config(enable_metadata_routing=True)."
            )
        return dict.fromkeys(names, given)

    def _remember(self, X: Any) -> None:
        """Number and names of the columns; what is in them is each member's own matter."""
        validate_data(self, X, skip_check_array=True)

    def _asked(self, X: Any) -> Any:
        """X, of as many columns as were fitted."""
        check_is_fitted(self)
        # what has no columns, such as a series of texts, is the members' own matter
        return X if getattr(X, "ndim", 2) == 1 else validate_data(self, X, reset=False, skip_check_array=True)

    @property
    def named_estimators(self) -> Bunch:
        """Estimators by name, as given."""
        return Bunch(**dict(self._entries()))

    @property
    def named_estimators_(self) -> Bunch:
        """Fitted estimators by name; "drop" for those left out."""
        check_is_fitted(self)
        fitted = iter(self.estimators_)
        return Bunch(**{name: DROPPED if _dropped(given) else next(fitted) for name, given in self._entries()})

    def get_metadata_routing(self) -> MetadataRouter:
        """Which estimator asks for what."""
        router = MetadataRouter(owner=self)
        for name, estimator in self._kept():
            router.add(**{name: estimator}, method_mapping=MethodMapping().add(callee="fit", caller="fit"))
        return router

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        try:
            inputs = [get_tags(estimator).input_tags for _, estimator in self._kept()]
        except (ValueError, TypeError, AttributeError):
            # what is wrong with the list is said when it is fitted
            return tags
        tags.input_tags.sparse = all(own.sparse for own in inputs)
        tags.input_tags.allow_nan = all(own.allow_nan for own in inputs)
        return tags


def _dropped(estimator: Any) -> bool:
    return isinstance(estimator, str) and estimator == DROPPED
