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
    from .checkpoints import Checkpoint as Checkpoint
    from .checkpoints import load_checkpoint as load_checkpoint
    from .dump import Dump as Dump
    from .errors import AugurError as AugurError
    from .errors import ExportError as ExportError
    from .evaluation import Evaluation as Evaluation
    from .evaluation import evaluate as evaluate
    from .exporting.api import export as export
    from .exporting.report import Report as Report
    from .runtime import Model as Model
    from .runtime import Ragged as Ragged
    from .runtime import Session as Session
    from .runtime import SessionInUse as SessionInUse
    from .runtime import Status as Status
    from .runtime import StatusError as StatusError
    from .runtime import as_rows as as_rows
    from .vocabularies import Vocabulary as Vocabulary
    from .vocabularies import as_vocabulary as as_vocabulary

# Public names and the modules that have them, which are imported when a name is first used.
_PUBLIC = {
    "AugurError": ".errors",
    "Checkpoint": ".checkpoints",
    "Dump": ".dump",
    "Evaluation": ".evaluation",
    "ExportError": ".errors",
    "Model": ".runtime",
    "Ragged": ".runtime",
    "Report": ".exporting.report",
    "Session": ".runtime",
    "SessionInUse": ".runtime",
    "Status": ".runtime",
    "StatusError": ".runtime",
    "Vocabulary": ".vocabularies",
    "as_rows": ".runtime",
    "as_vocabulary": ".vocabularies",
    "evaluate": ".evaluation",
    "export": ".exporting.api",
    "load_checkpoint": ".checkpoints",
}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_PUBLIC[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
