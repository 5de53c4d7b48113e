"""Files of keys: reading them, and writing them as augur-convert --vocabulary takes them (docs/description-ids.md)."""

import json
import os
from typing import Any, Optional, Union

from ..files.whole_file import replacing
from .pickled import read_pickle
from .vocabulary import Vocabulary, VocabularyError

PathLike = Union[str, "os.PathLike[str]"]
_PICKLES = (".pkl", ".pickle")


def is_pickle(path: PathLike) -> bool:
    """Whether the file's name is that of a pickle."""
    return os.fspath(path).lower().endswith(_PICKLES)


def split_member(path: PathLike) -> tuple[str, Optional[str]]:
    """The file and the member of "vocab.json#item"; a file that has the whole name has no member."""
    name = os.fspath(path)
    if "#" not in name or os.path.exists(name):
        return name, None
    file, member = name.rsplit("#", 1)
    return file, member


class _Pairs(list):  # type: ignore[type-arg]
    """A JSON object as its pairs, so that a key that stands twice is seen."""


def read_key_file(path: PathLike, *, form: Optional[str] = None, **named: Any) -> Vocabulary:
    """Reads a file of keys.

    path   *.pkl, *.pickle: a pickled dict or list (nothing in it is run); *.json, or FILE#MEMBER: an object
           {key: row}, or a list of keys in the order of their rows; others: text, a key a line, or a key, a tab and a
           row in every line
    form   "row_comma_key": text of the form ROW,KEY, as deepctr's vocabulary_path has it
    named  padding_key, unknown_key, offset: as Vocabulary has them

    Raises VocabularyError, which names the file, and OSError.
    """
    if form not in (None, "row_comma_key"):
        raise VocabularyError(f"form {form!r} is not known; there is \"row_comma_key\"")
    file, member = split_member(path)
    source = os.fspath(path)
    if form is None and is_pickle(file) and member is None:
        value = read_pickle(file)
        if isinstance(value, dict):
            return Vocabulary(value.keys(), list(value.values()), source=source, **named)
        return Vocabulary(value, source=source, **named)
    if form is None and (member is not None or file.endswith(".json")):
        return _from_json(_load_json(file), member, source, named)
    with open(file, "rb") as opened:
        content = opened.read()
    lines = content[3:] if content.startswith(b"\xef\xbb\xbf") else content
    keys, rows = _text_lines(lines.split(b"\n"), form, source)
    return Vocabulary(keys, rows, source=source, **named)


def _load_json(file: str) -> Any:
    with open(file, "rb") as opened:
        content = opened.read()
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        raise VocabularyError(f"{file}: is not JSON ({error})") from error


def _from_json(value: Any, member: Optional[str], source: str, named: Any) -> Vocabulary:
    if member is not None:
        found = [one for name, one in value if name == member] if isinstance(value, _Pairs) else []
        if len(found) != 1:
            names = [name for name, _ in value] if isinstance(value, _Pairs) else []
            raise VocabularyError(f"{source}: the file has {len(found)} members of that name; it has "
                                  f"{', '.join(names[:10])}")
        value = found[0]
    if isinstance(value, _Pairs):
        return Vocabulary([key for key, _ in value], [row for _, row in value], source=source, **named)
    if isinstance(value, list):
        return Vocabulary(value, source=source, **named)
    raise VocabularyError(f"{source}: expected an object of keys with their rows, or a list of keys, found a "
                          f"{type(value).__name__}")


def _text_lines(lines: list[bytes], form: Optional[str], source: str) -> tuple[list[bytes], Optional[list[int]]]:
    if lines and not lines[-1]:
        lines.pop()
    lines = [line[:-1] if line.endswith(b"\r") else line for line in lines]
    keys: list[bytes] = []
    rows: list[int] = []
    states_row = form is not None or (bool(lines) and b"\t" in lines[0])
    for number, line in enumerate(lines, 1):
        if not states_row:
            if not line or b"\t" in line:
                raise VocabularyError(f"{source}:{number}: is empty or has a tab, and line 1 is a key alone; all lines "
                                      "are of one form")
            keys.append(line)
            continue
        if form is not None:
            row, comma, key = line.partition(b",")
            key = key.partition(b",")[0]  # as TensorFlow's TextFileInitializer does
        else:
            key, comma, row = line.rpartition(b"\t")
        if not comma or not row.isdigit():
            expected = "a row, a comma and a key" if form is not None else "a key, a tab and a row"
            raise VocabularyError(f"{source}:{number}: expected {expected}, found {line[:60]!r}")
        keys.append(key)
        rows.append(int(row))
    return keys, rows if states_row else None


def write_key_file(vocabulary: Vocabulary, path: PathLike) -> str:
    """Writes the file that augur-convert --vocabulary TABLE=FILE takes, and returns its path.

    path   *.json: an object {key: row}; any other name: text, a key, a tab and a row in every line. With keys of
           integers augur-convert needs --keys TABLE=integer, too (vocabulary_arguments gives both)

    Raises VocabularyError for keys that the form cannot hold (a tab or a line feed needs JSON, bytes that are not UTF-8
    need text) and for a vocabulary without keys, and OSError.
    """
    name = os.fspath(path)
    if not vocabulary.keys:
        raise VocabularyError(f"{vocabulary.source}: has no keys, so there is nothing to write into {name}")
    pairs = [(str(key), row) for key, row in zip(vocabulary.keys, vocabulary.rows.tolist())]
    if name.endswith(".json"):
        try:
            content = json.dumps(dict(pairs), ensure_ascii=False, indent=0).encode("utf-8")
        except UnicodeEncodeError as error:
            raise VocabularyError(f"{vocabulary.source}: a key has bytes that are not UTF-8, which JSON cannot hold; "
                                  f"give {name} another ending than .json") from error
    else:
        unfit = next((key for key, _ in pairs if "\t" in key or "\n" in key), None)
        if unfit is not None:
            raise VocabularyError(f"{vocabulary.source}: the key {unfit!r} has a tab or a line feed, which text cannot "
                                  f"hold; give {name} the ending .json")
        text = "".join(f"{key}\t{row}\n" for key, row in pairs)
        # A byte order mark before the first line would be left out: one of the file's own protects the first key's.
        content = ("\ufeff" if text.startswith("\ufeff") else "").encode() + text.encode("utf-8", "surrogateescape")
    with replacing(name) as part, open(part, "wb") as file:
        file.write(content)
    return name
