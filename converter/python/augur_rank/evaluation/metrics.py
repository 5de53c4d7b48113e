"""How well scores rank and how well they are calibrated: exact, with ties, over flat arrays.

    scores, logits   [n]: one a candidate
    labels           [n]: 1 (clicked) or 0
    groups           int [n]: the request, or the user, of each candidate, 0 … groups - 1

What is not defined (an AUC without a click, an NDCG of nothing) is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def area_under_curve(scores: NDArray[Any], labels: NDArray[Any]) -> float:
    """The share of (clicked, not clicked) pairs in the right order; a tie counts one half. NaN without both kinds."""
    clicked = np.asarray(labels, dtype=bool)
    positives = int(clicked.sum())
    negatives = clicked.size - positives
    if positives == 0 or negatives == 0 or np.isnan(scores).any():
        return float("nan")
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    rank = (last - (count - 1) / 2)[place]  # from 1; equal scores share their mean rank
    return float((rank[clicked].sum() - positives * (positives + 1) / 2) / (positives * negatives))


@dataclass(frozen=True)
class GroupedAuc:
    """The mean of the groups' AUC, weighted by their size (arXiv 1703.02091, section 4)."""

    value: float
    groups: int  # that count: they have a click, and a candidate without one
    left_out: int


def grouped_auc(scores: NDArray[Any], labels: NDArray[Any], groups: NDArray[Any]) -> GroupedAuc:
    """Groups without a click, or with clicks only, do not count."""
    if not groups.size:
        return GroupedAuc(float("nan"), 0, 0)
    clicked = np.asarray(labels, dtype=np.int64)
    # Ranks within each group: sorted by group, then by score; equal scores of a group share their mean rank.
    order = np.lexsort((scores, groups))
    group, score, click = groups[order], scores[order], clicked[order]
    size = np.bincount(group)
    rank = _mean_places(group, score) - _starts(group)[group] + 1
    positives = np.bincount(group, weights=click, minlength=size.size)
    negatives = size - positives
    sums = np.bincount(group, weights=rank * click, minlength=size.size)
    counts = (positives > 0) & (negatives > 0)
    if not counts.any():
        return GroupedAuc(float("nan"), 0, int((size > 0).sum()))
    p, n, s = positives[counts], negatives[counts], sums[counts]
    areas = (s - p * (p + 1) / 2) / (p * n)
    value = float(np.average(areas, weights=size[counts]))
    return GroupedAuc(value, int(counts.sum()), int((size > 0).sum() - counts.sum()))


def _mean_places(group: NDArray[Any], score: NDArray[Any]) -> Floats:
    """Of values sorted by group and score: each one's index, where equal ones of a group share their mean index."""
    new = np.concatenate([[True], (group[1:] != group[:-1]) | (score[1:] != score[:-1])])
    run = np.cumsum(new) - 1
    start = np.flatnonzero(new)
    end = np.concatenate([start[1:], [group.size]])
    mean: Floats = ((start + end - 1) / 2)[run]
    return mean


def log_loss(logits: NDArray[Any], labels: NDArray[Any]) -> float:
    """The mean of -log of the probability that was given to what happened, in nats; from logits, so always finite."""
    if not logits.size:
        return float("nan")
    x = np.asarray(logits, dtype=np.float64)
    return float(np.mean(np.maximum(x, 0) - x * labels + np.log1p(np.exp(-np.abs(x)))))


