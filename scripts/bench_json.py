"""Reads, checks and compares the JSON of benchmarks (docs/benchmark-json.md).

    documents = load(path)          a file of JSON, or a log with lines "augur-benchmark: ..."
    check(document, name)           raises FormatError, which names the member
    compare(case, other, tolerance) how two cases' scores agree
"""
import json
import re
from typing import NamedTuple

MARK = "augur-benchmark: "
PROGRAMS = ("augur-bench", "instrumented-test", "jvm", "xctest")
ANDROID_THERMAL = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
APPLE_THERMAL = ("nominal", "fair", "serious", "critical")
SLOWED = ("moderate", "severe", "serious", "critical", "emergency", "shutdown")
SOURCES = ("battery", "ac", "usb", "wireless", "dock")


class FormatError(Exception):
    """What is wrong with a document, and where."""


class Text(NamedTuple):
    pattern: str = r".*"
    what: str = "text"

    def check(self, value, place):
        right = isinstance(value, str) and re.fullmatch(self.pattern, value, re.DOTALL)
        if not right or re.search("[\ud800-\udfff]", value):  # half of a surrogate pair, which has no UTF-8
            raise FormatError(f"{place}: expected {self.what}, came {shown(value)}")


class OneOf(NamedTuple):
    choices: tuple

    def check(self, value, place):
        if value not in self.choices or isinstance(value, bool) != isinstance(self.choices[0], bool):
            raise FormatError(f"{place}: expected one of {', '.join(map(shown, self.choices))}; came {shown(value)}")


class Number(NamedTuple):
    least: float = 0
    whole: bool = False
    most: float = float(2 ** 53)

    def check(self, value, place):
        right = isinstance(value, int if self.whole else (int, float)) and not isinstance(value, bool)
        if not right or not self.least <= value <= self.most:
            kind = "whole number" if self.whole else "number"
            limits = f"from {self.least:g} on" if self.most == 2 ** 53 else f"from {self.least:g} to {self.most:g}"
            raise FormatError(f"{place}: expected a {kind} {limits}, came {shown(value)}")


class List(NamedTuple):
    of: object
    least: int = 0

    def check(self, value, place):
        if not isinstance(value, list) or len(value) < self.least:
            what = "a list" if self.least == 0 else f"a list of {self.least} at least"
            raise FormatError(f"{place}: expected {what}, came {shown(value)}")
        for index, element in enumerate(value):
            self.of.check(element, f"{place}[{index}]")


class Object(NamedTuple):
    needed: dict
    optional: dict = {}

    def check(self, value, place):
        if not isinstance(value, dict):
            raise FormatError(f"{place}: expected an object, came {shown(value)}")
        for name, kind in self.needed.items():
            if name not in value:
                raise FormatError(f"{join(place, name)}: is missing")
            kind.check(value[name], join(place, name))
        for name, kind in self.optional.items():
            if name in value:
                kind.check(value[name], join(place, name))


def shown(value):
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


def join(place, name):
    return f"{place}{name}" if place.endswith(": ") else f"{place}.{name}"


COUNT = Number(0, True)
ONE = Number(1, True)
SIGNED = Number(-1000, False, 1e9)
TIMES = Object({"calls": ONE, "min_us": Number(), "p50_us": Number(), "p90_us": Number(), "p99_us": Number()})
SCORES = Object({"count": COUNT, "bits": Text("[0-9a-f]{16}", "16 hexadecimal digits"),
                 "sum": Number(-1e300, False, 1e300), "weighted_sum": Number(-1e300, False, 1e300),
                 "samples": List(Number(-1e39, False, 1e39))})
CASE = Object({"history": COUNT, "candidates": COUNT, "threads": ONE, "session_bytes": COUNT, "rank": TIMES,
               "scores": SCORES},
              {"first_rank_us": Number(), "new_user_rank_us": Number(), "append_and_rank": TIMES})
CONDITIONS = Object({}, {
    "thermal": OneOf(ANDROID_THERMAL + APPLE_THERMAL),
    "clocks": List(Object({"core": COUNT}, {"governor": Text(), "khz": COUNT})),
    "battery": Object({}, {"percent": Number(0, False, 100), "source": OneOf(SOURCES), "celsius": SIGNED}),
    "low_power": OneOf((True, False)),
    "zones": List(Object({"type": Text(), "celsius": SIGNED}))})
RUN = Object({"pace_ms": Number(), "cases": List(CASE, 1),
              "first_of_process": Object({"open_us": Number(), "create_us": Number(), "rank_us": Number()})},
             {"core_kind": Text(".+", "a name"), "affinity": List(COUNT, 1), "isa": Text("[a-z0-9_]+", "an instruction set"),
              "sessions": ONE, "before": CONDITIONS,
              "after": CONDITIONS, "open_us": Number(), "create_us": Number(),
              "memory": Object({"resident_growth_bytes": COUNT}),
              "lookups": List(Object({"table": Text(), "keys": COUNT, "known": COUNT, "ns": Number()}))})
