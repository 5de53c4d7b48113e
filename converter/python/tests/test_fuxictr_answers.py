"""From FuxiCTR's configuration to the answers that augur-convert reads."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

try:
    import yaml  # pylint: disable=unused-import
except ImportError:
    yaml = None
else:
    from augur_rank.libraries import fuxictr_answers

MODEL = """
Base:
    task: binary_classification
    model_root: './checkpoints/'
two_pairs:
    model: DIEN
    dataset_id: tiny
    dien_target_field: [item_id, shop_id]
    dien_sequence_field: [clicks, carts]
    dien_neg_seq_field: []
    dnn_activations: Dice
one_pair:
    model: DIEN
    dataset_id: tiny
    task: regression
    dien_target_field: [!!python/tuple [item_id, cate_id]]
    dien_sequence_field: [!!python/tuple [clicks, click_cates]]
    gru_type: AGRU
    attention_type: din_attention
    attention_activation: ReLU
    dnn_activations: GELU
    use_attention_softmax: False
plain:
    model: DIN
    dataset_id: tiny
    din_target_field: item_id
    din_sequence_field: clicks
other:
    model: BST
"""
DATASET = """
tiny:
    feature_cols:
        - {name: [user_id, item_id], type: categorical}
        - {name: clicks, type: sequence, padding: post}
        - {name: click_cates, type: sequence, padding: post}
        - {name: carts, type: sequence, padding: pre}
        - {name: seen, type: sequence}
"""


@unittest.skipIf(yaml is None, "PyYAML (python3-yaml) is not installed")
class FuxiCtrAnswers(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.model = self.write("model_config.yaml", MODEL)
        self.dataset = self.write("dataset_config.yaml", DATASET)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def test_one_pair(self):
        self.assertEqual(fuxictr_answers.answers_of(self.model, "one_pair", dataset_config=self.dataset), {
            "gru_type": "AGRU", "dien_target_field": [["item_id", "cate_id"]],
            "dien_sequence_field": [["clicks", "click_cates"]], "dien_neg_seq_field": [], "enable_sum_pooling": False,
            "use_attention_softmax": False, "dnn_activations": "GELU", "attention_activation": "ReLU",
            "task": "regression", "padding": "post"})

    def test_plain_lists_and_defaults(self):
        answers = fuxictr_answers.answers_of(self.model, "two_pairs")
        self.assertEqual(answers["dien_target_field"], [["item_id"], ["shop_id"]])
        self.assertEqual(answers["gru_type"], "AUGRU")
        self.assertNotIn("dnn_activations", answers)  # the tensors of Dice tell
        self.assertNotIn("padding", answers)  # asked for, not guessed

    def test_din_with_a_feature_map(self):
        answers = fuxictr_answers.answers_of(self.model, "plain", "feature_map.json", self.dataset, ["price"])
        self.assertEqual(answers["din_sequence_field"], [["clicks"]])
        self.assertEqual(answers["candidate_features"], ["price"])
        self.assertTrue(Path(answers["feature_map"]).is_absolute())

    def test_default_padding(self):
        self.assertEqual(fuxictr_answers.padding_of(self.dataset, "tiny", ["clicks", "seen"]), "post")

    def failure(self, *arguments):
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.assertEqual(fuxictr_answers.main([*arguments[:1], str(self.folder / "a.json"), *arguments[1:]]), 1)
        self.assertFalse((self.folder / "a.json").exists())
        return said.getvalue()

    def test_what_is_wrong_is_named(self):
        self.assertIn("several experiments", self.failure(self.model))
        self.assertIn("no experiment 'none'", self.failure(self.model, "--experiment", "none"))
        self.assertIn("'BST' is expected to be DIEN or DIN", self.failure(self.model, "--experiment", "other"))
        # clicks are padded after, carts before the events.
        self.assertIn("expected to be one", self.failure(self.model, "--experiment", "two_pairs",
                                                         "--dataset-config", self.dataset))
        self.assertIn("needs --feature-map", self.failure(self.model, "--candidate", "price"))
        executed = self.write("bad.yaml", "x: !!python/object/apply:os.getcwd []")
        self.assertIn("could not determine a constructor", self.failure(executed))
        self.assertIn("a mapping", self.failure(self.write("list.yaml", "[1, 2]")))

    def test_command(self):
        path = self.folder / "answers.json"
        self.assertEqual(fuxictr_answers.main([self.model, str(path), "--experiment", "plain"]), 0)
        self.assertEqual(json.loads(path.read_text())["din_target_field"], [["item_id"]])


if __name__ == "__main__":
    unittest.main()
