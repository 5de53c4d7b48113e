"""The runtime: models and sessions over libaugur, with NumPy in and out.

    import augur_rank as augur

    with augur.Model("model.augur") as model, model.session() as session:
        session.set_feature("user", 5)
        session.set_history({"item": ["tents-104", "tents-6"], "category": [1, 1]})
        scores = session.rank({"item": ["tents-21", "lenses-40"], "category": [1, 22]})
"""

from .abi import version
from .columns import Columns
from .info import FieldInfo, FieldKind, KeyType, ModelInfo, OutputKind, RowsOrigin, StackInfo, TableInfo, UnknownIdRule
from .model import Content, Model
from .session import Each, RestoreReport, Session, TopK, TopKEach
from .status import (
    BadModel,
    Cancelled,
    Closed,
    InvalidArgument,
    IoError,
    NewerModel,
    NotFinite,
    NotFound,
    OutOfMemory,
    OutOfRange,
    SessionInUse,
    ShapeMismatch,
    Status,
    StatusError,
    Unsupported,
)
from .values import Ragged, Rows, as_rows

__all__ = [
    "BadModel", "Cancelled", "Closed", "Columns", "Content", "Each", "FieldInfo", "FieldKind",
    "InvalidArgument", "IoError", "KeyType", "Model", "ModelInfo", "NewerModel", "NotFinite", "NotFound",
    "OutOfMemory", "OutOfRange", "OutputKind", "Ragged", "RestoreReport", "Rows", "RowsOrigin", "Session",
    "SessionInUse", "ShapeMismatch", "StackInfo", "Status", "StatusError", "TableInfo", "TopK", "TopKEach",
    "UnknownIdRule", "Unsupported", "as_rows", "version",
]
