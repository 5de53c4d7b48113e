#!/usr/bin/env python3
"""Turns augur-compare's results into a table (Markdown) and a chart (SVG).

    report.py RESULTS.json TABLE.md CHART.svg

All ratios are medians over rounds of (the other's time / Augur's time in the same round).
"""

import json
import sys
from statistics import median

COLOURS = {"Augur f32": "#1b7f5c", "Augur int8": "#5cc29a", "onnxruntime f32": "#d97a2b",
           "onnxruntime int8": "#f0b27a", "onnxruntime, plain": "#8c8c8c", "PyTorch": "#5b7fb9"}


def fastest(result: dict, kind: str) -> dict:
    """The fastest of the restructured onnxruntime graphs, for this cell of the table."""
    found = [c for c in result["contenders"]
             if c["name"].startswith("ort ") and c["name"].endswith(kind) and "plain" not in c["name"]]
    return min(found, key=lambda c: c["median_us"]) if found else {}


def contenders(result: dict) -> dict:
    named = {c["name"]: c for c in result["contenders"]}
    return {
        "Augur f32": named.get("augur f32"),
        "Augur int8": named.get("augur int8"),
        "onnxruntime f32": fastest(result, "f32"),
        "onnxruntime int8": fastest(result, "int8"),
        "onnxruntime, plain": named.get("ort plain f32"),
        "PyTorch": named.get("torch f32"),
    }


def ratio(other: dict, augur: dict) -> str:
    if not other or not augur:
        return "-"
    value = median(o / a for o, a in zip(other["rounds_us"], augur["rounds_us"]))
    return f"{value:.2f}"


def micro(contender: dict) -> str:
    return f"{contender['median_us']:,.0f}".replace(",", " ") if contender else "-"


def table(results: list) -> str:
    lines = [
        "| case | N | Augur f32 | Augur int8 | ORT restructured f32 | int8 | ORT plain | PyTorch "
        "| × f32 | × plain | × int8 | share f32 | share int8 | error f32 | error int8 |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        c = contenders(result)
        share = {kind: (f"{result['bound_us'][kind] / c[f'Augur {kind}']['median_us']:.2f}"
                        if c[f"Augur {kind}"] else "-") for kind in ("f32", "int8")}
        error = {kind: (f"{c[f'Augur {kind}']['worst_score_error']:.0e}"
                        if c[f"Augur {kind}"] else "-") for kind in ("f32", "int8")}
        lines.append("| " + " | ".join([
            result["case"], str(result["candidates"]), micro(c["Augur f32"]),
            micro(c["Augur int8"]), micro(c["onnxruntime f32"]), micro(c["onnxruntime int8"]),
            micro(c["onnxruntime, plain"]), micro(c["PyTorch"]),
            ratio(c["onnxruntime f32"], c["Augur f32"]), ratio(c["onnxruntime, plain"], c["Augur f32"]),
            ratio(c["onnxruntime int8"], c["Augur int8"]), share["f32"], share["int8"],
            error["f32"], error["int8"]]) + " |")
    peaks = [result["peaks"] for result in results]
    lines.append("")
    lines.append("Times in µs. Peaks measured in the same run: "
                 f"{median(p['f32_gflops'] for p in peaks):.0f} GFLOP/s f32, "
                 f"{median(p['int8_gops'] for p in peaks):.0f} GOP/s int8, "
                 f"{median(p['clock_ghz'] for p in peaks):.2f} GHz.")
    return "\n".join(lines) + "\n"


def chart(results: list) -> str:
    """A bar chart of the milliseconds at N = 100, one scale for all cases; shorter is better."""
    shown = [r for r in results if r["candidates"] == 100] or results
    row, group, left, width = 17, 26, 160, 550
    longest = max(c["median_us"] for r in shown for c in contenders(r).values() if c)
    parts, y = [], 46
    for result in shown:
        parts.append(f'<text x="12" y="{y + 12}" class="case">{result["case"]}, '
                     f'N={result["candidates"]}</text>')
        y += 20
        for name, contender in contenders(result).items():
            if not contender:
                continue
            length = max(1.0, width * contender["median_us"] / longest)
            parts.append(
                f'<text x="{left - 8}" y="{y + 11}" text-anchor="end">{name}</text>'
                f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{row - 4}" '
                f'fill="{COLOURS[name]}"/>'
                f'<text x="{left + length + 6:.1f}" y="{y + 11}">'
                f'{contender["median_us"] / 1000:.2f}</text>')
            y += row
        y += group - row
    style = ("text{font:12px system-ui,sans-serif;fill:#333}.case{font-weight:600}"
             ".title{font-size:14px;font-weight:600}")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 70}" height="{y + 8}">'
            f"<style>{style}</style><rect width='100%' height='100%' fill='#fff'/>"
            '<text x="12" y="24" class="title">Milliseconds for one request on one thread, '
            "T = 100</text>" + "".join(parts) + "</svg>\n")


def main() -> None:
    results_path, table_path, chart_path = sys.argv[1:]
    with open(results_path, encoding="utf-8") as file:
        results = json.load(file)
    with open(table_path, "w", encoding="utf-8") as file:
        file.write(table(results))
    with open(chart_path, "w", encoding="utf-8") as file:
        file.write(chart(results))
    print(table(results))


if __name__ == "__main__":
    main()
