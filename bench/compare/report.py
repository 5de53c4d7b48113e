#!/usr/bin/env python3
"""Turns the results of compare.py into a table (Markdown) and a chart (SVG).

    report.py RESULTS.json TABLE.md CHART.svg

Ratios are medians over the rounds of (the other's time / Augur's time in the same round). The fastest form of a runtime
counts in each cell; plain exports are apart.
"""

from __future__ import annotations

import json
import sys
from statistics import median
from typing import Any
from xml.sax.saxutils import escape

from contenders import ENGINES

COLOURS = {"augur": "#1b7f5c", "onnxruntime": "#d97a2b", "litert": "#c9a227", "executorch": "#b5533c", "mnn": "#7a6fb0",
           "ncnn": "#4f8f9e", "torch": "#5b7fb9", "inductor": "#8aa3cc", "plain": "#8c8c8c"}
Cell = dict[str, Any]


def fastest(cell: Cell, engine: str, *kinds: str) -> Cell | None:
    """The fastest restructured form of an engine, or of all others but Augur ("")."""
    found = [c for c in cell["contenders"] if c["kind"] in kinds and c["form"] != "plain"
             and (c["engine"] == engine if engine else c["engine"] != "augur")]
    return min(found, key=lambda c: float(c["median_us"])) if found else None


def fastest_plain(cell: Cell) -> Cell | None:
    """The fastest plain export."""
    found = [c for c in cell["contenders"] if c["form"] == "plain"]
    return min(found, key=lambda c: float(c["median_us"])) if found else None


def ratio(other: Cell | None, augur: Cell | None) -> float | None:
    """How many times as long the other takes."""
    if not other or not augur:
        return None
    return float(median(o / a for o, a in zip(other["rounds_us"], augur["rounds_us"])))


def number(value: float | None, digits: int = 0) -> str:
    """With spaces between thousands."""
    return "-" if value is None else f"{value:,.{digits}f}".replace(",", " ")


def memory(found: list[Cell]) -> str:
    """The growth of memory when the model is made, and with the first requests: the least and the most of the cells."""
    if not found:
        return "-"

    def span(name: str) -> str:
        least, most = (f(c[name] for c in found) / 1000 for f in (min, max))
        return f"{least:.1f}" if f"{least:.1f}" == f"{most:.1f}" else f"{least:.1f}-{most:.1f}"

    return f"{span('memory_model_kb')}; {span('memory_requests_kb')}"


def size(results: Cell, title: str) -> str:
    """The stripped libraries of an engine."""
    return " + ".join(number(row["bytes"] / 1e6, 2) for row in results["libraries"] if row["engine"] == title) or "-"


def rows_of(cells: list[Cell]) -> list[tuple[str, str]]:
    """The engines and kinds that were measured, in the order of ENGINES."""
    there = {(c["engine"], c["kind"]) for cell in cells for c in cell["contenders"] if c["form"] != "plain"}
    return [(key, kind) for key in ENGINES for kind in ("f32", "int8") if (key, kind) in there]


def summary(results: Cell, cells: list[Cell]) -> list[str]:
    """One row for each runtime: µs, and in brackets the ratio to Augur of the same kind and the form."""
    lines = [" | ".join(["| µs of one request", *(f"T={c['steps']} N={c['candidates']}" for c in cells),
                         "library, MB stripped", "memory growth, MB: model; requests |"]),
             "|---" * (len(cells) + 3) + "|"]
    for engine, kind in rows_of(cells):
        texts, used = [], []
        for cell in cells:
            found, augur = fastest(cell, engine, kind), fastest(cell, "augur", kind)
            if not found:
                texts.append("-")
                continue
            used.append(found)
            other = ratio(found, augur)
            bracket = (f"{cell['bound_us'][kind] / found['median_us']:.2f} of the bound" if engine == "augur"
                       else ", ".join(filter(None, [f"{other:.2f} ×" if other else "", found["form"]])))
            texts.append(f"{number(found['median_us'])} ({bracket})")
        title = " ".join(filter(None, [ENGINES[engine].title, results["versions"].get(engine), kind]))
        lines.append("| " + " | ".join([title, *texts, size(results, ENGINES[engine].title), memory(used)]) + " |")
    plain = [fastest_plain(cell) for cell in cells]
    if any(plain):
        texts = ["-" if not c else f"{number(c['median_us'])} ({ratio(c, fastest(cell, 'augur', 'f32')) or 0:.1f} ×, "
                 f"{ENGINES[c['engine']].title})" for c, cell in zip(plain, cells)]
        lines.append("| " + " | ".join(["the best plain export", *texts, "", ""]) + " |")
    for title, kinds in (("Augur f32 before the best other, f32", ("f32",)),
                         ("Augur int8 before the best other, int8 or f32", ("int8", "f32"))):
        texts = []
        for cell in cells:
            best = fastest(cell, "", *kinds)
            other = ratio(best, fastest(cell, "augur", kinds[0]))
            texts.append(f"{other:.2f} × {ENGINES[best['engine']].title} {best['kind']}" if best and other else "-")
        lines.append("| " + " | ".join([f"**{title}**", *texts, "", ""]) + " |")
    return lines


def details(cell: Cell) -> list[str]:
    """All contenders of a cell."""
    f32, int8 = fastest(cell, "augur", "f32"), fastest(cell, "augur", "int8")
    lines = [f"{cell['case']}, N={cell['candidates']}: bound {number(cell['bound_us']['f32'])} µs f32, "
             f"{number(cell['bound_us']['int8'])} µs int8", "",
             "| contender | median µs | least | × Augur f32 | × Augur int8 | max abs Δp | requests "
             "| memory kB: model | requests |", "|---" * 9 + "|"]
    for c in cell["contenders"]:
        lines.append("| " + " | ".join([
            c["name"], number(c["median_us"], 1), number(c["least_us"], 1), number(ratio(c, f32), 2),
            number(ratio(c, int8), 2), f"{c['worst_score_error']:.1e}", str(c["requests"]),
            number(c["memory_model_kb"]), number(c["memory_requests_kb"])]) + " |")
    return lines


