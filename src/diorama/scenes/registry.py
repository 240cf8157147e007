"""Which scene shows which State. A new algorithm adds its line here, and every surface can show it."""

from functools import singledispatch
from typing import Any

from diorama.bayes._feature_counts import State as CountingState
from diorama.bayes.gaussian_nb import State as GaussianNBState
from diorama.clustering.agglomerative_clustering import State as AgglomerativeState
from diorama.clustering.choose_k import State as KChoiceState
from diorama.clustering.dbscan import State as DBSCANState
from diorama.clustering.gaussian_mixture import State as MixtureState
from diorama.clustering.hdbscan import State as HDBSCANState
from diorama.clustering.k_means import State as KMeansState
from diorama.clustering.k_medoids import State as KMedoidsState
from diorama.clustering.mean_shift import State as MeanShiftState
from diorama.clustering.mini_batch_k_means import State as MiniBatchState
from diorama.clustering.optics import State as OPTICSState
from diorama.decomposition.pca import State as PCAState
from diorama.decomposition.t_sne import State as TSNEState
from diorama.ensembles._boosting_rounds import State as BoostingState
from diorama.ensembles.adaboost import State as AdaBoostState
from diorama.ensembles.bagging import State as BaggingState
from diorama.ensembles.random_forest import State as ForestState
from diorama.ensembles.stacking import State as StackingState
from diorama.ensembles.voting import State as VotingState
from diorama.evaluation.report import State as JudgedState
from diorama.evaluation.threshold import State as ThresholdState
from diorama.linear._coordinate_descent import State as CoordinateState
from diorama.linear._inference import State as ResidualState
from diorama.linear.gradient_descent_classifier import State as DescentClassifierState
from diorama.linear.gradient_descent_regressor import State as DescentRegressorState
from diorama.linear.linear_regression import State as LinearState
from diorama.linear.logistic_regression import State as LogisticState
from diorama.linear.mean_normalizer import State as NormalizerState
from diorama.linear.ordinal_regression import State as OrdinalState
from diorama.linear.paths import PathState as CoefficientPathState
from diorama.linear.polynomial_regression import State as PolynomialState
from diorama.linear.spline_regression import State as SplineState
from diorama.linear.stepwise_regression import State as StepwiseState
from diorama.losses.line import State as LineState
from diorama.losses.sweep import State as LossState
from diorama.mathematics._entries import State as EntryState
from diorama.mathematics.bayes_rule import State as BeliefState
from diorama.mathematics.broadcasting import State as BroadcastState
from diorama.mathematics.chain_rule import State as ChainRuleState
from diorama.mathematics.density import State as DensityState
from diorama.mathematics.derivative import State as DerivativeState
from diorama.mathematics.directional_derivative import State as DirectionState
from diorama.mathematics.distributions import State as ArrivalState
from diorama.mathematics.dot import State as DotState
from diorama.mathematics.gradient import MatrixState
from diorama.mathematics.gradient import State as GradientState
from diorama.mathematics.inference import State as IntervalState
from diorama.mathematics.integrate import State as IntegralState
from diorama.mathematics.summary import State as SummaryState
from diorama.mathematics.vector_field import State as FieldState
from diorama.neighbors._search_states import State as NeighborsState
from diorama.optimization.minimization import State as MinimizeState
from diorama.optimization.race import State as RaceState
from diorama.penalties.path import State as PenaltyState
from diorama.recording.recorder import RecordedFit
from diorama.scenes.adaboost import adaboost_scene
from diorama.scenes.agglomerative import agglomerative_scene
from diorama.scenes.bagging import bagging_scene
from diorama.scenes.bayes_rule import bayes_rule_scene
from diorama.scenes.boosting import boosting_scene
from diorama.scenes.broadcasting import broadcasting_scene
from diorama.scenes.c45 import c45_scene
from diorama.scenes.cart import cart_scene
from diorama.scenes.chain_rule import chain_rule_scene
from diorama.scenes.choose_k import choose_k_scene
from diorama.scenes.coefficient_path import coefficient_path_scene, coordinate_descent_scene
from diorama.scenes.counting_nb import counting_nb_scene
from diorama.scenes.dbscan import dbscan_scene
from diorama.scenes.density import density_scene
from diorama.scenes.derivative import derivative_scene
from diorama.scenes.descent import descent_scene
from diorama.scenes.descent_classification import descent_classification_scene
from diorama.scenes.descent_regression import descent_regression_scene
from diorama.scenes.direction import directional_derivative_scene
from diorama.scenes.entries import entries_scene
from diorama.scenes.evaluation import judged_scene, threshold_scene
from diorama.scenes.forest import forest_scene
from diorama.scenes.gaussian_mixture import gaussian_mixture_scene
from diorama.scenes.gaussian_nb import gaussian_nb_scene
from diorama.scenes.hdbscan import hdbscan_scene
from diorama.scenes.id3 import id3_scene
from diorama.scenes.intervals import intervals_scene
from diorama.scenes.k_means import k_means_scene
from diorama.scenes.k_medoids import k_medoids_scene
from diorama.scenes.kernel_machine import kernel_machine_scene
from diorama.scenes.line_by_loss import line_by_loss_scene
from diorama.scenes.linear_regression import linear_regression_scene
from diorama.scenes.linear_svc import linear_svc_scene
from diorama.scenes.logistic_regression import logistic_regression_scene
from diorama.scenes.loss import loss_scene
from diorama.scenes.mean_normalizer import mean_normalizer_scene
from diorama.scenes.mean_shift import mean_shift_scene
from diorama.scenes.mini_batch_k_means import mini_batch_scene
from diorama.scenes.neighbors import neighbors_scene
from diorama.scenes.optics import optics_scene
from diorama.scenes.ordinal_regression import ordinal_regression_scene
from diorama.scenes.partials import gradient_scene, matrix_scene
from diorama.scenes.pca import pca_scene
from diorama.scenes.penalty import penalty_scene
from diorama.scenes.polynomial_regression import polynomial_regression_scene
from diorama.scenes.race import race_scene
from diorama.scenes.residuals import residuals_scene
from diorama.scenes.samples import samples_scene
from diorama.scenes.scene import Scene
from diorama.scenes.spline_regression import spline_regression_scene
from diorama.scenes.stacking import stacking_scene
from diorama.scenes.stepwise_regression import stepwise_regression_scene
from diorama.scenes.strips import integral_scene
from diorama.scenes.summary import summary_scene
from diorama.scenes.t_sne import t_sne_scene
from diorama.scenes.tree_regression import tree_regression_scene
from diorama.scenes.vector_field import vector_field_scene
from diorama.scenes.vectors import vectors_scene
from diorama.scenes.voting import voting_scene
from diorama.svm._linear_problem import State as LinearSVCState
from diorama.svm._smo import State as KernelMachineState
from diorama.trees.c45_classifier import State as C45State
from diorama.trees.cart_classifier import State as CARTState
from diorama.trees.cart_regressor import State as CARTRegressorState
from diorama.trees.id3_classifier import State as ID3State


