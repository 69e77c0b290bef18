"""Training of the neural codecs: any network that is a `Task` learns in the same loop."""

from rdtheory.codecs.training.config import config_from
from rdtheory.codecs.training.data import read_sources, split
from rdtheory.codecs.training.report import Report
from rdtheory.codecs.training.run import run_training
from rdtheory.codecs.training.task import Task, TrainSettings
from rdtheory.codecs.training.weights import Weights, load_weights, save_weights

__all__ = [
    "Report",
    "Task",
    "TrainSettings",
    "Weights",
    "config_from",
    "load_weights",
    "read_sources",
    "run_training",
    "save_weights",
    "split",
]
