"""Augur in Python: export trained models to the phone, rank with them here, and compare the two.

    import augur_rank as augur

    report = augur.export(model, "model.augur", sample=batch)   # a live model, a dump or a checkpoint
    with augur.Model("model.augur") as ranker:
        ...

NumPy is the only package that it needs. What a function needs besides (PyTorch, TensorFlow, h5py, pandas, matplotlib)
is imported when that function is called.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dump import Dump as Dump
    from .errors import AugurError as AugurError
    from .errors import ExportError as ExportError
    from .exporting.api import export as export
    from .exporting.report import Report as Report

# Public names and the modules that have them, which are imported when a name is first used.
_PUBLIC = {
    "AugurError": ".errors",
    "Dump": ".dump",
    "ExportError": ".errors",
    "Report": ".exporting.report",
    "export": ".exporting.api",
}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_PUBLIC[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
