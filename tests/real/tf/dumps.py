"""Exports the dumps of write_dumps.py: python -m tf.dumps FOLDER... --results FILE."""

import argparse
import json
import sys
from pathlib import Path
from typing import Optional

from case import Case, Trained, run_cases


def case_of(library: str, mode: str, file: Optional[str], error: Optional[str]) -> Case:
    """A dump, or why there is none."""
    def train() -> Trained:
        if file is None:
            raise RuntimeError(f"augur_dump.py wrote nothing: {error}")
        return Trained(file)
    return Case(f"{library}, by augur_dump.py", mode, train)


def main() -> int:
    """Exports every dump in the folders; the exit status is 1 if a case failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--results", required=True, type=Path)
    given = parser.parse_args()
    modes = [mode for folder in given.folders for mode in json.loads((folder / "modes.json").read_text())]
    return 1 if run_cases([case_of(*mode) for mode in modes], given.results) else 0


if __name__ == "__main__":
    sys.exit(main())
