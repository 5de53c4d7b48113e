#!/usr/bin/env python3
"""Writes an engine's models that are not in a folder yet. compare.py runs it in the environment of the engine's maker.

    make_models.py ENGINE FOLDER CASE:N[,N...]...      such as: make_models.py litert models mlp-36-100:1,10

A model appears under its name when it is complete. Prints a line for each.
"""

from __future__ import annotations

import importlib
import os
import sys
import time

from contenders import ENGINES, Contender, contenders_of
from network import Config


def parse_case(text: str) -> tuple[Config, list[int]]:
    """Such as mlp-36-100:1,10."""
    name, _, counts = text.partition(":")
    attention, hidden, steps = name.split("-")
    if attention not in ("mlp", "bilinear"):
        raise ValueError(attention)
    return Config(attention, int(hidden), int(steps)), [int(count) for count in counts.split(",")]


def missing(engine: str, folder: str, cases: list[str]) -> list[Contender]:
    """One contender for each model that the folder lacks."""
    found: dict[str, Contender] = {}
    for config, counts in map(parse_case, cases):
        for count in counts:
            for contender in contenders_of(config, count, [engine]):
                if contender.model and not os.path.exists(os.path.join(folder, contender.model)):
                    found.setdefault(contender.model, contender)
    return list(found.values())


def main() -> int:
    """Makes all that are missing; one that cannot be made does not stop the others."""
    engine, folder, *cases = sys.argv[1:]
    wanted = missing(engine, folder, cases)
    if not wanted:
        return 0
    os.makedirs(folder, exist_ok=True)
    maker = importlib.import_module(ENGINES[engine].maker)
    failed = 0
    for contender in wanted:
        path = os.path.join(folder, contender.model)
        begin = time.monotonic()
        try:
            maker.make(contender, path + ".part")
            os.rename(path + ".part", path)
            print(f"{contender.model}: {time.monotonic() - begin:.0f} s", flush=True)
        except Exception as error:  # whatever a converter throws
            failed += 1
            print(f"{contender.model}: {type(error).__name__}: {error}"[:500], flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
