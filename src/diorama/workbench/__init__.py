"""What the command line and the Lab share: a table in, a fitted and compared model out."""

from diorama.workbench.errors import ParameterError, TableError, UserError
from diorama.workbench.evaluation import Evaluation, evaluate
from diorama.workbench.experiment import Result, run
from diorama.workbench.models import MODELS, ModelEntry, find_model, parse_parameters
from diorama.workbench.parameters import Parameter
from diorama.workbench.predicting import Predictions, load_model, predictions
from diorama.workbench.preparation import Preparation, UnknownCategoryWarning
from diorama.workbench.scores import METRICS, Metric, Score
from diorama.workbench.splitting import Split, split
from diorama.workbench.table_model import TableModel
from diorama.workbench.tables import Table, read_table
from diorama.workbench.writing import refuse_unwritable_table, write_table

__all__ = [
    "METRICS",
    "MODELS",
    "Evaluation",
    "Metric",
    "ModelEntry",
    "Parameter",
    "ParameterError",
    "Predictions",
    "Preparation",
    "Result",
    "Score",
    "Split",
    "Table",
    "TableError",
    "TableModel",
    "UnknownCategoryWarning",
    "UserError",
    "evaluate",
    "find_model",
    "load_model",
    "parse_parameters",
    "predictions",
    "read_table",
    "refuse_unwritable_table",
    "run",
    "split",
    "write_table",
]
