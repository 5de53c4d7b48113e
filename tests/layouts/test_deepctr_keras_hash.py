"""Layout deepctr-keras: columns with use_hash and vocabulary_path."""

import json
import unittest
from dataclasses import replace
from typing import Any, Callable, Dict, List

import numpy as np

import bundle  # noqa: F401  (registers .index)
import keras_file
from deepctr_keras import LONGEST, ROWS, Model, answers_of, make_weights, Reference
from farmhash import fingerprint64
from harness import Case, LayoutTest, Request, Tensors, WRITERS, lengths_up_to
from test_deepctr_keras import GRU_TYPES
from test_documents import DOCS, block

COLUMNS = {"user": "user", "item": "item", "cate": "cate", "tags": "tag"}
# The same ids as their columns' dtypes have them.
WRITE: Dict[str, Callable[[int], Any]] = {"int32": int, "int64": lambda i: i * 10**14 // 7 - 3 if i else 0,
                                          "float32": int, "string": lambda i: f"sku-{i}-é" if i else "0"}


def hashed_model(gru_type: str, dtype: str, has_length: bool = True, **more: Any) -> Model:
    names = ("user", "item", "hist_item", "cate", "hist_cate", "tags")
    return Model(gru_type, pooled=(("tags", "tag", "mean"),), has_length=has_length,
                 hashed={name: dtype for name in names}, **more)


def make_requests(model: Model, dtype: str, seed: int) -> List[Request]:
    """Some keys are 0, most are beyond the tables' rows."""
    random = np.random.default_rng(seed)
    write = WRITE[dtype]

    def keys(count: int, least: int = 0) -> List[Any]:
        return [write(int(i)) for i in np.maximum(random.integers(-1, 60, count), least)]

    requests = []
    for length in lengths_up_to(LONGEST):
        # The library drops an event of a DIN if any of its ids is 0, the layout where the first is.
        least = 1 if model.gru_type == "DIN" else 0
        history = {"item": keys(length), "cate": keys(length, least)}
        requests.append({"features": {"user": keys(1)[0], "tags": keys(int(random.integers(0, 4)))},
                         "history": history, "candidates": {"item": keys(4), "cate": keys(4)}})
    return requests


def make_case(model: Model, dtype: str, seed: int = 1, suffix: str = ".npz") -> Case:
    return Case(name=f"{model.gru_type} {dtype}", layout="deepctr-keras",
                tensors=make_weights(model, seed), answers=answers_of(model),
                requests=make_requests(model, dtype, seed + 100), suffix=suffix,
                reference=Reference(model))


class Values(unittest.TestCase):
    def test_fingerprints_of_tensorflow(self) -> None:
        # The example of tf.strings.to_hash_bucket_fast's page.
        self.assertEqual([fingerprint64(word) % 3 for word in (b"Hello", b"TensorFlow", b"2.x")],
                         [0, 2, 2])


class Hashed(LayoutTest):
    def test_every_dtype(self) -> None:
        for dtype in WRITE:
            for gru_type in ("GRU", "AUGRU", "DIN"):
                with self.subTest(dtype, gru_type=gru_type):
                    self.check(make_case(hashed_model(gru_type, dtype, normalise=False), dtype))

    def test_every_cell(self) -> None:
        for gru_type in GRU_TYPES:
            with self.subTest(gru_type):
                self.check(make_case(hashed_model(gru_type, "string"), "string", seed=2,
                                     suffix=".npz"))

    def test_bags_without_length(self) -> None:
        for dtype in ("int32", "string"):
            model = hashed_model("DIN", dtype, has_length=False, normalise=False)
            self.check(make_case(model, dtype, seed=3))

    def test_one_column_feeds_two_fields(self) -> None:
        case = make_case(hashed_model("GRU", "int32"), "int32", seed=4)
        description = self.check(case)["description"]
        names = [(f["name"], f.get("column")) for f in description["candidate"]]
        self.assertEqual(names, [("item", None), ("cate", None), ("head_item", "item"),
                                 ("head_cate", "cate")])
        item = next(t for t in description["tables"] if t["name"] == "item")
        self.assertEqual(item["keys"], "integer")
        self.assertEqual(item["out_of_table"]["hash"]["buckets"], ROWS["item"])
        self.assertEqual(description["candidate"][2]["hash"]["buckets"], ROWS["item"] - 1)

    def test_the_two_hashes_are_seen(self) -> None:
        case = make_case(hashed_model("GRU", "int32"), "int32", seed=5)

        def one_hash(description: Dict[str, Any]) -> None:
            del description["candidate"][2]["hash"]

        self.check_swap(case, "the head's hash", one_hash)

    def test_some_columns_are_hashed(self) -> None:
        model = Model("GRU", pooled=(("tags", "tag", "sum"),), hashed={"tags": "string"})
        case = make_case(model, "string", seed=6)
        for request in case.requests:
            request["features"]["user"] = 3
            for part in ("history", "candidates"):
                for name in ("item", "cate"):
                    request[part][name] = [(i * 5 + 1) % ROWS[name]
                                           for i in range(len(request[part][name]))]
        self.check(case)

    def test_tables_with_several_readers(self) -> None:
        # "liked" has the items' table, the history a table of its own, and a user's feature a name that is wanted.
        names = ("item", "hist_item", "liked")
        model = Model("AUGRU", sparse=(("head_item", "user"), ("item", "item"), ("cate", "cate")),
                      history=(("cate", "cate"), ("item", "other_item")), pooled=(("liked", "item", "sum"),),
                      groups={"item": "b", "hist_item": "b"}, hashed={name: "int64" for name in names})
        case = make_case(model, "int64", seed=11)
        for request in case.requests:
            request["features"] = {"head_item": 3, "liked": request["features"]["tags"]}
            for part in ("history", "candidates"):
                request[part]["cate"] = [i % ROWS["cate"] for i in range(len(request[part]["cate"]))]
        description = self.check(case)["description"]
        self.assertIn("head_head_item", [field["name"] for field in description["candidate"]])

    def test_a_saver(self) -> None:
        model = hashed_model("AUGRU", "int32", colon="")
        self.check(make_case(model, "int32", seed=7, suffix=".index"))

    def test_ids_beyond_32_bits_are_refused(self) -> None:
        case = make_case(hashed_model("GRU", "int32"), "int32")
        self.convert(case)
        case.requests[0]["candidates"]["item"][1] = 1 << 31
        path = self.folder / "wide.jsonl"
        path.write_text(json.dumps({"id": "r0", **case.requests[0]}) + "\n")
        done = self.run_command(self.rank_command, self.folder / "model.augur", "--requests", path)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("2147483648", done.stderr)


