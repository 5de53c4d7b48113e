"""Augur's models: a checkpoint and a description, converted. Tables stay f32, as the others' inputs are."""

from __future__ import annotations

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "converter", "python"))

import augur_model  # noqa: E402
from contenders import Contender  # noqa: E402
from network import random_weights  # noqa: E402

from augur_rank.files import safetensors_file  # noqa: E402


def make(contender: Contender, path: str) -> None:
    """Converts the network; AUGUR_CONVERT is the program that does."""
    stem = path + ".made"
    safetensors_file.save(stem + ".safetensors", random_weights(contender.config), {})
    with open(stem + ".json", "w", encoding="utf-8") as file:
        json.dump(augur_model.description(contender.config), file, indent=1)
    subprocess.run([os.environ["AUGUR_CONVERT"], "--weights", stem + ".safetensors", "--model", stem + ".json",
                    "--weights-type", contender.kind, "--embeddings", "f32", "--out", path],
                   check=True, stdout=subprocess.DEVNULL)
    os.remove(stem + ".safetensors")
    os.remove(stem + ".json")
