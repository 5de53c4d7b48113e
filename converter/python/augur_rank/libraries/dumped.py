"""What augur_dump.py has read, as a Dump of this package."""

from collections.abc import Iterator
from contextlib import contextmanager

from .. import augur_dump
from ..arrays import Json
from ..dump import Dump
from ..errors import ExportError


def made(content: Json) -> Dump:
    """A Dump of the members that augur_dump's read_... return."""
    return Dump(**{**content, "tensors": dict(content["tensors"])})


def fill(dump: Dump, observed: Json) -> None:
    """Adds the members that augur_dump's observe_... return; notes are added to those that are there."""
    dump.notes = [*dump.notes, *observed.pop("notes", [])]
    for name, value in observed.items():
        setattr(dump, name, value)


@contextmanager
def errors() -> Iterator[None]:
    """Turns DumpError into the package's ExportError."""
    try:
        yield
    except augur_dump.DumpError as error:
        raise ExportError(str(error)) from error
