"""Errors of this package.

Every message names the file or the argument, what was expected, what came, and what to do.
"""

from typing import Any, Optional

_SHOWN = 60  # characters of a value in a message


def printable(text: str) -> str:
    """A message as a terminal may get it: names in a hostile file may hold what moves its cursor or sets its title."""
    return "".join(one if one == "\n" or one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def shown(value: Any) -> str:
    """A value in a message, not too long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


class AugurError(Exception):
    """What all errors of this package are."""


class ExportError(AugurError):
    """A model that cannot be exported, or whose file does not reproduce its library's scores. Nothing was written.

    questions   what a checkpoint does not tell and must be answered: JSON to fill in and to give as `answers`; members
                that begin with "?" explain the one behind it. Empty where nothing is open
    """

    def __init__(self, message: str, questions: Optional[dict[str, Any]] = None):
        super().__init__(message)
        self.questions: dict[str, Any] = questions or {}
