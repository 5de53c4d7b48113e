"""What a program may do by mistake: it is refused, and never ends the process or changes a score without a word."""

import copy
import os
import pickle
import unittest
from collections.abc import Mapping

import numpy as np

from augur_rank.runtime import InvalidArgument, Model, Ragged, ShapeMismatch, StatusError
from augur_rank.runtime.values import as_ids, as_numbers

from . import ITEMS, RichModel, folder, rich_model, rich_request


class Shortened(Mapping):
    """A mapping that has fewer items than it says."""

    def __init__(self, columns, left_out):
        self.columns, self.left_out = columns, left_out

    def __len__(self):
        return len(self.columns)

    def __iter__(self):
        return iter(self.columns)

    def __getitem__(self, name):
        return self.columns[name]

    def items(self):
        return [(name, value) for name, value in self.columns.items() if name != self.left_out]


class Misuse(RichModel):
    def test_models_and_sessions_are_not_copied(self):
        for owner in (self.model, self.session):
            for make in (copy.copy, copy.deepcopy, pickle.dumps):
                with self.assertRaisesRegex(TypeError, "neither be copied nor pickled"):
                    make(owner)

    def test_out_is_no_part_of_an_input(self):
        candidates = self.user_of(rich_request(1, 300))
        numbers = np.linspace(0, 1, 301).astype(np.float32)
        candidates["price"] = numbers[:300]
        prepared = self.model.candidates(candidates)
        for given in (candidates, prepared):
            for out in (numbers[:300], numbers[1:]):
                with self.assertRaisesRegex(InvalidArgument, "out: it shares memory"):
                    self.session.rank(given, out=out)
            expected = self.session.rank(given)
            np.testing.assert_array_equal(self.session.rank(given, out=np.empty(300, np.float32)), expected)

    def test_arrays_that_are_not_aligned(self):
        def moved(array):
            made = np.frombuffer(b"x" + array.tobytes(), array.dtype, offset=1).reshape(array.shape)
            self.assertFalse(made.flags.aligned)
            return made

        request = rich_request(3)
        candidates = self.user_of(request)
        expected = self.session.rank(candidates)
        for name in ("price", "image"):
            candidates[name] = moved(np.array(candidates[name], np.float32))
        candidates["shop"] = moved(np.array(candidates["shop"], np.int64))
        tags = candidates["tags"]
        candidates["tags"] = Ragged(moved(np.concatenate(tags).astype(np.int64)), [len(row) for row in tags])
        keep = []
        for given in (candidates, self.model.candidates(candidates)):
            np.testing.assert_array_equal(self.session.rank(given), expected)
        self.model._candidates.pack(candidates, self.model._candidates.buffer()[0], keep)
        self.assertTrue(all(one.flags.aligned for one in keep if isinstance(one, np.ndarray)))
        with self.assertRaisesRegex(InvalidArgument, "aligned, found float32"):
            self.session.rank(candidates, out=np.frombuffer(bytearray(21), np.float32, offset=1))
        self.session.set_feature("taste", moved(np.array(request["features"]["taste"], np.float32)))
        np.testing.assert_array_equal(self.session.rank(candidates), expected)

    def test_a_mapping_that_lacks_an_item(self):
        candidates = self.user_of(rich_request(1, 3))
        self.session.rank(candidates)
        for left_out in candidates:
            with self.assertRaises(StatusError):
                self.session.rank(Shortened(candidates, left_out))

    def test_a_masked_feature(self):
        for value in (np.ma.masked, np.ma.masked_array(5.0, mask=True)):
            with self.assertRaisesRegex(InvalidArgument, "field 'age': the value is masked"):
                self.session.set_feature("age", value)

    def test_counts_of_several_ids_are_not_changed(self):
        counts = np.array([1, 1], dtype=np.uint32)
        ragged = Ragged([1, 2], counts)
        counts[0] = 9
        self.assertEqual(ragged.counts.tolist(), [1, 1])
        with self.assertRaisesRegex(ValueError, "read-only"):
            ragged.counts[0] = 9

    def test_dates_are_no_numbers(self):
        for values in ([np.timedelta64(5, "D")], np.array([np.timedelta64(5, "D")], object)):
            with self.assertRaisesRegex(InvalidArgument, "where: expected integers"):
                as_ids(values, "where")
        for values in (np.array([np.datetime64("2020")], object), np.array([np.timedelta64(5, "D")], object)):
            with self.assertRaisesRegex(InvalidArgument, "where: expected numbers"):
                as_numbers(values, "where")

    def test_arrays_without_rows(self):
        candidates = self.user_of(rich_request(1, 3))
        for name in candidates:
            for value in (np.array(None, dtype=object), np.array(5.0)):
                with self.assertRaises(ShapeMismatch):
                    self.session.rank({**candidates, name: value})
        with self.assertRaises(InvalidArgument):
            as_numbers([[1, [2]]], "where", 2)

    def test_integers_of_numpy(self):
        candidates = self.user_of(rich_request(1, 3))
        best = self.session.top_k(candidates, np.int64(1)).indices[0]
        np.testing.assert_array_equal(
            self.session.explain(candidates, best, "clicks"), self.session.explain(candidates, int(best), "clicks")
        )
        self.assertEqual(self.model.row("shop", np.int64(10**12 + 2)), 2)
        for state in (5, 10**12):
            with self.assertRaises(TypeError):
                self.session.restore(state)

    def test_a_path_that_begins_with_a_dash(self):
        place = folder() / "-model.augur"
        place.write_bytes((folder() / "rich.augur").read_bytes())
        before = os.getcwd()
        os.chdir(folder())
        self.addCleanup(os.chdir, before)
        with Model("-model.augur") as model:
            os.chdir(before)
            self.assertEqual(model.proof["state"], "unproven")

    def test_replaced_tables_are_let_go(self):
        with Model(rich_model()) as model:
            table = (folder() / "user.augurtable").read_bytes()
            for _ in range(3):
                model.attach_table("user", table)
            self.assertEqual(len(model._handle.tables["user"]), 1)
            with model.session() as session:
                session.set_feature("likes", ITEMS[:1])


if __name__ == "__main__":
    unittest.main()
