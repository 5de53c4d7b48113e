#!/usr/bin/env python3
"""Measures the tables "request", "kernels" and "start" of docs/performance.md, and "threads" of docs/threads.md, in one run, and prints them.

    python3 bench/tables.py build/host                        all tables, some minutes
    python3 bench/tables.py build/host --tables request
    python3 bench/tables.py build/host --json results.json    the benchmarks' own results, too

It runs bin/augur-benchmarks once. All cases take turns (random interleaving) for several rounds; a time is the median of
the rounds, in processor time. Run it with a priority above other programs (`chrt -f 10`, `taskset -c 1`). Widths E = H,
head 200-80-1, attention MLP 4H-80-40-1 with sigmoids. The table "peers" is that of bench/compare/run.sh.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

NETWORKS = {"bilinear": "bilinear", "mlp": "MLP"}
NAMES = {"N_AVX3_DL": "AVX-512 VNNI", "N_AVX2": "AVX2", "N_SSE2": "SSE2"}
LISTS = (1, 10, 20, 100, 500)


class Results:
    """Medians by the benchmark's name."""

    def __init__(self, report: dict) -> None:
        self.context = report["context"]
        runs = report["benchmarks"]
        alone = {run["run_name"]: run for run in runs if run.get("run_type") != "aggregate" and "error_occurred" not in run}
        medians = {run["run_name"]: run for run in runs if run.get("aggregate_name") == "median"}
        self.runs = {**alone, **medians}

    def value(self, name: str, counter: str = "cpu_time") -> float | None:
        for suffix in ("", "/manual_time", "/iterations:60/manual_time", "/real_time"):
            run = self.runs.get(name + suffix)
            if run is not None:
                return run.get(counter, run["real_time"] if counter == "cpu_time" else None)
        return None

    def cells(self, names: list[str], counter: str = "cpu_time") -> str:
        """The values of several benchmarks in one cell; a dash for a benchmark that does not exist."""
        return " / ".join(shown(self.value(name, counter)) for name in names)


def shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}".replace(",", " ") if value >= 99.5 else f"{value:.2g}" if value < 10 else f"{value:.0f}"


def share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def print_table(title: str, heads: list[str], rows: list[list[str]]) -> None:
    print(f"\n### {title}\n")
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def request_tables(results: Results) -> None:
    rows = []
    for network, title in NETWORKS.items():
        for kind in ("", "_int8"):
            for width in (36, 128):
                name = f"{network}{kind}/{width}/100"
                rows.append([
                    f"{title}{', int8' if kind else ''}, {width}",
                    *(results.cells([f"{what}/{name}/{n}" for n in LISTS])
                      for what in ("new_user", "again", "stream", "append")),
                    *(" / ".join(share(results.value(f"new_user/{name}/{n}", f"share_{of}")) for n in LISTS)
                      for of in ("of_bound", "for_aims"))])
    print_table(f"A request, µs, T = 100, N = {' / '.join(map(str, LISTS))}",
                ["attention, H", "new user", "rank again", "append + rank, stream", "append + rank, window",
                 "new user: share of the bound", "as the aims count it"], rows)
    rows = []
    for network, title in NETWORKS.items():
        for kind in ("", "_int8"):
            for n in (1, 20, 100):
                name = f"{network}{kind}/36"
                times = [results.value(f"again/{name}/{steps}/{n}") for steps in (100, 1000, 4000)]
                one_more = [results.value(f"{what}/{name}/1000/{n}") for what in ("stream", "append")]
                ratios = [f"{time / times[0]:.1f}" if time and times[0] else "-" for time in times[1:]]
                more = [f"{time / times[1]:.2f}" if time and times[1] else "-" for time in one_more]
                rows.append([f"{title}{', int8' if kind else ''}", str(n), *(shown(time) for time in times), *ratios,
                             *more, shown((results.value(f"again/{name}/1000/{n}", "session") or 0) / 1000)])
    print_table("Long histories, µs, H = 36", [
        "attention", "N", "rank again, T = 100", "T = 1000", "T = 4000", "T = 1000 / T = 100", "T = 4000 / T = 100",
        "T = 1000: append + rank / again, stream", "window", "T = 1000: session, KB"], rows)


def kernel_tables(results: Results) -> None:
    sets = sorted({match[1] for name in results.runs if (match := re.match(r"augru/([^/]+)/", name))}, key=order)
    kernels = {"augru": "AUGRU", "augru_reset_before": "AUGRU, reset before", "augru_int8": "AUGRU, int8",
               "mlp_sigmoid": "MLP attention", "dot": "scores by dot products"}
    rows = []
    for kernel, title in kernels.items():
        for width in (36, 64, 128):
            cells = [results.cells([f"{kernel}/{one}/{width}/100/{n}" for n in (1, 10, 100)]) for one in sets]
            best = [results.value(f"{kernel}/{sets[0]}/{width}/100/100", "share_of_peak")] if sets else [None]
            rows.append([title, str(width), *cells, share(best[0])])
    for kernel, title in {"augru": "the AUGRU's products alone", "mlp": "the MLP's products alone"}.items():
        for width in (36, 64, 128):
            names = [f"xnnpack_{kernel}/f32/{width}/100/{n}" for n in (1, 10, 100)]
            rows.append([title, str(width), results.cells(names), *([""] * (len(sets) - 1)),
                         share(results.value(names[2], "share_of_peak"))])
    print_table("Kernels, µs, 100 steps, N = 1 / 10 / 100",
                ["kernel", "H", *(NAMES.get(one, one) for one in sets), "share of the peak, N = 100"], rows)
    functions = sorted({match[1] for name in results.runs if (match := re.match(r"function_([^/]+)/", name))})
    if functions:
        print_table("Functions of the gates, ns a value", ["function", *(NAMES.get(one, one) for one in sets)],
                    [[function, *(number(results.value(f"function_{function}/{one}", "ns/value")) for one in sets)]
                     for function in functions])


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def order(kernel_set: str) -> int:
    return list(NAMES).index(kernel_set) if kernel_set in NAMES else len(NAMES)


