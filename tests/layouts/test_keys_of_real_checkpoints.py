"""Checkpoints of the libraries with the keys of their data: raw ids, and the libraries' own scores.

The folder real/ beside AUGUR_TEST_DATA holds them; without it the tests are skipped.
"""

import json
import os
import unittest
from pathlib import Path
from typing import Any, Dict, List

import numpy as np

import keras_file
import test_real_checkpoints  # not its class, whose tests would run here, too
from harness import PROBABILITY_TOLERANCE, LayoutTest, Request, ToKey, rewritten
from test_real_checkpoints import read_lines

REAL = Path(os.environ.get("AUGUR_TEST_DATA", "unset/data")).parent / "real"


@unittest.skipUnless(REAL.is_dir(), "AUGUR_TEST_DATA is not set, or has no folder real beside it")
class KeysOfRealCheckpoints(LayoutTest):
    export = test_real_checkpoints.RealCheckpoints.export

    def check_case(self, case: Path, layout: str, weights: Path, answers: Dict[str, Any], to_key: ToKey,
                   *options: Any, scores: str = "expected.jsonl") -> List[Request]:
        """The scores of the requests with keys are the library's. Returns those requests."""
        requests = [rewritten(request, to_key) for request in read_lines(case / "requests.jsonl")]
        given, lines = self.folder / "answers.json", self.folder / "keys.jsonl"
        given.write_text(json.dumps(answers))
        lines.write_text("".join(json.dumps(request) + "\n" for request in requests))
        model = self.folder / "model.augur"
        done = self.run_convert(weights, "--layout", layout, "--model", given, "--out", model, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_command(self.rank_command, model, "--requests", lines)
        self.assertEqual(done.returncode, 0, done.stderr)
        came = [json.loads(line) for line in done.stdout.splitlines()]
        expected = read_lines(case / scores)
        self.assertEqual([line["id"] for line in came], [line["id"] for line in expected])
        self.assertGreater(len(came), 20)
        for mine, theirs in zip(came, expected):
            difference = np.abs(np.subtract(mine["scores"], theirs["scores"]))
            np.testing.assert_array_less(difference, PROBABILITY_TOLERANCE, f"{case.name}, {mine['id']}")
        return requests

    # ------------------------------------------------------------------------------ deepctr-keras

    def hashed(self, folder: str, hashed: List[str]) -> None:
        """With ids as numbers and as texts, which hash alike; from files that tell the columns and that do not."""
        case = REAL / "tf" / folder
        plain = json.loads((case / "dien.json").read_text())
        files = [case / "saver" / "dien.ckpt"]
        if keras_file.CAN_BE_READ:
            files.append(case / "weights.h5")
        for dtype, to_key in (("int32", lambda name, value: value),
                              ("string", lambda name, value: str(value) if name in hashed else value)):
            def column(stated: Any, dtype: str = dtype) -> Any:
                stated = stated if isinstance(stated, dict) else {"name": stated}
                return {**stated, "use_hash": True, "dtype": dtype} if stated["name"] in hashed else stated

            answers = {**plain, **{key: [column(c) for c in plain[key]]
                                   for key in ("sparse", "history", "pooled") if key in plain}}
            for weights in files:
                with self.subTest(folder, dtype=dtype, file=weights.name):
                    self.check_case(case, "deepctr-keras", weights, answers, to_key, scores="scores.jsonl")
        if len(files) > 1:  # model_config answers what is not stated
            self.check_case(case, "deepctr-keras", case / "model.h5", plain, lambda name, value: value,
                            scores="scores.jsonl")

    def test_deepctr_s_hashed_history(self) -> None:
        self.hashed("deepctr-gru-hash", ["item", "cate"])

    def test_deepctr_s_hashed_bag(self) -> None:
        self.hashed("deepctr-gru-hash-bag", ["genres"])

    @unittest.skipUnless(keras_file.CAN_BE_READ, keras_file.WHY_NOT)
    def test_whole_models_of_keras_answer_everything(self) -> None:
        """Groups, regressions, hashed columns and the second model of a process among them."""
        for name in ("fold1", "gru-groups2", "gru-hash", "gru-hash-bag", "gru-regression"):
            case = REAL / "tf" / f"deepctr-{name}"
            with self.subTest(name):
                done = self.run_convert(case / "model.h5", "--layout", "auto", "--out", self.folder / "model.augur",
                                        "--validate", case / "requests.jsonl", "--expect", case / "scores.jsonl")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("validated", done.stdout)

    # ------------------------------------------------------------------------------------ FuxiCTR

    def fuxictr(self, folder: str, weights: Path) -> None:
        case = REAL / "torch" / folder
        answers = {**json.loads((case / "answers.json").read_text()), "padding": "post"}
        vocab = json.loads((case / "feature_vocab.json").read_text())
        keys = {name: {row: key for key, row in rows.items()} for name, rows in vocab.items()}

        def to_key(name: str, value: Any) -> Any:
            if name not in keys:
                return value
            # Any key that training did not see stands for __OOV__.
            return "never seen" if value == vocab[name]["__OOV__"] else keys[name][value]

        self.check_case(case, "fuxictr", weights, {**answers, "feature_vocab": str(case / "feature_vocab.json")},
                        to_key)
        names = [f if isinstance(f, str) else f["name"] for f in answers["features"]]
        names += sum(answers["dien_sequence_field"], [])
        shared = {entry["name"] for entry in answers.get("share_embedding", [])}
        options = [option for name in names if name in vocab and name not in shared
                   for option in ("--vocabulary", f"{name}={case / 'feature_vocab.json'}#{name}")]
        self.check_case(case, "fuxictr", weights, answers, to_key, *options)

    def test_fuxictr(self) -> None:
        self.fuxictr("pt-fuxictr-rich", self.export(REAL / "torch" / "pt-fuxictr-rich" / "DIEN.model"))

    def test_fuxictr_s_shared_tables(self) -> None:
        folder = "pt-fuxictr-save-safetensors"
        self.fuxictr(folder, REAL / "torch" / folder / "dien.safetensors")

    # ------------------------------------------------------------------------------------ RecBole

    def recbole(self, folder: str) -> None:
        case = REAL / "torch" / folder
        weights = self.export(case / "state.pt")
        answers = json.loads((case / "answers.json").read_text())
        tokens = json.loads((case / "field2id_token.json").read_text())
        path = case / "field2id_token.json"
        requests = self.check_case(case, "recbole", weights, {**answers, "field2id_token": str(path)},
                                   lambda name, value: tokens[name][value] if name in tokens else value)
        requests[0]["candidates"]["item_id"][0] = "unheard of"
        lines = self.folder / "unknown.jsonl"
        lines.write_text(json.dumps(requests[0]) + "\n")
        done = self.run_command(self.rank_command, self.folder / "model.augur", "--requests", lines)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("unheard of", done.stderr)

    def test_recbole(self) -> None:
        self.recbole("recbole-all-ways")

    def test_recbole_with_numbers(self) -> None:
        self.recbole("recbole-float-used")

    def test_recbole_with_lists_of_tokens(self) -> None:
        self.recbole("recbole-seq-max")


if __name__ == "__main__":
    unittest.main()
