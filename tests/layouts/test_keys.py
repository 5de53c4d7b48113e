"""Layouts with vocabularies: the libraries' files of keys, and what they do with keys that are not there."""

import json
import unittest
from dataclasses import replace
from typing import Any, Dict, List, Sequence

import numpy as np

import fuxictr
import recbole
import torch_rechub
from harness import LayoutTest, Request
from test_dien_tf1 import make_case as make_dien_tf1_case


def shuffled_keys(name: str, rows: int, integers: bool) -> List[Any]:
    """The key of each row. No integer key is the number of its row."""
    order = np.random.default_rng(len(name)).permutation(rows)
    return [int(i) + rows if integers else f"{name}-{i}" for i in order]


class FuxiCtr(LayoutTest):
    """feature_vocab.json: {field: {key: row}}; __PAD__ is row 0 and __OOV__ the last row."""

    INTEGERS = ["user_id", "shop_id"]

    def catalogue(self, mode: fuxictr.Mode, integers: Sequence[str] = INTEGERS) -> Dict[str, List[Any]]:
        owner = {"clicks": "item_id", "click_cates": "cate_id"} if mode.shared else {}
        keys = {name: shuffled_keys(owner.get(name, name), rows, name in integers)
                for name, rows in fuxictr.ROWS.items()}
        for name in keys:
            keys[name][0], keys[name][-1] = "__PAD__", "__OOV__"
        vocab = {name: {str(key): row for row, key in enumerate(rows)} for name, rows in keys.items()}
        (self.folder / "feature_vocab.json").write_text(json.dumps(vocab))
        return keys

    def check_mode(self, mode: fuxictr.Mode, **answers: Any) -> Dict[str, Any]:
        keys = self.catalogue(mode)
        seen: List[int] = []

        def to_key(name: str, value: Any) -> Any:
            if name not in keys:
                return value
            if value == fuxictr.ROWS[name] - 1:  # a key that training did not see
                seen.append(value)
                return -5 if name in self.INTEGERS else "no such key"
            return keys[name][value]

        report = self.check_keys(fuxictr.case(mode), to_key,
                                 feature_vocab=str(self.folder / "feature_vocab.json"),
                                 integer_keys=self.INTEGERS, **answers)
        self.assertGreater(len(seen), 5)
        return report

    def test_keys_and_unknown_keys(self) -> None:
        for mode in (fuxictr.Mode("AUGRU", shared=True, sum_pooling=True, seed=300),
                     fuxictr.Mode("GRU", stacks=2, seed=301), fuxictr.Mode("DIN", seed=302),
                     fuxictr.Mode("AGRU", padding="pre", vector=True, seed=303)):
            with self.subTest(mode.name):
                report = self.check_mode(mode)
                item = next(t for t in report["description"]["tables"] if t["name"] == "item_id")
                self.assertEqual(item["out_of_table"], {"unknown_row": fuxictr.ROWS["item_id"] - 1})
                self.assertEqual(item["vocabulary"]["unknown_key"], "__OOV__")

    def test_vocabularies_of_single_tables(self) -> None:
        mode = fuxictr.Mode("AUGRU", seed=304)
        keys = self.catalogue(mode)
        path = self.folder / "feature_vocab.json"

        def to_key(name: str, value: Any) -> Any:
            if name != "item_id":
                return value
            return "no such key" if value == fuxictr.ROWS[name] - 1 else keys[name][value]

        report = self.check_keys(fuxictr.case(mode), to_key, "--vocabulary", f"item_id={path}#item_id")
        tables = {table["name"]: table for table in report["description"]["tables"]}
        self.assertEqual(tables["item_id"]["vocabulary"]["padding_key"], "__PAD__")
        self.assertNotIn("vocabulary", tables["clicks"])
        self.assertEqual(tables["clicks"]["out_of_table"], "error")

    def test_unknown_keys_may_be_refused(self) -> None:
        keys = self.catalogue(fuxictr.Mode("AUGRU"), integers=())
        path = self.folder / "feature_vocab.json"
        case = fuxictr.case(fuxictr.Mode("AUGRU", seed=306))
        case.answers["out_of_table"] = "error"
        self.check_keys(case, lambda name, value: keys[name][value] if name in keys else value,
                        "--set", f"feature_vocab={path}")
        self.refused(case, "out_of_table", "'user_id' has integer_keys", feature_vocab=str(path),
                     integer_keys=self.INTEGERS)

    def test_wrong_files(self) -> None:
        case = fuxictr.case(fuxictr.Mode("AUGRU", seed=305))
        path = self.folder / "feature_vocab.json"
        self.catalogue(fuxictr.Mode("AUGRU"))
        given = {"feature_vocab": str(path), "integer_keys": self.INTEGERS}
        self.refused(case, "integer_keys", "no table has the keys of 'shop'", "did you mean 'shop_id'",
                     feature_vocab=str(path), integer_keys=["shop"])
        self.refused(case, "nothing in this checkpoint depends on this answer", integer_keys=["shop_id"])
        vocab = json.loads(path.read_text())
        vocab["item_id"]["one more"] = fuxictr.ROWS["item_id"]
        path.write_text(json.dumps(vocab))
        self.refused(case, "'one more' has row 25, but the table has 25 rows", **given)
        del vocab["item_id"]
        path.write_text(json.dumps(vocab))
        self.refused(case, "there is no member 'item_id'", **given)


