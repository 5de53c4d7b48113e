"""Runs a compiled command in the place of this process."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn, Optional

from ..built import command
from ..errors import AugurError


def become(name: str, arguments: Optional[Sequence[str]] = None) -> NoReturn:
    """Goes on as the compiled command `name` with these arguments (those of this process if it is None).

    Standard streams, the exit status and signals are then the command's own. If it cannot be started, the reason is
    printed and the process exits with 1.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        path = command(name)
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(path, [name, *given])
    except (AugurError, OSError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(1)
