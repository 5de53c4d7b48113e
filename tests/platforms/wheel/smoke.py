"""Converts, inspects and ranks with an installed augur-rank, and compares with the library's own scores.

    PYTHON smoke.py FIXTURES WORK

FIXTURES is tests/layouts/libraries, WORK a folder to write to. It runs on every Python that the package supports, with
NumPy alone, and says what it did; the first thing that is wrong ends it.
"""

import json
import os
import subprocess
import sys
import sysconfig

import numpy as np

SCRIPTS = sysconfig.get_path("scripts")


def run(command, *arguments):
    """The standard output of an installed command."""
    done = subprocess.run(
        [os.path.join(SCRIPTS, command), *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{command} {' '.join(arguments)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def read(path):
    """The objects of a file of JSON lines."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def largest(found, expected):
    """The largest difference of two lists of arrays of equal shapes."""
    if [np.shape(scores) for scores in found] != [np.shape(scores) for scores in expected]:
        sys.exit("there are not as many scores as candidates")
    return max(float(np.max(np.abs(np.subtract(a, b)))) for a, b in zip(found, expected))


def main():
    """The command line."""
    fixtures, work = sys.argv[1:]
    import augur_rank as augur

    package = os.path.dirname(os.path.abspath(augur.__file__))
    if os.path.commonpath([package, sysconfig.get_path("platlib")]) != sysconfig.get_path("platlib"):
        sys.exit(f"augur_rank is not the installed package, but {package}")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    print(f"Python {version}, NumPy {np.__version__}, {package}")

    library = os.path.join(fixtures, "deepctr-torch")
    requests = os.path.join(library, "requests.jsonl")
    expected = [answer["scores"] for answer in read(os.path.join(library, "scores.jsonl"))]
    # A file that the compiled command reads, and one that is unpickled in Python.
    for weights in ("dien.safetensors", "whole_model.pt"):
        model = os.path.join(work, weights + ".augur")
        run(
            "augur-convert",
            "--weights",
            os.path.join(library, weights),
            "--layout",
            "deepctr-torch",
            "--model",
            os.path.join(library, "answers.json"),
            "--out",
            model,
        )
        by_command = [
            answer["scores"]
            for answer in map(json.loads, run("augur-rank", model, "--requests", requests).splitlines())
        ]
        with augur.Model(model) as opened:
            by_package = opened.rank(read(requests))
        difference = largest(by_command, expected)
        if difference > 1e-5:
            sys.exit(f"{weights}: augur-rank differs from the library by {difference:.2g}")
        if largest(by_package, by_command) > 1e-6:  # the command prints decimal digits
            sys.exit(f"{weights}: augur_rank.Model and augur-rank differ by {largest(by_package, by_command):.2g}")
        print(f"{weights}: {len(expected)} requests, differs from the library by at most {difference:.1e}")

    if "AUGRU" not in run("augur-inspect", model):
        sys.exit("augur-inspect does not show the model's AUGRU")
    if "rank again" not in run("augur-bench", model, "--candidates", "8", "--history", "4", "--calls", "5"):
        sys.exit("augur-bench measures no ranking")
    by_module = subprocess.run(
        [sys.executable, "-m", "augur_rank", "inspect", model], stdout=subprocess.PIPE, check=True, timeout=120
    )
    if b"AUGRU" not in by_module.stdout:
        sys.exit("python -m augur_rank inspect does not show the model's AUGRU")
    refused = subprocess.run(
        [os.path.join(SCRIPTS, "augur-rank"), os.path.join(work, "none.augur"), "--requests", requests],
        stderr=subprocess.PIPE,
        check=False,
        timeout=120,
    )
    if refused.returncode != 1 or b"none.augur" not in refused.stderr:
        sys.exit(f"augur-rank without a model: exit status {refused.returncode}, {refused.stderr!r}")
    print("augur-inspect, augur-bench and python -m augur_rank work")


if __name__ == "__main__":
    main()
