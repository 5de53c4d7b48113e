"""Scores, the best k, attention and saved sessions are those of augur-rank, which reads the same requests."""

import itertools
import json
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

from augur_rank.runtime import (
    Closed,
    InvalidArgument,
    Model,
    NotFound,
    OutOfRange,
    Ragged,
    ShapeMismatch,
    Status,
    as_rows,
    version,
    worker,
)

from . import ITEMS, SHOPS, RichModel, augur_rank, folder, rich_model, rich_request


class Ranking(RichModel):
    def test_scores_are_those_of_augur_rank(self):
        requests = [rich_request(seed, candidates=seed) for seed in range(8)]
        answers = augur_rank(rich_model(), requests, "--table", f"user={folder() / 'user.augurtable'}")
        for request, answer in zip(requests, answers):
            scores, logits = self.session.rank(self.user_of(request), logits=True)
            self.assertEqual((scores.dtype, scores.shape), (np.float32, (len(answer["scores"]),)))
            np.testing.assert_array_equal(scores, np.array(answer["scores"], dtype=np.float32))
            np.testing.assert_array_equal(logits, np.array(answer["logits"], dtype=np.float32))

    def test_the_best_k(self):
        candidates = self.user_of(rich_request(3, 20))
        scores = self.session.rank(candidates)
        best = np.argsort(-scores, kind="stable")
        for k in (0, 1, 7, 20, 99):
            found = self.session.top_k(candidates, k)
            np.testing.assert_array_equal(found.indices, best[:k])
            np.testing.assert_array_equal(found.scores, scores[best[:k]])
        self.assertEqual(found.indices.dtype, np.int64)
        for k in (-1, 1.0, True, None):
            with self.assertRaisesRegex(InvalidArgument, "k is"):
                self.session.top_k(candidates, k)

    def test_unusable_candidates(self):
        candidates = self.user_of(rich_request(3, 4))
        expected = self.session.rank(candidates)
        worse = dict(candidates, item=[*candidates["item"][:2], "no such item", candidates["item"][3]])
        with self.assertRaisesRegex(OutOfRange, "field 'item' has key 'no such item' at index 2"):
            self.session.rank(worse)
        with self.assertRaises(OutOfRange):
            self.session.rank(worse, logits=True)
        each = self.session.rank_each(worse)
        self.assertEqual(each.statuses, [Status.OK, Status.OK, Status.OUT_OF_RANGE, Status.OK])
        self.assertTrue(np.isnan(each.scores[2]) and np.isnan(each.logits[2]))
        usable = [0, 1, 3]
        np.testing.assert_allclose(each.scores[usable], expected[usable], atol=1e-6)
        best = self.session.top_k_each(worse, 9)
        self.assertEqual(sorted(best.indices), usable)
        self.assertEqual(best.statuses, each.statuses)
        self.assertEqual(list(best.scores), sorted(each.scores[usable], reverse=True))

    def test_attention(self):
        request = rich_request(1, 3)
        candidates = self.user_of(request)
        answer = augur_rank(rich_model(), [request], "--explain", "--table", f"user={folder() / 'user.augurtable'}")[0]
        for row in range(3):
            weights = self.session.explain(candidates, row, "clicks")
            np.testing.assert_array_equal(weights, np.array(answer["attention"]["clicks"][row], dtype=np.float32))
            self.assertAlmostEqual(float(weights.sum()), 1, places=5)
        with self.assertRaisesRegex(NotFound, "has no attention"):
            self.session.explain(candidates, 0, "buys")
        with self.assertRaisesRegex(InvalidArgument, "row is 3"):
            self.session.explain(candidates, 3, "clicks")
        for row in (-1, 1.0, True, None):
            with self.assertRaisesRegex(InvalidArgument, "row is"):
                self.session.explain(candidates, row, "clicks")

    def test_append_is_as_a_longer_history(self):
        candidates = self.user_of(rich_request(4))
        self.session.set_history({"item": ITEMS[:4]}, "clicks")
        expected = self.session.rank(candidates)
        self.session.set_history({"item": ITEMS[:2]}, "clicks")
        self.assertEqual(self.session.history_length("clicks"), 2)
        self.assertTrue(np.any(self.session.rank(candidates) != expected))
        self.session.append({"item": ITEMS[2:4]}, "clicks")
        np.testing.assert_array_equal(self.session.rank(candidates), expected)
        self.session.set_history({}, "clicks")
        self.assertEqual(self.session.history_length("clicks"), 0)

    def test_a_saved_session_ranks_the_same(self):
        candidates = self.user_of(rich_request(5))
        expected, state = self.session.rank(candidates), self.session.save()
        self.session.clear()
        self.assertTrue(np.any(self.session.rank(candidates) != expected))
        with self.model.session() as other:
            self.assertEqual(other.restore(state), (True, 0, 0))
            np.testing.assert_array_equal(other.rank(candidates), expected)
            with self.assertRaises(Exception) as caught:
                other.restore(state[:-3])
            self.assertTrue(str(caught.exception))
            np.testing.assert_array_equal(other.rank(candidates), expected)

    def test_out_receives_the_scores(self):
        candidates = self.user_of(rich_request(6))
        expected, out = self.session.rank(candidates), np.zeros(5, dtype=np.float32)
        self.assertIs(self.session.rank(candidates, out=out), out)
        np.testing.assert_array_equal(out, expected)
        frozen = np.zeros(5, dtype=np.float32)
        frozen.flags.writeable = False
        for wrong in (
            np.zeros(5),
            np.zeros(4, np.float32),
            np.zeros((5, 1), np.float32),
            np.zeros(10, np.float32)[::2],
            frozen,
            [0.0] * 5,
        ):
            with self.assertRaisesRegex(InvalidArgument, r"out: expected a writeable float32 array of shape \[5\]"):
                self.session.rank(candidates, out=wrong)

    def test_prepared_candidates(self):
        request = rich_request(6)
        expected = self.session.rank(self.user_of(request))
        prepared = self.model.candidates(request["candidates"])
        self.assertEqual(len(prepared), 5)
        for _ in range(3):
            np.testing.assert_array_equal(self.session.rank(prepared), expected)
        np.testing.assert_array_equal(self.session.top_k(prepared, 2).scores, np.sort(expected)[::-1][:2])
        with Model(rich_model()) as other, self.assertRaisesRegex(InvalidArgument, "another model"):
            other.attach_table("user", folder() / "user.augurtable")
            other.session().rank(prepared)

    def test_no_candidates(self):
        candidates = {"item": [], "price": [], "shop": [], "tags": [], "image": []}
        self.assertEqual(self.session.rank(candidates).shape, (0,))
        self.assertEqual(self.session.top_k(candidates, 3).indices.shape, (0,))