def scene_of(recorded: RecordedFit) -> Scene:
    """The scene of a recorded loop, found by the type of its states."""
    return _scene(recorded.moments[-1].state, recorded)


@singledispatch
def _scene(state: Any, recorded: RecordedFit) -> Scene:
    raise TypeError(f"no scene is known for states of type {type(state).__module__}.{type(state).__qualname__}.")


_scene.register(KChoiceState)(choose_k_scene)
_scene.register(PCAState)(pca_scene)
_scene.register(TSNEState)(t_sne_scene)
_scene.register(KMedoidsState)(k_medoids_scene)
_scene.register(KMeansState)(k_means_scene)
_scene.register(MiniBatchState)(mini_batch_scene)
_scene.register(DBSCANState)(dbscan_scene)
_scene.register(OPTICSState)(optics_scene)
_scene.register(HDBSCANState)(hdbscan_scene)
_scene.register(MixtureState)(gaussian_mixture_scene)
_scene.register(MeanShiftState)(mean_shift_scene)
_scene.register(AgglomerativeState)(agglomerative_scene)
_scene.register(MinimizeState)(descent_scene)
_scene.register(RaceState)(race_scene)
_scene.register(CARTState)(cart_scene)
_scene.register(CARTRegressorState)(tree_regression_scene)
_scene.register(ID3State)(id3_scene)
_scene.register(C45State)(c45_scene)
_scene.register(DescentRegressorState)(descent_regression_scene)
_scene.register(DescentClassifierState)(descent_classification_scene)
_scene.register(LinearState)(linear_regression_scene)
_scene.register(LogisticState)(logistic_regression_scene)
_scene.register(CoordinateState)(coordinate_descent_scene)
_scene.register(CoefficientPathState)(coefficient_path_scene)
_scene.register(SplineState)(spline_regression_scene)
_scene.register(StepwiseState)(stepwise_regression_scene)
_scene.register(PolynomialState)(polynomial_regression_scene)
_scene.register(ResidualState)(residuals_scene)
_scene.register(NormalizerState)(mean_normalizer_scene)
_scene.register(OrdinalState)(ordinal_regression_scene)
_scene.register(AdaBoostState)(adaboost_scene)
_scene.register(BaggingState)(bagging_scene)
_scene.register(ForestState)(forest_scene)
_scene.register(StackingState)(stacking_scene)
_scene.register(VotingState)(voting_scene)
_scene.register(BoostingState)(boosting_scene)
_scene.register(ThresholdState)(threshold_scene)
_scene.register(JudgedState)(judged_scene)
_scene.register(GaussianNBState)(gaussian_nb_scene)
_scene.register(CountingState)(counting_nb_scene)
_scene.register(NeighborsState)(neighbors_scene)
_scene.register(LossState)(loss_scene)
_scene.register(LineState)(line_by_loss_scene)
_scene.register(PenaltyState)(penalty_scene)
_scene.register(ChainRuleState)(chain_rule_scene)
_scene.register(DensityState)(density_scene)
_scene.register(DerivativeState)(derivative_scene)
_scene.register(DirectionState)(directional_derivative_scene)
_scene.register(GradientState)(gradient_scene)
_scene.register(MatrixState)(matrix_scene)
_scene.register(IntegralState)(integral_scene)
_scene.register(EntryState)(entries_scene)
_scene.register(DotState)(vectors_scene)
_scene.register(BroadcastState)(broadcasting_scene)
_scene.register(FieldState)(vector_field_scene)
_scene.register(BeliefState)(bayes_rule_scene)
_scene.register(ArrivalState)(samples_scene)
_scene.register(IntervalState)(intervals_scene)
_scene.register(SummaryState)(summary_scene)
_scene.register(LinearSVCState)(linear_svc_scene)
_scene.register(KernelMachineState)(kernel_machine_scene)
