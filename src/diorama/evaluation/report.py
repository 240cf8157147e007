"""Every measure of a fitted model, ours or scikit-learn's, on rows that it has not seen.

A classifier has a bar to beat, the null accuracy: what calling everything by the commonest class would reach. A
regression has one too, the mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn import metrics
from sklearn.base import is_classifier, is_regressor
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama.evaluation.threshold import Curve, sweep
from diorama.recording import Recording, record

if TYPE_CHECKING:
    from diorama.scenes.scene import Scene


class State(NamedTuple):
    """Predictions of somebody beside the answers."""

    who: str  # "the mean", then the model
    said: Array  # (n_samples,)
    known: Array  # (n_samples,)


@dataclass(frozen=True)
class Report:
    """Numbers, and a picture of them."""

    model: str
    n_samples: int
    scores: Mapping[str, float]
    recording: Recording = field(repr=False)

    def __str__(self) -> str:
        width = max(map(len, self.scores))
        lines = [f"{name:<{width}}  {value:.4g}" for name, value in self.scores.items()]
        return "\n".join([f"{self.model} on {self.n_samples:,} rows", *lines])

    def scene(self) -> "Scene":
        """The moving picture: the threshold of a classifier, the residuals of a regression."""
        return self.recording.scene()

    def show(self) -> None:
        """In the notebook that runs this, or else in the browser."""
        self.recording.show()

    def save(self, path: str | Path) -> Path:
        """One page that works offline (.html), or a picture (.png, .svg, .gif)."""
        from diorama.player.saving import save_scene

        return save_scene(self.scene(), path)


@dataclass(frozen=True)
class ClassificationReport(Report):
    """What a classifier gets right and wrong."""

    classes: Array  # (n_classes,)
    confusion: Array  # (n_classes, n_classes) rows: what is, columns: what was said
    by_class: Mapping[Any, Mapping[str, float]]  # class -> precision, recall, specificity, F1, rows
    curves: Mapping[Any, Curve]  # class -> its ROC curve against the rest; empty without probabilities

    def __str__(self) -> str:
        lines = [super().__str__(), "", "said →", "  ".join(["is ↓", *map(str, self.classes)])]
        lines += ["  ".join([str(c), *map(str, row)]) for c, row in zip(self.classes, self.confusion, strict=True)]
        return "\n".join(lines)


@dataclass(frozen=True)
class RegressionReport(Report):
    """How far a regression's predictions are off."""

    residuals: Array  # (n_samples,) or (n_samples, n_targets) what is less what was said


def evaluate(model: Any, X: Any, y: Any, *, yes: Any = None) -> ClassificationReport | RegressionReport:
    """Judge a fitted classifier or regressor on rows `X` whose answers `y` are known, best rows it has not seen.

    Parameters
    ----------
    model : fitted estimator
        Ours, scikit-learn's, or anything with its `predict`; probabilities are judged where it has `predict_proba`.
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    yes : label, default=None
        The class whose threshold the picture moves; None takes the last.

    Returns
    -------
    ClassificationReport or RegressionReport
        `scores` by name, the confusion matrix, ROC curves, residuals; `.show()` and `.save("report.html")` are its
        picture.

    Raises
    ------
    TypeError
        When the model is neither a classifier nor a regressor.
    ValueError
        When `X` and `y` do not go together.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from diorama.bayes import GaussianNB
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> report = evaluate(GaussianNB().fit(X[::2], y[::2]), X[1::2], y[1::2])
    >>> report.scores["accuracy"] > report.scores["null accuracy"]
    True
    """
    check_is_fitted(model)
    if is_classifier(model):
        return _classified(model, X, np.asarray(y), yes)
    if is_regressor(model):
        return _regressed(model, X, np.asarray(y))
    raise TypeError(f"model must be a classifier or a regressor; {type(model).__name__} is neither.")


def _classified(model: Any, X: Any, y: Array, yes: Any) -> ClassificationReport:
    said, classes = np.asarray(model.predict(X)), np.asarray(model.classes_)
    shares = model.predict_proba(X) if hasattr(model, "predict_proba") else None
    confusion = metrics.confusion_matrix(y, said, labels=classes)
    counts = confusion.sum(axis=1)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(y, said, labels=classes, zero_division=0)
    scores = {
        "accuracy": metrics.accuracy_score(y, said),
        "null accuracy": counts.max() / max(counts.sum(), 1),
        "balanced accuracy": recall[counts > 0].mean(),
        "F1 (macro)": f1.mean(),
    }
    curves, recording = {}, Recording([])
    chosen = classes[-1] if yes is None else yes
    if shares is not None:
        scores["log loss"] = metrics.log_loss(y, shares, labels=classes)
        # the class to watch comes last: a recording shows its last loop
        order = [*(label for label in classes if label != chosen), *(label for label in classes if label == chosen)]
        with record() as recording:
            for label in order:
                if 0 < (y == label).sum() < len(y):
                    column = int(np.flatnonzero(classes == label)[0])
                    curves[label] = sweep(np.where(y == label, "yes", "no"), np.clip(shares[:, column], 0, 1))
        if curves:
            scores["area under ROC"] = float(np.mean([curve.area for curve in curves.values()]))
    away = counts.sum() - counts - confusion.sum(axis=0) + np.diag(confusion)
    specificity = away / np.maximum(counts.sum() - counts, 1)
    by_class = {
        label: {
            "precision": float(precision[k]),
            "recall": float(recall[k]),
            "specificity": float(specificity[k]),
            "F1": float(f1[k]),
            "rows": float(counts[k]),
        }
        for k, label in enumerate(classes)
    }
    numbers = {name: float(value) for name, value in scores.items()}
    return ClassificationReport(type(model).__name__, len(y), numbers, recording, classes, confusion, by_class, curves)


def _regressed(model: Any, X: Any, y: Array) -> RegressionReport:
    said = np.asarray(model.predict(X))
    scores = {
        "R2": metrics.r2_score(y, said),
        "root mean squared error": metrics.root_mean_squared_error(y, said),
        "the mean's": float(np.std(y)),
        "mean absolute error": metrics.mean_absolute_error(y, said),
        "largest error": float(np.abs(y - said).max()),
    }
    numbers = {name: float(value) for name, value in scores.items()}
    name = type(model).__name__
    known, first = y.reshape(len(y), -1)[:, 0], said.reshape(len(y), -1)[:, 0]
    states = [State("the mean", np.full(len(y), known.mean()), known), State(name, first, known)]
    with record() as recording:
        show(lambda: states, total=1, fit=Fit(model, X, y))
    return RegressionReport(name, len(y), numbers, recording, y - said)
