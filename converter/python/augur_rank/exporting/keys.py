"""The keys of tables in an export: vocabularies of any form, and a proof's rows as the keys that the app will give."""

import os
from collections.abc import Collection, Mapping
from typing import Any

from ..errors import ExportError
from ..vocabularies import Vocabulary, as_vocabulary
from .proof import Proof


def read(vocabularies: Mapping[str, Any]) -> dict[str, Vocabulary]:
    """The vocabularies by table, from whatever as_vocabulary takes. Raises AugurError."""
    if not isinstance(vocabularies, Mapping):
        raise ExportError("vocabularies: expected a dictionary from a table to its keys, but it is of type "
                          f"{type(vocabularies).__name__}")
    found = {}
    for table, one in vocabularies.items():
        try:
            found[table] = as_vocabulary(one, name=f"vocabularies[{table!r}]")
        except OSError as error:
            raise ExportError(f"vocabularies[{table!r}]: {error}") from error
    return found


def refuse_shifted(vocabularies: Mapping[str, Any], found: Mapping[str, Vocabulary],
                   description: Mapping[str, Any], proof: Proof) -> None:
    """Raises ExportError where a list of keys, whose places are the rows, probably begins with row 1.

    Then every key would have the row of its neighbour, and scores of rows do not show it. It is taken for likely where
    the list gives a key to the table's padding row, and the sample never has that row.
    """
    padding = {one["name"]: one.get("padding_row") for one in description["tables"]}
    for name, one in vocabularies.items():
        if isinstance(one, (Vocabulary, Mapping, str, bytes, os.PathLike)):
            continue  # these state their rows
        for table, vocabulary in by_table({name: found[name]}, description).items():
            row = padding.get(table)
            key = None if row is None or row == vocabulary.padding_row else _keys_by_row(vocabulary).get(row)
            fields = {field["name"] for field in _fields(description) if field.get("table") == table}
            if key not in (None, "", 0) and not any(_has(request, fields, row) for request in proof.requests):
                raise ExportError(
                    f"vocabularies[{name!r}]: its key {key!r} would have row {row}, which pads histories and which the "
                    "sample never has. If the keys begin with row 1, give augur_rank.as_vocabulary(keys, offset=1); if "
                    "they are right, give {key: row}")


def by_table(vocabularies: Mapping[str, Vocabulary], description: Mapping[str, Any]) -> dict[str, Vocabulary]:
    """The vocabularies by the names of the model's tables. They may be given by fields or tensors, too.

    Raises ExportError for a name that the model does not have, and for two vocabularies of one table.
    """
    tables = [one["name"] for one in description["tables"]]
    of_field = {str(one["weights"]): one["name"] for one in description["tables"]}
    of_field.update({field["name"]: field["table"] for field in _fields(description) if field.get("table")})
    found: dict[str, Vocabulary] = {}
    for name, vocabulary in vocabularies.items():
        table = name if name in tables else of_field.get(name)
        if table is None:
            raise ExportError(f"vocabularies: the model has no table and no field {name!r} with a table; it has the "
                              f"tables {', '.join(tables)}")
        if table in found and not found[table] == vocabulary:
            raise ExportError(f"vocabularies: table {table!r} was given two that differ, one of them as {name!r}")
        found[table] = vocabulary
    return found


def in_keys(proof: Proof, description: Mapping[str, Any],
            vocabularies: Mapping[str, Vocabulary]) -> tuple[Proof, list[str]]:
    """The proof with keys in the place of rows of these tables, and notes.

    Requests with a row that has no key are left out; a note counts them. Raises ExportError if none is left.
    """
    key_of = {table: _keys_by_row(one) for table, one in vocabularies.items()}
    fields = {field["name"]: key_of[field["table"]] for field in _fields(description) if field.get("table") in key_of}
    kept, requests = [], []
    for at, request in enumerate(proof.requests):
        try:
            requests.append(_in_keys(request, fields))
        except KeyError:
            continue
        kept.append(at)
    if not kept:
        raise ExportError("vocabularies: every request of the sample has a row that no key leads to: are the rows "
                          "those of the model's tables?")

    def take(columns: Any) -> Any:
        return None if columns is None else [columns[at] for at in kept]

    lost = len(proof.requests) - len(kept)
    notes = [f"{lost} of {len(proof.requests)} requests have a row without a key: they prove the model by its rows, "
             "but not by its keys"] if lost else []
    return Proof(requests, take(proof.scores), take(proof.logits), take(proof.labels)), notes


def _keys_by_row(vocabulary: Vocabulary) -> dict[int, Any]:
    """The first key of each row."""
    return dict(zip(reversed(vocabulary.rows.tolist()), reversed(vocabulary.keys)))


def _fields(description: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = [*description.get("features", []), *description.get("candidate", [])]
    for stack in description.get("stacks", []):
        found += stack["fields"]
    return found


def _in_keys(value: Any, fields: Mapping[str, Mapping[int, Any]]) -> Any:
    """A request, or a part of it, in which the values of these fields are keys. Raises KeyError."""
    if not isinstance(value, dict):
        return value
    return {name: _keyed(one, fields[name]) if name in fields and not isinstance(one, dict) else _in_keys(one, fields)
            for name, one in value.items()}


def _keyed(value: Any, key_of: Mapping[int, Any]) -> Any:
    if isinstance(value, list):
        return [_keyed(one, key_of) for one in value]
    return key_of[value]


def _has(value: Any, fields: Collection[str], row: Any, inside: bool = False) -> bool:
    """Whether a request, or a part of it, has this row in one of the fields."""
    if isinstance(value, dict):
        return any(_has(one, fields, row, name in fields) for name, one in value.items())
    if isinstance(value, list):
        return any(_has(one, fields, row, inside) for one in value)
    return inside and bool(value == row)
