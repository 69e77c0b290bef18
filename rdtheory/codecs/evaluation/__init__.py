"""Comparison of codecs over pictures, at real bytes: fidelity, realism with floors, time.

`evaluate` runs codecs over pictures at a grid of rates; `measure_realism` alone compares two sets.
"""

from rdtheory.codecs.evaluation.collection import read_collection
from rdtheory.codecs.evaluation.comparison import evaluate
from rdtheory.codecs.evaluation.contender import Contender, contenders
from rdtheory.codecs.evaluation.fidelity import mean_squared_error, psnr_db
from rdtheory.codecs.evaluation.plots import save_examples, save_plot
from rdtheory.codecs.evaluation.realism import Measured, Realism, measure_realism
from rdtheory.codecs.evaluation.rows import Coded, Evaluation, Row
from rdtheory.codecs.evaluation.structural_similarity import ms_ssim

__all__ = [
    "Coded",
    "Contender",
    "Evaluation",
    "Measured",
    "Realism",
    "Row",
    "contenders",
    "evaluate",
    "mean_squared_error",
    "measure_realism",
    "ms_ssim",
    "psnr_db",
    "read_collection",
    "save_examples",
    "save_plot",
]
