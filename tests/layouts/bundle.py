"""Checkpoints of tf.train.Saver for the tests, written by tests/converter/checkpoint/npz_to_bundle.cc."""

import os
import subprocess
import unittest
from pathlib import Path

from harness import Tensors, WRITERS, write_npz


def write_bundle(path: Path, tensors: Tensors) -> None:
    """PREFIX.index and its data files."""
    command = os.environ.get("AUGUR_NPZ_TO_BUNDLE", "")
    if not command:
        raise unittest.SkipTest("AUGUR_NPZ_TO_BUNDLE does not name the built writer of bundles")
    archive = path.with_suffix(".npz")
    write_npz(archive, tensors)
    subprocess.run([command, str(archive), str(path.with_suffix(""))], check=True, timeout=60)


WRITERS[".index"] = write_bundle
