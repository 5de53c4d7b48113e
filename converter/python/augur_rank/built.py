"""Where the compiled parts of Augur are: the commands, and libaugur.

An installed package has them in its folders `bin` and `lib`. In a checkout, the environment variable AUGUR_BUILD names
a build folder (such as build/host), which has folders of the same names; without it, build/host of the checkout is
taken.
"""

import os
import sys
from pathlib import Path

from .errors import AugurError

COMMANDS = ("augur-convert", "augur-inspect", "augur-rank", "augur-bench")


def folders() -> list[Path]:
    """The folders that may have `bin` and `lib`, the first choice first."""
    given = os.environ.get("AUGUR_BUILD")
    if given:
        return [Path(given)]
    package = Path(__file__).resolve().parent
    return [package, package.parents[2] / "build" / "host"]


def command(name: str) -> str:
    """The path of one of COMMANDS. Raises AugurError if it is not there."""
    return _find("bin", name)


def library() -> str:
    """The path of the shared library libaugur. Raises AugurError if it is not there."""
    return _find("lib", "libaugur.dylib" if sys.platform == "darwin" else "libaugur.so")


def _find(folder: str, name: str) -> str:
    places = [root / folder / name for root in folders()]
    for place in places:
        if place.is_file():
            return str(place)
    raise AugurError(
        f"{name} is not in {' nor '.join(str(place.parent) for place in places)}: install the package augur-rank, or "
        "build Augur (cmake --preset host && cmake --build --preset host) and let AUGUR_BUILD name the build folder")
