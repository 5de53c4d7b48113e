"""Times the contenders of one cell: each is a process that waits, one runs at a time, in turn, round after round.

Every round starts at the next contender, and the core's peak is measured in every round as one of them.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from dataclasses import dataclass, field
from statistics import median

import prepare
from contenders import Contender, contenders_of
from network import Config


@dataclass(frozen=True)
class Options:
    """How long to measure, and on what clock."""

    rounds: int = 5
    requests: int = 20  # of a contender in one round, if they fit into most_seconds
    least_seconds: float = 0.25
    most_seconds: float = 1.0
    clock: str = "wall"  # or "thread"
    cpu: int | None = None
    real_time: bool = True


@dataclass
class Entry:
    """A process, and what it measured."""

    contender: Contender | None  # None: the peak
    process: subprocess.Popen[bytes]
    checked: list[float] = field(default_factory=list)
    rounds: list[list[float]] = field(default_factory=list)

    def ask(self, line: str) -> None:
        """Sends a command."""
        assert self.process.stdin
        self.process.stdin.write(line.encode())

    def answer(self, word: str, seconds: float) -> list[float] | None:
        """The numbers of the next line that begins with the word; None if the process ends or none comes in time."""
        assert self.process.stdout
        end = time.monotonic() + seconds
        while select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
            line = self.process.stdout.readline()
            if not line:
                return None
            first, *numbers = line.decode(errors="replace").split() or [""]
            if first == word:
                return [float(number) for number in numbers]
        return None

    def end(self) -> None:
        """Lets the process end, or ends it."""
        try:
            self.process.communicate(timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.communicate()


def settle(options: Options) -> None:
    """Runs in the new process: one core, and before other programs where that is allowed."""
    if options.cpu is not None:
        os.sched_setaffinity(0, {options.cpu})
    if options.real_time:
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
        except OSError:
            pass


def start(command: list[str], contender: Contender | None, log: str, options: Options) -> Entry:
    """Starts a contender."""
    os.makedirs(os.path.join(prepare.WORK, "logs"), exist_ok=True)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
                   "TF_CPP_MIN_LOG_LEVEL": "3"}
    with open(os.path.join(prepare.WORK, "logs", log + ".log"), "wb") as errors:
        return Entry(contender, subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment, bufsize=0,
            preexec_fn=lambda: settle(options)))


def race(prepared: prepare.Prepared, config: Config, candidates: int, options: Options,
         seconds: float) -> dict[str, object]:
    """Measures one cell in about so many seconds. What fails is added to prepared.left_out."""
    last = [prepare.request(config, candidates), config.attention, str(config.hidden), str(config.steps),
            str(candidates), options.clock]
    entries = [start([os.path.join(prepare.BUILD, "bin", "augur-compare-peak"), *last], None, "peak", options)]
    entries[0].answer("ready", 60)
    begin = time.monotonic()
    for contender in contenders_of(config, candidates, prepared.engines):
        folder = prepare.model_folder(contender.engine) if contender.model else ""
        if contender.model and not os.path.exists(os.path.join(folder, contender.model)):
            continue  # already said
        log = f"{contender.form.engine}-{config.name}-n{candidates}-{contender.form.name}-{contender.kind}"
        entry = start([*prepare.command(prepared, contender), *last], contender, log, options)
        checked = entry.answer("ready", 120)
        if checked is None:
            entry.process.kill()
            entry.end()
            prepared.left_out.append(f"{contender.name}, {config.name}, N={candidates}: did not start "
                                     f"(build/compare/logs/{log}.log)")
            continue
        entry.checked = checked
        entries.append(entry)
    left = seconds - (time.monotonic() - begin)
    most = min(options.most_seconds, max(0.1, left / (options.rounds * len(entries))))
    measure = f"measure {options.requests} {min(options.least_seconds, most)} {most}\n"
    for number in range(options.rounds):
        for i in range(len(entries)):
            entry = entries[(i + number) % len(entries)]
            if len(entry.rounds) < number:
                continue  # it has ended before
            try:
                entry.ask(measure)
                found = entry.answer("times", 120)
            except OSError:
                found = None
            if found is not None:
                entry.rounds.append(found)
    for entry in entries:
        entry.end()
        if len(entry.rounds) < options.rounds and entry.contender:
            prepared.left_out.append(f"{entry.contender.name}, {config.name}, N={candidates}: ended too early")
    return cell(config, candidates, entries[0], [e for e in entries[1:] if len(e.rounds) == options.rounds])


def cell(config: Config, candidates: int, peak: Entry, entries: list[Entry]) -> dict[str, object]:
    """The results as they are written."""
    f32, int8, clock, bound_f32, bound_int8 = (median(column) for column in zip(*peak.rounds))
    contenders = []
    for entry in entries:
        assert entry.contender
        medians, least, requests = zip(*entry.rounds)
        contenders.append({
            "name": entry.contender.name, "engine": entry.contender.form.engine, "kind": entry.contender.kind,
            "form": entry.contender.form.name, "median_us": median(medians), "least_us": min(least),
            "rounds_us": list(medians), "requests": int(sum(requests)), "worst_score_error": entry.checked[0],
            "memory_model_kb": entry.checked[1], "memory_requests_kb": entry.checked[2]})
    return {"case": config.name, "attention": config.attention, "hidden": config.hidden, "steps": config.steps,
            "candidates": candidates, "peaks": {"f32_gflops": f32, "int8_gops": int8, "clock_ghz": clock},
            "bound_us": {"f32": bound_f32, "int8": bound_int8}, "contenders": contenders}
