"""Layout dien-tf1 on damaged bundles, and on the index of a real checkpoint."""

import os
import unittest
from pathlib import Path
from typing import Callable

import numpy as np

import bundle  # registers .index
from harness import Case, LayoutTest, Tensors, WRITERS
from test_dien_tf1 import make_case


class DamagedFiles(LayoutTest):
    def damaged(self, *words: str, damage: Callable[[Path], None]) -> None:
        def write(path: Path, tensors: Tensors) -> None:
            bundle.write_bundle(path, tensors)
            damage(path)

        WRITERS[".damaged.index"] = write
        self.refused(make_case("augru", suffix=".damaged.index"), *words)

    @staticmethod
    def first_shard(index: Path) -> Path:
        return index.with_name(index.name.replace(".index", ".data-00000-of-00002"))

    def test_an_index_that_is_cut_off(self) -> None:
        self.damaged(".damaged.index", damage=lambda index: index.write_bytes(
            index.read_bytes()[:-20]))

    def test_a_data_file_that_is_cut_off(self) -> None:
        def cut(index: Path) -> None:
            shard = self.first_shard(index)
            shard.write_bytes(shard.read_bytes()[:100])

        self.damaged("it is truncated, or belongs to another index", damage=cut)

    def test_a_data_file_that_is_missing(self) -> None:
        self.damaged("data-00000-of-00002' is missing",
                     damage=lambda index: self.first_shard(index).unlink())

    def test_a_changed_byte(self) -> None:
        def change(index: Path) -> None:
            shard = self.first_shard(index)
            data = bytearray(shard.read_bytes())
            data[5] ^= 1
            shard.write_bytes(data)

        self.damaged("does not match its CRC-32C", damage=change)

    def test_weights_that_are_no_numbers(self) -> None:
        for value in (np.nan, np.inf):
            case = make_case("augru")
            case.tensors["gru2/candidate/kernel"][2, 1] = value
            self.refused(case, "'gru2/candidate/kernel'", "is NaN" if np.isnan(value) else "is infinite")


class OtherSpellings(LayoutTest):
    """The variables in an .npz, under slightly different names."""

    def named(self, spell: Callable[[str], str]) -> Case:
        def write(path: Path, tensors: Tensors) -> None:
            np.savez(path, **{spell(name): np.asarray(tensor, np.float32)
                              for name, tensor in tensors.items()})

        WRITERS[".spelt.npz"] = write
        return make_case("augru", suffix=".spelt.npz")

    def test_bars_for_slashes(self) -> None:
        self.check(self.named(lambda name: name.replace("/", "|")))

    def test_variables_in_one_part(self) -> None:
        self.check(self.named(lambda name: name + "/part_0"))

    def test_names_of_outputs(self) -> None:
        self.check(self.named(lambda name: name + ":0"))

    def test_a_variable_in_two_parts(self) -> None:
        case = self.named(lambda name: name)
        table = case.tensors.pop("mid_embedding_var")
        case.tensors["mid_embedding_var/part_0"] = table[:2]
        case.tensors["mid_embedding_var/part_1"] = table[2:]
        self.refused(case, "'mid_embedding_var' is in 2 parts", "numpy.concatenate(")


class RealIndex(LayoutTest):
    """tf1_dien_amazon_books.index: a checkpoint of the scoped kind, without its data file."""

    def setUp(self) -> None:
        folder = os.environ.get("AUGUR_TEST_DATA", "")
        if not folder:
            self.skipTest("AUGUR_TEST_DATA is not set")
        self.index = Path(folder) / "tf1_dien_amazon_books.index"

    def test_every_tensor_is_listed(self) -> None:
        done = self.run_command(self.convert_command, "--weights", self.index, "--list-tensors")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [line.split(None, 2) for line in done.stdout.splitlines()]
        self.assertEqual(len(lines), 120)
        weights = {name: shape for name, _, shape in lines if "training only" not in shape}
        self.assertEqual(len(weights), 32)
        self.assertEqual(weights["mid_embedding_var"], "[367983, 18]")
        self.assertEqual(weights["dien//prelu_"], "[36]")
        self.assertEqual(weights["dien/fcn/f1/kernel"], "[162, 200]")

    def test_it_is_recognised_and_its_data_file_is_missed(self) -> None:
        out = self.folder / "real.augur"
        done = self.run_command(self.convert_command, "--weights", self.index, "--layout", "auto",
                                "--set", "max_history=100", "--set", "history_sum=masked",
                                "--out", out)
        self.assertEqual(done.returncode, 1)
        self.assertIn("dien-tf1", done.stderr)
        self.assertIn("tf1_dien_amazon_books.data-00000-of-00001' is missing", done.stderr)
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
