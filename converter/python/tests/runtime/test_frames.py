"""Frames of pandas, polars and pyarrow as candidates and histories give the scores of the same values as lists."""

import importlib.util
import unittest

import numpy as np

from augur_rank.runtime import InvalidArgument, ShapeMismatch, StatusError

from . import ITEMS, RichModel, rich_request


def has(package):
    return importlib.util.find_spec(package) is not None


class Frames(RichModel):
    def setUp(self):
        super().setUp()
        self.request = rich_request(3)
        self.candidates = self.user_of(self.request)
        self.expected = self.session.rank(self.candidates)

    def same(self, candidates):
        np.testing.assert_array_equal(self.session.rank(candidates), self.expected)

    @unittest.skipUnless(has("pandas"), "needs pandas")
    def test_pandas(self):
        import pandas

        frame = pandas.DataFrame({**self.candidates, "title": list("abcde"), 5: 0})
        self.same(frame)
        self.same(frame.sample(frac=1, random_state=1).sort_index()[sorted(frame.columns, key=str)])
        for dtype in ("category", "string", "object", pandas.CategoricalDtype(["none", *reversed(ITEMS)])):
            self.same(frame.astype({"item": dtype}))
        self.same(frame.astype({"shop": "Int64", "price": "Float32"}))
        self.same(frame.set_index(frame["price"]))
        self.same({name: frame[name] for name in self.candidates})
        np.testing.assert_array_equal(self.session.rank(frame[frame["price"] > 1e9]), [])
        clicks = pandas.DataFrame({"item": ITEMS[:3]})
        self.session.set_history(clicks, "clicks")
        self.session.append(clicks.iloc[:1], "clicks")
        self.assertEqual(self.session.history_length("clicks"), 4)

    @unittest.skipUnless(has("pandas"), "needs pandas")
    def test_missing_values_of_pandas_are_refused(self):
        import pandas

        frame = pandas.DataFrame(self.candidates)
        for name, values, words in (
            ("item", ["a", None, "b", "c", "d"], "found (None|nan) at index 1"),
            ("shop", [1, 2, None, 3, 4], "nan at index 2"),
            ("shop", pandas.array([1, 2, None, 3, 4], dtype="Int64"), "at index 2"),
            ("item", pandas.Categorical([*ITEMS[:4], None]), "nan at index 4"),
            ("item", pandas.array([*ITEMS[:4], None], dtype="string"), "at index 4"),
            ("shop", [True] * 5, "True"),
            ("price", ["x"] * 5, "'x'"),
        ):
            with self.subTest(name=name), self.assertRaisesRegex(StatusError, f"field '{name}': .*{words}"):
                self.session.rank(frame.assign(**{name: values}))
        with self.assertRaisesRegex(ShapeMismatch, "field 'price' is missing"):
            self.session.rank(frame.drop(columns="price"))
        with self.assertRaisesRegex(ShapeMismatch, "2 columns 'price'"):
            self.session.rank(pandas.concat([frame, frame[["price"]]], axis=1))
        with self.assertRaisesRegex(InvalidArgument, "found a Series"):
            self.session.rank(frame["price"])

    @unittest.skipUnless(has("polars"), "needs polars")
    def test_polars(self):
        import polars

        frame = polars.DataFrame({**self.candidates, "title": list("abcde")}, strict=False)
        self.same(frame)
        self.same(
            frame.with_columns(
                polars.col("item").cast(polars.Categorical), polars.col("image").cast(polars.Array(polars.Float32, 2))
            )
        )
        self.same(
            frame.with_columns(
                polars.col("item").cast(polars.Enum(ITEMS)), polars.col("tags").cast(polars.List(polars.UInt8))
            )
        )
        self.same({name: frame[name] for name in self.candidates})
        self.session.set_history(frame.select("item"), "clicks")
        self.assertEqual(self.session.history_length("clicks"), 5)
        for name in ("item", "shop", "tags"):
            missing = frame.with_columns(
                polars.when(polars.int_range(5) == 2).then(None).otherwise(polars.col(name)).alias(name)
            )
            with (
                self.subTest(name=name),
                self.assertRaisesRegex(StatusError, f"field '{name}': .*None.*index 2|field '{name}': .*index 2.*None"),
            ):
                self.session.rank(missing)

    @unittest.skipUnless(has("pyarrow"), "needs pyarrow")
    def test_pyarrow(self):
        import pyarrow

        table = pyarrow.table({**self.candidates, "title": list("abcde")})
        self.same(table)
        self.same(table.to_batches()[0])
        self.same({name: table[name] for name in self.candidates})
        with self.assertRaisesRegex(InvalidArgument, "found None at index 0"):
            self.session.rank(table.set_column(0, "item", pyarrow.array([None, *ITEMS[:4]])))

    @unittest.skipUnless(has("pandas"), "needs pandas")
    def test_frames_in_whole_requests(self):
        import pandas

        request = {
            **self.request,
            "candidates": pandas.DataFrame(self.candidates),
            "history": {stack: pandas.DataFrame(columns) for stack, columns in self.request["history"].items()},
        }
        np.testing.assert_array_equal(self.model.rank(request), self.expected)


if __name__ == "__main__":
    unittest.main()
