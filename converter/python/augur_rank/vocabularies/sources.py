"""as_vocabulary: a Vocabulary from whatever holds keys in Python."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from .key_files import read_key_file
from .vocabulary import Vocabulary, VocabularyError


def as_vocabulary(source: Any, *, keys: str | None = None, offset: int = 0, padding_key: str | None = None,
                  unknown_key: str | None = None, name: str = "vocabulary") -> Vocabulary:
    """The keys of a table and their rows.

    source   one of
             - a Vocabulary; a dict {key: row}; {"keys": [...], "rows": [...]} as a Dump has it
             - a list, tuple, NumPy array, pandas, polars or pyarrow column of keys: key i has row i
             - a pandas or polars categorical: its categories are the keys, its codes the rows
             - an encoder with `classes_`, such as scikit-learn's LabelEncoder
             - the path of a file, in a form of docs/description-ids.md or a pickle (*_voc.pkl)
    keys     "string" or "integer": what the app will give. Integers become their decimal texts, and texts the integers
             that they are. None: as they are in the source
    offset   added to every row: 1 where row 0 is padding and the source begins with the first key
    padding_key, unknown_key
             the source's names for the padding row and the row of unknown keys; usual names are recognised
    name     what it is called in messages

    Raises VocabularyError, and OSError for a file that cannot be read.
    """
    if keys not in (None, "string", "integer"):
        raise VocabularyError(f"{name}: keys is {keys!r}, expected \"string\", \"integer\" or None")
    named = {"offset": offset, "padding_key": padding_key, "unknown_key": unknown_key}
    made = _made(source, named, name)
    if keys == "integer":
        return made.as_integers()
    return made.as_strings() if keys == "string" else made


def _made(source: Any, named: Mapping[str, Any], name: str) -> Vocabulary:
    if isinstance(source, Vocabulary):
        if any(named.values()):
            raise VocabularyError(f"{name}: offset, padding_key and unknown_key are for other sources than a "
                                  "Vocabulary, which states its rows and names")
        return source
    if isinstance(source, (str, os.PathLike)):
        return read_key_file(source, **named)
    module = type(source).__module__.partition(".")[0]
    if module == "pandas":
        source = _pandas_keys(source, name)
    elif module == "polars":
        source = _polars_keys(source, name)
    elif hasattr(source, "to_pylist"):  # pyarrow
        source = source.to_pylist()
    elif hasattr(source, "classes_"):
        source = source.classes_
    if isinstance(source, Mapping):
        return _of_mapping(source, named, name)
    if isinstance(source, np.ndarray):
        if source.ndim != 1:
            raise VocabularyError(f"{name}: the array of keys has shape {list(source.shape)}, expected one dimension")
        source = source.tolist()
    if not isinstance(source, (list, tuple)):
        raise VocabularyError(f"{name}: a {type(source).__name__} is no vocabulary; expected a dict {{key: row}}, a "
                              "list or a column of keys, or the path of a file")
    return Vocabulary(source, source=name, **named)


def _of_mapping(source: Mapping[Any, Any], named: Mapping[str, Any], name: str) -> Vocabulary:
    listed = source.get("keys")
    if set(source) <= {"keys", "rows"} and isinstance(listed, (list, tuple, np.ndarray)):  # a Dump's
        return Vocabulary(listed, source.get("rows"), source=name, **named)
    return Vocabulary(source.keys(), list(source.values()), source=name, **named)


def _pandas_keys(source: Any, name: str) -> Any:
    dtype = getattr(source, "dtype", None)
    if str(dtype) == "category":
        return (source.cat if hasattr(source, "cat") else source).categories.tolist()
    if type(source).__name__ == "CategoricalDtype":
        return source.categories.tolist()
    if dtype is None:
        raise VocabularyError(f"{name}: a {type(source).__name__} is no vocabulary; give one column of keys")
    index = getattr(source, "index", None)
    if index is not None and not np.array_equal(np.asarray(index), np.arange(len(source))):
        raise VocabularyError(f"{name}: the Series has an index of its own, so it is unclear what the rows are; give "
                              "series.to_dict() if its index has the keys and its values the rows, series.tolist() if "
                              "key i has row i")
    return source.tolist()


def _polars_keys(source: Any, name: str) -> Any:
    if not hasattr(source, "to_list"):
        raise VocabularyError(f"{name}: a {type(source).__name__} is no vocabulary; give one column of keys")
    kind = str(source.dtype).partition("(")[0]
    if kind == "Enum":
        return source.dtype.categories.to_list()
    if kind != "Categorical":
        return source.to_list()
    # A Categorical's codes are those of all columns of the process: the pairs are taken that the column has.
    column = source.drop_nulls()
    return dict(zip(column.cast(str).to_list(), column.to_physical().to_list()))
