"""What a call of Session.rank costs beyond the same call of the C library.

    python3 bench/python/overhead.py

It converts the shop's DIEN, with keys and without, and times by turns in one process, on one thread: augur_rank through
ctypes with structs that are ready; Session.rank with prepared columns, arrays, lists, string keys and frames. The
difference of neighbouring calls is the cost of Python, and the cost of ctypes itself is added: that of augur_rank
with a null session, which returns at once. Medians; histories of one event show the same costs with less noise.

It needs the package (installed, or converter/python in PYTHONPATH and AUGUR_BUILD), and the folder examples/shop.
"""

import argparse
import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from augur_rank import built
from augur_rank.runtime import Model
from augur_rank.runtime.columns import address

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"


def convert(folder: Path, keys: bool) -> str:
    """The shop's DIEN; with `keys`, items are strings."""
    path = folder / ("keys.augur" if keys else "rows.augur")
    command = [built.command("augur-convert"), "--weights", str(SHOP / "dien.safetensors"), "--layout",
               "augur-reference", "--set", "kind=dien", "--set", "max_history=50", "--out", str(path)]
    if keys:
        command += ["--vocabulary", f"item={SHOP / 'item_keys.txt'}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return str(path)


def item_keys() -> list[str]:
    """The key of each row; row 0 has none."""
    rows = [line.split("\t") for line in (SHOP / "item_keys.txt").read_text().splitlines()]
    keys = [""] * (len(rows) + 1)
    for key, row in rows:
        keys[int(row)] = key
    return keys


def ways(model: Model, items, categories, is_keyed: bool):
    """(name, arguments of Session.rank) of each way to give the candidates."""
    if is_keyed:
        yield "prepared", model.candidates({"item": items, "category": categories})
        yield "list of str, array", {"item": items, "category": categories}
        yield "array of str, array", {"item": np.array(items), "category": categories}
        return
    columns = {"item": items, "category": categories}
    yield "prepared", model.candidates(columns)
    yield "dict of int64 arrays", columns
    yield "dict of int32 arrays", {name: values.astype(np.int32) for name, values in columns.items()}
    yield "dict of lists", {name: values.tolist() for name, values in columns.items()}
    if importlib.util.find_spec("pandas"):
        import pandas
        yield "pandas frame", pandas.DataFrame(columns)
    if importlib.util.find_spec("polars"):
        import polars
        yield "polars frame", polars.DataFrame(columns)


def measure(model: Model, candidates: int, events: int, rounds: int, is_keyed: bool) -> tuple[float, float, list]:
    """(µs of the C call, µs of ctypes alone, [(way, µs more)])"""
    rng = np.random.default_rng(1)
    keys = item_keys()

    def some(count: int):
        rows = rng.integers(1, len(keys), count)
        return ([keys[row] for row in rows] if is_keyed else rows), rng.integers(1, 29, count)
    with model.session() as session:
        session.set_feature("user", 5)
        items, categories = some(events)
        session.set_history({"item": items, "category": categories})
        items, categories = some(candidates)
        prepared, out = model.candidates({"item": items, "category": categories}), np.empty(candidates, np.float32)
        call = session._library.augur_rank
        bare = (session._session, prepared.address, prepared.count, candidates, address(out), None)
        null = (None, *bare[1:])
        given = list(ways(model, items, categories, is_keyed))
        more = {name: [] for name, _ in given}
        whole, alone = [], []
        clock = time.perf_counter_ns
        for _ in range(rounds):
            begin = clock()
            call(*null)
            alone.append(clock() - begin)
            for name, argument in given:
                begin = clock()
                call(*bare)
                middle = clock()
                session.rank(argument)
                more[name].append(clock() - middle - (middle - begin))
                whole.append(middle - begin)
    base = statistics.median(alone) / 1000
    return (statistics.median(whole) / 1000, base,
            [(name, statistics.median(times) / 1000 + base) for name, times in more.items()])


def main() -> int:
    """Prints a table."""
    parser = argparse.ArgumentParser(description="What a call of Session.rank costs beyond the C call.")
    parser.add_argument("--rounds", type=int, default=2000, help="calls of each kind (2000)")
    arguments = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        for is_keyed in (False, True):
            with Model(convert(Path(folder), is_keyed)) as model:
                for candidates, events in ((1, 1), (10, 1), (100, 1), (100, 50)):
                    rounds = max(arguments.rounds // (5 if events > 1 else 1), 1)
                    call, alone, more = measure(model, candidates, events, rounds, is_keyed)
                    print(f"\n{'string keys' if is_keyed else 'rows'}, {candidates} candidates, {events} events: "
                          f"C call {call:.1f} µs, of which ctypes {alone:.2f}")
                    for name, cost in more:
                        print(f"  {name:<24}{cost:6.2f} µs more")
    return 0


if __name__ == "__main__":
    sys.exit(main())
