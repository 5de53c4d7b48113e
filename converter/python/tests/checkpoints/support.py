"""A temporary folder with helpers for the tests of checkpoints."""

import json
import struct
import tempfile
import unittest
from pathlib import Path
from typing import Any

import numpy as np

from augur_rank.checkpoints import Checkpoint, CheckpointError, load_checkpoint

BUNDLE = Path(__file__).resolve().parents[4] / "tests" / "layouts" / "libraries" / "deepctr-keras-din" / "saved_model"


class InAFolder(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def refused(self, path: Any, *words: str, **options: Any) -> None:
        with self.assertRaises(CheckpointError) as caught:
            load_checkpoint(path, **options)
        said = str(caught.exception)
        for word in words:
            self.assertIn(word, said)
        self.assertTrue(said.startswith(str(path)), said)

    def read_or_refused(self, path: Path) -> bool:
        """Whether the file is read; anything but a CheckpointError fails the test."""
        try:
            checkpoint = load_checkpoint(path)
        except CheckpointError:
            return False
        for tensor in checkpoint.tensors.values():
            self.assertIsInstance(tensor, np.ndarray)
        return True

    def mutations(self, path: Path, step: int, cut: int) -> None:
        """Every `step`th byte changed, and the file cut at every `cut`th: read or refused, and some of them refused."""
        whole = path.read_bytes()
        read = 0
        variants = [whole[:size] for size in range(0, len(whole), cut)]
        for at in range(0, len(whole), step):
            changed = bytearray(whole)
            changed[at] ^= 0xFF
            variants.append(bytes(changed))
        for variant in variants:
            path.write_bytes(variant)
            read += self.read_or_refused(path)
        self.assertLess(read, len(variants))

    def check(self, checkpoint: Checkpoint, tensors: dict[str, Any]) -> None:
        self.assertEqual(list(checkpoint.tensors), list(tensors))
        for name, tensor in tensors.items():
            np.testing.assert_array_equal(checkpoint.tensors[name], tensor, name)


def safetensors_bytes(header: Any, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data
