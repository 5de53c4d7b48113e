"""The values of a column as the C library reads them: int64 ids, string keys, float32 numbers.

An array that has the right type and lies in one piece is taken as it is; others are converted. What cannot be converted
without a doubt is an error that names the field: a float is no id, whatever its value, and neither is True.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import shown
from .status import InvalidArgument, ShapeMismatch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Numbers = NDArray[np.float32]

INT64 = np.dtype(np.int64)
FLOAT32 = np.dtype(np.float32)
_LARGEST = np.iinfo(np.int64).max
_MOST_COUNT = np.iinfo(np.uint32).max


def whole(value: Any, name: str, least: int = 0) -> int:
    """The value as a whole number, of 32 bits without a sign and from `least` on. Raises InvalidArgument."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not least <= value < 1 << 32:
        raise InvalidArgument(f"{name} is {value!r}, expected a whole number from {least}")
    return int(value)


class Rows:
    """Marks ids as numbers of rows, for a table that has keys: as_rows([3, 9])."""

    __slots__ = ("values",)

    def __init__(self, values: Any) -> None:
        self.values = values


def as_rows(values: Any) -> Rows:
    """Says that these ids are rows of the table, not keys, as an app does that has rows from its server (docs/ids.md).

    values: as the field takes them, but integers where the table has string keys.
    """
    return Rows(values)


class Ragged:
    """The ids of an `ids` field for many rows, in one piece.

    values   the ids or keys of all rows, row after row
    counts   whole numbers [rows]: how many belong to each row; or
    offsets  whole numbers [rows + 1]: row i has values[offsets[i]:offsets[i + 1]], as Arrow and PyTorch have it
    """

    __slots__ = ("counts", "values")

    def __init__(self, values: Any, counts: Any | None = None, *, offsets: Any | None = None) -> None:
        if (counts is None) == (offsets is None):
            raise InvalidArgument("Ragged: give counts or offsets, one of them")
        if offsets is not None:
            places = as_ids(offsets, "Ragged: offsets")
            if not places.size or places[0] != 0 or places[-1] != len(values):
                raise ShapeMismatch(f"Ragged: offsets begin with 0 and end with the number of values, {len(values)}")
            counts = np.diff(places)
        self.values = values
        self.counts = _counts(as_ids(counts, "Ragged: counts"), "Ragged: counts")


def _counts(counts: Ids, where: str) -> NDArray[np.uint32]:
    if counts.size and (counts.min() < 0 or counts.max() > _MOST_COUNT):
        raise InvalidArgument(f"{where}: a row has {counts.min() if counts.min() < 0 else counts.max()} ids")
    checked = np.array(counts, dtype=np.uint32)
    checked.flags.writeable = False  # the C library reads as many ids as it has found them to be
    return checked


def plain(values: Any, where: str) -> Any:
    """A NumPy array, list or tuple of what pandas, polars, pyarrow, PyTorch and the like hold."""
    if isinstance(values, np.ndarray):
        if isinstance(values, np.ma.MaskedArray):
            if np.ma.is_masked(values):
                at = int(np.flatnonzero(np.ma.getmaskarray(values).ravel())[0])
                raise InvalidArgument(f"{where}: the value at index {at} is masked")
            values = np.asarray(values.data)
        if values.ndim == 0:
            raise ShapeMismatch(f"{where}: expected a column of values, found an array of shape []")
        return values
    if isinstance(values, (list, tuple)):
        return values
    if isinstance(values, (str, bytes)) or values is None:
        raise InvalidArgument(f"{where}: expected a column of values, found {shown(values)}; one value goes in a list")
    if hasattr(values, "to_pylist"):  # pyarrow
        return values.to_pylist()
    if hasattr(values, "null_count") and hasattr(values, "to_list"):  # polars
        return values.to_list() if values.null_count() or _of_objects(values) else values.to_numpy()
    if hasattr(values, "to_numpy"):  # pandas
        return values.to_numpy()
    if hasattr(values, "__array__"):
        try:
            return np.asarray(values)
        except Exception as error:  # PyTorch's, of a tensor with a gradient or on another device
            raise InvalidArgument(f"{where}: a {type(values).__name__} cannot be read as an array: {error}") from error
    if isinstance(values, (range, Iterable)) and not isinstance(values, dict):
        return list(values)
    raise InvalidArgument(f"{where}: expected a column of values, found a {type(values).__name__}; one value goes in a "
                          "list")


def _of_objects(series: Any) -> bool:
    name = str(series.dtype)
    return name.startswith(("String", "Utf8", "Categorical", "Enum", "List", "Array", "Object", "Binary"))


