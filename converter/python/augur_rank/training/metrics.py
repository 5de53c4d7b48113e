"""How well scores rank: the area under the ROC curve, and how often the click comes first."""

import numpy as np

from ..arrays import Array


def auc(scores: Array, labels: Array) -> float:
    """The share of (clicked, not clicked) pairs in the right order; a tie counts one half."""
    scores, labels = np.ravel(scores), np.ravel(labels) > 0
    positives = int(labels.sum())
    negatives = labels.size - positives
    if positives == 0 or negatives == 0:
        raise ValueError("AUC needs at least one click and one candidate without a click")
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    rank = (last - (count - 1) / 2)[place]  # 1-based; equal scores share their mean rank
    return float((rank[labels].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def first_is_clicked(scores: Array, labels: Array) -> float:
    """The share of rows of [requests, candidates] whose best-scored candidate was clicked."""
    best = np.argmax(scores, axis=1)
    return float(np.mean(labels[np.arange(len(best)), best] > 0))
