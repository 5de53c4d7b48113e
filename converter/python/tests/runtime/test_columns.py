"""What columns may be: which arrays are taken as they are, which are converted, which are refused with the field."""

import unittest

import numpy as np

from augur_rank.runtime import InvalidArgument, NotFinite, NotFound, Ragged, ShapeMismatch, StatusError, as_rows
from augur_rank.runtime.values import as_ids, as_keys, as_numbers, flattened

from . import ITEMS, RichModel, rich_request


class Ids(unittest.TestCase):
    def refused(self, words, values, kind=InvalidArgument):
        with self.assertRaisesRegex(kind, "^where: .*" + words):
            as_ids(values, "where")

    def test_int64_in_one_piece_is_not_copied(self):
        ids = np.array([3, 5, -1])
        self.assertIs(as_ids(ids, "where"), ids)
        part = np.arange(10)[2:5]
        self.assertTrue(np.shares_memory(as_ids(part, "where"), part))

    def test_what_is_converted(self):
        for values in (
            np.array([3, 5], np.int32),
            np.array([3, 5], np.uint8),
            np.array([3, 5], np.uint64),
            [3, 5],
            (3, 5),
            range(3, 6, 2),
            np.array([3, 0, 5])[::2],
            np.array([3, 5], ">i8"),
            np.array([3, 5], object),
            [np.int64(3), 5],
            np.ma.masked_array([3, 5], [False, False]),
            iter([3, 5]),
        ):
            ids = as_ids(values, "where")
            self.assertEqual((ids.tolist(), ids.dtype, ids.flags.c_contiguous), ([3, 5], np.dtype(np.int64), True))
        for values in ([], np.array([]), np.array([], np.int8), ()):
            self.assertEqual((as_ids(values, "where").shape, as_ids(values, "where").dtype), ((0,), np.dtype(np.int64)))
        self.assertEqual(as_ids([-(1 << 63), (1 << 63) - 1], "where").tolist(), [-(1 << 63), (1 << 63) - 1])

    def test_floats_are_no_ids(self):
        self.refused(r"found 1.5 at index 1 of an array of float64", np.array([1.0, 1.5]))
        self.refused(r"found 1.0 at index 0", np.array([1.0, 2.0], np.float32))
        self.refused(r"nan at index 1 .*missing value", np.array([1, np.nan]))
        self.refused(r"found 1.5 at index 1", [1, 1.5])
        self.refused(r"nan at index 0", [float("nan")])
        self.refused(r"inf at index 1", np.array([2, np.inf]))

    def test_what_else_is_no_id(self):
        self.refused(r"True at index 0 .*no ids", np.array([True, False]))
        self.refused(r"True at index 1; .*no ids", [1, True])
        self.refused(r"found None at index 1", [1, None])
        self.refused(r"'7' at index 0; this table takes integers", ["7"])
        self.refused(r"'7' at index 0", np.array(["7"]))
        self.refused(r"18446744073709551615 at index 1 does not fit", np.array([1, (1 << 64) - 1], np.uint64))
        self.refused(r"9223372036854775808 at index 1 does not fit", [1, 1 << 63])
        self.refused(r"18446744073709551616 at index 0 does not fit", [1 << 64, 1])
        self.refused(r"index 1 is masked", np.ma.masked_array([1, 2], [False, True]))
        self.refused(r"shape \[1, 2\]", np.array([[1, 2]]), ShapeMismatch)
        self.refused(r"shape \[\]", np.array(3), ShapeMismatch)
        self.refused(
            r"found 5 at index 0 of an array of timedelta|found datetime.timedelta", np.array([5], "timedelta64[s]")
        )
        self.refused(r"expected a column of values, found 3?'?a?", "a")
        self.refused(r"expected a column of values, found None", None)
        self.refused(r"expected a column of values, found a int", 3)
        self.refused(r"expected a column of values, found a dict", {1: 2})