class Manual(LayoutTest):
    def test_the_page_s_example(self) -> None:
        text = (DOCS / "deepctr-keras.md").read_text(encoding="utf-8")
        answers = json.loads(block(text, "hashed.json"))
        request = json.loads(block(text, "hashed.jsonl"))
        model = Model("AIGRU", hashed={"item": "string", "hist_item": "string", "cate": "int32", "hist_cate": "int32"})
        case = make_case(model, "string", seed=10)
        self.check(replace(case, answers={**answers, "max_history": LONGEST},
                           requests=[{key: value for key, value in request.items() if key != "id"}]))


class Vocabularies(LayoutTest):
    """A column with vocabulary_path: StaticHashTable over lines ROW,KEY; other keys are row 0."""

    def case(self, gru_type: str, dtype: str) -> Case:
        model = hashed_model(gru_type, dtype, normalise=False)
        case = make_case(model, dtype, seed=8)
        write, rows = WRITE[dtype], ROWS
        vocabularies = {table: {write(key): 1 + (5 * key) % (rows[table] - 1)
                                for key in range(2, rows[table])} for table in COLUMNS.values()}
        for table, vocabulary in vocabularies.items():
            path = self.folder / f"{table}.csv"
            path.write_text("".join(f"{row},{key}\n" for key, row in vocabulary.items()), encoding="utf-8")
        for question, prefix in (("sparse", ""), ("history", ""), ("pooled", "")):
            for column in case.answers[question]:
                table = COLUMNS[prefix + column["name"]]
                column["vocabulary_path"] = str(self.folder / f"{table}.csv")
        reference = Reference(model)
        reference.row = lambda column, table, key, mask_zero: vocabularies[table].get(key, 0)
        if gru_type == "DIN":  # the layout's mask is that of the first column
            known = list(vocabularies["cate"])
            for request in case.requests:
                request["history"]["cate"] = [known[i % len(known)]
                                              for i in range(len(request["history"]["cate"]))]
        return replace(case, reference=reference)

    def test_keys_and_unknown_keys(self) -> None:
        for dtype in ("int32", "int64", "string"):
            for gru_type in ("GRU", "DIN"):
                with self.subTest(dtype, gru_type=gru_type):
                    self.check(self.case(gru_type, dtype))

    def test_a_file_that_is_not_one(self) -> None:
        case = self.case("GRU", "string")
        (self.folder / "item.csv").write_text("1,a\n2\n")
        self.refused(case, "item.csv:2")
        (self.folder / "item.csv").write_text("1,a\nb,2\n")
        self.refused(case, "item.csv:2")
        (self.folder / "item.csv").unlink()
        self.refused(case, "item.csv")


class Refusals(LayoutTest):
    def columns(self, case: Case, question: str, name: str, **answers: Any) -> List[Any]:
        return [{**column, **answers} if column["name"] == name else column
                for column in case.answers[question]]

    def test_columns_of_one_table_that_differ(self) -> None:
        case = make_case(hashed_model("GRU", "int32"), "int32")
        self.refused(case, "'item' and 'item' share the table 'item'", "differ in use_hash",
                     history=self.columns(case, "history", "item", use_hash=False))
        self.refused(case, "share the table 'item'", "strings",
                     history=self.columns(case, "history", "item", dtype="string"))

    def test_answers_without_use_hash(self) -> None:
        case = make_case(Model("GRU"), "int32")
        self.refused(case, "'user' has the dtype string, but no use_hash",
                     sparse=[{"name": "user", "dtype": "string"}, "item", "cate"])
        self.refused(case, "'user' has a vocabulary_path, but no use_hash",
                     sparse=[{"name": "user", "vocabulary_path": "u.csv"}, "item", "cate"])

    def test_words_for_dtypes(self) -> None:
        case = make_case(hashed_model("GRU", "int32"), "int32")
        self.refused(case, "'int16' is not one of int32, int64, float32, string",
                     sparse=self.columns(case, "sparse", "item", dtype="int16"))


