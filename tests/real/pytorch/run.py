"""Runs the cases of the libraries on PyTorch: python -m pytorch.run --results FILE [--only WORD]."""

import argparse
import importlib
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # DeepCTR-Torch imports TensorFlow
warnings.filterwarnings("ignore")

import torch  # noqa: E402  (after the setting above)
from case import run_cases  # noqa: E402

MODULES = ("deepctr_torch_cases", "recbole_cases", "torch_rechub_cases", "fuxictr_cases")


def main() -> int:
    """Runs what was asked for; the exit status is 1 if a case failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", required=True, type=Path)
    parser.add_argument("--only")
    given = parser.parse_args()
    torch.set_num_threads(1)  # the models are tiny
    cases = [case for name in MODULES for case in importlib.import_module(f"pytorch.{name}").CASES]
    results = given.results.absolute()
    os.environ["AUGUR_BUILD"] = os.path.abspath(os.environ["AUGUR_BUILD"])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # RecBole writes its logs into the working folder
        failed = run_cases(cases, results, given.only)
        os.chdir(results.parent)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
