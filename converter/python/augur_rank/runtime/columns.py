"""Columns of candidates, events and features: what the model expects, and the structs that the C library takes."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from . import abi
from .frames import frame_columns
from .info import FieldInfo, FieldKind, KeyType
from .status import InvalidArgument, NotFound, ShapeMismatch
from .values import FLOAT32, INT64, Rows, as_ids, as_keys, as_numbers, flattened

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMN_BYTES = ctypes.sizeof(abi.Column)
_PACK = struct.Struct("NPPPPNPII").pack_into  # augur_column; the test of the structs compares it with the header
_ROWS = 1  # AUGUR_IDS_ROWS
ndarray = np.ndarray


def address(array: NDArray[Any]) -> int:
    """Where the array's values are."""
    return array.__array_interface__["data"][0]  # type: ignore[no-any-return]


class ColumnSpec:
    """One column that is expected: its name, and what its values are."""

    __slots__ = ("_name", "key_type", "kind", "name", "name_address", "where", "width")

    def __init__(self, field: FieldInfo, of: str) -> None:
        self.name = field.column
        self._name = ctypes.create_string_buffer(field.column.encode("utf-8"))
        self.name_address = ctypes.addressof(self._name)
        self.kind = field.kind
        self.key_type = field.key_type
        self.width = field.width if field.kind == FieldKind.VECTOR else None
        self.where = f"{of}: field '{field.column}'"

    def pack(self, value: Any, buffer: bytearray, offset: int, keep: list[Any]) -> int:
        """Writes the column's struct, and returns how many rows it has. `keep` gets what must outlive the call."""
        kind = self.kind
        if kind == FieldKind.ID or kind == FieldKind.IDS:
            return self._pack_ids(value, buffer, offset, keep)
        if not (type(value) is ndarray and value.dtype is FLOAT32
                and (flags := value.flags).c_contiguous and flags.aligned
                and (value.ndim == 1 if self.width is None else value.ndim == 2 and value.shape[1] == self.width)):
            value = as_numbers(value, self.where, self.width)
        keep.append(value)
        _PACK(buffer, offset, COLUMN_BYTES, self.name_address, 0, address(value), 0, value.size, 0, 0, 0)
        return len(value)

    def _pack_ids(self, value: Any, buffer: bytearray, offset: int, keep: list[Any]) -> int:
        form, counts, counts_address = 0, None, 0
        if type(value) is Rows:
            form, value = _ROWS, value.values
        if self.kind == FieldKind.IDS:
            value, counts = flattened(value, self.where)
            counts_address = address(counts)
            keep.append(counts)
        ids = strings = 0
        if self.key_type == KeyType.STRING and not form:
            keys = as_keys(value, self.where)
            keep.append(keys)
            length, strings = len(keys.table), address(keys.table)
        else:
            if not (type(value) is ndarray and value.dtype is INT64 and value.ndim == 1
                    and (flags := value.flags).c_contiguous and flags.aligned):
                value = as_ids(value, self.where)
            keep.append(value)
            length, ids = len(value), address(value)
        _PACK(buffer, offset, COLUMN_BYTES, self.name_address, ids, 0, counts_address, length, strings, form, 0)
        if counts is None:
            return length
        if int(counts.sum(dtype=np.int64)) != length:
            raise ShapeMismatch(f"{self.where}: the counts of its rows add up to {counts.sum(dtype=np.int64)}, but "
                                f"there are {length} ids")
        return len(counts)


class Columns:
    """Columns that have been checked and converted, by Model.candidates(): rank() takes them as often as wanted.

    Arrays of the right type are referred to, not copied: changing their values changes what is ranked.
    """

    __slots__ = ("_buffer", "_keep", "address", "count", "inputs", "rows")

    def __init__(self, inputs: Inputs, buffer: bytearray, start: int, rows: int, keep: list[Any]) -> None:
        self.inputs, self._buffer, self._keep = inputs, buffer, keep
        self.address, self.count, self.rows = start, inputs.count, rows

    def __len__(self) -> int:
        return self.rows

    @property
    def kept(self) -> list[Any]:
        """The arrays that are referred to."""
        return self._keep


