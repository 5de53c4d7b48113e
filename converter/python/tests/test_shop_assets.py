"""The committed files of examples/shop: complete, in range, and consistent with each other."""

import hashlib
import json
import os
import unittest

import numpy as np

from augur_rank.files import safetensors_file
from augur_rank.training import make_shop, metrics, reference, request_file, shop, train

FOLDER = os.path.normpath(os.path.join(os.path.dirname(__file__), "../../../examples/shop"))


def path(name: str) -> str:
    return os.path.join(FOLDER, name)


def rows(name: str):
    with open(path(name), encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file][1:]


class AssetsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.catalogue = rows("catalogue.tsv")
        cls.categories = rows("categories.tsv")
        with open(path("item_keys.txt"), encoding="utf-8") as file:
            pairs = [line.rstrip("\n").split("\t") for line in file]
        cls.row_of = {key: int(row) for key, row in pairs}
        cls.test, cls.check, cls.shown = (
            request_file.with_items(request_file.read(path(f"{name}.requests.jsonl")), cls.row_of)
            for name in ("test", "check", "showcase"))
        cls.labels = request_file.read(path("test.labels.jsonl"))

    def test_sums(self):
        with open(path("SHA256SUMS"), encoding="utf-8") as file:
            sums = dict(reversed(line.split()) for line in file)
        self.assertEqual(sorted(sums), make_shop.FILES)
        for name, expected in sums.items():
            with open(path(name), "rb") as file:
                self.assertEqual(hashlib.sha256(file.read()).hexdigest(), expected, name)

    def test_the_catalogue_is_the_generator_s(self):
        made = shop.make_catalogue(shop.ShopConfig())
        self.assertEqual(self.catalogue, [
            [item.key, str(item.category), str(item.price), item.name] for item in made.items])
        self.assertEqual(self.row_of, {key: row for row, key in made.keys().items()})
        self.assertEqual(len(self.row_of), len(made.items))
        self.assertEqual([row[2] for row in self.categories], [c.name for c in made.categories])

    def test_ids_are_in_range_and_items_have_their_category(self):
        category_of = {self.row_of[item]: int(category) for item, category, _, _ in self.catalogue}
        users = shop.ShopConfig().users
        for request in self.test + self.check + self.shown:
            self.assertTrue(0 <= request["features"]["user"] <= users)
            for side in ("history", "candidates"):
                items, categories = request[side]["item"], request[side]["category"]
                self.assertEqual([category_of[i] for i in items], categories, request["id"])

    def test_every_page_has_one_click(self):
        self.assertEqual(len(self.test), make_shop.TEST_PAGES)
        for request, label in zip(self.test, self.labels):
            self.assertEqual(request["id"], label["id"])
            self.assertEqual(len(request["candidates"]["item"]), len(label["labels"]))
            self.assertEqual(sum(label["labels"]), 1)
            self.assertLessEqual(len(request["history"]["item"]), 50)

    def test_checks_cover_the_lengths(self):
        lengths = {len(request["history"]["item"]) for request in self.check}
        self.assertTrue({0, 1, 2, 49, 50, make_shop.LONGER_THAN_KEPT} <= lengths)

    def test_answers_are_the_reference_s(self):
        for name in make_shop.MODELS:
            weights, _ = safetensors_file.load(path(f"{name}.safetensors"))
            for group, requests in (("check", self.check), ("showcase", self.shown)):
                answers = request_file.read(path(f"{group}.{name}.expected.jsonl"))
                self.assertEqual([r["id"] for r in requests], [a["id"] for a in answers])
                step = 3 if group == "check" else 2  # some of them keep this test quick
                for request, answer in list(zip(requests, answers))[::step]:
                    found = reference.forward(train.VARIANTS[name][0], weights, request, 50)
                    np.testing.assert_allclose(answer["logits"], found, rtol=0, atol=1e-9)

    def test_auc_is_as_recorded_and_dien_is_ahead(self):
        with open(path("results.json"), encoding="utf-8") as file:
            recorded = json.load(file)["models"]
        labels = np.array([label["labels"] for label in self.labels])
        found = {}
        for name in make_shop.MODELS:
            model, _ = train.load_checkpoint(path(f"{name}.safetensors"))
            step = 4 if name == "dien" else 1  # a quarter of the pages keeps this test quick
            logits = np.array([train.score_request(model, r) for r in self.test[::step]])
            found[name] = metrics.auc(logits, labels[::step])
            if step == 1:
                self.assertAlmostEqual(found[name], recorded[name]["auc"], places=5)
        self.assertGreater(found["dien"], found["base"] + 0.05)
        self.assertGreater(found["base"], found["blind"] + 0.02)

    def test_the_showcase_turns_the_ranking(self):
        department = {int(category): name for category, name, _ in self.categories}
        for before, after in zip(self.shown[::2], self.shown[1::2]):
            kept = len(before["history"]["item"])
            self.assertEqual(after["history"]["item"][:kept], before["history"]["item"])
            self.assertEqual(len(after["history"]["item"]), kept + 3)
            self.assertEqual(after["candidates"], before["candidates"])
            self.assertTrue(before["id"].endswith(".before") and after["id"].endswith(".after"))
        answers = request_file.read(path("showcase.dien.expected.jsonl"))
        for request, answer in zip(self.shown, answers):
            now = department[request["history"]["category"][-1]]
            best = np.argsort(-np.array(answer["logits"]), kind="stable")[:10]
            hits = [department[request["candidates"]["category"][i]] == now for i in best]
            self.assertGreaterEqual(sum(hits), 6, request["id"])

    def test_files_stay_small(self):
        sizes = {name: os.path.getsize(path(name)) for name in os.listdir(FOLDER)}
        for name, size in sizes.items():
            self.assertLess(size, 3_000_000, name)
        self.assertLess(sum(sizes.values()), 6_000_000)


if __name__ == "__main__":
    unittest.main()
