"""The models of `diorama.linear` that the command line and the Lab offer."""

from functools import partial

from diorama.workbench.entries import ModelEntry, Twin
from diorama.workbench.twins import logistic, stochastic

LINEAR_MODELS = (
    ModelEntry(
        "diorama.linear.LinearRegression",
        "regression",
        "A weighted sum of the columns, exactly the one with the least squared error.",
        Twin("sklearn.linear_model.LinearRegression"),
        scale=False,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.Ridge",
        "regression",
        "A weighted sum of the columns that pays for large weights: steady where columns say the same.",
        Twin("sklearn.linear_model.Ridge"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.Lasso",
        "regression",
        "A weighted sum of few columns: weights that help too little are exactly zero.",
        Twin("sklearn.linear_model.Lasso"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.ElasticNet",
        "regression",
        "Between ridge and lasso: few columns, and those that say the same share the weight.",
        Twin("sklearn.linear_model.ElasticNet"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.PolynomialRegression",
        "regression",
        "A weighted sum of the columns, their powers and their products: curves and interactions.",
        Twin("sklearn.linear_model.LinearRegression"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.SplineRegression",
        "regression",
        "A bending curve for every column, of pieces that meet at knots, added up.",
        Twin("sklearn.linear_model.LinearRegression"),
        scale=False,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.StepwiseRegression",
        "regression",
        "A weighted sum of the columns that earn their place, let in or out one at a time.",
        Twin("sklearn.linear_model.LinearRegression"),
        scale=False,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.GradientDescentRegressor",
        "regression",
        "The same weighted sum, found step by step down the slope of the error.",
        Twin("sklearn.linear_model.SGDRegressor", stochastic),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.LogisticRegression",
        "classification",
        "Probabilities of the classes from weighted sums of the columns.",
        Twin("sklearn.linear_model.LogisticRegression", logistic),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.OrdinalRegression",
        "classification",
        "Classes with an order: one weighted sum, and a threshold between each class and the next.",
        Twin("sklearn.linear_model.LogisticRegression"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.GradientDescentClassifier",
        "classification",
        "A straight boundary between classes, found step by step down the slope of the error.",
        Twin("sklearn.linear_model.SGDClassifier", partial(stochastic, loss="log_loss")),
        scale=True,
        takes_missing=False,
    ),
)