class Inputs:
    """What one call takes: every column of the candidates, or of a stack's events."""

    def __init__(self, fields: Iterable[FieldInfo], of: str) -> None:
        self.of = of
        self.specs = {field.column: ColumnSpec(field, of) for field in fields}
        self.count = len(self.specs)

    def buffer(self) -> tuple[bytearray, int]:
        """Room for the structs of all columns, and where it is."""
        room = bytearray(COLUMN_BYTES * max(self.count, 1))
        return room, ctypes.addressof(ctypes.c_char.from_buffer(room))

    def pack(self, values: Any, buffer: bytearray, keep: list[Any]) -> int:
        """Writes the structs of all columns, and returns how many rows they have. Raises StatusError."""
        if type(values) is not dict:
            values = self._mapping(values)
        specs, rows, offset = self.specs, -1, 0
        if len(values) != self.count:
            self._wrong_columns(values)
        for name, value in values.items():
            spec = specs.get(name)
            if spec is None:
                self._wrong_columns(values)
            count = spec.pack(value, buffer, offset, keep)
            if count != rows:
                if rows >= 0:
                    first = next(iter(values))
                    raise ShapeMismatch(f"{spec.where} has {count} rows, but field '{first}' has {rows}")
                rows = count
            offset += COLUMN_BYTES
        if offset != self.count * COLUMN_BYTES:  # else a struct of an earlier call would be read
            self._wrong_columns(dict(values.items()))
        return max(rows, 0)

    def prepared(self, values: Any) -> Columns:
        """The columns, ready to be used by any number of calls."""
        buffer, start = self.buffer()
        keep: list[Any] = []
        return Columns(self, buffer, start, self.pack(values, buffer, keep), keep)

    def _mapping(self, values: Any) -> Mapping[str, Any]:
        found = frame_columns(values, self.specs)
        if found is not None:
            return found
        if isinstance(values, Columns):
            raise InvalidArgument(f"{self.of}: these columns were prepared for {values.inputs.of} of another model, or "
                                  "for something else than this call takes")
        if not isinstance(values, Mapping):
            raise InvalidArgument(f"{self.of}: expected a dict of columns or a frame, found a {type(values).__name__}; "
                                  f"it has {self._names()}")
        return values

    def _names(self) -> str:
        return "the fields " + ", ".join(f"'{name}'" for name in self.specs) if self.specs else "no fields"

    def _wrong_columns(self, values: Mapping[str, Any]) -> NoReturn:
        for name in values:
            if name not in self.specs:
                raise NotFound(f"{self.of}: there is no field {name!r}; the model has {self._names()}")
        missing = [name for name in self.specs if name not in values]
        raise ShapeMismatch(f"{self.of}: field '{missing[0]}' is missing; the model has {self._names()}")


class Features:
    """The features of the user or the request: columns of one row, each set by a call of its own."""

    def __init__(self, fields: Iterable[FieldInfo]) -> None:
        self.specs = {field.column: ColumnSpec(field, "features") for field in fields}

    def spec(self, name: str) -> ColumnSpec:
        """Raises NotFound."""
        found = self.specs.get(name)
        if found is None:
            names = ", ".join(f"'{known}'" for known in self.specs)
            raise NotFound(f"features: there is no feature {name!r}; the model has {names or 'none'}")
        return found

    @staticmethod
    def one_row(spec: ColumnSpec, value: Any) -> Any:
        """The value as a column of one row."""
        if isinstance(value, Rows):
            return Rows(Features.one_row(spec, value.values))
        if isinstance(value, np.ma.MaskedArray) and value.ndim == 0 and np.ma.is_masked(value):
            raise InvalidArgument(f"{spec.where}: the value is masked")
        if spec.kind == FieldKind.VECTOR:
            wanted: Callable[[Any], bool] = _is_vector
        elif spec.kind == FieldKind.IDS:
            wanted = _is_list
        else:
            wanted = _is_scalar
        if not wanted(value):
            expected = {FieldKind.VECTOR: f"{spec.width} numbers", FieldKind.IDS: "a list of ids",
                        FieldKind.ID: "one id", FieldKind.NUMBER: "one number"}[spec.kind]
            raise InvalidArgument(f"{spec.where}: expected {expected}, found a {type(value).__name__}")
        return [value.item() if isinstance(value, (np.generic, ndarray)) and np.ndim(value) == 0 else value]


def _is_scalar(value: Any) -> bool:
    if isinstance(value, (list, tuple, dict, set)):
        return False
    return isinstance(value, (str, bytes)) or getattr(value, "ndim", 0) == 0


def _is_list(value: Any) -> bool:
    return not isinstance(value, (str, bytes, dict)) and hasattr(value, "__len__") and getattr(value, "ndim", 1) == 1


def _is_vector(value: Any) -> bool:
    return _is_list(value)


def check_out(out: NDArray[np.float32], rows: int, inputs: list[Any]) -> NDArray[np.float32]:
    """The caller's array for the scores, if it fits and is no part of an input, which would change while it is read."""
    if (type(out) is not ndarray or out.dtype != FLOAT32 or out.shape != (rows,) or not out.flags.c_contiguous
            or not out.flags.writeable or not out.flags.aligned):
        found = f"{out.dtype} {list(out.shape)}" if isinstance(out, ndarray) else type(out).__name__
        raise InvalidArgument(f"out: expected a writeable float32 array of shape [{rows}] in one piece, and "
                              f"aligned, found {found}")
    if any(isinstance(array, ndarray) and np.may_share_memory(out, array) for array in inputs):
        raise InvalidArgument("out: it shares memory with a column of the candidates, which is read while scores are "
                              "written; give an array of its own")
    return out
