"""Requests and labels in every form give the same numbers; what is wrong in them is named."""

import json
import math
import unittest

import numpy as np

from augur_rank.evaluation import evaluate
from augur_rank.evaluation.labels import _same
from augur_rank.runtime import InvalidArgument, Model, NotFound, ShapeMismatch, StatusError

from ..runtime import convert, folder
from . import files, has, models, pages, usual


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
            (pandas.concat([frame, frame[["item"]]], axis=1), "clicked", "2 columns 'item'"),
            (frame.assign(page=None), "clicked", "row 0 of the frame has no request"),
            (frame.assign(clicked=0.5), "clicked", "found 0.5 at index 0"),
        ):
            with self.assertRaisesRegex(StatusError, words):
                evaluate(models()["f32"], change, labels, progress=False, request="page")

    @unittest.skipUnless(has("pandas"), "needs pandas")
    def test_rows_of_a_request_that_differ(self):
        import pandas

        rows = self.rows()
        name, user, items = rows[10]["page"], rows[10]["user"], rows[10]["history.item"]
        options = {"progress": False, "request": "page"}
        for column, value, words in (
            ("user", user + 1, f"'user': {user} in row 8, {user + 1} in row 10;"),
            ("user", None, f"'user': {float(user)} in row 8, nan in row 10;"),
            ("history.item", [*items[:-1], "other"], r"'history.item': \[.* in row 8, \[.* in row 10"),
            ("history.item", items[:-1], r"'history.item': \[.* in row 8, \[.* in row 10"),
            ("history.item", np.array([]), r"'history.item': \[.* in row 8, array.* in row 10"),
            ("user", pandas.NA, f"'user': {user} in row 8, <NA> in row 10;"),
            ("history.item", pandas.NA, r"'history.item': \[.* in row 8, <NA> in row 10"),
        ):
            changed = [*rows[:10], {**rows[10], column: value}, *rows[11:]]
            with self.assertRaisesRegex(
                InvalidArgument, rf"^request 1 \(id {name!r}\): its rows differ in the column {words}"
            ):
                evaluate(models()["f32"], pandas.DataFrame(changed), "clicked", **options)
        self.assertTrue(_same([np.ones(2), float("nan")], [np.ones(2), np.float32("nan")]))
        self.assertFalse(_same([np.ones(2), 1.0], [np.ones(2), np.float32("nan")]))
        for make in (list, tuple, np.array, lambda values: pandas.Series(values, dtype=object)):  # equal ones
            changed = [{**row, "history.item": make(row["history.item"])} for row in rows]
            changed[10] = rows[10]
            frame = pandas.DataFrame(changed).astype({"user": object})
            self.same(evaluate(models()["f32"], frame, "clicked", group_by="user", **options))

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
        self.refused(InvalidArgument, named + ".*numbers 0 and 1, found 'x'", requests, changed(["x"] * 8))
        for value in ([1, *"1000000"], np.array(["1"] * 8), np.array(["1"] * 8, object), "1"):
            self.refused(InvalidArgument, named + ".*numbers 0 and 1, found '1'", requests, changed(value))
        self.refused(InvalidArgument, "labels of 'a': .*numbers 0 and 1, found '1'", requests, {"a": "1"})
        self.refused(NotFound, "labels: there is no file '1'; expected a list for each request", requests, "1")
        self.refused(InvalidArgument, "a bytes holds none", requests, b"1")
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
        for option in ({"bins": 0}, {"threads": 0}, *({"k": k} for k in ((0,), (True,), (1.5,), 0, None, 1.5, "5"))):
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


if __name__ == "__main__":
    unittest.main()