def _readable(values: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """In one piece, and where C may read it: a column of a packed structured array may begin at any byte."""
    made = np.ascontiguousarray(values, dtype=dtype)
    return made if made.flags.aligned else made.copy()


# ---- ids


def as_ids(values: Any, where: str) -> Ids:
    """int64 [n], in one piece; the array itself where it is one."""
    values = plain(values, where)
    if isinstance(values, np.ndarray) and values.dtype.kind != "O":
        return _ids_of_array(values, where)
    return _ids_of_objects(values if isinstance(values, (list, tuple)) else values.tolist(), where)


def _ids_of_array(values: NDArray[Any], where: str) -> Ids:
    if values.ndim != 1:
        raise ShapeMismatch(f"{where}: expected one id a row, found an array of shape {list(values.shape)}")
    kind = values.dtype.kind
    if kind == "u" and values.dtype.itemsize == 8 and values.size and int(values.max()) > _LARGEST:
        at = int(values.argmax())
        raise InvalidArgument(f"{where}: id {values[at]} at index {at} does not fit 64 bits with a sign")
    if kind not in "iu" and values.size:
        at = _place(values) if kind == "f" else 0
        raise _no_id(values[at], at, where, values.dtype)
    return _readable(values, INT64)


def _place(values: NDArray[Any]) -> int:
    """Where the first float is that is no whole number; 0 if all are."""
    odd = np.flatnonzero((np.floor(values) != values) | np.isinf(values))
    return int(odd[0]) if odd.size else 0


def _ids_of_objects(values: Sequence[Any], where: str) -> Ids:
    kinds = set(map(type, values))
    if not kinds <= {int}:
        for at, value in enumerate(values):
            if isinstance(value, (bool, np.timedelta64)) or not isinstance(value, (int, np.integer)):
                raise _no_id(value, at, where)
    try:
        return np.array(values, dtype=np.int64)
    except OverflowError:
        at = next(i for i, value in enumerate(values) if not -_LARGEST - 1 <= int(value) <= _LARGEST)
        raise InvalidArgument(f"{where}: id {shown(values[at])} at index {at} does not fit 64 bits with a "
                              "sign") from None


def _no_id(value: Any, at: int, where: str, dtype: Any = None) -> InvalidArgument:
    if isinstance(value, np.generic):
        value = value.item()
    found = f"{shown(value)} at index {at}" + (f" of an array of {dtype}" if dtype is not None else "")
    if isinstance(value, float):
        advice = ("a missing value has made the column float: fill it, or leave its row out" if value != value
                  else "ids are integers: convert the column with .astype(\"int64\"), if no value was rounded")
    elif isinstance(value, (str, bytes)):
        advice = "this table takes integers; its model has no string keys for it (augur-convert --vocabulary adds them)"
    elif isinstance(value, bool):
        advice = "True and False are no ids; convert them if they stand for 1 and 0"
    else:
        advice = f"a {type(value).__name__} is no id"
    return InvalidArgument(f"{where}: expected integers, found {found}; {advice}")


# ---- string keys


class Keys:
    """String keys as augur_string: `table` is uint64 [n, 2], addresses and lengths; `owner` keeps the bytes alive."""

    __slots__ = ("owner", "table")

    def __init__(self, table: NDArray[np.uint64], owner: Any) -> None:
        self.table, self.owner = table, owner


def as_keys(values: Any, where: str) -> Keys:
    """From str, bytes, NumPy's texts, and columns of these."""
    categories = _categories(values)
    if categories is not None:
        return _keys_of_categories(*categories, where)
    values = plain(values, where)
    if isinstance(values, np.ndarray):
        if values.ndim != 1:
            raise ShapeMismatch(f"{where}: expected one key a row, found an array of shape {list(values.shape)}")
        values = values.tolist()
    return _keys_of_list(values, where)


def _categories(values: Any) -> tuple[Any, NDArray[Any]] | None:
    """(keys, codes) of a pandas categorical, so that each key is encoded once."""
    if type(values).__module__.partition(".")[0] != "pandas" or str(getattr(values, "dtype", "")) != "category":
        return None
    holder = values.cat if hasattr(values, "cat") else values
    return holder.categories.tolist(), np.asarray(holder.codes)


def _keys_of_categories(categories: list[Any], codes: NDArray[Any], where: str) -> Keys:
    missing = np.flatnonzero(codes < 0)
    if missing.size:
        raise _no_key(float("nan"), int(missing[0]), where)
    keys = _keys_of_list(categories, where)
    return Keys(np.ascontiguousarray(keys.table[codes]), keys.owner)


def _keys_of_list(values: Sequence[Any], where: str) -> Keys:
    try:
        content = "".join(values).encode("utf-8")
        lengths: Any = list(map(len, values))
        if len(content) != sum(lengths):  # not ASCII alone
            parts = [key.encode("utf-8") for key in values]
            content, lengths = b"".join(parts), list(map(len, parts))
    except (TypeError, UnicodeEncodeError):
        parts = [_bytes(key, at, where) for at, key in enumerate(values)]
        content, lengths = b"".join(parts), list(map(len, parts))
    owner = np.frombuffer(content, dtype=np.uint8)
    table = np.empty((len(values), 2), dtype=np.uint64)
    table[:, 1] = lengths
    table[:1, 0] = 0
    np.cumsum(table[:-1, 1], out=table[1:, 0])
    table[:, 0] += np.uint64(owner.__array_interface__["data"][0])
    return Keys(table, owner)


def _bytes(key: Any, at: int, where: str) -> bytes:
    if isinstance(key, bytes):
        return key
    if isinstance(key, str):
        try:
            return key.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise InvalidArgument(f"{where}: the key {shown(key)} at index {at} cannot be written as UTF-8") from None
    raise _no_key(key, at, where)


def _no_key(key: Any, at: int, where: str) -> InvalidArgument:
    if isinstance(key, np.generic):
        key = key.item()
    if isinstance(key, int) and not isinstance(key, bool):
        advice = "this table has string keys: give str(...) if that is the key, as_rows(...) if it is a row's number"
    else:
        advice = "a missing key is left out, or given as a key that the model does not know"
    return InvalidArgument(f"{where}: expected string keys, found {shown(key)} at index {at}; {advice}")


# ---- several ids a row


def flattened(values: Any, where: str) -> tuple[Any, NDArray[np.uint32]]:
    """(all ids or keys, row after row; how many each row has) of a Ragged, a list of lists, or an array [rows, n]."""
    if isinstance(values, Ragged):
        return values.values, values.counts
    values = plain(values, where)
    if isinstance(values, np.ndarray) and values.ndim == 2:
        return values.reshape(-1), np.full(values.shape[0], values.shape[1], dtype=np.uint32)
    if isinstance(values, np.ndarray) and values.dtype.kind != "O" and values.size:
        raise ShapeMismatch(f"{where}: expected a list of ids for each row, found an array of shape "
                            f"{list(values.shape)}; Ragged(values, counts) says which ids belong to which row")
    rows = [_row(row, at, where) for at, row in enumerate(values)]
    counts = np.fromiter(map(len, rows), dtype=np.uint32, count=len(rows))
    filled = [row for row in rows if len(row)]
    if filled and all(isinstance(row, np.ndarray) for row in filled):
        kinds = {row.dtype.kind for row in filled}
        if kinds <= set("iu") or len(kinds) == 1:
            return np.concatenate(filled), counts
    return list(chain.from_iterable(filled)), counts


def _row(row: Any, at: int, where: str) -> Any:
    if isinstance(row, (str, bytes, dict)) or not hasattr(row, "__len__") or getattr(row, "ndim", 1) == 0:
        raise ShapeMismatch(f"{where}: expected a list of ids at index {at}, found {shown(row)}")
    made = plain(row, where)
    if isinstance(made, np.ndarray) and made.ndim != 1:
        raise ShapeMismatch(f"{where}: expected a list of ids at index {at}, found an array of shape "
                            f"{list(made.shape)}")
    return made


# ---- numbers


def as_numbers(values: Any, where: str, width: int | None = None) -> Numbers:
    """float32 [rows], or [rows, width], in one piece; the array itself where it is one. Not finite: C refuses it."""
    values = plain(values, where)
    if width is not None:
        if not len(values):
            return np.empty((0, width), dtype=np.float32)
        if not isinstance(values, np.ndarray) or values.dtype.kind == "O":
            values = _stacked(values, width, where)
    try:
        array = values if isinstance(values, np.ndarray) else np.asarray(values)
        if array.dtype.kind in "USmMcV" or array.dtype.kind == "O" and any(map(_is_no_number, array.ravel())):
            raise TypeError
        with np.errstate(over="ignore"):
            numbers = _readable(array, FLOAT32)
    except (TypeError, ValueError, OverflowError):
        at, value = _first_unfit(values)
        raise InvalidArgument(f"{where}: expected numbers, found {shown(value)} at index {at}") from None
    if array.shape != ((len(numbers),) if width is None else (len(numbers), width)):
        expected = "one number" if width is None else f"{width} numbers"
        raise ShapeMismatch(f"{where}: expected {expected} a row, found an array of shape {list(array.shape)}")
    return numbers


def _stacked(values: Any, width: int, where: str) -> NDArray[Any]:
    """The rows of vectors as one array."""
    for at, row in enumerate(values):
        if not hasattr(row, "__len__") or isinstance(row, (str, bytes)) or len(row) != width:
            raise ShapeMismatch(f"{where}: expected {width} numbers a row, found {shown(row)} at index {at}")
    rows = [plain(row, where) for row in values]
    try:
        return np.array(rows)
    except ValueError:  # a row has a list in it
        return np.array(rows, dtype=object)


def _is_no_number(value: Any) -> bool:
    return value is None or isinstance(value, (str, bytes, complex, np.datetime64, np.timedelta64))


def _first_unfit(values: Any) -> tuple[int, Any]:
    for at, value in enumerate(values):
        try:
            if _is_no_number(value):
                raise TypeError
            np.asarray(value, dtype=np.float32)
        except (TypeError, ValueError, OverflowError):
            return at, value
    return 0, values[0] if len(values) else values
