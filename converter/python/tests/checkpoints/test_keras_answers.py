"""What Keras' configuration of a DeepCTR model answers. data/: model_config of real files, without initialisers."""

import copy
import json
import unittest
from pathlib import Path
from typing import Any

from augur_rank.checkpoints.checkpoint import WHOSE
from augur_rank.checkpoints.keras_answers import keras_answers

DATA = Path(__file__).parent / "data"
ARGUMENTS = {"max_history": 8, "att_weight_normalization": True, "att_activation": "dice", "dnn_activation": "relu",
             "task": "binary"}


def config(name: str) -> Any:
    return json.loads((DATA / f"{name}.model_config.json").read_text())


def answers(document: Any) -> Any:
    """The answers, or what was said in their place."""
    notes: list[str] = []
    found = keras_answers(json.dumps(document), notes)
    said = [note for note in notes if WHOSE not in note]
    return found if not said else said


def columns(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


class KerasAnswers(unittest.TestCase):
    def test_a_rich_model(self) -> None:
        self.assertEqual(answers(config("aigru-rich")), {
            "history": columns("item", "cate"), "sparse": columns("gender", "cate", "user", "shop", "item"),
            "pooled": [{"name": "genres", "combiner": "mean", "length_name": True}],
            "dense": [{"name": "score"}, {"name": "image", "dimension": 3}, {"name": "price"}],
            "gru_type": "AIGRU", **ARGUMENTS})

    def test_groups_are_seen_by_the_order_in_which_the_network_reads(self) -> None:
        self.assertEqual(answers(config("gru-groups")), {
            "history": columns("item", "cate"), "pooled": [], "dense": [], "gru_type": "GRU", **ARGUMENTS,
            "sparse": [{"name": "gender"}, {"name": "user", "group_name": "group_1"}, {"name": "item"},
                       {"name": "cate"}]})

    def test_an_auxiliary_loss(self) -> None:
        found = answers(config("augru-neg"))
        self.assertEqual(found["gru_type"], "AUGRU")
        self.assertEqual((found["sparse"], found["history"]), (columns("user", "gender", "item", "cate"),
                                                               columns("item", "cate")))

    def test_a_din(self) -> None:
        self.assertEqual(answers(config("din")), {
            "history": columns("item", "cate"), "sparse": columns("user", "gender", "item", "cate"),
            "pooled": [{"name": "genres", "combiner": "max", "length_name": True}], "dense": columns("score"),
            **ARGUMENTS, "att_weight_normalization": False})

    def edited(self, name: str, layer: str, **changes: Any) -> Any:
        document = config(name)
        for entry in document["config"]["layers"]:
            if entry["name"] == layer:
                entry["config"].update(changes)
        return answers(document)

    def test_arguments(self) -> None:
        for layer, argument, value, answer in (
                ("attention_sequence_pooling_layer", "weight_normalization", False, "att_weight_normalization"),
                ("attention_sequence_pooling_layer", "att_activation", "sigmoid", "att_activation"),
                ("dnn_1", "activation", "elu", "dnn_activation"), ("prediction_layer", "task", "regression", "task"),
                ("gru2", "gru_type", "AGRU", "gru_type")):
            self.assertEqual(self.edited("aigru-rich", layer, **{argument: value})[answer], value)
        pooled = self.edited("aigru-rich", "sequence_pooling_layer", mode="max")["pooled"]
        self.assertEqual(pooled[0]["combiner"], "max")
        # A function of the user's own has no name that the layout knows.
        self.assertNotIn("dnn_activation", self.edited("aigru-rich", "dnn_1", activation={"class_name": "Mine"}))

    def renamed(self, document: Any, before: str, after: str) -> Any:
        return json.loads(json.dumps(document).replace(f'"{before}"', f'"{after}"'))

    def test_tables_of_another_name(self) -> None:
        found = answers(self.renamed(config("aigru-rich"), "sparse_emb_shop", "sparse_emb_store"))
        self.assertEqual(found["sparse"][3], {"name": "shop", "embedding": "store"})

    def test_keras_3_writes_references_otherwise(self) -> None:
        document = config("aigru-rich")
        for layer in document["config"]["layers"]:
            layer["inbound_nodes"] = [
                {"args": [[{"class_name": "__keras_tensor__", "config": {"keras_history": ref[:3]}} for ref in node]],
                 "kwargs": {}} for node in layer["inbound_nodes"]]
            if "batch_input_shape" in layer["config"]:
                layer["config"]["batch_shape"] = layer["config"].pop("batch_input_shape")
        self.assertEqual(answers(document), answers(config("aigru-rich")))

    def test_whose_features_they_are_is_said_to_be_open(self) -> None:
        notes: list[str] = []
        keras_answers(json.dumps(config("gru-groups")), notes)
        self.assertEqual([note.split(" are taken")[0] for note in notes], ["gender, user"])

    def test_models_that_are_not_deepctr_s(self) -> None:
        for document in ({"config": {"layers": []}}, {"config": {"layers": [
                {"class_name": "Dense", "name": "a", "config": {"name": "a"}, "inbound_nodes": []}]}}):
            self.assertEqual(answers(document), {})

    def test_what_cannot_be_followed_is_said(self) -> None:
        document = config("aigru-rich")
        without = copy.deepcopy(document)
        without["config"]["layers"] = [entry for entry in without["config"]["layers"] if entry["name"] != "dnn_1"]
        reordered = copy.deepcopy(document)  # a column read by no group's order
        for entry in reordered["config"]["layers"]:
            if entry["name"] == "concat_1":
                entry["inbound_nodes"][0].reverse()
        for damaged, words in ((without, "the layers are not as deepctr 0.9 makes them"),
                               (reordered, "the head reads other parts, or in another order"), ([], "damaged"),
                               ({"config": {"layers": [3]}}, "damaged")):
            found = answers(damaged)
            self.assertIsInstance(found, list, found)
            self.assertIn(words, found[0])

    def test_damage_anywhere_is_a_note_or_answers(self) -> None:
        text = json.dumps(config("din"))
        for at in range(0, len(text), 7):
            for piece in ("", "9", '"', "[]", "null"):
                notes: list[str] = []
                found = keras_answers(text[:at] + piece + text[at + 3:], notes)
                self.assertTrue(found == {} or all(WHOSE in note for note in notes))


if __name__ == "__main__":
    unittest.main()
