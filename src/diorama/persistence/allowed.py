"""The classes that a file may name, each by its dotted name. A file can name nothing else, whatever it says.

Ours stand under the name that users import them by, so that moving a file inside a room leaves saved models readable.
"""

from functools import cache
from importlib import import_module
from typing import Any

# estimators and other objects, rebuilt as an empty object whose attributes are then set
OBJECTS = frozenset(
    {
        "diorama.bayes.BernoulliNB",
        "diorama.bayes.GaussianNB",
        "diorama.bayes.MultinomialNB",
        "diorama.clustering.KMeans",
        "diorama.linear.ElasticNet",
        "diorama.linear.GradientDescentClassifier",
        "diorama.linear.GradientDescentRegressor",
        "diorama.linear.Lasso",
        "diorama.linear.LinearRegression",
        "diorama.linear.LogisticRegression",
        "diorama.linear.OrdinalRegression",
        "diorama.linear.PolynomialRegression",
        "diorama.linear.MeanNormalizer",
        "diorama.linear.Ridge",
        "diorama.linear.SplineRegression",
        "diorama.losses.BinaryCrossEntropy",
        "diorama.losses.CrossEntropy",
        "diorama.losses.Hinge",
        "diorama.losses.Huber",
        "diorama.losses.KLDivergence",
        "diorama.losses.MAE",
        "diorama.losses.MSE",
        "diorama.losses.RMSE",
        "diorama.mathematics.Belief",
        "diorama.optimization.Adadelta",
        "diorama.optimization.Adagrad",
        "diorama.optimization.Adam",
        "diorama.optimization.AdamW",
        "diorama.optimization.Armijo",
        "diorama.optimization.BFGS",
        "diorama.optimization.ConjugateGradient",
        "diorama.optimization.CosineSchedule",
        "diorama.optimization.ExactLength",
        "diorama.optimization.FixedLength",
        "diorama.optimization.GradientDescent",
        "diorama.optimization.LBFGS",
        "diorama.optimization.Momentum",
        "diorama.optimization.Nesterov",
        "diorama.optimization.Newton",
        "diorama.optimization.RMSProp",
        "diorama.optimization.SGD",
        "diorama.optimization.StepSchedule",
        "diorama.optimization.StrongWolfe",
        "diorama.optimization.WarmUp",
        "diorama.penalties.ElasticNet",
        "diorama.penalties.L1",
        "diorama.penalties.L2",
        "diorama.recording.RecordedFit",
        "diorama.recording.Recording",
        "diorama.neighbors.KNeighborsClassifier",
        "diorama.neighbors.KNeighborsRegressor",
        "diorama.neighbors.NearestNeighbors",
        "diorama.svm.LinearSVC",
        "diorama.svm.SVC",
        "diorama.svm.SVR",
        "diorama.trees.CARTClassifier",
        "diorama.trees.CARTRegressor",
        "diorama.workbench.Preparation",
        "diorama.workbench.TableModel",
        "skrub._apply_to_each_col.ApplyToEachCol",
        "skrub._check_input.CheckInputDataFrame",
        "skrub._clean_categories.CleanCategories",
        "skrub._clean_null_strings.CleanNullStrings",
        "skrub._datetime_encoder.DatetimeEncoder",
        "skrub._drop_uninformative.DropUninformative",
        "skrub._duration_to_float.DurationToFloat",
        "skrub._string_encoder.StringEncoder",
        "skrub._table_vectorizer.PassThrough",
        "skrub._table_vectorizer.ShortReprDict",
        "skrub._table_vectorizer.TableVectorizer",
        "skrub._to_datetime.ToDatetime",
        "skrub._to_float.ToFloat",
        "skrub._to_str.ToStr",
        "sklearn.compose._column_transformer.ColumnTransformer",
        "sklearn.decomposition._pca.PCA",
        "sklearn.decomposition._truncated_svd.TruncatedSVD",
        "sklearn.feature_extraction.text.TfidfTransformer",
        "sklearn.feature_extraction.text.TfidfVectorizer",
        "sklearn.impute._base.SimpleImputer",
        "sklearn.pipeline.FeatureUnion",
        "sklearn.pipeline.Pipeline",
        "sklearn.preprocessing._data.MaxAbsScaler",
        "sklearn.preprocessing._data.MinMaxScaler",
        "sklearn.preprocessing._data.RobustScaler",
        "sklearn.preprocessing._data.StandardScaler",
        "sklearn.preprocessing._encoders.OneHotEncoder",
        "sklearn.preprocessing._encoders.OrdinalEncoder",
        "sklearn.preprocessing._label.LabelBinarizer",
        "sklearn.preprocessing._label.LabelEncoder",
        "sklearn.preprocessing._polynomial.PolynomialFeatures",
    }
)

