"""evaluate(): its numbers are those of augur-rank, in whatever form requests come; what is wrong is named."""

import importlib.util
import io
import json
import math
import os
import re
import shutil
import subprocess
import unittest
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np

import augur_rank as augur
from augur_rank import built
from augur_rank.evaluation import evaluate, measure
from augur_rank.evaluation.metrics import area_under_curve
from augur_rank.evaluation.progress import ProgressBar, bar, duration
from augur_rank.runtime import InvalidArgument, Model, NotFound, ShapeMismatch, StatusError, worker

from ..runtime import convert, folder

SHOP = Path(__file__).resolve().parents[4] / "examples" / "shop"
PAGES = 60


def exits(session, at, request):
    """Work for a process that dies of it."""
    os._exit(7)


def prints(session, at, request):
    """Work that prints."""
    print("printed by a worker process", flush=True)


def has(package):
    return importlib.util.find_spec(package) is not None


@cache
def models():
    """The shop's DIEN in f32, int8 and int4."""
    paths = {}
    for kind in ("f32", "int8", "int4"):
        paths[kind] = str(folder() / f"shop-{kind}.augur")
        convert(
            "--weights",
            SHOP / "dien.safetensors",
            "--layout",
            "augur-reference",
            "--set",
            "kind=dien",
            "--set",
            "max_history=50",
            "--vocabulary",
            f"item={SHOP / 'item_keys.txt'}",
            "--out",
            paths[kind],
            "--weights-type",
            kind,
        )
    return paths


@cache
def files():
    """Paths of some pages of the shop's test data, and of their labels."""
    paths = []
    for name in ("requests", "labels"):
        lines = (SHOP / f"test.{name}.jsonl").read_text().splitlines(keepends=True)[:PAGES]
        paths.append(folder() / f"pages.{name}.jsonl")
        paths[-1].write_text("".join(lines))
    return tuple(paths)


@cache
def pages():
    """The same as dicts."""
    return tuple([json.loads(line) for line in path.read_text().splitlines()] for path in files())


@cache
def usual():
    """The usual evaluation of f32."""
    return evaluate(models()["f32"], *files(), group_by="user", progress=False)


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


class Processes(unittest.TestCase):
    """Long lists of requests are ranked by processes: the same numbers, the same errors."""

    def setUp(self):
        self.enterContext(mock.patch.object(measure, "PROCESSES_FROM", 1))

    def enterContext(self, manager):  # of Python 3.11
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def evaluated(self, requests, labels, source=None, **options):
        started = []

        def in_a_process(*arguments):
            started.append(arguments)
            return worker.in_a_process(*arguments)

        with mock.patch.object(measure, "in_a_process", in_a_process):
            found = evaluate(
                source or models()["f32"], requests, labels, **{"threads": 2, "progress": False, **options}
            )
        return found, len(started)

    def test_the_same_numbers(self):
        for given, workers in ((files(), 2), (pages(), 1)):  # of a list, no more than have a batch
            seen = []
            found, started = self.evaluated(
                *given, group_by="user", progress=lambda done, _total, seen=seen: seen.append(done)
            )
            self.assertEqual(started, workers)
            np.testing.assert_array_equal(found.models[0].logits, usual().models[0].logits)
            self.assertEqual(found.models[0].gauc_by_group, usual().models[0].gauc_by_group)
            self.assertEqual(seen[-1], PAGES)

    def test_the_same_errors(self):
        requests, labels = pages()
        wrong = [*requests[:30], {**requests[30], "candidates": {}}, *requests[31:]]
        with self.assertRaisesRegex(
            ShapeMismatch, rf"^request 30 \(id '{requests[30]['id']}'\): candidates: .*missing"
        ):
            self.evaluated(wrong, labels)
        with self.assertRaisesRegex(InvalidArgument, "^request 30 .*found 0.5"):
            self.evaluated(requests, [[0.5] * 8 if at == 30 else one["labels"] for at, one in enumerate(labels)])

    def test_models_that_cannot_leave_stay(self):
        with Model(Path(models()["f32"]).read_bytes()) as model:
            found, started = self.evaluated(*files(), model)
        self.assertEqual((found.models[0].auc, started), (usual().models[0].auc, 0))
        self.assertEqual(self.evaluated(*files(), threads=1)[1], 0)

    def test_tables_go_along(self):
        place = folder() / "apart.augur"
        convert(
            "--weights",
            SHOP / "dien.safetensors",
            "--layout",
            "augur-reference",
            "--set",
            "kind=dien",
            "--set",
            "max_history=50",
            "--vocabulary",
            f"item={SHOP / 'item_keys.txt'}",
            "--out",
            place,
            "--sidecar",
            f"item={folder() / 'item.augurtable'}",
        )
        with Model(place) as model:
            model.attach_table("item", folder() / "item.augurtable")
            found, started = self.evaluated(*files(), model)
        self.assertEqual(started, 2)
        np.testing.assert_array_equal(found.models[0].logits, usual().models[0].logits)

    def test_another_file_in_the_place_of_the_model(self):
        path = folder() / "replaced.augur"
        shutil.copy(models()["f32"], path)
        with Model(path) as model:
            shutil.copy(models()["int8"], folder() / "new.augur")
            os.replace(folder() / "new.augur", path)
            with self.assertRaisesRegex(augur.AugurError, "the file is another one"):
                self.evaluated(*files(), model)
            path.unlink()
            with self.assertRaises(NotFound):
                self.evaluated(*files(), model)

    def test_a_process_that_dies(self):
        with (
            Model(models()["f32"]) as model,
            self.assertRaisesRegex(augur.AugurError, "a worker process ended with status 7"),
        ):
            with worker.in_a_process(model, exits) as ask:
                ask([(0, ("request 0", {}))])
            self.fail()

    def test_what_a_process_prints_is_not_taken_for_an_answer(self):
        with Model(models()["f32"]) as model, worker.in_a_process(model, prints) as ask:
            self.assertEqual(ask([(0, ("request 0", {}))]), ([(0, None)], None))


