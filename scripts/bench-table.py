#!/usr/bin/env python3
"""Prints a Markdown table of benchmarks of several devices, and compares their scores.

    python3 scripts/bench-table.py build/bench-android/*.json [--reference host.json] [--tolerance 1e-6]

The files are those of scripts/bench-android.sh, of augur-bench --json, or logs of the Android and iOS tests
(docs/benchmark-json.md). The exit status is 0, or 1 if a file is wrong or scores differ by more than the tolerance.
"""
import argparse
import sys

import bench_json


def time_text(microseconds):
    if microseconds < 999.5:
        return f"{microseconds:.3g} µs"
    return f"{microseconds / 1e3:.3g} ms" if microseconds < 999500 else f"{microseconds / 1e6:.3g} s"


def bytes_text(count):
    return f"{count / 1e3:.1f} KB" if count < 999950 else f"{count / 1e6:.2f} MB"


def cell(text):
    printable = "".join(character if character.isprintable() else " " for character in str(text))
    return printable.replace("|", "\\|") or "-"


def table(header, rows):
    lines = [header, ["---"] * len(header)] + rows
    return "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in lines) + "\n"


def device_name(document):
    device = document["device"]
    maker, model = device.get("manufacturer", ""), device.get("model", "")
    name = model if model.lower().startswith(maker.lower()) else f"{maker} {model}"
    return name.strip() or f"{device['system']} {device.get('abi', '')}".strip()


def device_names(documents):
    """A name for each document; equal ones get a number."""
    names = [device_name(document) for document in documents]
    return [name if names.count(name) == 1 else f"{name} ({names[:index + 1].count(name)})"
            for index, name in enumerate(names)]


def system_text(device):
    text = f"{device['system']} {device.get('system_version', '')}".strip()
    if "api" in device:
        text += f" (API {device['api']})"
    return text + (", emulator" if device.get("emulator") else "")


def kinds_text(device):
    texts = []
    for kind in device.get("core_kinds", []):
        clock = f" {kind['max_khz'] / 1e6:.2f} GHz" if kind["max_khz"] else ""
        texts.append(f"{len(kind['cores'])} {kind['name']}{clock}")
    return " + ".join(texts) or (f"{device['cores']} cores" if "cores" in device else "-")


def power_text(run):
    battery = run.get("before", {}).get("battery", {})
    parts = [f"{battery['percent']:g}%"] if "percent" in battery else []
    parts += [battery["source"]] if "source" in battery else []
    parts += [f"{battery['celsius']:g} °C"] if "celsius" in battery else []
    return ", ".join(parts) or "-"


def device_row(name, document):
    device, first = document["device"], document["runs"][0]["first_of_process"]
    memory = document["runs"][0].get("memory")
    return [name, device.get("soc", "-"), system_text(device), device.get("abi", "-"), kinds_text(device),
            power_text(document["runs"][0]), document["augur"], time_text(first["open_us"]),
            time_text(first["create_us"]), time_text(first["rank_us"]),
            bytes_text(memory["resident_growth_bytes"]) if memory else "-"]


DEVICE_HEADER = ["device", "SoC", "system", "ABI", "cores", "power", "Augur", "first open", "first create", "first rank",
                 "memory"]


def slow_clock(document, run):
    """A remark if, after a run without pauses, the run's cores were below 80% of their highest clock."""
    if run["pace_ms"] > 0:
        return None
    for kind in document["device"].get("core_kinds", []):
        if kind["name"] != run.get("core_kind") or not kind["max_khz"]:
            continue
        clocks = [clock["khz"] for clock in run.get("after", {}).get("clocks", [])
                  if clock["core"] in kind["cores"] and "khz" in clock]
        if clocks and max(clocks) < 0.8 * kind["max_khz"]:
            return f"clock {max(clocks) / 1e6:.2f} of {kind['max_khz'] / 1e6:.2f} GHz"
    return None