DEVICE = Object({"system": Text(".+", "a name")},
                {"system_version": Text(), "api": ONE, "build": Text(), "manufacturer": Text(), "model": Text(),
                 "soc": Text(), "abi": Text(), "cores": ONE, "emulator": OneOf((True, False)),
                 "core_kinds": List(Object({"name": Text(".+", "a name"), "cores": List(COUNT, 1), "max_khz": COUNT}))})
DOCUMENT = Object({"format": OneOf(("augur-benchmark",)), "version": OneOf((1,)), "program": OneOf(PROGRAMS),
                   "augur": Text(r"\d+\.\d+\.\d+", "a version such as 0.6.0"), "device": DEVICE,
                   "model": Object({"name": Text(), "id": Text("[0-9a-f]{64}", "64 hexadecimal digits"),
                                    "file_bytes": COUNT}, {"arena_bytes": COUNT, "arena_used_bytes": COUNT}),
                   "seed": COUNT, "runs": List(RUN, 1)})


def check(document, name):
    """Raises FormatError unless the document is as docs/benchmark-json.md says; `name` begins its message."""
    DOCUMENT.check(document, f"{name}: ")
    for r, run in enumerate(document["runs"]):
        for c, case in enumerate(run["cases"]):
            place = f"{name}: runs[{r}].cases[{c}]"
            if case["history"] > 0 and "append_and_rank" not in case:
                raise FormatError(f"{place}.append_and_rank: is missing")
            for times in ("rank", "append_and_rank"):
                check_order(case.get(times), f"{place}.{times}")
            scores = case["scores"]
            if scores["count"] != case["candidates"] or len(scores["samples"]) != min(16, scores["count"]):
                raise FormatError(f"{place}.scores: expected {case['candidates']} scores and "
                                  f"{min(16, case['candidates'])} samples, came {scores['count']} and "
                                  f"{len(scores['samples'])}")


def check_order(times, place):
    if times is None:
        return
    values = [times[name] for name in ("min_us", "p50_us", "p90_us", "p99_us")]
    if values != sorted(values):
        raise FormatError(f"{place}: expected min_us <= p50_us <= p90_us <= p99_us, came "
                          + ", ".join(f"{value:g}" for value in values))


def load(path):
    """The documents of a file, each checked. Raises FormatError, and OSError."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError as error:
        raise FormatError(f"{path}: cannot be read: {error.strerror}") from error
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        text = "\n".join(line.split(MARK, 1)[1] for line in text.splitlines() if MARK in line)
        if not text:
            raise FormatError(f'{path}: expected the JSON of a benchmark, or a log with lines "{MARK}..."; '
                              "came neither (docs/benchmark-json.md)")
    documents = []
    decoder = json.JSONDecoder(parse_constant=refuse_constant)
    text = text.lstrip("\ufeff \t\r\n")
    while text:
        try:
            document, end = decoder.raw_decode(text)
        except RecursionError:
            raise FormatError(f"{path}: document {len(documents) + 1} is no JSON: it is nested too deeply") from None
        except ValueError as error:
            raise FormatError(f"{path}: document {len(documents) + 1} is no JSON: {error}") from error
        name = path if not documents else f"{path}, document {len(documents) + 1}"
        check(document, name)
        documents.append(document)
        text = text[end:].lstrip()
    return documents


def refuse_constant(name):
    raise ValueError(f"{name} is no number of JSON")


class Agreement(NamedTuple):
    """How two cases' scores agree: `same` bits, `within` the tolerance, and the largest difference seen."""
    same: bool
    within: bool
    difference: float


def compare(case, other, tolerance):
    """How the scores of two cases with the same inputs agree. `tolerance` is that of one score."""
    mine, theirs = case["scores"], other["scores"]
    if mine["bits"] == theirs["bits"] and mine["count"] == theirs["count"]:
        return Agreement(True, True, 0.0)
    count = max(1, mine["count"])
    differences = [abs(a - b) for a, b in zip(mine["samples"], theirs["samples"])]
    differences += [abs(mine[name] - theirs[name]) / count for name in ("sum", "weighted_sum")]
    largest = max(differences)
    return Agreement(False, mine["count"] == theirs["count"] and largest <= tolerance, largest)


def inputs_of(document, case):
    """Cases with equal inputs can be compared."""
    return document["model"]["id"], document["seed"], case["history"], case["candidates"]