class Unsendable(dict):
    """What cannot be given to another process."""

    def __reduce__(self):
        raise TypeError("it stays here")


class WholeRequests(RichModel):
    def test_many_requests_on_threads(self):
        requests = [rich_request(seed) for seed in range(60)]
        expected = [self.session.rank(self.user_of(request)) for request in requests]
        seen = []
        for threads in (1, 3, None):
            found = self.model.rank(requests, threads=threads, progress=seen.append)
            self.assertEqual(len(found), 60)
            for one, other in zip(found, expected):
                np.testing.assert_array_equal(one, other)
        self.assertEqual(seen[-1], 60)
        np.testing.assert_array_equal(self.model.rank(requests[7]), expected[7])
        scores, logits = self.model.rank(requests[7], logits=True)
        np.testing.assert_allclose(scores, 1 / (1 + np.exp(-logits.astype(np.float64))), atol=1e-6)

    def test_many_requests_in_processes(self):
        requests = [rich_request(seed) for seed in range(200)]
        path = folder() / "processes.jsonl"
        path.write_text("\n".join(map(json.dumps, requests)))
        wrong = [*requests[:150], {**requests[150], "candidates": {}}, *requests[151:]]
        expected = self.model.rank(requests, threads=1, logits=True)
        unsendable = [{**requests[0], "features": Unsendable(requests[0]["features"])}, *requests[1:]]
        in_a_process = worker.in_a_process
        with mock.patch.object(worker, "PROCESSES_FROM", 100), mock.patch.object(worker, "in_a_process") as started:
            started.side_effect = in_a_process
            cases = [(path, 2), (requests, 2), (requests[:99], 0), (iter(requests), 0), (unsendable, 0)]
            for given, processes in cases:
                started.reset_mock()
                found = self.model.rank(given, threads=2, logits=True)
                self.assertEqual(started.call_count, processes)
                for one, other in zip(found, expected):
                    np.testing.assert_array_equal(one, other)
            started.reset_mock()
            self.model.rank(path, threads=1)
            self.assertEqual(started.call_count, 0)
            with self.assertRaisesRegex(ShapeMismatch, r"request 150 \(id 'r150'\)"):
                self.model.rank(wrong, threads=2)
            self.assertEqual(started.call_count, 2)

    def test_a_file(self):
        requests = [rich_request(seed) for seed in range(9)]
        path = folder() / "many.jsonl"
        path.write_text("\n\n".join(map(json.dumps, requests)))
        for one, other in zip(self.model.rank(path, threads=2), self.model.rank(iter(requests))):
            np.testing.assert_array_equal(one, other)

    def test_errors_name_the_request(self):
        def refused(kind, words, change):
            requests = [rich_request(seed) for seed in range(20)]
            requests[11] = change(requests[11])
            with self.assertRaisesRegex(kind, words):
                self.model.rank(requests, threads=3)

        refused(
            OutOfRange,
            r"request 11 \(id 'r11'\): .*'x'",
            lambda r: {**r, "candidates": {**r["candidates"], "item": ["x"] * 5}},
        )
        refused(
            ShapeMismatch,
            r"request 11 .*'age' is missing",
            lambda r: {**r, "features": {k: v for k, v in r["features"].items() if k != "age"}},
        )
        refused(ShapeMismatch, "stack 'buys' is missing", lambda r: {**r, "history": {"clicks": {}}})
        refused(NotFound, "no stack 'views'", lambda r: {**r, "history": {**r["history"], "views": {}}})
        refused(InvalidArgument, "unknown key 'label'", lambda r: {**r, "label": 1})
        refused(ShapeMismatch, '"candidates" is missing', lambda r: {"id": "r11", "features": r["features"]})
        refused(InvalidArgument, "request 11: expected a dict", lambda r: 5)
        path = folder() / "bad.jsonl"
        path.write_text(json.dumps(rich_request(0)) + '\n{"id": \n')
        with self.assertRaisesRegex(InvalidArgument, r"bad.jsonl:2: is not JSON"):
            self.model.rank(path)
        with self.assertRaisesRegex(NotFound, "none.jsonl: there is no such file"):
            self.model.rank(folder() / "none.jsonl")
        for threads in (0, True, 1.5):
            with self.assertRaisesRegex(InvalidArgument, "threads is"):
                self.model.rank([], threads=threads)
        with self.assertRaisesRegex(InvalidArgument, "found a int"):
            self.model.rank(5)

    def test_the_first_wrong_request_is_named_whatever_the_threads(self):
        requests = [rich_request(seed) for seed in range(64)]
        for at in (17, 40, 63):
            requests[at] = {**requests[at], "label": 1}
        for threads in (1, 2, 5):
            with self.assertRaisesRegex(InvalidArgument, "^request 17 "):
                self.model.rank(requests, threads=threads)

        wrong = [{**request, "label": 1} for request in requests]
        for threads in (1, 2, 5):
            with self.assertRaisesRegex(InvalidArgument, "^request 0 "):
                self.model.rank(wrong, threads=threads)

    def test_an_error_ends_an_endless_source(self):
        for threads in (1, 3):
            endless = itertools.chain([5], itertools.repeat(rich_request(0)))
            with self.assertRaisesRegex(InvalidArgument, "^request 0: "):
                self.model.rank(endless, threads=threads)

    def test_an_iterator_that_fails(self):
        def broken():
            yield rich_request(0)
            raise RuntimeError("the source is gone")

        for threads in (1, 3):
            with self.assertRaisesRegex(RuntimeError, "the source is gone"):
                self.model.rank(broken(), threads=threads)