# immutable records (NamedTuples), rebuilt from their fields
RECORDS = frozenset(
    {
        "diorama._iterate.Fit",
        "diorama._kd_tree.KDTree",
        "diorama.bayes._class_moments.ClassMoments",
        "diorama.bayes._feature_counts.State",
        "diorama.bayes.gaussian_nb.State",
        "diorama.clustering.k_means.State",
        "diorama.clustering.k_means_rows.Assignment",
        "diorama.linear._coordinate_descent.State",
        "diorama.linear._logistic_state.State",
        "diorama.linear._spline_basis.Basis",
        "diorama.linear.gradient_descent_classifier.State",
        "diorama.linear.gradient_descent_regressor.State",
        "diorama.linear.linear_regression.State",
        "diorama.linear.mean_normalizer.State",
        "diorama.linear.ordinal_regression.State",
        "diorama.linear.paths.PathState",
        "diorama.linear.spline_regression.State",
        "diorama.linear.polynomial_regression.State",
        "diorama.losses.sweep.State",
        "diorama.losses.sweep.Sweep",
        "diorama.mathematics._entries.State",
        "diorama.mathematics._entries.Tables",
        "diorama.mathematics._ground.Ground",
        "diorama.mathematics.bayes_rule.State",
        "diorama.mathematics.broadcasting.AxisRule",
        "diorama.mathematics.broadcasting.Shapes",
        "diorama.mathematics.broadcasting.State",
        "diorama.mathematics.chain_rule.Derivation",
        "diorama.mathematics.chain_rule.State",
        "diorama.mathematics.chain_rule.Step",
        "diorama.mathematics.density.DensityPicture",
        "diorama.mathematics.density.State",
        "diorama.mathematics.derivative.Slope",
        "diorama.mathematics.derivative.State",
        "diorama.mathematics.directional_derivative.State",
        "diorama.mathematics.directional_derivative.Walk",
        "diorama.mathematics.distributions.Arrivals",
        "diorama.mathematics.distributions.State",
        "diorama.mathematics.dot.Pair",
        "diorama.mathematics.dot.State",
        "diorama.mathematics.gradient.GradientSubject",
        "diorama.mathematics.gradient.MatrixState",
        "diorama.mathematics.gradient.MatrixSubject",
        "diorama.mathematics.gradient.State",
        "diorama.mathematics.inference.Coverage",
        "diorama.mathematics.inference.State",
        "diorama.mathematics.integrate.Area",
        "diorama.mathematics.integrate.State",
        "diorama.mathematics.summary.Sample",
        "diorama.mathematics.summary.State",
        "diorama.mathematics.vector_field.State",
        "diorama.mathematics.vector_field.VectorField",
        "diorama.neighbors._metric.Metric",
        "diorama.neighbors._product.ProductIndex",
        "diorama.neighbors._search_states.State",
        "diorama.neighbors._table.TableIndex",
        "diorama.neighbors._tree.TreeIndex",
        "diorama.optimization.adadelta.Memory",
        "diorama.optimization.adagrad.Memory",
        "diorama.optimization.adam.Moments",
        "diorama.optimization.bfgs.Memory",
        "diorama.optimization.conjugate_gradient.Memory",
        "diorama.optimization.minimization.Problem",
        "diorama.optimization.minimization.State",
        "diorama.optimization.optimizer.Velocity",
        "diorama.optimization.race.Race",
        "diorama.optimization.race.State",
        "diorama.optimization.rmsprop.Memory",
        "diorama.optimization.two_loops.Pair",
        "diorama.penalties.path.Path",
        "diorama.penalties.path.State",
        "diorama.recording.Moment",
        "diorama.svm._linear_problem.State",
        "diorama.svm._smo.State",
        "diorama.trees.cart_classifier.State",
        "diorama.trees.cart_regressor.State",
        "diorama.trees.tree.Tree",
    }
)


@cache
def resolve(name: str) -> type[Any] | None:
    """The class of an allowed name; None for every other name, which is never imported."""
    if name not in OBJECTS and name not in RECORDS:
        return None
    module, _, attribute = name.rpartition(".")
    found = getattr(import_module(module), attribute)
    return found if isinstance(found, type) else None


def name_of(cls: type[Any]) -> str | None:
    """The allowed name of a class, or None."""
    for name in sorted(OBJECTS | RECORDS):
        package, _, attribute = name.rpartition(".")
        # only the class's own package is imported on the way
        at_home = cls.__module__ == package or cls.__module__.startswith(f"{package}.")
        if attribute == cls.__name__ and at_home and resolve(name) is cls:
            return name
    return None
