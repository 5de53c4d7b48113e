"""Layout deepctr-keras on each kind of file that Keras and TensorFlow write, intact and damaged."""

import json
import unittest
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable

import numpy as np

import bundle  # noqa: F401  (registers .index)
import keras_file  # registers .h5, .model.h5
from deepctr_keras import LONGEST, Model
from harness import Case, LayoutTest, Tensors, WRITERS
from test_deepctr_keras import GRU_TYPES, RICH, make_case


class Files(LayoutTest):
    def test_the_answers_of_the_manual(self) -> None:
        page = Path(__file__).parents[2] / "docs" / "layouts" / "deepctr-keras.md"
        stated = page.read_text(encoding="utf-8").split("```json\n")[1].split("```")[0]
        model = Model("AIGRU", dense=(("score", 1),))
        case = make_case(model, seed=32)
        self.check(replace(case, answers={**json.loads(stated), "max_history": LONGEST}))

    def test_a_checkpoint_of_a_saver(self) -> None:
        for gru_type in GRU_TYPES:
            with self.subTest(gru_type):
                case = make_case(replace(RICH, gru_type=gru_type, pooled=(), colon=""), seed=30,
                                 suffix=".index")
                slot = np.ones(3, np.float32)
                self.check(replace(case, beside={"training/Adam/gru1/gru_cell/gates/kernel/m": slot,
                                                 "training/Adam/iter": slot}), layout="auto")

    @unittest.skipUnless(keras_file.CAN_BE_READ, keras_file.WHY_NOT)
    def test_hdf5_files(self) -> None:
        for suffix in (".h5", ".model.h5"):
            for gru_type in GRU_TYPES:
                with self.subTest(suffix, gru_type=gru_type):
                    self.check(make_case(Model(gru_type), seed=31, suffix=suffix), layout="auto")


@unittest.skipUnless(keras_file.CAN_BE_READ, keras_file.WHY_NOT)
class LayersWithoutWeights(LayoutTest):
    """A Keras file has a group for every layer, inputs among them."""

    def case(self, model: Model, *layers: str, whole_model: bool = False) -> Case:
        inputs = [name for name, _ in (*model.sparse, *model.dense)]
        inputs += ["hist_" + name for name, _ in model.history]
        bags = [name for name, _, _ in model.pooled]
        pools = ["sequence_pooling_layer" + (f"_{i}" if i else "") for i in range(len(bags))]
        idle = [*inputs, *bags, *pools, "seq_length", "flatten", *layers]
        WRITERS[".layers.h5"] = lambda path, tensors: keras_file.write_h5(
            path, tensors, whole_model, idle)
        return make_case(model, seed=33, suffix=".layers.h5")

    def test_multiply_tells_aigru(self) -> None:
        for whole_model in (False, True):
            for gru_type, layers in (("GRU", ()), ("AIGRU", ("multiply",)), ("AIGRU", ("multiply_3",))):
                case = self.case(Model(gru_type), *layers, whole_model=whole_model)
                other = "AIGRU" if gru_type == "GRU" else "GRU"
                self.refused(case, f'"{other}" was stated', f'tells "{gru_type}"', "layer multiply",
                             gru_type=other)
                del case.answers["gru_type"]
                self.check(case, layout="auto")

    def test_use_hash_must_be_stated(self) -> None:
        for layer in ("hash", "hash_5"):
            for kind in ("GRU", "DIN"):
                self.refused(self.case(Model(kind), layer), "names 1 layers hash",
                             "as stated have 0", '"use_hash": true')

    def test_weighted_columns_are_refused(self) -> None:
        self.refused(self.case(Model("GRU"), "weighted_sequence_layer"), "weight_name")

    def test_columns_have_the_names_of_inputs(self) -> None:
        case = self.case(replace(RICH, gru_type="GRU"))
        self.check(case)
        for answer, name in (("sparse", "town"), ("pooled", "labels"), ("dense", "years")):
            stated = [dict(column) if isinstance(column, dict) else {"name": column}
                      for column in case.answers[answer]]
            stated[0] = {"embedding": stated[0]["name"], **stated[0], "name": name}
            if answer == "dense":
                del stated[0]["embedding"]
            self.refused(case, f"none of them is '{name}'", **{answer: stated})

    def test_a_bag_that_was_forgotten(self) -> None:
        case = self.case(replace(RICH, gru_type="GRU"))
        self.refused(case, "1 were stated", "2 layers sequence_pooling_layer",
                     pooled=case.answers["pooled"][:1])


@unittest.skipUnless(keras_file.CAN_BE_READ, keras_file.WHY_NOT)
class DamagedFiles(LayoutTest):
    def damaged(self, *words: str, damage: Callable[[Path], None]) -> None:
        def write(path: Path, tensors: Tensors) -> None:
            keras_file.write_h5(path, tensors)
            damage(path)

        WRITERS[".damaged.h5"] = write
        self.refused(make_case(Model("GRU"), suffix=".damaged.h5"), *words)

    def edited(self, *words: str, edit: Callable[[Any], None]) -> None:
        def damage(path: Path) -> None:
            with keras_file.h5py.File(path, "a") as file:
                edit(file)

        self.damaged(*words, damage=damage)

    def test_a_file_that_is_cut_off(self) -> None:
        self.damaged("is not a readable HDF5 file", damage=lambda path: path.write_bytes(
            path.read_bytes()[:-1000]))

    def test_weights_of_another_type(self) -> None:
        def edit(file: Any) -> None:
            del file["gru1/gru1/gru_cell/gates/bias:0"]
            file["gru1/gru1/gru_cell/gates/bias:0"] = np.full(14, b"x", "S1")

        self.edited("'gru1/gru1/gru_cell/gates/bias:0' has type 'string'", edit=edit)

    def test_weights_of_an_absurd_size(self) -> None:
        def edit(file: Any) -> None:
            del file["gru1/gru1/gru_cell/gates/kernel:0"]
            file.create_dataset("gru1/gru1/gru_cell/gates/kernel:0", shape=(1 << 40, 1 << 20),
                                chunks=(16, 16), dtype="<f4")

        self.edited("gru1/gru_cell/gates/kernel:0", "whose size overflows", edit=edit)

    def test_weights_that_are_no_numbers(self) -> None:
        def edit(file: Any) -> None:
            file["gru1/gru1/gru_cell/gates/kernel:0"][3, 1] = np.nan

        self.edited("gru1/gru_cell/gates/kernel:0", "is NaN", edit=edit)

    def test_weights_that_are_missing(self) -> None:
        def edit(file: Any) -> None:
            del file["gru1/gru1/gru_cell/gates/bias:0"]

        self.edited("'gru1/gru1/gru_cell/gates/bias:0'", edit=edit)


if __name__ == "__main__":
    unittest.main()