class WhatTheModelTells(RichModel):
    def test_info(self):
        info = self.model.info
        self.assertEqual(
            (info.name, info.notes, len(info.id), info.session_count), ("rich", ("made for tests",), 64, 1)
        )
        self.assertEqual([field.name for field in info.features], ["user", "likes", "age", "taste"])
        self.assertEqual([field.kind.name for field in info.candidate_fields], ["ID", "NUMBER", "ID", "IDS", "VECTOR"])
        self.assertEqual([(stack.name, stack.max_history) for stack in info.stacks], [("clicks", 6), ("buys", 4)])
        tables = {table.name: table for table in info.tables}
        self.assertEqual((tables["item"].rows, tables["item"].width, tables["item"].keys), (12, 4, 12))
        self.assertEqual([tables[name].key_type.name for name in ("item", "shop", "tag")], ["STRING", "INTEGER", "ROW"])
        self.assertEqual((tables["user"].origin.name, tables["item"].origin.name), ("OF_CONVERSION", "INSIDE"))
        self.assertEqual(tables["shop"].unknown_ids.name, "PADDING_ID")
        self.assertRegex(version(), r"^\d+\.\d+\.\d+$")

    def test_proof(self):
        self.assertEqual(self.model.proof["state"], "unproven")
        content = Path(rich_model()).read_bytes()
        with Model(content) as model:
            self.assertEqual(model.proof, self.model.proof)

    def test_rows_of_keys(self):
        self.assertEqual([self.model.row("item", key) for key in (ITEMS[9], ITEMS[9].encode(), "none")], [9, 9, None])
        self.assertEqual([self.model.row("shop", key) for key in (SHOPS[4], 7)], [4, None])
        for table, key in (
            ("item", 5),
            ("shop", "x"),
            ("tag", 1),
            ("none", "x"),
            ("item", True),
            ("item", 1.0),
            ("shop", 1 << 63),
        ):
            with self.assertRaises(InvalidArgument):
                self.model.row(table, key)

    def test_stacks_are_named(self):
        for stack, words in ((None, "name one of its stacks"), ("views", "no stack 'views'")):
            for call in (self.session.set_history, self.session.append):
                with self.assertRaisesRegex(NotFound, words):
                    call({}, stack)
            with self.assertRaisesRegex(NotFound, "'clicks', 'buys'"):
                self.session.history_length(stack)

    def test_rows_where_keys_are_usual(self):
        request = rich_request(8)
        candidates = self.user_of(request)
        expected = self.session.rank(candidates)
        rows = as_rows([ITEMS.index(key) for key in candidates["item"]])
        shops = as_rows(np.array([self.model.row("shop", key) or 0 for key in candidates["shop"]]))
        np.testing.assert_array_equal(self.session.rank({**candidates, "item": rows, "shop": shops}), expected)
        self.session.set_feature("likes", as_rows([ITEMS.index(key) for key in request["features"]["likes"]]))
        np.testing.assert_array_equal(self.session.rank(candidates), expected)

    def test_ragged(self):
        request = rich_request(9)
        candidates = self.user_of(request)
        expected = self.session.rank(candidates)
        counts = [len(row) for row in candidates["tags"]]
        flat = [tag for row in candidates["tags"] for tag in row]
        for tags in (
            Ragged(flat, counts),
            Ragged(np.array(flat), np.array(counts, np.uint8)),
            Ragged(flat, offsets=np.cumsum([0, *counts])),
        ):
            np.testing.assert_array_equal(self.session.rank({**candidates, "tags": tags}), expected)
        with self.assertRaisesRegex(ShapeMismatch, "add up to"):
            self.session.rank({**candidates, "tags": Ragged(flat, [*counts[:-1], counts[-1] + 1])})
        for wrong in (
            lambda: Ragged([1]),
            lambda: Ragged([1], [1], offsets=[0, 1]),
            lambda: Ragged([1], [-1]),
            lambda: Ragged([1], offsets=[0, 2]),
            lambda: Ragged([1], [1.0]),
        ):
            self.assertRaises((InvalidArgument, ShapeMismatch), wrong)