class OtherArrays(unittest.TestCase):
    """Such as PyTorch's tensors, which NumPy reads by their own function."""

    class Tensor:
        def __init__(self, values):
            self.values = values

        def __array__(self, dtype=None, copy=None):
            if self.values is None:
                raise RuntimeError("Can't call numpy() on Tensor that requires grad")
            return np.asarray(self.values, dtype)

    def test_they_are_read(self):
        self.assertEqual(as_ids(self.Tensor([3, 5]), "where").tolist(), [3, 5])
        self.assertEqual(as_numbers(self.Tensor([[3, 5]]), "where", 2).tolist(), [[3, 5]])
        for read in (as_ids, as_numbers, as_keys):
            with self.assertRaisesRegex(InvalidArgument, "where: a Tensor cannot be read as an array: .*requires grad"):
                read(self.Tensor(None), "where")
        for read in (as_ids, as_numbers):
            with self.assertRaisesRegex(ShapeMismatch, r"shape \[\]"):
                read(self.Tensor(3), "where")


class StringKeys(unittest.TestCase):
    def texts(self, values):
        """The bytes that C would read."""
        keys = as_keys(values, "where")
        start = keys.owner.__array_interface__["data"][0]
        content = keys.owner.tobytes()
        return [content[place - start : place - start + length] for place, length in keys.table.astype(int).tolist()]

    def test_every_form(self):
        words = ["a", "", "Gürtel", "革", "\0x", "a" * 300]
        expected = [word.encode() for word in words]
        for values in (words, tuple(words), np.array(words, object), [*words[:-1], expected[-1]], iter(words)):
            self.assertEqual(self.texts(values), expected)
        plain = words[:4]  # NumPy's own texts drop zeros
        self.assertEqual(self.texts(np.array(plain)), expected[:4])
        self.assertEqual(self.texts(np.array(expected[:4])), expected[:4])
        self.assertEqual(self.texts([np.str_("x"), "y"]), [b"x", b"y"])
        self.assertEqual(self.texts(["\udcff", "y"]), [b"\xff", b"y"])
        self.assertEqual(self.texts([]), [])

    def test_what_is_no_key(self):
        for values, words in (
            ([1], "found 1 at index 0; this table has string keys"),
            (["a", None], "found None at index 1"),
            (["a", float("nan")], "found nan at index 1"),
            (np.array([1, 2]), "found 1 at index 0"),
            ([True], "found True at index 0"),
            (["\ud800"], "cannot be written as UTF-8"),
            ("abc", "found 'abc'"),
            (np.array([["a"]]), r"shape \[1, 1\]"),
            ([["a"]], r"found \['a'\] at index 0"),
        ):
            with self.assertRaisesRegex(StatusError, "^where: .*" + words):
                as_keys(values, "where")