class Forms(unittest.TestCase):
    """Each form of the same requests and labels gives the same numbers."""

    def same(self, found):
        for name in ("auc", "gauc_by_request", "gauc_by_group", "log_loss", "ndcg", "mean_score"):
            self.assertEqual(getattr(found.models[0], name), getattr(usual().models[0], name), name)

    def test_labels(self):
        requests, labels = pages()
        lists = [one["labels"] for one in labels]
        by_id = {one["id"]: one["labels"] for one in labels}
        both = [{**request, "labels": one} for request, one in zip(requests, lists)]
        path = folder() / "both.jsonl"
        path.write_text("\n".join(map(json.dumps, both)))
        for given in (
            (requests, labels),
            (requests, lists),
            (requests, by_id),
            (iter(requests), iter(lists)),
            (both, None),
            (path, None),
            (files()[0], lists),
            (requests, files()[1]),
            (requests, reversed(labels)),
            (requests, [[bool(one) for one in row] for row in lists]),
            (requests, [np.array(row) for row in lists]),
        ):
            with Model(models()["f32"]) as model:
                self.same(evaluate({"f32": model}, *given, group_by="user", progress=False))
                self.assertFalse(model.closed)

    def rows(self):
        """One row a candidate."""
        rows = []
        for request, labels in zip(*pages()):
            for at, label in enumerate(labels["labels"]):
                rows.append(
                    {
                        "page": request["id"],
                        "user": request["features"]["user"],
                        "clicked": label,
                        "title": "x",
                        **{name: values[at] for name, values in request["candidates"].items()},
                        **{f"history.{name}": values for name, values in request["history"].items()},
                    }
                )
        return rows

    @unittest.skipUnless(has("pandas"), "needs pandas")
    def test_pandas(self):
        import pandas

        frame = pandas.DataFrame(self.rows())
        options = {"group_by": "user", "progress": False, "request": "page"}
        self.same(evaluate(models()["f32"], frame, "clicked", **options))
        self.same(evaluate(models()["f32"], frame, frame["clicked"], **options))
        self.same(
            evaluate(
                models()["f32"],
                frame.rename(columns={"user": "features.user", "item": "candidates.item"}),
                frame["clicked"].to_numpy(),
                **options,
            )
        )
        shuffled = frame.sample(frac=1, random_state=3)
        found = evaluate(models()["f32"], shuffled, "clicked", **options)
        self.assertEqual(found.models[0].auc, usual().models[0].auc)
        for change, labels, words in (
            (frame.drop(columns="page"), "clicked", "no column 'page'"),
            (frame, "click", "no column 'click'"),
            (frame.drop(columns="item"), "clicked", "no column 'item' or 'candidates.item'"),
            (frame.drop(columns="history.item"), "clicked", "'history.item'"),
            (frame.drop(columns="user"), "clicked", "no column 'user' or 'features.user'"),
            (frame, None, "needs labels"),
            (frame, [1, 0], "480 rows, but there are 2 labels"),
            (frame.assign(page=None), "clicked", "row 0 of the frame has no request"),
            (frame.assign(clicked=0.5), "clicked", "found 0.5 at index 0"),
        ):
            with self.assertRaisesRegex(StatusError, words):
                evaluate(models()["f32"], change, labels, progress=False, request="page")

    @unittest.skipUnless(has("polars"), "needs polars")
    def test_polars(self):
        import polars

        self.same(
            evaluate(
                models()["f32"],
                polars.DataFrame(self.rows()),
                "clicked",
                group_by="user",
                progress=False,
                request="page",
            )
        )


