"""Vocabularies in pickles, such as the DIEN authors' uid_voc.pkl, mid_voc.pkl and cat_voc.pkl.

A pickle is a program. This reader runs only the operations that make dictionaries, lists, texts and numbers, so that no
class is looked up and nothing is called, whatever the file asks for. Python 2's str are bytes: keys, read as UTF-8.
"""

import io
import os
import pickle
import pickletools
from typing import Any, Callable, Union

from .vocabulary import VocabularyError

LARGEST = 1 << 30  # bytes of the file
_ALLOWED = (
    "PROTO FRAME STOP MARK NONE EMPTY_DICT DICT SETITEM SETITEMS EMPTY_LIST LIST APPEND APPENDS PUT BINPUT "
    "LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE SHORT_BINUNICODE "
    "BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 INT BININT BININT1 BININT2 LONG LONG1 LONG4").split()
_NAMES = {ord(operation.code): operation.name for operation in pickletools.opcodes}
_ALL: dict[int, Callable[..., Any]] = pickle._Unpickler.dispatch


def _refuse(name: str) -> Callable[[Any], None]:
    def refused(_reader: Any) -> None:
        raise VocabularyError(f"the pickle uses the operation {name}, which plain dictionaries do not need, and which "
                              "is not run")
    return refused


class _PlainReader(pickle._Unpickler):
    """The standard library's reader in Python, without the operations that import, call or build."""

    dispatch = {code: step if _NAMES.get(code) in _ALLOWED else _refuse(_NAMES.get(code, str(code)))
                for code, step in _ALL.items()}

    def find_class(self, module: str, name: str) -> Any:
        raise VocabularyError(f"the pickle asks for {module}.{name}, which is not looked up")


def read_pickle(path: Union[str, "os.PathLike[str]"]) -> Any:
    """The dictionary or list in the file. Raises VocabularyError, which names the file, and OSError."""
    name = os.fspath(path)
    with open(name, "rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise VocabularyError(f"{name}: is larger than {LARGEST} bytes")
    advice = ("save plain str, int, list and dict alone, with the Python that made it: pickle.dump({key: int(row) "
              "for key, row in vocabulary.items()}, file)")
    try:
        value = _PlainReader(io.BytesIO(content), encoding="bytes").load()
    except VocabularyError as error:
        raise VocabularyError(f"{name}: {error}; {advice}") from None
    except Exception as error:  # whatever a damaged pickle does to the reader
        raise VocabularyError(f"{name}: is not a pickle of a dictionary or a list, or is damaged "
                              f"({type(error).__name__}: {error})") from error
    if not isinstance(value, (dict, list)):
        raise VocabularyError(f"{name}: holds a {type(value).__name__}, not a dictionary of keys and rows or a list of "
                              "keys")
    return value