def ndcg(logits: NDArray[Any], labels: NDArray[Any], requests: NDArray[Any], k: int) -> Floats:
    """NDCG@k of every request: [requests]. NaN for one without a click.

    A click's gain is 1; the discount of place p, counted from 1, is 1 / log2(p + 1). Candidates with equal logits share
    the mean discount of their places: the expected value if ties were broken at random.
    """
    if not requests.size:
        return np.empty(0)
    k = min(k, requests.size)  # no request has more places
    order = np.lexsort((-np.asarray(logits, dtype=np.float64), requests))
    request, logit, click = requests[order], logits[order], np.asarray(labels, dtype=np.float64)[order]
    place = np.arange(request.size) - _starts(request)[request]
    discount = np.where(place < k, 1 / np.log2(place + 2.0), 0)
    new = np.concatenate([[True], (request[1:] != request[:-1]) | (logit[1:] != logit[:-1])])
    run = np.cumsum(new) - 1
    shared = (np.bincount(run, weights=discount) / np.bincount(run))[run]
    gained = np.bincount(request, weights=click * shared)
    best_of = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(2, k + 2)))])  # of 0 … k clicks
    clicks = np.bincount(request, weights=click).astype(np.int64)
    ideal = best_of[np.minimum(clicks, k)]
    return np.divide(gained, ideal, out=np.full(ideal.size, np.nan), where=clicks > 0)


@dataclass(frozen=True)
class Calibration:
    """Whether scores are probabilities: of the candidates with a score near s, a share s is clicked.

    The bins have about as many candidates each, sorted by score; equal scores are in one bin. All arrays: [bins].
    """

    counts: Ints
    mean_scores: Floats
    click_rates: Floats
    error: float  # expected calibration error: the mean of |mean score - click rate|, weighted by the bins' counts


def calibration(scores: NDArray[Any], labels: NDArray[Any], bins: int) -> Calibration:
    """The calibration curve, with at most so many bins."""
    empty = np.empty(0)
    if not scores.size:
        return Calibration(np.empty(0, dtype=np.int64), empty, empty, float("nan"))
    order = np.argsort(scores, kind="stable")
    score, click = np.asarray(scores, dtype=np.float64)[order], np.asarray(labels, dtype=np.float64)[order]
    # A bin begins at each multiple of n / bins, moved back to the first of the equal scores there.
    starts = np.unique(np.searchsorted(score, score[np.arange(bins) * score.size // bins]))
    counts = np.diff(np.concatenate([starts, [score.size]]))
    mean_scores = np.add.reduceat(score, starts) / counts
    click_rates = np.add.reduceat(click, starts) / counts
    error = float(np.average(np.abs(mean_scores - click_rates), weights=counts))
    return Calibration(counts, mean_scores, click_rates, error)


def roc_curve(scores: NDArray[Any], labels: NDArray[Any]) -> tuple[Floats, Floats]:
    """(share of the others, share of the clicked) above each threshold, from (0, 0) to (1, 1)."""
    order = np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")
    score, click = scores[order], np.asarray(labels, dtype=np.float64)[order]
    last = np.concatenate([score[1:] != score[:-1], [True]]) if score.size else np.empty(0, dtype=bool)
    hits = np.concatenate([[0.0], np.cumsum(click)[last]])
    misses = np.concatenate([[0.0], np.cumsum(1 - click)[last]])
    return misses / max(misses[-1], 1), hits / max(hits[-1], 1)


def top_agreement(first: NDArray[Any], other: NDArray[Any], requests: NDArray[Any], k: int) -> float:
    """The share of the first model's best k candidates that are among the other's, as a mean over requests.

    Ties go to the lower index, as in Session.top_k(). Requests with k candidates or fewer do not count: all models
    agree there. NaN if there are no others.
    """
    both = _is_best(first, requests, k) & _is_best(other, requests, k)
    shared = np.bincount(requests, weights=both)[np.bincount(requests) > k]
    return float(np.mean(shared)) / k if shared.size else float("nan")


def _is_best(logits: NDArray[Any], requests: NDArray[Any], k: int) -> NDArray[np.bool_]:
    order = np.lexsort((-np.asarray(logits, dtype=np.float64), requests))  # stable
    request = requests[order]
    best = np.empty(order.size, dtype=bool)
    best[order] = np.arange(order.size) - _starts(request)[request] < k
    return best


def _starts(groups: NDArray[Any]) -> Ints:
    """Of sorted groups: where each begins."""
    starts: Ints = np.concatenate([[0], np.cumsum(np.bincount(groups))[:-1]]).astype(np.int64)
    return starts
