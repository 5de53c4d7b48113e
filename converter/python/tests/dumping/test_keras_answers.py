"""What augur_dump reads from the layers of DeepCTR's Keras models: every answer, and what it refuses."""

import json
import os
import unittest
from pathlib import Path
from typing import Any, Optional

from augur_rank.augur_dump import DumpError, keras_answers

from .keras_stand_in import Built, Column, history

REAL = Path(os.environ.get("AUGUR_TEST_DATA", "/nowhere")).parent / "real" / "tf"
PLAIN = [Column("user"), Column("item"), Column("cate"), history("item"), history("cate")]


def answers(columns: list[Column], past: Optional[list[str]] = None, own: Any = (),
            **more: Any) -> Any:
    built = Built(columns, past or ["item", "cate"], **{"gru_type": "GRU", **more})
    return keras_answers(json.loads(json.dumps(built.config)), own)["answers"]


class Arguments(unittest.TestCase):
    def test_gru_types(self) -> None:
        for gru_type in ("GRU", "AIGRU", "AGRU", "AUGRU"):
            found = answers(PLAIN, gru_type=gru_type)
            self.assertEqual(found["gru_type"], gru_type)
            self.assertEqual(found["max_history"], 4)
        self.assertNotIn("gru_type", answers(PLAIN, gru_type=None))

    def test_choices(self) -> None:
        self.assertIs(answers(PLAIN, softmax=False)["att_weight_normalization"], False)
        self.assertIs(answers(PLAIN)["att_weight_normalization"], True)
        self.assertEqual(answers(PLAIN, task="regression")["task"], "regression")

    def test_activations(self) -> None:
        for stated, expected in (("relu", "relu"), ("swish", "silu"), ("LeakyReLU", "leaky_relu"), ("gelu", "gelu")):
            found = answers(PLAIN, dnn_activation=stated, att_activation=stated)
            self.assertEqual((found["dnn_activation"], found["att_activation"]), (expected, expected))
        for stated in ("dice", "Dice"):
            found = answers(PLAIN, dnn_activation=stated, att_activation=stated)
            self.assertEqual((found["dnn_activation"], found["att_activation"]), ("dice", "dice"))
        found = answers(PLAIN, units=(), att_units=(), att_activation="relu")
        self.assertNotIn("dnn_activation", found)
        self.assertNotIn("att_activation", found)

    def test_activation_classes(self) -> None:
        def head(name: str) -> Any:
            built = Built(PLAIN, ["item", "cate"], gru_type="GRU", dnn_activation=type(name, (), {}))
            return keras_answers(built.config, [])["answers"]
        self.assertEqual(head("PReLU")["dnn_activation"], "prelu")
        self.assertEqual(head("ELU")["dnn_activation"], "elu")
        with self.assertRaisesRegex(DumpError, "dnn_activation is the layer ThresholdedReLU, which Augur does not "
                                               "have"):
            head("ThresholdedReLU")

    def test_activations_in_files(self) -> None:
        self.assertEqual(answers(PLAIN, dnn_activation={"class_name": "ELU", "config": {}})["dnn_activation"], "elu")
        self.assertNotIn("dnn_activation", answers(PLAIN, dnn_activation={"class_name": "Mine", "config": "mine"}))

    def test_keras_3_writes_otherwise(self) -> None:
        config = json.loads(json.dumps(Built(PLAIN, ["item", "cate"], gru_type="AIGRU").config))
        expected = keras_answers(config, [])
        for layer in config["layers"]:
            layer["inbound_nodes"] = [{"args": [[{"config": {"keras_history": one[:3]}} for one in node]], "kwargs": {}}
                                      for node in layer["inbound_nodes"]]
            if layer["class_name"] == "InputLayer":
                shape = layer["config"].pop("batch_input_shape")
                layer["config"]["batch_shape"] = {"class_name": "__tuple__", "items": shape}
        self.assertEqual(keras_answers(config, []), expected)

    def test_title(self) -> None:
        for gru_type, expected in (("AUGRU", "DIEN, gru_type AUGRU, 2 history features"), (None, "DIN, 2 history "
                                                                                                 "features")):
            content = keras_answers(Built(PLAIN, ["item", "cate"], gru_type=gru_type).config, [])
            self.assertTrue(content["title"].endswith(expected), content["title"])
            self.assertEqual(content["library"], "deepctr-keras")