def remarks(document, run):
    found = []
    for when in ("before", "after"):
        thermal = run.get(when, {}).get("thermal")
        if thermal in bench_json.SLOWED:
            found.append(f"hot {when}: {thermal}")
    if any(run.get(when, {}).get("low_power") for when in ("before", "after")):
        found.append("power saver")
    clock = slow_clock(document, run)
    return ", ".join(found + ([clock] if clock else [])) or "-"


def scores_text(document, case, references, tolerance):
    """The cell, and whether the scores are right as far as is known."""
    reference = references.get(bench_json.inputs_of(document, case))
    if reference is None:
        return "not compared", True
    if reference is case:
        return "the others' reference", True
    found = bench_json.compare(case, reference, tolerance)
    if found.same:
        return "same bits", True
    if found.within:
        return f"within {tolerance:g} ({found.difference:.1e})", True
    return f"**DIFFER by {found.difference:.1e}**", False


RANK_HEADER = ["device", "cores", "pace", "events", "candidates", "threads", "min", "p50", "p90", "p99", "append + rank p50",
               "new user", "session", "scores", "remarks"]


def rank_row(name, document, run, case, scores):
    append = case.get("append_and_rank")
    new_user = case.get("new_user_rank_us")
    sessions = run.get("sessions", 1)
    threads = case["threads"] if sessions == 1 else f"{case['threads']} in {sessions} sessions"
    times = [time_text(case["rank"][key]) for key in ("min_us", "p50_us", "p90_us", "p99_us")]
    return [name, run.get("core_kind", "any"), f"{run['pace_ms']:g} ms" if run["pace_ms"] else "none", case["history"],
            case["candidates"], threads, *times, time_text(append["p50_us"]) if append else "-",
            "-" if new_user is None else time_text(new_user), bytes_text(case["session_bytes"]), scores,
            remarks(document, run)]


def report(documents, references, tolerance):
    """The text, and how many cases have scores that differ from the reference's."""
    names = device_names(documents)
    known = {}
    for document in references or documents[:1]:
        for run in document["runs"]:
            for case in run["cases"]:
                known.setdefault(bench_json.inputs_of(document, case), case)
    rows, wrong = [], 0
    for name, document in zip(names, documents):
        for run in document["runs"]:
            for case in run["cases"]:
                scores, right = scores_text(document, case, known, tolerance)
                wrong += 0 if right else 1
                rows.append(rank_row(name, document, run, case, scores))
    models = sorted({f"{document['model']['name']} ({document['model']['id'][:8]}...)" for document in documents})
    compared = "the reference" if references else f"{names[0]}, the first of the files"
    text = f"Model: {', '.join(models)}. Scores are compared with those of {compared}.\n\n"
    text += table(DEVICE_HEADER, [device_row(name, document) for name, document in zip(names, documents)]) + "\n"
    return text + table(RANK_HEADER, rows), wrong


def main(arguments):
    parser = argparse.ArgumentParser(description="Prints a table of benchmarks: see docs/device-benchmark.md.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="JSON of a benchmark, or a log with it")
    parser.add_argument("--reference", metavar="FILE", help="scores are compared with this benchmark's, such as the "
                                                            "host's; without, with those of the first file")
    parser.add_argument("--tolerance", type=float, default=1e-6, metavar="T",
                        help="of a score; 1e-6 (default) for models in f32, 1e-3 for models with int8 parts")
    options = parser.parse_args(arguments)
    try:
        documents = [document for path in options.files for document in bench_json.load(path)]
        references = bench_json.load(options.reference) if options.reference else []
    except bench_json.FormatError as error:
        print(f"bench-table.py: {error}", file=sys.stderr)
        return 1
    text, wrong = report(documents, references, options.tolerance)
    sys.stdout.write(text)
    if wrong:
        print(f"bench-table.py: the scores of {wrong} cases differ by more than {options.tolerance:g} from those they "
              "are compared with. A model with int8 parts needs --tolerance 1e-3. If this model has none, or the "
              "difference is larger, one of the two is wrong: please report it with both files", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
