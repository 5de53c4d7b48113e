#!/usr/bin/env python3
"""Times Augur beside the runtimes that a user would otherwise pick, and writes one table and one chart.

run.sh runs it, and describes what it needs. Writes {results.json,table.md,chart.svg} into build/compare, or --out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time

import prepare
import race
import report
from contenders import ENGINES
from make_models import parse_case

CASES = ["mlp-36-100:1,10,100,500", "mlp-36-1000:1,10,100"]


def processor() -> str:
    """The machine's processor, as Linux calls it."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(prog="run.sh", description=(
        "Times Augur beside other runtimes on one core: each is a process of its own, one runs at a time, in turn."))
    found.add_argument("--case", action="append", metavar="ATTENTION-H-T:N,N",
                       help=f"such as bilinear-128-100:1,100; may be repeated (default: {' '.join(CASES)})")
    default = ",".join(engine.key for engine in ENGINES.values() if engine.default)
    found.add_argument("--only", default=default, metavar="ENGINE,ENGINE",
                       help=f"of {','.join(ENGINES)}; Augur is always there (default: {default})")
    found.add_argument("--out", default=prepare.WORK, metavar="FOLDER", help="for the results (default: build/compare)")
    found.add_argument("--rounds", type=int, default=5)
    found.add_argument("--seconds", type=float, default=600, help="about how long to measure in all (default 600)")
    found.add_argument("--thread-time", action="store_true",
                       help="processor time of the thread, for a machine that is busy; else the wall clock")
    found.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)), help="the core to run on")
    found.add_argument("--ordinary-priority", action="store_true",
                       help="do not run before other programs, even where that is allowed")
    found.add_argument("--prepare", action="store_true",
                       help="make environments, programs and models, and measure nothing")
    return found


def measure(prepared: prepare.Prepared, cases: list[str], arguments: argparse.Namespace) -> dict[str, object]:
    """Measures all cells. Results are written after each."""
    options = race.Options(rounds=arguments.rounds, clock="thread" if arguments.thread_time else "wall",
                           cpu=arguments.cpu, real_time=not arguments.ordinary_priority)
    results: dict[str, object] = {
        "machine": processor(), "clock": options.clock, "rounds": options.rounds,
        "versions": {key: prepare.version(ENGINES[key]) for key in prepared.engines},
        "libraries": prepare.libraries(prepared), "left_out": prepared.left_out}
    cells: list[dict[str, object]] = []
    results["cells"] = cells
    wanted = [(config, count) for config, counts in map(parse_case, cases) for count in counts]
    begin = time.monotonic()
    for number, (config, count) in enumerate(wanted):
        left = (arguments.seconds - (time.monotonic() - begin)) / (len(wanted) - number)
        cells.append(race.race(prepared, config, count, options, left))
        prepare.say(report.line(cells[-1], time.monotonic() - begin))
        write(arguments.out, "results.json", json.dumps(results, indent=1) + "\n")
    return results


def write(folder: str, name: str, text: str) -> None:
    """Writes a file of the results."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def main() -> int:
    """Prepares, measures, reports."""
    arguments = parser().parse_args()
    cases: list[str] = arguments.case or CASES
    engines = list(dict.fromkeys(["augur", *arguments.only.split(",")]))
    for key in engines:
        if key not in ENGINES:
            parser().error(f"no engine {key}; there are {', '.join(ENGINES)}")
    for case in cases:
        try:
            parse_case(case)
        except ValueError:
            parser().error(f"--case {case}: not of the form ATTENTION-H-T:N,N, such as mlp-36-100:1,10")
    prepared = prepare.Prepared()
    prepare.environments(prepared, engines)
    message = prepare.build(prepared)
    if message:
        print(f"The build failed: {message}", file=sys.stderr)
        return 1
    prepare.models(prepared, cases)
    for line in prepared.left_out:
        prepare.say(f"left out: {line}")
    if arguments.prepare:
        return 0
    results = measure(prepared, cases, arguments)
    write(arguments.out, "table.md", report.table(results))
    write(arguments.out, "chart.svg", report.chart(results))
    print(report.table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
