"""augur-inspect: what is in a model file, and how it computes."""

from collections.abc import Sequence
from typing import NoReturn, Optional

from .built_command import become


def main(arguments: Optional[Sequence[str]] = None) -> NoReturn:
    """Runs the compiled command with these arguments, or with the command line's. Does not return."""
    become("augur-inspect", arguments)