def start_tables(results: Results) -> None:
    rows = []
    for title, shape in (("H = 36, T = 50, 38,000 items", "36/38000/50"), ("H = 128, T = 100, 6,500 items", "128/6500/100")):
        rows.append([title, *(shown(results.value(f"start/{part}/{shape}/1", "real_time")) for part in ("open", "create")),
                     *(results.cells([f"start/{part}/{shape}/{n}" for n in (1, 10, 100)], "real_time")
                       for part in ("first", "new_user"))])
    print_table("Start, µs, N = 1 / 10 / 100", ["model of 3 MB", "open", "create", "first ranking", "the same later"], rows)
    rows = []
    for network, title in NETWORKS.items():
        for width in (36, 128):
            sizes = [[results.value(f"again/{network}{kind}/{width}/{steps}/100", "session") for steps in (50, 100, 1000)]
                     for kind in ("", "_int8")]
            rows.append([title, str(width), *(" / ".join(shown(size / 1000 if size else None) for size in of_kind)
                                              for of_kind in sizes)])
    print_table("A session, KB, T = 50 / 100 / 1000", ["attention", "H", "f32", "int8"], rows)


def thread_tables(results: Results) -> None:
    rows = []
    for kind in ("", "_int8"):
        for network, title in NETWORKS.items():
            cells = []
            for n in (100, 500, 1000):
                times = [results.value(f"threads/{network}{kind}/36/100/{n}/{threads}", "real_time") for threads in (1, 2)]
                cells += [", ".join(shown(time) for time in times),
                          f"{times[0] / times[1]:.2f}" if times[0] and times[1] else "-"]
            rows.append([f"{title}, {'int8' if kind else 'f32'}", *cells])
    print_table("Threads, µs, H = 36, T = 100, N = 100 / 500 / 1000", [
        "", "N = 100: 1, 2 threads", "ratio", "N = 500", "ratio", "N = 1000", "ratio"], rows)


TABLES = {
    "request": (request_tables, r"(new_user|again|append|stream)/(bilinear|mlp)(_int8)?/(36|128)/100/.*|"
                                r"(again|append|stream)/(bilinear|mlp)(_int8)?/36/(1000|4000)/(1|20|100)$"),
    "kernels": (kernel_tables, r"(augru|augru_reset_before|augru_int8|mlp_sigmoid|dot)/N_[^/]*/.*/100/(1|10|100)$|"
                               r"xnnpack_.*/100/(1|10|100)$|function_.*"),
    "start": (start_tables, r"start/(open|create|first|new_user)/.*|again/(bilinear|mlp)(_int8)?/(36|128)/(50|100|1000)/100$"),
    "threads": (thread_tables, r"threads/(bilinear|mlp)(_int8)?/36/100/(100|500|1000)/[12]/.*"),
}


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return os.uname().machine


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help="the build folder, such as build/host")
    parser.add_argument("--tables", default=",".join(TABLES), help="which, separated by commas (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.02, help="the least time of a case in a round")
    parser.add_argument("--json", type=Path, help="where the benchmarks' own results are written")
    options = parser.parse_args()
    chosen = options.tables.split(",")
    unknown = [name for name in chosen if name not in TABLES]
    if unknown:
        parser.error(f"there is no table '{unknown[0]}'; there are {', '.join(TABLES)}")
    program = options.build / "bin" / "augur-benchmarks"
    if not program.exists():
        parser.error(f"{program} does not exist: cmake --build --preset host --target augur-benchmarks")
    with tempfile.TemporaryDirectory() as folder:
        path = options.json or Path(folder) / "results.json"
        pattern = "|".join(f"(^({TABLES[name][1]}))" for name in chosen) + "|^peaks$"
        status = subprocess.run(
            [program, f"--benchmark_filter={pattern}", f"--benchmark_repetitions={options.rounds}",
             "--benchmark_enable_random_interleaving=true", f"--benchmark_min_time={options.seconds}",
             f"--benchmark_out={path}", "--benchmark_out_format=json"], stdout=subprocess.DEVNULL, check=False).returncode
        if status != 0:
            return status
        results = Results(json.loads(path.read_text()))
    clock = results.value("peaks", "clock_ghz")
    print(f"{processor()}, {results.context['num_cpus']} cores, measured clock {number(clock)} GHz, "
          f"{shown(results.value('peaks', 'f32_gflops'))} GFLOP/s f32, {shown(results.value('peaks', 'int8_gops'))} GOP/s "
          f"int8; medians of {options.rounds} rounds.")
    for name in chosen:
        TABLES[name][0](results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
