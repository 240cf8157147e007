"""Ensembles: many simple models that together know more than the best of them."""

from diorama.ensembles.adaboost_classifier import AdaBoostClassifier
from diorama.ensembles.adaboost_regressor import AdaBoostRegressor
from diorama.ensembles.bagging_classifier import BaggingClassifier
from diorama.ensembles.bagging_regressor import BaggingRegressor
from diorama.ensembles.gradient_boosting_classifier import GradientBoostingClassifier
from diorama.ensembles.gradient_boosting_regressor import GradientBoostingRegressor
from diorama.ensembles.random_forest_classifier import RandomForestClassifier
from diorama.ensembles.random_forest_regressor import RandomForestRegressor
from diorama.ensembles.stacking_classifier import StackingClassifier
from diorama.ensembles.stacking_regressor import StackingRegressor
from diorama.ensembles.voting_classifier import VotingClassifier
from diorama.ensembles.voting_regressor import VotingRegressor

__all__ = [
    "AdaBoostClassifier",
    "AdaBoostRegressor",
    "BaggingClassifier",
    "BaggingRegressor",
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
    "StackingClassifier",
    "StackingRegressor",
    "VotingClassifier",
    "VotingRegressor",
]
