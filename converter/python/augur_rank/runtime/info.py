"""What a model declares, as typed records."""

from __future__ import annotations

import enum
from collections.abc import Callable
from ctypes import byref
from dataclasses import dataclass
from typing import Any

from . import abi


class FieldKind(enum.IntEnum):
    """What the values of a field are."""

    ID = 0      # one id a row
    IDS = 1     # several ids a row, pooled by the model
    NUMBER = 2  # one number a row
    VECTOR = 3  # `width` numbers a row


class KeyType(enum.IntEnum):
    """What the ids of a table are."""

    ROW = 0      # numbers of rows
    INTEGER = 1  # 64-bit keys of the catalogue
    STRING = 2   # strings of the catalogue


class UnknownIdRule(enum.IntEnum):
    """What happens to an id outside its table, or to a key that the vocabulary does not have (docs/ids.md)."""

    ERROR = 0
    PADDING_ROW = 1
    HASH = 2
    PADDING_ID = 3
    UNKNOWN_ROW = 4


class RowsOrigin(enum.IntEnum):
    """Whether a table's rows are those that the model was converted with."""

    INSIDE = 0
    MISSING = 1
    OF_CONVERSION = 2
    OTHER = 3
    UNKNOWN = 4


class OutputKind(enum.IntEnum):
    """How a score is computed from the logit."""

    SIGMOID = 0   # a click's probability
    IDENTITY = 1  # the logit itself: what a regression predicts


@dataclass(frozen=True)
class FieldInfo:
    """A field of the request (feature), of a candidate or of an event."""

    name: str
    column: str  # the name of the column that it reads; several fields may read one
    kind: FieldKind
    width: int  # values in its embedding; of a vector, numbers a row
    table: str  # the table that its ids are of; "" for numbers and vectors
    table_rows: int
    unknown_ids: UnknownIdRule
    key_type: KeyType


@dataclass(frozen=True)
class StackInfo:
    """A behaviour sequence."""

    name: str
    max_history: int  # events that are kept
    keeps_oldest: bool  # which of them, where there are more: the oldest, or the newest
    fields: tuple[FieldInfo, ...]


@dataclass(frozen=True)
class TableInfo:
    """An embedding table."""

    name: str
    rows: int  # 0: not attached yet
    width: int
    unknown_ids: UnknownIdRule
    origin: RowsOrigin
    key_type: KeyType
    keys: int  # in its vocabulary, deltas not counted
    deltas: int  # how many are attached
    padding_row: int
    unknown_row: int  # with UnknownIdRule.UNKNOWN_ROW
    rows_hash: str  # hexadecimal; "": none is stated
    converted_rows_hash: str
    vocabulary_hash: str
    state: str


@dataclass(frozen=True)
class ModelInfo:
    """What a model is, and the memory that it uses."""

    name: str
    producer: str
    producer_version: str
    id: str  # SHA-256 of its content, hexadecimal
    schema_id: str  # models with equal ones restore each other's saved sessions
    format: int
    file_bytes: int
    arena_bytes: int
    arena_used_bytes: int
    calibration_scale: float
    calibration_offset: float
    output: OutputKind
    tables_with_other_rows: int
    tables_with_unknown_rows: int
    session_count: int
    features: tuple[FieldInfo, ...]
    candidate_fields: tuple[FieldInfo, ...]
    stacks: tuple[StackInfo, ...]
    tables: tuple[TableInfo, ...]
    notes: tuple[str, ...]


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")


def _hexadecimal(digest: Any) -> str:
    value = bytes(digest)
    return value.hex() if any(value) else ""


def _ask(call: Callable[..., int], kind: Any, *place: Any) -> Any:
    record = abi.sized(kind)
    call(*place, byref(record))  # cannot fail for a place below the stated count
    return record


def _field(record: Any) -> FieldInfo:
    return FieldInfo(_text(record.name), _text(record.column), FieldKind(record.kind), record.width,
                     _text(record.table), record.table_rows, UnknownIdRule(record.out_of_table),
                     KeyType(record.key_type))


def _table(record: Any) -> TableInfo:
    return TableInfo(_text(record.name), record.rows, record.width, UnknownIdRule(record.out_of_table),
                     RowsOrigin(record.origin), KeyType(record.key_type), record.keys, record.deltas,
                     record.padding_row, record.unknown_row, _hexadecimal(record.rows_hash),
                     _hexadecimal(record.converted_rows_hash), _hexadecimal(record.vocabulary_hash),
                     _hexadecimal(record.state))


def read_info(handle: int) -> ModelInfo:
    """Everything that the model of this C handle declares."""
    library = abi.library()
    info = _ask(library.augur_model_get_info, abi.ModelInfo, handle)

    def fields(call: Callable[..., int], count: int, *place: int) -> tuple[FieldInfo, ...]:
        return tuple(_field(_ask(call, abi.FieldInfo, handle, *place, at)) for at in range(count))

    stacks = []
    for at in range(info.stack_count):
        stack = _ask(library.augur_model_get_stack, abi.StackInfo, handle, at)
        stacks.append(StackInfo(_text(stack.name), stack.max_history, bool(stack.keeps_oldest),
                                fields(library.augur_model_get_stack_field, stack.field_count, at)))
    return ModelInfo(
        name=_text(info.name), producer=_text(info.producer), producer_version=_text(info.producer_version),
        id=_hexadecimal(info.id), schema_id=_hexadecimal(info.schema_id), format=info.format,
        file_bytes=info.file_bytes, arena_bytes=info.arena_bytes, arena_used_bytes=info.arena_used_bytes,
        calibration_scale=info.calibration_scale,
        calibration_offset=info.calibration_offset, output=OutputKind(info.output),
        tables_with_other_rows=info.tables_with_other_rows, tables_with_unknown_rows=info.tables_with_unknown_rows,
        session_count=info.session_count, features=fields(library.augur_model_get_feature, info.feature_count),
        candidate_fields=fields(library.augur_model_get_candidate_field, info.candidate_field_count),
        stacks=tuple(stacks),
        tables=tuple(_table(_ask(library.augur_model_get_table, abi.TableInfo, handle, at))
                     for at in range(info.table_count)),
        notes=tuple(_text(library.augur_model_get_note(handle, at)) for at in range(info.note_count)))
