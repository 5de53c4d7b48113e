"""Evaluation: AUC, grouped AUC, NDCG, log loss and calibration of models, side by side.

    print(augur.evaluate({"f32": "model.augur", "int8": "int8.augur"}, "test.jsonl", "labels.jsonl", group_by="user"))
"""

from .measure import evaluate
from .metrics import Calibration, GroupedAuc
from .result import Comparison, Data, Evaluation, ModelResult

__all__ = ["Calibration", "Comparison", "Data", "Evaluation", "GroupedAuc", "ModelResult", "evaluate"]
