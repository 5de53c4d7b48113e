"""Frames of pandas, polars and pyarrow as columns; none of these packages is imported.

A frame mostly has more columns than the model reads (a title, a price, the label): those are left out. No misspelt name
can hide that way, because every column of the model must be there. A dict may have the model's columns only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .status import ShapeMismatch

_PACKAGES = ("pandas", "polars", "pyarrow")


def is_frame(value: Any) -> bool:
    """Whether it is a pandas or polars DataFrame, or a pyarrow Table or RecordBatch."""
    return (type(value).__module__.partition(".")[0] in _PACKAGES and hasattr(value, "columns")
            and (hasattr(value, "dtypes") or hasattr(value, "column_names")))


def column_names(frame: Any) -> list[Any]:
    """The names of the frame's columns, in order."""
    return list(frame.column_names if hasattr(frame, "column_names") else frame.columns)


def frame_columns(value: Any, names: Iterable[str]) -> dict[str, Any] | None:
    """The frame's columns of these names, without those that it lacks. None: it is no frame. Raises ShapeMismatch."""
    if not is_frame(value):
        return None
    there = column_names(value)
    for name in names:
        if there.count(name) > 1:
            raise ShapeMismatch(f"the frame has {there.count(name)} columns {name!r}; one is expected")
    return {name: value[name] for name in names if name in there}
