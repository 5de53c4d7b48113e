"""How well scores rank: the area under the ROC curve, and how often the click comes first."""

import numpy as np

from ..arrays import Array
from ..evaluation.metrics import area_under_curve


def auc(scores: Array, labels: Array) -> float:
    """The share of (clicked, not clicked) pairs in the right order; a tie counts one half. Raises ValueError."""
    found = area_under_curve(np.ravel(scores), np.ravel(labels) > 0)
    if np.isnan(found):
        raise ValueError("AUC needs at least one click and one candidate without a click")
    return found


def first_is_clicked(scores: Array, labels: Array) -> float:
    """The share of rows of [requests, candidates] whose best-scored candidate was clicked."""
    best = np.argmax(scores, axis=1)
    return float(np.mean(labels[np.arange(len(best)), best] > 0))