class Columns(unittest.TestCase):
    def test_order_is_the_head_s(self) -> None:
        found = answers([Column("cate"), Column("score", kind="dense", maxlen=1), Column("user"), Column("item"),
                         history("cate"), Column("image", kind="dense", maxlen=3), history("item"),
                         Column("tags", kind="list", length="tags_length", combiner="sum")])
        self.assertEqual([column["name"] for column in found["sparse"]], ["cate", "user", "item"])
        self.assertEqual([column["name"] for column in found["history"]], ["cate", "item"])
        self.assertEqual(found["dense"], [{"name": "score"}, {"name": "image", "dimension": 3}])
        self.assertEqual(found["pooled"], [{"name": "tags", "combiner": "sum", "length_name": True}])

    def test_whose(self) -> None:
        columns = [*PLAIN, Column("shop"), Column("price", kind="dense", maxlen=1)]
        with self.assertRaisesRegex(DumpError, "whose the columns user, shop, price are. Say candidate_features="):
            answers(columns, own=None)
        found = answers(columns, own=["shop", "price", "item"])
        self.assertEqual([column["name"] for column in found["sparse"] + found["dense"]
                          if column.get("of") == "candidate"],
                         ["shop", "price"])
        with self.assertRaisesRegex(DumpError, "candidate_features names shops, but the model's columns are user, "
                                               "shop"):
            answers(columns, own=["shops"])
        with self.assertRaisesRegex(DumpError, "expected a list of names, but the text 'shop' came"):
            answers(columns, own="shop")
        self.assertNotIn("of", answers([Column("item"), history("item")], ["item"], own=None)["sparse"][0])

    def test_tables(self) -> None:
        found = answers([Column("user"), Column("item", table="goods"), Column("cate"), history("item", table="goods"),
                         history("cate", table="")])
        self.assertEqual(found["sparse"], [{"name": "user"}, {"name": "item"}, {"name": "cate"}])
        self.assertEqual(found["history"], [{"name": "item"}, {"name": "cate", "embedding": "hist_cate"}])
        found = answers([*PLAIN, Column("tags", kind="list", table="cate", length="tags_length")])
        self.assertEqual(found["pooled"], [
            {"name": "tags", "combiner": "mean", "length_name": True, "embedding": "cate"}])

    def test_a_table_that_is_called_like_another_s_column(self) -> None:
        found = answers([Column("brand", table="item"), Column("item", table="goods"), Column("cate"),
                         history("item", table="goods"), history("cate")])
        self.assertEqual(found["sparse"][:2], [{"name": "brand", "embedding": "item"},
                                               {"name": "item", "embedding": "item_table"}])

    def test_groups(self) -> None:
        """Both orders come back, whatever the groups were called."""
        for letters in ("abba", "abab", "abca", "aabb", "abcb", "aaaa", "abac"):
            columns = [Column(name, group=letter) for name, letter in zip(("user", "item", "gender", "cate"), letters)]
            columns += [history("item"), history("cate")]
            with self.subTest(letters):
                found = answers(columns)["sparse"]
                self.assertEqual(_by_groups(found), _by_groups([
                    {"name": column.name, "group_name": column.group} for column in columns[:4]]))
                queried = [column for column in found if column["name"] in ("item", "cate")]
                expected = [{"name": c.name, "group_name": c.group} for c in columns[:4] if c.name in ("item", "cate")]
                self.assertEqual(_by_groups(queried), _by_groups(expected))

    def test_groups_of_lists(self) -> None:
        columns = [*PLAIN[:3], Column("shop"), history("item", group="z"), history("cate", group="y"),
                   history("shop", group="z"), *(Column(name, kind="list", length="n", group=group)
                                                 for name, group in (("a", "p"), ("b", "q"), ("c", "p")))]
        found = answers(columns, ["item", "cate", "shop"])
        for key, expected in (("history", ["item", "shop", "cate"]), ("pooled", ["a", "c", "b"])):
            self.assertEqual([one["name"] for one in found[key]],
                             sorted(expected, key="item cate shop a b c".split().index))
            self.assertEqual(_by_groups(found[key]), expected)

    def test_hashes(self) -> None:
        hashed: dict[str, Any] = {"use_hash": True, "dtype": "string"}
        columns = [Column("user"), Column("item", **hashed), Column("cate"), history("item", **hashed), history("cate")]
        for gru_type in ("GRU", None):
            found = answers(columns, gru_type=gru_type)
            expected = {"name": "item", "use_hash": True, "dtype": "string"}
            self.assertEqual((found["sparse"][1], found["history"][0]), (expected, expected))
            self.assertEqual(found["sparse"][0], {"name": "user"})
        found = answers([Column("user"), Column("item", use_hash=True, path="items.csv"), Column("cate"),
                         history("item", use_hash=True, path="items.csv"), history("cate")])
        self.assertEqual(found["sparse"][1], {"name": "item", "use_hash": True, "dtype": "int32",
                                              "vocabulary_path": "items.csv"})

    def test_another_hash(self) -> None:
        config = Built([Column("user", use_hash=True), *PLAIN[1:]], ["item", "cate"], gru_type="GRU").config
        for layer in config["layers"]:
            if layer["class_name"] == "Hash":
                layer["config"]["mask_zero"] = True
        with self.assertRaisesRegex(DumpError, "the column user is hashed by another rule"):
            keras_answers(config, [])

    def test_transform(self) -> None:
        built = Built([*PLAIN, Column("score", kind="dense", maxlen=1, transformed=True)], ["item", "cate"],
                      gru_type="GRU")
        self.assertIn("score has a transform_fn", keras_answers(built.config, [])["notes"][0])

    def test_negatives_are_left_out(self) -> None:
        found = answers([*PLAIN, Column("neg_hist_item", kind="list", table="item", length="seq_length")])
        self.assertEqual(found["pooled"], [])


