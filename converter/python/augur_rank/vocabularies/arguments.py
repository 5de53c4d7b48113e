"""vocabulary_arguments: what augur-convert is given for the vocabularies of a model's tables."""

import os
from collections.abc import Mapping
from typing import Any

from .key_files import PathLike, is_pickle, write_key_file
from .sources import as_vocabulary
from .vocabulary import Vocabulary, VocabularyError


def vocabulary_arguments(vocabularies: Mapping[str, Any], folder: PathLike) -> list[str]:
    """The command-line arguments for augur-convert: --vocabulary, --keys and --vocabulary-of.

    vocabularies  table → whatever as_vocabulary takes, or {"of": "item"}: it shares the vocabulary of that table. Equal
                  vocabularies are written once and shared, too
    folder        where files are written that the arguments name. It must exist, and stay until augur-convert has run

    The path of a file that augur-convert reads itself is handed on, so that its messages name that file. Raises
    VocabularyError, OSError.
    """
    arguments: list[str] = []
    written: dict[str, Vocabulary] = {}
    for at, (table, source) in enumerate(vocabularies.items()):
        if "=" in table:
            raise VocabularyError(f"the table's name {table!r} has an =, which augur-convert's --vocabulary cannot "
                                  "take")
        if isinstance(source, (str, os.PathLike)) and not is_pickle(source):
            arguments += ["--vocabulary", f"{table}={os.fspath(source)}"]
            continue
        if isinstance(source, Mapping) and set(source) == {"of"} and isinstance(source["of"], str):
            arguments += ["--vocabulary-of", f"{table}={source['of']}"]
            continue
        vocabulary = as_vocabulary(source, name=f"vocabulary of {table}")
        twin = next((other for other, made in written.items() if made == vocabulary), None)
        if twin is not None:
            arguments += ["--vocabulary-of", f"{table}={twin}"]
            continue
        written[table] = vocabulary
        arguments += ["--vocabulary", f"{table}={_written(vocabulary, folder, at, table)}"]
        arguments += ["--keys", f"{table}={vocabulary.key_type}"]
    return arguments


def _written(vocabulary: Vocabulary, folder: PathLike, at: int, table: str) -> str:
    plain = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in table)
    needs_json = any("\t" in key or "\n" in key for key in vocabulary.keys if isinstance(key, str))
    name = f"{at}.{plain}.keys.{'json' if needs_json else 'tsv'}"
    return write_key_file(vocabulary, os.path.join(os.fspath(folder), name))
