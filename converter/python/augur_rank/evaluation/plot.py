"""The picture of an evaluation: calibration, ROC curve, scores. matplotlib draws it, without a screen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import AugurError
from .metrics import roc_curve

if TYPE_CHECKING:
    from .result import Evaluation

_MOST_POINTS = 2000  # of a curve
_COLOURS = ("#1f6fb4", "#d9711c", "#2f9e5b", "#b8397b", "#6b5bd2", "#8a8a8a")
_STYLES = ("-", "--", ":", "-.")


def draw(found: Evaluation, path: str | os.PathLike[str]) -> None:
    """Writes the picture; the ending of the path says its form. Raises AugurError without matplotlib."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise AugurError(f"a plot needs matplotlib ({error}): pip install matplotlib") from error
    figure = Figure(figsize=(13, 4.6), constrained_layout=True)
    FigureCanvasAgg(figure)
    calibration, roc, scores = figure.subplots(1, 3)
    _draw_calibration(calibration, found)
    _draw_roc(roc, found)
    _draw_scores(scores, found)
    for axes in (calibration, roc, scores):
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.grid(alpha=0.25)
    data = found.data
    figure.suptitle(f"{data.request_count:,} requests, {data.labels.size:,} candidates, {data.clicks:,} clicks")
    try:
        figure.savefig(os.fspath(path), dpi=150)
    except ValueError as error:  # an ending that matplotlib does not know
        raise AugurError(f"{os.fspath(path)}: {error}") from error


def _style(at: int) -> dict[str, Any]:
    return {"color": _COLOURS[at % len(_COLOURS)], "linestyle": _STYLES[at % len(_STYLES)]}


def _draw_calibration(axes: Any, found: Evaluation) -> None:
    largest = 0.0
    for at, model in enumerate(found.models):
        curve = model.calibration
        axes.plot(curve.mean_scores, curve.click_rates, marker="o", markersize=4,
                  label=f"{model.name}: error {curve.error:.4f}", **_style(at))
        largest = max(largest, float(np.max(curve.mean_scores, initial=0)), float(np.max(curve.click_rates, initial=0)))
    end = largest * 1.05 or 1.0
    axes.plot([0, end], [0, end], color="#999999", linewidth=1, zorder=0)
    axes.set(title="Calibration", xlabel="mean score of a bin", ylabel="share that was clicked", xlim=(0, end),
             ylim=(0, end))
    axes.set_aspect("equal")
    axes.legend(loc="upper left", frameon=False)


def _draw_roc(axes: Any, found: Evaluation) -> None:
    for at, model in enumerate(found.models):
        others, clicked = roc_curve(model.logits, found.data.labels)
        kept = np.unique(np.linspace(0, others.size - 1, min(others.size, _MOST_POINTS)).astype(np.int64))
        axes.plot(others[kept], clicked[kept], label=f"{model.name}: AUC {model.auc:.4f}", **_style(at))
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, zorder=0)
    axes.set(title="ROC curve", xlabel="share of the others above a threshold", ylabel="share of the clicked above it",
             xlim=(0, 1), ylim=(0, 1))
    axes.set_aspect("equal")
    axes.legend(loc="lower right", frameon=False)


def _draw_scores(axes: Any, found: Evaluation) -> None:
    """How the scores of the clicked candidates, and those of the others, are distributed."""
    clicked = found.data.labels > 0
    edges = np.linspace(0, max(float(np.max(model.scores, initial=0)) for model in found.models) or 1.0, 41)
    for at, model in enumerate(found.models):
        for chosen, name, alpha in ((clicked, "clicked", 1.0), (~clicked, "not clicked", 0.45)):
            if not chosen.any():
                continue
            axes.hist(model.scores[chosen], edges, weights=np.full(chosen.sum(), 1 / chosen.sum()), histtype="step",
                      label=f"{model.name}, {name}", alpha=alpha, linewidth=1.5, **_style(at))
    axes.set(title="Scores", xlabel="score", ylabel="share of the candidates", xlim=(0, edges[-1]))
    axes.set_ylim(bottom=0)
    if clicked.size:
        axes.legend(frameon=False)