class Refused(unittest.TestCase):
    def refused(self, config: Any, message: str) -> None:
        with self.assertRaisesRegex(DumpError, message):
            keras_answers(config, [])

    def test_what_augur_does_not_have(self) -> None:
        weighted = Column("tags", kind="list", length="tags_length", weight="tags_weight")
        self.refused(Built([*PLAIN, weighted], ["item", "cate"], gru_type="GRU").config, "weight_name tags_weight")
        self.refused(Built(PLAIN, ["item", "cate"], gru_type="GRU", att_activation="PReLU").config, "att_activation is "
                                                                                                    "PReLU")
        self.refused(Built(PLAIN, ["item", "cate"], gru_type="GRU", task="multiclass").config, "the task is multiclass")
        config = Built(PLAIN, ["item", "cate"], gru_type="GRU").config
        config["layers"].append({"class_name": "Transformer", "name": "transformer", "config": {}, "inbound_nodes": []})
        self.refused(config, "BST and DSIN have Transformers")

    def test_other_models(self) -> None:
        self.refused({"layers": []}, "expected a functional Keras model")
        self.refused([], "expected a functional Keras model")
        self.refused({"layers": [], "output_layers": []}, "0 layers PredictionLayer; one is expected")
        config = Built(PLAIN, ["item", "cate"], gru_type="GRU").config
        config["layers"][-2]["inbound_nodes"] = []
        self.refused(config, "the layers are not as deepctr 0.9 makes them")

    def test_damage_anywhere(self) -> None:
        text = json.dumps(Built(PLAIN, ["item", "cate"], gru_type="AIGRU").config)
        for at in range(0, len(text), 5):
            for piece in ("", "9", '"', "[]", "null"):
                try:
                    keras_answers(json.loads(text[:at] + piece + text[at + 3:]), [])
                except (DumpError, json.JSONDecodeError):
                    pass

    def test_circles(self) -> None:
        for name, reads in (("flatten", "flatten"), ("gru1", "gru1"), ("concat", "concat"), ("concat_1", "concat_2")):
            config = json.loads(json.dumps(Built(PLAIN, ["item", "cate"], gru_type="AIGRU").config))
            for layer in config["layers"]:
                if layer["name"] == name:
                    layer["inbound_nodes"] = [[[reads, 0, 0, {}], ["seq_length", 0, 0, {}]]]
                if layer["name"] == reads != name:
                    layer["inbound_nodes"] = [[[name, 0, 0, {}]] * 2]
            with self.subTest(name):
                self.refused(config, "in a circle")

    def test_another_head(self) -> None:
        config = Built([*PLAIN, Column("score", kind="dense", maxlen=1)], ["item", "cate"], gru_type="GRU").config
        for layer in config["layers"]:
            if layer["name"] == "concat_3":  # [what is embedded, the dense values]
                layer["inbound_nodes"][0].reverse()
        self.refused(config, "the head reads other parts, or in another order")


@unittest.skipUnless(REAL.is_dir(), "AUGUR_TEST_DATA is not set, or has no folder real beside it")
class RealConfigurations(unittest.TestCase):
    def test_models_that_keras_saved(self) -> None:
        """The answers that a person gave for each of the real library's models, and no other."""
        import h5py
        seen = 0
        for folder in sorted(path.parent for path in REAL.glob("*/model.h5")):
            with h5py.File(folder / "model.h5", "r") as file, self.subTest(folder.name):
                config = json.loads(file.attrs["model_config"])["config"]
                expected = json.loads((folder / "dien.json").read_text())
                given = [one["name"] for key in ("sparse", "dense") for one in expected.get(key, [])
                         if isinstance(one, dict) and one.get("of") == "candidate"]
                found = keras_answers(config, given)["answers"]
                for name in ("gru_type", "att_weight_normalization", "dnn_activation", "max_history"):
                    self.assertEqual(found.get(name), expected.get(name), name)
                for key in ("history", "sparse", "pooled", "dense"):
                    names = [one["name"] if isinstance(one, dict) else one for one in expected.get(key, [])]
                    self.assertEqual([one["name"] for one in found[key]], names, key)
                seen += 1
        self.assertGreater(seen, 3)


def _by_groups(columns: list[dict[str, Any]]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for column in columns:
        groups.setdefault(column.get("group_name", ""), []).append(column["name"])
    return [name for group in groups.values() for name in group]


if __name__ == "__main__":
    unittest.main()
