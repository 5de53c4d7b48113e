"""A Vocabulary: which row of an embedding table each key of a catalogue has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Union

import numpy as np

from ..errors import AugurError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray
    Rows = NDArray[np.int64]

Key = Union[str, int]

MOST_ROWS = 1 << 30  # of a table
# Names that libraries give to the padding row and to the row of unknown keys. A vocabulary of integers may have them
# beside its integers.
PADDING_NAMES = ("__PAD__", "[PAD]", "<PAD>", "<pad>")
UNKNOWN_NAMES = ("__OOV__", "[UNK]", "<UNK>", "<unk>", "[OOV]")


class VocabularyError(AugurError):
    """What is wrong with a vocabulary: a key that stands twice, a row that no table has, a file of no known form."""


class Vocabulary:
    """The keys of a table, and their rows. It does not change.

    keys          list [K] of str, or of int (64 bits with a sign); never some of each, none twice
    rows          int64 [K], from 0; several keys may have one row
    key_type      "string" or "integer"; "7" and 7 are different keys
    padding_key, padding_row, unknown_key, unknown_row
                  the library's names for the padding row and the row of unknown keys, and these rows; None: not known.
                  Of a vocabulary of integers they are not among `keys`
    source        where it comes from, for messages

    A str may hold bytes that are not UTF-8, as Python's "surrogateescape" does: the bytes are then the key.
    """

    __slots__ = ("_places", "key_type", "keys", "padding_key", "padding_row", "rows", "source", "unknown_key",
                 "unknown_row")

    def __init__(self, keys: Iterable[Any], rows: Any | None = None, *, offset: int = 0,
                 padding_key: str | None = None, unknown_key: str | None = None,
                 source: str = "vocabulary") -> None:
        """keys are str, bytes (UTF-8), int or NumPy's forms of these. rows None: key i has row i + offset.

        padding_key and unknown_key: which of the keys names the padding row and the row of unknown keys; by default the
        usual names are recognised (__PAD__, [PAD], __OOV__, [UNK], …). Raises VocabularyError.
        """
        self.source = source
        given = [self._key(key, at) for at, key in enumerate(keys)]
        numbers = self._rows(rows, len(given), offset)
        named = self._named(given, numbers, padding_key, unknown_key)
        (self.padding_key, self.padding_row), (self.unknown_key, self.unknown_row) = named
        self.keys, self.rows = self._of_one_type(given, numbers)
        self.rows.flags.writeable = False
        self.key_type = "integer" if self.keys and isinstance(self.keys[0], int) else "string"
        self._places: dict[Key, int] | None = None
        self._refuse_duplicates()

    def _fail(self, what: str) -> NoReturn:
        raise VocabularyError(f"{self.source}: {what}")

    def _key(self, key: Any, at: int) -> Key:
        if isinstance(key, str):
            return str(key)
        if isinstance(key, bytes):
            return key.decode("utf-8", "surrogateescape")
        if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
            number = int(key)
            if not -(1 << 63) <= number < 1 << 63:
                self._fail(f"key {number} at index {at} does not fit 64 bits with a sign; keys that large are given as "
                           "str")
            return number
        if isinstance(key, (float, np.floating)):
            self._fail(f"key {key!r} at index {at} is a float, expected str or int; if the column lost its integers to "
                       "a missing value, drop that row and convert the column to int64")
        return self._fail(f"key {shown(key)} at index {at} is of type {type(key).__name__}, expected str, bytes or int")

    def _rows(self, rows: Any | None, count: int, offset: int) -> Rows:
        if rows is not None:
            listed = rows.tolist() if isinstance(rows, np.ndarray) else list(rows)
            if len(listed) != count:
                self._fail(f"there are {count} keys, but {len(listed)} rows; each key has one row")
        else:
            listed = list(range(count))
        for at, row in enumerate(listed):
            if isinstance(row, bool) or not isinstance(row, (int, np.integer)):
                self._fail(f"the row of the key at index {at} is {shown(row)}, expected a whole number")
            if not 0 <= row + offset < MOST_ROWS:
                self._fail(f"the key at index {at} has row {row + offset}; rows are whole numbers from 0, below 2^30")
        return np.array(listed, dtype=np.int64) + offset

    def _named(self, keys: list[Key], rows: Rows, padding: str | None, unknown: str | None,
               ) -> tuple[tuple[str | None, int | None], tuple[str | None, int | None]]:
        """(padding's key and row, unknown's key and row)"""
        usual = {name: at for at, name in enumerate(keys) if name in PADDING_NAMES or name in UNKNOWN_NAMES}
        found: list[tuple[str | None, int | None]] = []
        for stated, names, what in ((padding, PADDING_NAMES, "padding_key"), (unknown, UNKNOWN_NAMES, "unknown_key")):
            if stated is not None:
                if stated not in keys:
                    self._fail(f"{what} {shown(stated)} is not one of its keys")
                found.append((stated, int(rows[keys.index(stated)])))
                continue
            present = [name for name in names if name in usual]
            found.append((present[0], int(rows[usual[present[0]]])) if len(present) == 1 else (None, None))
        return found[0], found[1]

    def _of_one_type(self, keys: list[Key], rows: Rows) -> tuple[list[Key], Rows]:
        texts = [at for at, key in enumerate(keys) if isinstance(key, str)]
        if not texts or len(texts) == len(keys):
            return keys, rows
        named = (self.padding_key, self.unknown_key)
        left = [at for at in texts if keys[at] not in named]
        if left:
            number = next(at for at, key in enumerate(keys) if isinstance(key, int))
            self._fail(f"its keys are str and int: {shown(keys[left[0]])} at index {left[0]}, {keys[number]} at index "
                       f"{number}. Make them one type: the type that the app will give")
        kept = [at for at, key in enumerate(keys) if isinstance(key, int)]
        return [keys[at] for at in kept], rows[kept]

    def _refuse_duplicates(self) -> None:
        if len(set(self.keys)) == len(self.keys):
            return
        seen: dict[Key, int] = {}
        for at, key in enumerate(self.keys):
            if key in seen:
                self._fail(f"the key {shown(key)} stands twice, at index {seen[key]} (row {self.rows[seen[key]]}) and "
                           f"at index {at} (row {self.rows[at]}). If this is a column of data, give what encoded it: "
                           "its categories, LabelEncoder.classes_, or a dict of keys and rows")
            seen[key] = at

    def __len__(self) -> int:
        return len(self.keys)

    def __repr__(self) -> str:
        return f"Vocabulary({self.source!r}, {len(self)} {self.key_type} keys, largest row {self.largest_row})"

    def __eq__(self, other: object) -> bool:
        """The same keys with the same rows, in whatever order."""
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return dict(zip(self.keys, self.rows.tolist())) == dict(zip(other.keys, other.rows.tolist()))

    __hash__ = None  # type: ignore[assignment]

    @property
    def largest_row(self) -> int:
        """-1 without keys."""
        named = [row for row in (self.padding_row, self.unknown_row) if row is not None]
        return max([int(self.rows.max(initial=-1)), *named])

    def row(self, key: Key) -> int | None:
        """The key's row; None if it is not there."""
        if self._places is None:
            self._places = {known: at for at, known in enumerate(self.keys)}
        at = self._places.get(key)
        return None if at is None or isinstance(key, bool) else int(self.rows[at])

    def as_strings(self) -> Vocabulary:
        """The same with the integers' decimal texts as keys."""
        if self.key_type == "string":
            return self
        return self._with([str(key) for key in self.keys])

    def as_integers(self) -> Vocabulary:
        """The same with the texts read as decimal integers; the padding's and the unknown row's key need not be one.

        Raises VocabularyError for a text that is not a 64-bit integer as it is usually written (007 and 7.0 are not).
        """
        if self.key_type == "integer":
            return self
        keys: list[Key] = []
        for at, key in enumerate(self.keys):
            try:
                number = int(key)
            except ValueError:
                number = None
            if number is None or str(number) != key:
                if key not in (self.padding_key, self.unknown_key):
                    self._fail(f"key {shown(key)} at index {at} is not an integer in decimal digits: its keys are "
                               "strings")
                keys.append(key)
            else:
                keys.append(number)
        return self._with(keys)

    def _with(self, keys: Sequence[Key]) -> Vocabulary:
        rows = self.rows
        kept = [key for key in (self.padding_key, self.unknown_key) if key is not None and key in keys]
        made = Vocabulary(keys, rows, padding_key=self.padding_key if self.padding_key in kept else None,
                          unknown_key=self.unknown_key if self.unknown_key in kept else None, source=self.source)
        made.padding_key, made.padding_row = self.padding_key, self.padding_row
        made.unknown_key, made.unknown_row = self.unknown_key, self.unknown_row
        return made

    def check(self, rows: int) -> list[str]:
        """Whether it fits a table of that many rows. Raises VocabularyError for a row that the table does not have.

        Returns notes on what is allowed but may be a mistake: rows without a key.
        """
        wrong = np.flatnonzero(self.rows >= rows)
        if wrong.size:
            at = int(wrong[0])
            self._fail(f"the key {shown(self.keys[at])} has row {self.rows[at]}, but the table has {rows} rows "
                       f"({wrong.size} of {len(self)} keys are outside): is it the vocabulary of another training?")
        known: NDArray[np.bool_] = np.zeros(rows, dtype=bool)
        known[self.rows] = True
        for row in (self.padding_row, self.unknown_row):
            if row is not None and row < rows:
                known[row] = True
        missing = np.flatnonzero(~known)
        # Row 0 is mostly padding, which has no key.
        if not missing.size or (missing.size == 1 and missing[0] == 0):
            return []
        return [f"{self.source}: {missing.size} of {rows} rows have no key, the first is row {missing[0]}"]

    def to_dump(self) -> dict[str, Any]:
        """As a Dump has it, and augur_dump.py: {"keys": [...], "rows": [...]}, for JSON."""
        return {"keys": list(self.keys), "rows": self.rows.tolist()}
