"""Sums up the results of a run, and writes docs/libraries.md from them.

    python3 tests/real/report.py RESULTS.jsonl... [--write docs/libraries.md]

It needs nothing but Python.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

HEAD = """# Libraries: every mode, trained, exported and compared

Look here to see whether your library's mode was tried, and how near Augur comes to its scores. Every model was
trained with the library as its package installs it, exported by `augur_rank.export(model, path, sample=batch)`
([how](export.md)), and ranked. The columns:

- `given`: what export was told besides the sample, because the library does not know it;
- `score`, `logit`: the largest differences between the library's own and the file's, in f32, over all rows of the
  sample. A score is a probability, or a regression's value. No logit: the library does not show it;
- `stages`: how many intermediate values (embeddings, states, attention, final state, the head's input; of each
  sequence) were compared as well, and agree.

    sh tests/real/run.sh --write

makes the environments, runs everything, and writes this page. {summary}

FuxiCTR's package has the models of LongCTR, but not those of its `model_zoo`. With a checkout of it,
`AUGUR_FUXICTR_ZOO=…/model_zoo sh tests/real/run.sh pytorch` runs these, too.

The DIEN authors' code is in no package. Its models are written anew in `tests/real/tf/dien_tf1_graph.py`, with the same
variables and mathematics; the last two modes are a checkpoint of the authors' own code, whose scores they give within
3e-7.
"""


def rows_of(paths: list[str]) -> list[dict[str, Any]]:
    found = []
    for path in paths:
        if not Path(path).is_file():
            print(f"{path}: there are no results; the group's script says why above", file=sys.stderr)
            found.append({"library": Path(path).stem, "mode": "", "error": "did not run"})
            continue
        found += [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return found


def page(rows: list[dict[str, Any]]) -> str:
    good = [row for row in rows if row["error"] is None]
    worst = max((row["score"] for row in good), default=0.0)
    summary = f"The last run had {len(good)} modes.\nTheir largest difference of a score was {worst:.1e}."
    lines = [HEAD.format(summary=summary)]
    for library in dict.fromkeys(row["library"] for row in rows):
        lines += [f"\n## {library}\n", "| mode | given | rows | score | logit | stages |",
                  "|---|---|---|---|---|---|"]
        for row in rows:
            if row["library"] != library:
                continue
            if row["error"] is not None:
                lines.append(f"| {row['mode']} | | | {row['error']} | | |")
                continue
            logit = "" if row["logit"] is None else f"{row['logit']:.1e}"
            given = f"`{row['given']}`" if row["given"] else ""
            figures = f"{row['rows']} | {row['score']:.1e} | {logit} | {len(row.get('stages', []))}"
            lines.append(f"| {row['mode']} | {given} | {figures} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+")
    parser.add_argument("--write", help="the page to write")
    given = parser.parse_args()
    rows = rows_of(given.results)
    failed = [row for row in rows if row["error"] is not None]
    for row in failed:
        print(f"FAILED {row['library']}, {row['mode']}: {row['error']}")
    if given.write and not failed:
        Path(given.write).write_text(page(rows), encoding="utf-8")
    elif given.write:
        print(f"{given.write} was not written, because cases failed")
    print(f"{len(rows) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
