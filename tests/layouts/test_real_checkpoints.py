"""Checkpoints that the libraries themselves wrote give the libraries' own scores (libraries/README.md)."""

import json
import struct
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any, Dict, List, Union

import numpy as np

import keras_file
from harness import PROBABILITY_TOLERANCE, ROOT, LayoutTest

FOLDER = Path(__file__).resolve().parent / "libraries"
# TensorFlow 1.4 sums a batch's statistics in float32; measured: 2.0e-6 over all its models.
AUTHORS_TOLERANCE = 5e-6


def read_lines(path: Path) -> List[Dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class RealCheckpoints(LayoutTest):
    def check_library(self, folder: str, layout: str, weights: Union[str, Path], *options: Any, prefix: str = "",
                      tolerance: float = PROBABILITY_TOLERANCE) -> None:
        """The converted checkpoint's scores are the library's."""
        library = FOLDER / folder
        answers = library / "answers.json"
        if answers.exists():
            options = (*options, "--model", answers)
        model, requests = self.folder / "model.augur", library / f"{prefix}requests.jsonl"
        done = self.run_convert(library / weights, "--layout", layout, "--out", model, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_command(self.rank_command, model, "--requests", requests)
        self.assertEqual(done.returncode, 0, done.stderr)
        came = [json.loads(line) for line in done.stdout.splitlines()]
        expected = read_lines(library / f"{prefix}scores.jsonl")
        self.assertEqual([line["id"] for line in came], [line["id"] for line in expected])
        self.assertGreater(len(came), 30)
        spread = [score for line in expected for score in line["scores"]]
        self.assertGreater(max(spread) - min(spread), 0.05, "the library's scores tell nothing apart")
        for mine, theirs in zip(came, expected):
            for what in ("scores", *({"logits"} & set(theirs))):
                difference = np.abs(np.subtract(mine[what], theirs[what]))
                np.testing.assert_array_less(difference, tolerance, f"{folder}, {mine['id']}: {what}")

    @unittest.skipUnless(keras_file.CAN_BE_READ, keras_file.WHY_NOT)
    def test_deepctr_keras_hdf5(self):
        self.check_library("deepctr-keras-h5", "deepctr-keras", "dien.h5")

    @unittest.skipUnless(keras_file.CAN_BE_READ, keras_file.WHY_NOT)
    def test_deepctr_keras_s_whole_models_need_no_answers(self):
        self.check_library("deepctr-keras-whole", "auto", "dien.h5")
        self.check_library("deepctr-keras-din", "auto", "din.keras")

    def test_deepctr_keras_s_saved_model_needs_no_answers(self):
        self.check_library("deepctr-keras-din", "auto", "saved_model")

    def test_deepctr_keras_saver(self):
        self.check_library("deepctr-keras-saver", "deepctr-keras", "dien.ckpt")

    def test_deepctr_torch(self):
        self.check_library("deepctr-torch", "deepctr-torch", "dien.safetensors")

    def test_deepctr_torch_din(self):
        self.check_library("deepctr-torch-din", "deepctr-torch", "din.safetensors")

    def test_recbole(self):
        self.check_library("recbole", "recbole", "dien.safetensors")

    def test_recbole_din(self):
        self.check_library("recbole-din", "recbole", "din.safetensors")

    def export(self, checkpoint: Path) -> Path:
        """By python3 -m augur_rank weights, which must not need PyTorch nor the library."""
        weights = self.folder / "exported.safetensors"
        hidden = 'import sys; sys.modules.update(torch=None, recbole=None); sys.argv[0] = "weights"; '
        run = "from augur_rank.commands.weights import main; sys.exit(main())"
        done = subprocess.run([sys.executable, "-B", "-c", hidden + run, checkpoint, weights, "--keep-names"],
                              cwd=ROOT / "converter" / "python", capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return weights

    def test_recbole_s_own_file(self):
        self.check_library("recbole-pth", "recbole", self.export(FOLDER / "recbole-pth" / "DIEN.pth"))
        self.check_library("recbole-pth", "recbole", "DIEN.pth")

    def test_deepctr_torch_saved_whole(self):
        exported = self.export(FOLDER / "deepctr-torch" / "whole_model.pt")
        self.assertEqual(exported.read_bytes(), (FOLDER / "deepctr-torch" / "dien.safetensors").read_bytes())

    def test_fuxictr(self):
        self.check_library("fuxictr", "fuxictr", "dien.safetensors")

    def test_long_ctr_din(self):
        self.check_library("longctr-din", "fuxictr", "din.safetensors")

    def test_torch_rechub(self):
        self.check_library("torch-rechub", "torch-rechub", "dien.safetensors")

    def authors(self, batch: str, *options: str) -> None:
        """One batch of the authors' code; Dice's statistics are measured on exactly that batch."""
        self.check_library("dien-tf1", "dien-tf1", "DIEN", "--set", "kind=dien", "--set", "max_history=8",
                           "--calibrate", FOLDER / "dien-tf1" / f"{batch}.requests.jsonl", *options,
                           prefix=f"{batch}.", tolerance=AUTHORS_TOLERANCE)

    def test_the_authors_code_with_histories_of_one_length(self):
        self.authors("equal", "--set", "history_sum=masked")

    def test_the_authors_code_with_padded_histories(self):
        self.authors("mixed", "--set", "history_sum=padded", "--set", "padded_length=8")

    def test_exported_files_keep_the_order_of_the_state_dict(self):
        for library in ("deepctr-torch", "recbole", "fuxictr", "torch-rechub"):
            data = (FOLDER / library / "dien.safetensors").read_bytes()
            header = json.loads(data[8:8 + struct.unpack_from("<Q", data)[0]])
            order = json.loads(header.pop("__metadata__")["augur.order"])
            self.assertEqual(sorted(order), sorted(header), library)
            self.assertNotEqual(order, sorted(order), library)  # otherwise the test would show nothing


if __name__ == "__main__":
    unittest.main()