class AfterClose(RichModel):
    def test_use_after_close_raises(self):
        candidates = rich_request(0)["candidates"]
        prepared = self.model.candidates(candidates)
        self.session.close()
        self.session.close()
        self.assertTrue(self.session.closed)
        for call in (
            lambda: self.session.rank(candidates),
            lambda: self.session.rank(prepared),
            self.session.save,
            self.session.clear,
            lambda: self.session.set_feature("user", 1),
            lambda: self.session.top_k(prepared, 1),
            lambda: self.session.set_history({}, "clicks"),
            lambda: self.session.history_length("clicks"),
            lambda: self.session.rank_each(prepared),
            lambda: self.session.explain(prepared, 0, "clicks"),
            lambda: self.session.restore(b""),
        ):
            self.assertRaises(Closed, call)
        self.session.cancel()
        self.model.close()
        self.model.close()
        for call in (
            self.model.session,
            lambda: self.model.info,
            lambda: self.model.candidates({}),
            self.model.session_bytes,
            lambda: self.model.row("item", "x"),
            lambda: self.model.rank([]),
            lambda: self.model.proof,
            lambda: self.model.attach_table("user", folder() / "user.augurtable"),
        ):
            self.assertRaises(Closed, call)

    def test_a_session_keeps_its_model(self):
        request = rich_request(2)
        expected = self.session.rank(self.user_of(request))
        self.model.close()
        np.testing.assert_array_equal(self.session.rank(self.user_of(request)), expected)

        def session_alone():
            model = Model(rich_model())
            model.attach_table("user", folder() / "user.augurtable")
            return model.session()

        with session_alone() as session:
            np.testing.assert_array_equal(session.rank(self.user_of(request, session)), expected)

    def test_context_managers(self):
        with Model(rich_model()) as model:
            model.attach_table("user", folder() / "user.augurtable")
            with model.session() as session:
                self.assertIn("rich.augur", repr(session))
        self.assertTrue(session.closed and model.closed)


if __name__ == "__main__":
    unittest.main()