class Numbers(unittest.TestCase):
    def test_float32_in_one_piece_is_not_copied(self):
        numbers = np.array([3, 5], np.float32)
        self.assertIs(as_numbers(numbers, "where"), numbers)
        vectors = np.ones((3, 2), np.float32)
        self.assertIs(as_numbers(vectors, "where", 2), vectors)

    def test_what_is_converted(self):
        for values in (
            [3, 5],
            [3.0, 5],
            np.array([3, 5]),
            np.array([3.0, 5.0]),
            np.array([3, 5], np.float16),
            (3, 5),
            np.array([3, 9, 5], np.float32)[::2],
            np.array([3, 5], object),
            [np.float32(3), 5],
        ):
            numbers = as_numbers(values, "where")
            self.assertEqual((numbers.tolist(), numbers.dtype), ([3, 5], np.dtype(np.float32)))
        for values in (
            [[1, 2], [3, 4]],
            np.array([[1, 2], [3, 4]]),
            [np.array([1, 2]), (3, 4)],
            np.array([[1, 3], [2, 4]], np.float32).T,
        ):
            numbers = as_numbers(values, "where", 2)
            self.assertEqual((numbers.tolist(), numbers.flags.c_contiguous), ([[1, 2], [3, 4]], True))
        rows = np.empty(2, object)
        rows[:] = [np.array([1, 2]), np.array([3, 4])]
        self.assertEqual(as_numbers(rows, "where", 2).tolist(), [[1, 2], [3, 4]])
        self.assertEqual(as_numbers([], "where", 2).shape, (0, 2))
        self.assertEqual(as_numbers([], "where").shape, (0,))

    def test_what_is_no_number(self):
        for values, width, words in (
            (["1"], None, "found '1' at index 0"),
            ([1, None], None, "found None at index 1"),
            ([1, "x"], None, "'x' at index 1"),
            (np.array(["1"]), None, "index 0"),
            ([[1, 2]], None, "one number a row"),
            ([[1], [2]], 2, "2 numbers a row"),
            ([[1, 2], [3]], 2, "2 numbers a row, found \\[3\\] at index 1"),
            ([1, 2], 2, "2 numbers a row"),
            ([[1, None]], 2, "at index 0"),
            (np.ones((2, 3)), 2, r"shape \[2, 3\]"),
            (3, None, "found a int"),
            (np.array([1j]), None, "index 0"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(StatusError, "^where: .*" + words):
                as_numbers(values, "where", width)


class SeveralIds(unittest.TestCase):
    def test_every_form(self):
        for values in (
            [[1, 2], [], [3]],
            (np.array([1, 2]), [], (3,)),
            Ragged([1, 2, 3], [2, 0, 1]),
            Ragged(np.array([1, 2, 3]), offsets=[0, 2, 2, 3]),
        ):
            flat, counts = flattened(values, "where")
            self.assertEqual((list(flat), counts.tolist(), counts.dtype), ([1, 2, 3], [2, 0, 1], np.dtype(np.uint32)))
        flat, counts = flattened(np.array([[1, 2], [3, 4]]), "where")
        self.assertEqual((flat.tolist(), counts.tolist()), ([1, 2, 3, 4], [2, 2]))
        flat, counts = flattened([np.array([1]), np.array([2.5])], "where")  # floats are found by as_ids
        self.assertRaises(InvalidArgument, as_ids, flat, "where")

    def test_what_is_no_list_of_ids(self):
        for values, words in (
            ([1, 2], "found 1"),
            (["ab"], "found 'ab'"),
            ([None], "found None"),
            (np.array([1, 2]), "array of shape"),
            ([{1: 2}], "found"),
            ([np.array([[1]])], r"shape \[1, 1\]"),
            ([np.array(1)], "index 0"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(ShapeMismatch, "^where: .*" + words):
                flattened(values, "where")


class InCalls(RichModel):
    """The same in calls of a session: nothing is changed by a call that fails, and the field is named."""

    def setUp(self):
        super().setUp()
        self.candidates = self.user_of(rich_request(3))
        self.expected = self.session.rank(self.candidates)

    def refused(self, kind, words, **change):
        with self.assertRaisesRegex(kind, words):
            self.session.rank({**self.candidates, **change})
        np.testing.assert_array_equal(self.session.rank(self.candidates), self.expected)

    def test_dtypes_do_not_change_scores(self):
        rows = [[1, 2], [3, 4], [5], [], [6]]
        base = {**self.candidates, "tags": rows, "shop": [int(s) for s in self.candidates["shop"]]}
        expected = self.session.rank(base)
        for change in (
            {"shop": np.array(base["shop"])},
            {"shop": np.repeat(base["shop"], 2)[::2]},
            {"price": np.repeat(np.array(base["price"], np.float32), 2)[::2]},
            {"shop": np.array(base["shop"], np.uint64)},
            {"price": np.array(base["price"])},
            {"price": np.array(base["price"], np.float32)},
            {"image": np.array(base["image"])},
            {"image": np.asfortranarray(np.array(base["image"], np.float32))},
            {"item": np.array(base["item"])},
            {"item": [key.encode() for key in base["item"]]},
            {"tags": [np.array(row, np.int16) for row in rows]},
        ):
            np.testing.assert_array_equal(self.session.rank({**base, **change}), expected)

    def test_the_field_is_named(self):
        self.refused(InvalidArgument, "candidates: field 'shop': .*1.5 at index 0", shop=[1.5] * 5)
        self.refused(InvalidArgument, "candidates: field 'item': expected string keys, found 3", item=[3] * 5)
        self.refused(InvalidArgument, "candidates: field 'tags': .*True", tags=[[True]] * 5)
        self.refused(InvalidArgument, "candidates: field 'price': .*'x'", price=["x"] * 5)
        self.refused(
            ShapeMismatch, "candidates: field 'image': expected 2 numbers a row", image=np.ones((5, 3), np.float32)
        )
        self.refused(ShapeMismatch, "field 'price' has 4 rows, but field 'item' has 5", price=[1] * 4)
        self.refused(ShapeMismatch, "field 'tags' has 2 rows", tags=[[1], [2]])
        self.refused(NotFound, "no field 'prize'; the model has the fields 'item', 'price'", prize=[1] * 5)
        self.refused(StatusError, "field 'price'.* not finite|field 'price'", price=[np.inf] * 5)
        with self.assertRaisesRegex(ShapeMismatch, "field 'price' is missing"):
            self.session.rank({name: values for name, values in self.candidates.items() if name != "price"})
        for wrong in (None, 3, [1], "x", [{"item": 1}]):
            with self.assertRaisesRegex(InvalidArgument, "candidates: expected a dict of columns or a frame"):
                self.session.rank(wrong)

    def test_features(self):
        rich = {"user": 3, "likes": ITEMS[:2], "age": 0.5, "taste": [1, 2, 3]}
        self.session.set_features(rich)
        expected = self.session.rank(self.candidates)
        for name, value in (
            ("user", np.int32(3)),
            ("user", np.array(3)),
            ("likes", np.array(ITEMS[:2])),
            ("age", np.float64(0.5)),
            ("taste", np.array([1, 2, 3], np.float32)),
            ("taste", (1, 2, 3)),
            ("likes", as_rows([0, 1])),
        ):
            self.session.set_feature(name, value)
            np.testing.assert_array_equal(self.session.rank(self.candidates), expected)
        for name, value, words in (
            ("user", [3], "expected one id, found a list"),
            ("user", 1.5, "1.5"),
            ("user", True, "True"),
            ("user", "x", "'x'"),
            ("user", 9, "user"),
            ("likes", "ab", "expected a list of ids"),
            ("likes", 3, "expected a list of ids"),
            ("age", [1], "expected one number"),
            ("age", "1", "'1'"),
            ("age", float("nan"), "age"),
            ("taste", [1, 2], "3 numbers"),
            ("taste", 3, "3 numbers"),
            ("age", None, "None"),
            ("none", 1, "no feature 'none'; the model has 'user'"),
        ):
            with self.subTest(name=name, value=value), self.assertRaisesRegex(StatusError, words):
                self.session.set_feature(name, value)
            np.testing.assert_array_equal(self.session.rank(self.candidates), expected)

    def test_a_history_that_is_refused_leaves_the_old_one(self):
        self.session.set_history({"item": ITEMS[:3]}, "clicks")
        for wrong in ({"item": [1]}, {"item": ["none"]}, {"items": ITEMS}, {"item": ITEMS, "price": [1] * 12}, 5):
            self.assertRaises(StatusError, self.session.set_history, wrong, "clicks")
            self.assertRaises(StatusError, self.session.append, wrong, "clicks")
            self.assertEqual(self.session.history_length("clicks"), 3)

    def test_options_are_checked(self):
        for option in (
            {"max_history": -1},
            {"tile": 1.5},
            {"threads": True},
            {"threads": 1 << 32},
            {"max_ids_per_event": "x"},
        ):
            with self.assertRaisesRegex(InvalidArgument, next(iter(option))):
                self.model.session(**option)
            with self.assertRaisesRegex(InvalidArgument, next(iter(option))):
                self.model.session_bytes(**option)
        self.assertRaises(InvalidArgument, self.model.session, threads=65)
        self.assertRaises(InvalidArgument, self.model.session_bytes, threads=65)
        small, usual = self.model.session_bytes(max_history=1), self.model.session_bytes()
        self.assertLess(small, usual)
        with self.model.session(max_history=1, tile=4, threads=2, max_ids_per_event=3) as session:
            session.set_history({"item": ITEMS}, "clicks")
            self.assertEqual(session.history_length("clicks"), 1)

    def test_numbers_that_overflow(self):
        self.session.set_feature("age", 3e38)
        try:
            self.session.rank(self.candidates)
        except NotFinite as error:
            self.assertIsInstance(error, ArithmeticError)


if __name__ == "__main__":
    unittest.main()
