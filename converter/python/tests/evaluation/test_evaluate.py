"""evaluate(): its numbers are those of augur-rank; what is not defined is said; the table, the dict and the picture."""

import json
import math
import re
import subprocess
import unittest

import numpy as np

import augur_rank as augur
from augur_rank import built
from augur_rank.evaluation import evaluate
from augur_rank.evaluation.metrics import area_under_curve
from augur_rank.runtime import Model

from ..runtime import folder
from . import PAGES, files, has, models, pages, usual


class Numbers(unittest.TestCase):
    def test_they_are_those_of_augur_rank(self):
        requests, labels = files()
        done = subprocess.run(
            [built.command("augur-rank"), models()["f32"], "--requests", requests, "--labels", labels],
            check=True,
            capture_output=True,
            text=True,
        )
        auc, grouped = (float(number) for number in re.findall(r"^AUC.*? ([\d.]+) \(", done.stderr, re.MULTILINE)[:2])
        found = usual().models[0]
        self.assertAlmostEqual(found.auc, auc, places=6)
        self.assertAlmostEqual(found.gauc_by_request.value, grouped, places=6)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        np.testing.assert_array_equal(found.scores, np.concatenate([a["scores"] for a in answers]).astype(np.float32))
        self.assertEqual((usual().data.request_count, usual().data.labels.size, usual().data.clicks), (60, 480, 60))

    def test_groups_are_those_of_the_feature(self):
        requests, labels = pages()
        requests = [{**request, "features": {"user": 1 + at % 7}} for at, request in enumerate(requests)]
        found = evaluate(models()["f32"], requests, labels, group_by="user", progress=False).models[0]
        users = np.repeat([1 + at % 7 for at in range(PAGES)], 8)
        clicked = np.concatenate([one["labels"] for one in labels])
        areas = [area_under_curve(found.logits[users == user], clicked[users == user]) for user in range(1, 8)]
        sizes = [int((users == user).sum()) for user in range(1, 8)]
        self.assertAlmostEqual(found.gauc_by_group.value, np.average(areas, weights=sizes), places=12)
        self.assertEqual(found.gauc_by_group.groups, 7)

    def test_models_side_by_side(self):
        found = evaluate(models()["f32"], *files(), progress=False, k=np.int64(5))
        self.assertEqual(found.models[0].ndcg, {5: usual().models[0].ndcg[5]})
        found = evaluate(models(), *files(), group_by="user", threads=2, progress=False, k=(1, 5), bins=4)
        self.assertEqual([model.name for model in found.models], ["f32", "int8", "int4"])
        self.assertEqual(found["f32"].auc, usual().models[0].auc)
        self.assertEqual(list(found["int8"].ndcg), [1, 5])
        self.assertIsNone(found["f32"].compared)
        for name in ("int8", "int4"):
            difference = np.abs(found[name].scores.astype(float) - found["f32"].scores)
            self.assertEqual(found[name].compared.largest_difference, difference.max())
            self.assertEqual(found[name].compared.mean_difference, difference.mean())
            self.assertGreater(difference.max(), 0)
        self.assertRaises(KeyError, lambda: found["fp16"])

    def test_the_best_ten(self):
        requests, _ = pages()
        wide = [
            {
                **request,
                "candidates": {
                    name: sum((r["candidates"][name] for r in requests[at : at + 3]), [])
                    for name in request["candidates"]
                },
            }
            for at, request in enumerate(requests[:20])
        ]
        found = evaluate(
            {"one": models()["f32"], "same": models()["f32"], "int4": models()["int4"]},
            wide,
            [[1] + [0] * 23] * 20,
            progress=False,
        )
        self.assertEqual(found["same"].compared.top_agreement, 1)
        with Model(models()["f32"]) as one, Model(models()["int4"]) as other:
            shares = []
            for request in wide:
                best = []
                for model in (one, other):
                    logits = model.rank(request, logits=True)[1]
                    best.append(set(np.argsort(-logits, kind="stable")[:10].tolist()))
                shares.append(len(best[0] & best[1]) / 10)
        self.assertAlmostEqual(found["int4"].compared.top_agreement, np.mean(shares), places=12)
        self.assertLess(np.mean(shares), 1)