def groups(results: Cell) -> dict[tuple[str, int], list[Cell]]:
    """The cells of each attention and width."""
    found: dict[tuple[str, int], list[Cell]] = {}
    for cell in results["cells"]:
        found.setdefault((cell["attention"], cell["hidden"]), []).append(cell)
    return found


def table(results: Cell) -> str:
    """The whole text."""
    lines = []
    for (attention, hidden), cells in groups(results).items():
        lines += [f"## {'MLP' if attention == 'mlp' else attention} attention, H = {hidden}", "",
                  *summary(results, cells), ""]
    peaks = [cell["peaks"] for cell in results["cells"]]
    clock = "wall clock" if results["clock"] == "wall" else "processor time"
    lines += [f"{results['machine']}, one core, one thread, {clock}, medians of {results['rounds']} rounds. Peaks "
              f"measured in the same rounds: {median(p['f32_gflops'] for p in peaks):.0f} GFLOP/s f32, "
              f"{median(p['int8_gops'] for p in peaks):.0f} GOP/s int8, "
              f"{median(p['clock_ghz'] for p in peaks):.2f} GHz.", "", "| library | bytes, stripped |", "|---|---|"]
    for row in results["libraries"]:
        lines.append(f"| {row['engine']}{', ' + row['part'] if row['part'] else ''} | {number(row['bytes'])} |")
    if results["left_out"]:
        lines += ["", "Left out:", "", *(f"- {line}" for line in results["left_out"])]
    for cell in results["cells"]:
        lines += ["", *details(cell)]
    return "\n".join(lines) + "\n"


def line(cell: Cell, seconds: float) -> str:
    """A cell in one line, while it runs."""
    parts = [f"{ENGINES[engine].title} {kind} {number(found['median_us'])}" for engine, kind in rows_of([cell])
             if (found := fastest(cell, engine, kind))]
    return f"{seconds:4.0f} s  {cell['case']} N={cell['candidates']}: {', '.join(parts)}"


def bars(cell: Cell) -> list[tuple[str, str, float, float]]:
    """Label, colour, opacity and µs."""
    found = []
    for engine, kind in rows_of([cell]):
        c = fastest(cell, engine, kind)
        if c:
            found.append((f"{ENGINES[engine].title} {kind}", COLOURS[engine], 1.0 if kind == "f32" else 0.6,
                          float(c["median_us"])))
    plain = fastest_plain(cell)
    if plain:
        found.append((f"plain, {ENGINES[plain['engine']].title}", COLOURS["plain"], 1.0, float(plain["median_us"])))
    return found


def time_text(us: float) -> str:
    """In µs, or ms from 10 000 µs on."""
    return f"{us:.0f} µs" if us < 1e4 else f"{us / 1000:.0f} ms"


def chart(results: Cell) -> str:
    """Bars for each cell, on a scale of its own; bars that are much longer than the others are cut."""
    row, left, width, column, columns = 16, 140, 210, 430, 2
    parts, bottoms = [], [44.0] * columns
    for index, cell in enumerate(results["cells"]):
        x = 12 + column * (index % columns)
        y = bottoms[index % columns]
        shown = bars(cell)
        if not shown:
            continue
        scale = min(max(bar[3] for bar in shown), 12 * min(bar[3] for bar in shown))
        title = f"{cell['attention']}, H = {cell['hidden']}, T = {cell['steps']}, N = {cell['candidates']}"
        parts.append(f'<text x="{x}" y="{y + 12:.0f}" class="case">{escape(title)}</text>')
        y += 20
        for label, colour, opacity, us in shown:
            length = max(1.0, width * min(1.0, us / scale))
            parts.append(f'<text x="{x + left - 8}" y="{y + 11:.0f}" text-anchor="end">{escape(label)}</text>'
                         f'<rect x="{x + left}" y="{y:.0f}" width="{length:.1f}" height="{row - 4}" fill="{colour}" '
                         f'fill-opacity="{opacity}"/>')
            if us > scale:  # the bar is cut: a white stroke through it
                cut = x + left + width - 14
                parts.append(f'<path d="M{cut} {y + row - 3:.0f} l6 {-row + 2}" stroke="#fff" stroke-width="3"/>')
            parts.append(f'<text x="{x + left + length + 6:.1f}" y="{y + 11:.0f}">{time_text(us)}</text>')
            y += row
        bottoms[index % columns] = y + 14
        if index % columns == columns - 1:
            bottoms = [max(bottoms)] * columns
    style = ("text{font:12px system-ui,sans-serif;fill:#333}.case{font-weight:600}"
             ".title{font-size:14px;font-weight:600}")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{12 + column * columns}" height="{max(bottoms):.0f}">'
            f"<style>{style}</style><rect width='100%' height='100%' fill='#fff'/>"
            '<text x="12" y="24" class="title">One request on one core; each group has a scale of its own</text>'
            + "".join(parts) + "</svg>\n")


def main() -> None:
    """Writes both files anew."""
    results_path, table_path, chart_path = sys.argv[1:]
    with open(results_path, encoding="utf-8") as file:
        results = json.load(file)
    with open(table_path, "w", encoding="utf-8") as file:
        file.write(table(results))
    with open(chart_path, "w", encoding="utf-8") as file:
        file.write(chart(results))


if __name__ == "__main__":
    main()