class RecBole(LayoutTest):
    """field2id_token: {field: [token of each id]}; id 0 is [PAD]. Training has no unknown tokens."""

    ROWS = {"user_id": recbole.USERS, "age": recbole.AGES, "hobbies": recbole.HOBBIES,
            "item_id": recbole.ITEMS, "brand": recbole.BRANDS, "words": recbole.WORDS}

    def test_tokens(self) -> None:
        tokens = {name: ["[PAD]", *shuffled_keys(name, rows, False)[1:]] for name, rows in self.ROWS.items()}
        path = self.folder / "field2id_token.json"
        path.write_text(json.dumps(tokens))
        for mode in (recbole.Mode("AUGRU", extra=True, seed=310), recbole.Mode("DIN", seed=311),
                     recbole.Mode("GRU", extra=True, floats=True, pooling="max", seed=312)):
            with self.subTest(mode.name):
                # Buckets of discretized fields have no tokens.
                self.check_keys(recbole.case(mode),
                                lambda name, value: tokens[name][value] if name in tokens else value,
                                field2id_token=str(path))
        self.unknown(self.rank_one(recbole.case(recbole.Mode("DIN", seed=311)).requests[1], tokens), "rare")

    def test_numbers_as_tokens(self) -> None:
        keys = shuffled_keys("item_id", recbole.ITEMS, True)
        path = self.folder / "field2id_token.json"
        path.write_text(json.dumps({"item_id": ["[PAD]", *map(str, keys[1:])]}))
        self.check_keys(recbole.case(recbole.Mode("DIN", seed=313)),
                        lambda name, value: keys[value] if name == "item_id" else value,
                        field2id_token=str(path), integer_keys=["item_id"])

    def rank_one(self, request: Request, tokens: Dict[str, List[str]]) -> Request:
        self.convert(replace(recbole.case(recbole.Mode("DIN", seed=311)), answers={
            **recbole.answers(recbole.Mode("DIN", seed=311)),
            "field2id_token": str(self.folder / "field2id_token.json")}))
        history = [tokens["item_id"][row] for row in request["history"]["item_id"]]
        return {"id": "r", "features": {}, "history": {"item_id": history},
                "candidates": {"item_id": [tokens["item_id"][1], "rare"]}}

    def unknown(self, request: Request, key: str) -> None:
        path = self.folder / "unknown.jsonl"
        path.write_text(json.dumps(request) + "\n")
        done = self.run_command(self.rank_command, self.folder / "model.augur", "--requests", path)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(key, done.stderr)


class TorchRechub(LayoutTest):
    """The library has no vocabularies; padding_idx stays the padding row of a table that gets one."""

    def test_padding_rows(self) -> None:
        for padding_idx in (0, 3):
            mode = torch_rechub.Mode(padding_idx=padding_idx, seed=320)
            case = torch_rechub.case(mode)
            description = self.convert(case)["description"]
            table = description["stacks"][0]["fields"][0]["table"]
            name = description["stacks"][0]["fields"][0]["name"]
            rows = torch_rechub.ROWS[table]
            keys = shuffled_keys(table, rows, True)
            path = self.folder / "keys.txt"
            path.write_text("".join(f"{key}\t{row}\n" for row, key in enumerate(keys)))
            readers = {f["name"] for group in (description["features"], description["candidate"],
                                               *(s["fields"] for s in description["stacks"]))
                       for f in group if f.get("table") == table}
            with self.subTest(padding_idx=padding_idx, table=table):
                self.check_keys(case, lambda n, value, readers=readers, keys=keys:
                                keys[value] if n in readers else value,
                                "--vocabulary", f"{table}={path}", "--keys", f"{table}=integer")
                self.assertIn(name, readers)


class DienTf1(LayoutTest):
    """The authors' vocabularies: a key that they do not have reads row 0, and its event counts."""

    def test_unknown_keys(self) -> None:
        case = make_dien_tf1_case("augru", seed=330)
        rows = {"user": 0, "item": 0, "category": 0}
        for name, tensor in (("user", "uid"), ("item", "mid"), ("category", "cat")):
            rows[name] = next(len(t) for n, t in case.tensors.items() if f"{tensor}_embedding_var" in n)
        keys = {name: shuffled_keys(name, count, False) for name, count in rows.items()}
        options: List[Any] = []
        for name, names in keys.items():
            path = self.folder / f"{name}_voc.json"
            path.write_text(json.dumps({key: row for row, key in enumerate(names) if row > 0}))
            options += ["--vocabulary", f"{name}={path}"]
        self.check_keys(case, lambda name, value: keys[name][value] if value else "a new one", *options)


if __name__ == "__main__":
    unittest.main()