class WhatIsRefused(unittest.TestCase):
    def refused(self, kind, words, requests, labels, **options):
        with self.assertRaisesRegex(kind, words):
            evaluate(options.pop("models", models()["f32"]), requests, labels, **{"progress": False, **options})

    def test_labels(self):
        requests, labels = pages()
        lists = [one["labels"] for one in labels]
        third = requests[2]["id"]

        def changed(value):
            return [*lists[:2], value, *lists[3:]]

        named = rf"request 2 \(id '{third}'\)"
        self.refused(InvalidArgument, named + ".*found 0.5 at index 1", requests, changed([1, 0.5] + [0] * 6))
        self.refused(InvalidArgument, named + ".*labels are 0 or 1", requests, changed(["x"] * 8))
        self.refused(InvalidArgument, named + ".*found nan", requests, changed([math.nan] * 8))
        self.refused(InvalidArgument, named + ".*found 2", requests, changed([2] * 8))
        self.refused(ShapeMismatch, named + ".*8 candidates, but 3 labels", requests, changed([1, 0, 0]))
        self.refused(ShapeMismatch, "request 59.*labels for 59 requests only", requests, lists[:-1])
        self.refused(ShapeMismatch, "labels for 61 requests, but 60 requests", requests, [*lists, [1]])
        self.refused(
            NotFound,
            named + f".*no labels with the id '{third}'",
            requests,
            [one for one in labels if one["id"] != third],
        )
        self.refused(InvalidArgument, "stands twice", requests, [*labels, labels[0]])
        self.refused(InvalidArgument, 'labels 0: expected an object with "id" and "labels"', requests, [{"id": 1}])
        self.refused(InvalidArgument, "request 0.*has no labels", requests, None)
        self.refused(InvalidArgument, "a int holds none", requests, 5)
        self.refused(InvalidArgument, 'has no "id"', [{k: v for k, v in requests[0].items() if k != "id"}], labels)
        self.refused(NotFound, "none.jsonl", requests, folder() / "none.jsonl")

    def test_requests_and_options(self):
        requests, labels = pages()
        self.refused(InvalidArgument, "expected dicts, a frame or the path", requests[0], labels)
        self.refused(InvalidArgument, "found a int", 5, labels)
        self.refused(NotFound, "none.jsonl", folder() / "none.jsonl", labels)
        self.refused(
            StatusError,
            "request 1.*'candidates'|request 1.*candidates",
            [requests[0], {"id": requests[1]["id"]}],
            labels,
        )
        self.refused(NotFound, "no feature 'shop'; it has 'user'", requests, labels, group_by="shop")
        self.refused(NotFound, "none.augur", requests, labels, models=folder() / "none.augur")
        self.refused(InvalidArgument, "none in the dict", requests, labels, models={})
        self.refused(InvalidArgument, "found a int", requests, labels, models=7)
        for option in ({"k": (0,)}, {"k": (True,)}, {"k": (1.5,)}, {"bins": 0}, {"threads": 0}):
            self.refused(InvalidArgument, next(iter(option)), requests, labels, **option)

    def test_a_regression_has_no_auc(self):
        place = folder()
        np.savez(place / "line.npz", w=np.ones((1, 2), np.float32))
        description = {
            "format": 1,
            "name": "line",
            "orientation": "out_in",
            "tables": [],
            "features": [],
            "stacks": [
                {
                    "name": "clicks",
                    "fields": [{"name": "price", "kind": "number"}],
                    "max_history": 2,
                    "mask": "length",
                    "query": [],
                    "extractor": [],
                    "attention": None,
                    "result": {"pool": "sum", "padding": "masked"},
                }
            ],
            "candidate": [{"name": "price", "kind": "number"}],
            "head": {
                "input": [{"candidate": "price"}, {"result": "clicks"}],
                "layers": [{"weight": "w", "bias": None, "activation": "none"}],
            },
            "output": {"kind": "identity"},
        }
        (place / "line.json").write_text(json.dumps(description))
        convert("--weights", place / "line.npz", "--model", place / "line.json", "--out", place / "line.augur")
        self.refused(
            InvalidArgument,
            "line: the model is a regression",
            [{"history": {}, "candidates": {"price": [1]}}],
            [[1]],
            models=place / "line.augur",
        )


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


class Progress(unittest.TestCase):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    def test_a_function_is_told(self):
        seen = []
        evaluate(models()["f32"], *files(), progress=lambda done, total: seen.append((done, total)), threads=2)
        self.assertEqual(seen[-1], (60, 60))
        self.assertEqual(seen, sorted(seen))

    def test_the_line(self):
        line = ProgressBar("int8", 2000, False).line(500, 2.0)
        self.assertEqual(line, "int8  ██████" + " " * 18 + "  25%  500 of 2,000 requests  250/s  0:06 left")
        self.assertEqual((duration(65), duration(3599.6), duration(7384)), ("1:05", "1:00:00", "2:03:04"))
        self.assertEqual((bar(0, 3), bar(0.5, 3), bar(1, 3), bar(9, 3)), ("   ", "█▌ ", "███", "███"))
        self.assertIn("0%", ProgressBar("a", 0, False).line(0, 0))

    def test_where_it_is_shown(self):
        for stream, progress, shown in (
            (self.Terminal(), None, True),
            (io.StringIO(), None, False),
            (io.StringIO(), True, True),
            (self.Terminal(), False, False),
        ):
            with ProgressBar("f32", 10, progress, stream) as show:
                show._last -= 1
                show(5)
            self.assertEqual("5 of 10 requests" in stream.getvalue(), shown)
            if shown:
                self.assertTrue(stream.getvalue().endswith("\r"))
                self.assertEqual(stream.getvalue().split("\r")[-2].strip(), "")


if __name__ == "__main__":
    unittest.main()