class Undefined(unittest.TestCase):
    def test_requests_without_a_click_are_reported(self):
        requests, labels = pages()
        lists = [one["labels"] if at >= 5 else [0] * 8 for at, one in enumerate(labels)]
        found = evaluate(models()["f32"], requests, lists, progress=False)
        self.assertEqual(found.models[0].gauc_by_request.left_out, 5)
        part = evaluate(models()["f32"], requests[5:], lists[5:], progress=False)
        self.assertAlmostEqual(found.models[0].ndcg[5], part.models[0].ndcg[5], places=12)
        self.assertEqual(found.models[0].gauc_by_request.value, part.models[0].gauc_by_request.value)
        self.assertIn("5 of 60 requests have no click, or clicks only", found.notes()[0])
        self.assertIn("note: 5 of 60 requests", str(found))

    def test_nothing_is_clicked(self):
        requests, _ = pages()
        found = evaluate(models()["f32"], requests, [[0] * 8] * 60, group_by="user", progress=False)
        model = found.models[0]
        for value in (model.auc, model.gauc_by_request.value, model.gauc_by_group.value, model.ndcg[5]):
            self.assertTrue(math.isnan(value))
        self.assertFalse(math.isnan(model.log_loss))
        self.assertIn("there is no AUC", found.notes()[-1])
        self.assertRegex(str(found), r"AUC +–")
        as_dict = found.to_dict()
        self.assertIsNone(as_dict["models"][model.name]["auc"])
        json.dumps(as_dict, allow_nan=False)

    def test_no_requests(self):
        found = evaluate(models(), [], [], group_by="user", progress=False)
        self.assertEqual((found.data.request_count, found.data.labels.size), (0, 0))
        self.assertIn("0 requests, 0 candidates, 0 clicks", str(found))
        json.dumps(found.to_dict(), allow_nan=False)

    def test_ids_of_labels_that_are_one_text(self):
        with self.assertRaisesRegex(augur.StatusError, "two ids have the same text"):
            evaluate(Model(models()["f32"]), [], {1: [0], "1": [1]})

    def test_labels_without_a_request_are_reported(self):
        requests, labels = pages()
        found = evaluate(models()["f32"], requests[:50], labels, progress=False)
        self.assertIn("10 labels have an id that no request has", found.notes())


class Shown(unittest.TestCase):
    def test_the_table(self):
        found = evaluate(models(), *files(), group_by="user", progress=False)
        lines = str(found).splitlines()
        self.assertEqual(lines[0], "60 requests, 480 candidates, 60 clicks (12.5%)")
        self.assertEqual(lines[2].split(), ["f32", "int8", "int4"])
        rows = {line[:24].strip(): line[24:].split() for line in lines[3:]}
        self.assertEqual(rows["AUC"], [f"{model.auc:.4f}" for model in found.models])
        self.assertEqual(rows["GAUC by user"][0], f"{found['f32'].gauc_by_group.value:.4f}")
        self.assertEqual(rows["best 10 as f32"], ["–", "–", "–"])
        self.assertIn("no request has more than 10 candidates", lines[-1])
        self.assertEqual(len({len(line) for line in lines[3:9]}), 1)

    def test_to_dict(self):
        found = evaluate(models(), *files(), group_by="user", progress=False).to_dict()
        again = json.loads(json.dumps(found, allow_nan=False))
        self.assertEqual(again, found)
        self.assertEqual((found["requests"], found["clicks"], found["click_rate"]), (60, 60, 0.125))
        self.assertEqual(set(found["models"]), {"f32", "int8", "int4"})
        self.assertNotIn("compared_with_first", found["models"]["f32"])
        self.assertEqual(sum(found["models"]["int8"]["calibration"]["counts"]), 480)

    @unittest.skipUnless(has("matplotlib"), "needs matplotlib")
    def test_the_picture(self):
        for name, begin in (("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")):
            path = folder() / name
            evaluate({"f32": models()["f32"]}, *files(), progress=False, plot=path)
            self.assertEqual(path.read_bytes()[: len(begin)], begin)
        self.assertIn("Calibration", (folder() / "a.svg").read_text())
        with self.assertRaisesRegex(augur.AugurError, "a.xyz"):
            usual().plot(folder() / "a.xyz")
        evaluate(models(), [], [], progress=False).plot(path)

    @unittest.skipIf(has("matplotlib"), "needs an environment without matplotlib")
    def test_a_picture_without_matplotlib(self):
        with self.assertRaisesRegex(augur.AugurError, "needs matplotlib"):
            usual().plot(folder() / "a.png")


if __name__ == "__main__":
    unittest.main()
