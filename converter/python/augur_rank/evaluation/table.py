"""The table that print(evaluation) shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .result import Evaluation, ModelResult

_NONE = "–"


def number(value: float, digits: int = 4) -> str:
    """0.7642, or a dash for what is not defined; small numbers with their exponent."""
    if not np.isfinite(value):
        return _NONE
    if value and abs(value) < 10 ** -digits:
        return f"{value:.1e}"
    return f"{value:.{digits}f}"


def share(value: float) -> str:
    """98.4%."""
    return f"{value:.1%}" if np.isfinite(value) else _NONE


def size(count: int) -> str:
    """412 kB."""
    for unit, scale in (("B", 1), ("kB", 1000), ("MB", 10**6), ("GB", 10**9)):
        if count < 1000 * scale or unit == "GB":
            return f"{count} B" if scale == 1 else f"{count / scale:.3g} {unit}"
    return ""


def table(found: Evaluation) -> str:
    """All models, a column each."""
    data = found.data
    lines: list[tuple[str, Callable[[ModelResult], str]]] = [
        ("model file", lambda m: size(m.file_bytes)),
        ("AUC", lambda m: number(m.auc)),
        ("GAUC by request", lambda m: number(m.gauc_by_request.value)),
    ]
    if data.group_by is not None:
        lines.append((f"GAUC by {data.group_by}",
                      lambda m: number(m.gauc_by_group.value if m.gauc_by_group else float("nan"))))
    lines += [(f"NDCG@{k}", lambda m, k=k: number(m.ndcg[k])) for k in found.models[0].ndcg]  # type: ignore[misc]
    lines += [
        ("log loss", lambda m: number(m.log_loss)),
        ("mean score", lambda m: number(m.mean_score)),
        ("calibration error", lambda m: number(m.calibration.error)),
    ]
    if len(found.models) > 1:
        lines += [
            (f"best 10 as {found.models[0].name}", lambda m: share(m.compared.top_agreement) if m.compared else _NONE),
            ("score difference, largest", lambda m: number(m.compared.largest_difference) if m.compared else _NONE),
            ("score difference, mean", lambda m: number(m.compared.mean_difference) if m.compared else _NONE),
        ]
    lines.append(("requests a second", lambda m: f"{data.request_count / m.seconds:,.0f}" if m.seconds > 0 else _NONE))
    cells = [["", *(model.name for model in found.models)]]
    cells += [[name, *(show(model) for model in found.models)] for name, show in lines]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    rows = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in cells]
    rate = f" ({share(data.click_rate)})" if data.labels.size else ""
    head = f"{data.request_count:,} requests, {data.labels.size:,} candidates, {data.clicks:,} clicks{rate}"
    return "\n".join([head, "", *rows, *([""] if found.notes() else []), *(f"note: {note}" for note in found.notes())])