@unittest.skipUnless(keras_file.CAN_BE_READ, keras_file.WHY_NOT)
class LayersInTheFile(LayoutTest):
    """HDF5 names the layers Hash; model.save() also holds what they read and how they hash."""

    MODEL = hashed_model("GRU", "string")

    def case(self, config: bool, changed: Callable[[Dict[str, Any]], None] = lambda layers: None) -> Case:
        model = self.MODEL
        inputs = ["user", "item", "cate", "tags", "hist_item", "hist_cate"]
        rows = {**{name: ROWS[table] for name, table in COLUMNS.items()},
                "hist_item": ROWS["item"], "hist_cate": ROWS["cate"]}
        reads = [("item", False), ("cate", False), ("hist_item", False), ("hist_cate", False),
                 ("user", False), ("item", True), ("cate", True), ("tags", True)]
        layers: Dict[str, Any] = {name: {"class_name": "InputLayer", "inbound_nodes": [],
                                         "config": {"name": name, "dtype": "string"}} for name in inputs}
        for number, (name, mask_zero) in enumerate(reads):
            layer = "hash" + (f"_{number}" if number else "")
            layers[layer] = {"class_name": "Hash", "inbound_nodes": [[[name, 0, 0, {}]]],
                             "config": {"name": layer, "num_buckets": rows[name], "mask_zero": mask_zero,
                                        "vocabulary_path": None, "default_value": 0}}
        changed(layers)
        names = [*layers, "sequence_pooling_layer", "seq_length", "tags_length"]

        def write(path: Any, tensors: Tensors) -> None:
            keras_file.write_h5(path, tensors, config, names)
            if config:
                with keras_file.h5py.File(path, "a") as file:
                    file.attrs["model_config"] = json.dumps(
                        {"class_name": "Functional", "config": {"layers": list(layers.values())}})

        WRITERS[".hashes.h5"] = write
        return make_case(model, "string", seed=9, suffix=".hashes.h5")

    def test_the_answers_are_compared(self) -> None:
        for config in (False, True):
            self.check(self.case(config))

    def test_the_file_tells(self) -> None:
        case = self.case(True)
        for question in ("sparse", "history", "pooled"):
            for column in case.answers[question]:
                del column["use_hash"], column["dtype"]
        self.check(case)
        self.refused(replace(self.case(False), answers=case.answers), "names 8 layers hash",
                     "as stated have 0")

    def test_wrong_answers(self) -> None:
        case = self.case(True)
        sparse = case.answers["sparse"]
        self.refused(case, "'user': use_hash false was stated, but the checkpoint tells true",
                     "the layer hash_4 that reads the input user",
                     sparse=[{"name": "user", "use_hash": False}, *sparse[1:]])
        self.refused(case, "'user': dtype \"int64\" was stated, but the checkpoint tells \"string\"",
                     sparse=[{"name": "user", "use_hash": True, "dtype": "int64"}, *sparse[1:]])
        self.refused(case, "'user': vocabulary_path \"u.csv\" was stated",
                     sparse=[{**sparse[0], "vocabulary_path": "u.csv"}, *sparse[1:]])

    def test_layers_that_hash_otherwise(self) -> None:
        def edit(**config: Any) -> Callable[[Dict[str, Any]], None]:
            return lambda layers: layers["hash_2"]["config"].update(config)

        self.refused(self.case(True, edit(num_buckets=7)),
                     "the layer hash_2 hashes hist_item into 7 buckets, but the table 'item' has 19 rows")
        self.refused(self.case(True, edit(mask_zero=True)), "the input hist_item has layers Hash",
                     "mask_zero True", "with False")

    def test_a_configuration_that_does_not_show_the_columns(self) -> None:
        # DIEN() as a layer of another model: its own layers stand further in.
        for layers in ({}, {"model": {"class_name": "Functional", "inbound_nodes": [], "config": {"name": "model"}}}):
            def hide(shown: Dict[str, Any], layers: Dict[str, Any] = layers) -> None:
                shown.clear()
                shown.update(layers)

            self.check(self.case(True, hide))

    def test_a_configuration_that_is_damaged(self) -> None:
        for config in ({}, {"num_buckets": "many"}):
            def damage(layers: Dict[str, Any], config: Dict[str, Any] = config) -> None:
                layers["hash_2"]["config"] = {"name": "hash_2", **config}

            self.refused(self.case(True, damage), "model_config: config.layers[8].config", "num_buckets")


if __name__ == "__main__":
    unittest.main()
