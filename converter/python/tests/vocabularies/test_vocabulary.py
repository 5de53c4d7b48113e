"""A Vocabulary: what it accepts, what it refuses, and from what it is made."""

import importlib.util
import unittest

import numpy as np

from augur_rank.errors import AugurError
from augur_rank.vocabularies import Vocabulary, VocabularyError, as_vocabulary

HAS_PANDAS = importlib.util.find_spec("pandas") is not None
HAS_POLARS = importlib.util.find_spec("polars") is not None


def pairs(vocabulary: Vocabulary) -> dict:
    return dict(zip(vocabulary.keys, vocabulary.rows.tolist()))


class Keys(unittest.TestCase):
    def refused(self, words: str, *arguments, **named):
        with self.assertRaisesRegex(VocabularyError, words):
            as_vocabulary(*arguments, **named)

    def test_keys_of_text_and_of_integers_stay_apart(self):
        text, number = as_vocabulary({"7": 1}), as_vocabulary({7: 1})
        self.assertEqual((text.key_type, number.key_type), ("string", "integer"))
        self.assertEqual((text.row("7"), text.row(7), number.row(7), number.row("7")), (1, None, 1, None))
        self.assertNotEqual(text, number)
        self.assertIsNone(as_vocabulary({1: 5}).row(True))

    def test_numpys_numbers_and_texts_are_keys(self):
        self.assertEqual(pairs(as_vocabulary(np.array(["b", "a"]))), {"b": 0, "a": 1})
        self.assertEqual(pairs(as_vocabulary(np.array([-5, 1 << 62]))), {-5: 0, 1 << 62: 1})
        self.assertEqual(pairs(as_vocabulary({np.int32(4): np.int64(9)})), {4: 9})
        self.assertEqual(pairs(as_vocabulary(np.array([b"\xc3\xa9"]))), {"é": 0})

    def test_a_list_counts_from_the_offset(self):
        self.assertEqual(pairs(as_vocabulary(["a", "b"], offset=1)), {"a": 1, "b": 2})
        self.assertEqual(pairs(as_vocabulary({"a": 3}, offset=1)), {"a": 4})

    def test_the_form_of_a_dump(self):
        self.assertEqual(pairs(as_vocabulary({"keys": ["a", "b"], "rows": [4, 2]})), {"a": 4, "b": 2})
        self.assertEqual(pairs(as_vocabulary({"keys": ["a", "b"]})), {"a": 0, "b": 1})
        self.assertEqual(pairs(as_vocabulary({"keys": 0, "rows": 1})), {"keys": 0, "rows": 1})
        made = as_vocabulary({"x": 2, "y": 0})
        self.assertEqual(as_vocabulary(made.to_dump()), made)

    def test_what_is_no_key(self):
        self.refused("key None at index 1 is of type NoneType", ["a", None])
        self.refused("key 1.0 at index 0 is a float", [1.0])
        self.refused("key nan at index 1 is a float", ["a", float("nan")])
        self.refused("key True at index 0 is of type bool", [True, 2])
        self.refused("9223372036854775808 at index 0 does not fit 64 bits", [1 << 63])
        self.refused("str and int: 'x' at index 1, 3 at index 0", [3, "x"])
        self.refused("a int is no vocabulary", 3)
        self.refused(r"shape \[1, 2\]", np.array([["a", "b"]]))

    def test_what_is_no_row(self):
        for row in (True, 1.0, "1", None, -1, 1 << 30):
            self.refused("index 1.*whole number", {"a": 0, "b": row})
        self.refused("2 keys, but 1 rows", {"keys": ["a", "b"], "rows": [1]})
        self.refused("row -1", {"a": 0}, offset=-1)

    def test_a_key_that_stands_twice_is_named_with_both_places(self):
        self.refused(r"'b' stands twice, at index 1 \(row 1\) and at index 3 \(row 3\)", ["a", "b", "c", "b"])

    def test_errors_are_those_of_the_package_and_name_the_source(self):
        with self.assertRaisesRegex(AugurError, "^the items: "):
            as_vocabulary([None], name="the items")


class NamedRows(unittest.TestCase):
    def test_usual_names_are_recognised(self):
        made = as_vocabulary({"__PAD__": 0, "a": 1, "__OOV__": 2})
        self.assertEqual((made.padding_key, made.padding_row), ("__PAD__", 0))
        self.assertEqual((made.unknown_key, made.unknown_row), ("__OOV__", 2))
        self.assertEqual(len(made), 3)

    def test_integers_may_stand_beside_the_names_of_padding_and_unknown(self):
        made = as_vocabulary({"[PAD]": 0, 5: 1, 7: 2, "none": 3}, unknown_key="none")
        self.assertEqual(pairs(made), {5: 1, 7: 2})
        self.assertEqual((made.padding_row, made.unknown_row, made.largest_row), (0, 3, 3))

    def test_a_stated_name_must_be_there(self):
        with self.assertRaisesRegex(VocabularyError, "padding_key 'x' is not one"):
            as_vocabulary(["a"], padding_key="x")

    def test_texts_become_integers_only_where_they_are_integers(self):
        made = as_vocabulary({"[PAD]": 0, "12": 1, "-3": 2}, keys="integer")
        self.assertEqual((pairs(made), made.key_type, made.padding_row), ({12: 1, -3: 2}, "integer", 0))
        for text in ("007", "7.0", "x", "", "1_0", " 7", "٣"):
            with self.assertRaisesRegex(VocabularyError, "is not an integer in decimal digits"):
                as_vocabulary([text], keys="integer")
        self.assertEqual(pairs(as_vocabulary([5, 6], keys="string")), {"5": 0, "6": 1})
        with self.assertRaisesRegex(VocabularyError, 'expected "string"'):
            as_vocabulary([5], keys="text")


class AgainstATable(unittest.TestCase):
    def test_a_row_outside_the_table_is_an_error(self):
        with self.assertRaisesRegex(VocabularyError, "key 'b' has row 7, but the table has 7 rows"):
            as_vocabulary({"a": 6, "b": 7}).check(7)

    def test_rows_without_a_key_are_noted(self):
        self.assertEqual(as_vocabulary({"a": 0, "b": 1}).check(2), [])
        self.assertEqual(as_vocabulary({"a": 1, "b": 2}).check(3), [])  # row 0: padding
        notes = as_vocabulary({"a": 0, "b": 1, "c": 4}).check(5)
        self.assertIn("2 of 5 rows have no key, the first is row 2", notes[0])
        self.assertEqual(as_vocabulary({"[PAD]": 1, 5: 0}).check(2), [])


class Columns(unittest.TestCase):
    def test_an_encoder_with_classes(self):
        class LabelEncoder:
            classes_ = np.array(["a", "b"])

        self.assertEqual(pairs(as_vocabulary(LabelEncoder())), {"a": 0, "b": 1})

    @unittest.skipUnless(HAS_PANDAS, "needs pandas")
    def test_pandas(self):
        import pandas

        column = pandas.Series(["x", "y", None, "x"], dtype="category")
        for categorical in (column, column.array, column.dtype, pandas.CategoricalIndex(column)):
            self.assertEqual(pairs(as_vocabulary(categorical)), {"x": 0, "y": 1})
        self.assertEqual(pairs(as_vocabulary(pandas.Series(["b", "a"]))), {"b": 0, "a": 1})
        self.assertEqual(pairs(as_vocabulary(pandas.Index([9, 8]))), {9: 0, 8: 1})
        self.assertEqual(pairs(as_vocabulary(pandas.Series([9, 8], dtype="Int64"))), {9: 0, 8: 1})
        with self.assertRaisesRegex(VocabularyError, "stands twice"):
            as_vocabulary(pandas.Series(["a", "b", "a"]))
        with self.assertRaisesRegex(VocabularyError, "to_dict"):
            as_vocabulary(pandas.Series([1, 2], index=["a", "b"]))
        with self.assertRaisesRegex(VocabularyError, "is a float"):
            as_vocabulary(pandas.Series([1, None]))
        with self.assertRaisesRegex(VocabularyError, "one column"):
            as_vocabulary(pandas.DataFrame({"a": [1]}))

    @unittest.skipUnless(HAS_POLARS, "needs polars")
    def test_polars(self):
        import polars

        self.assertEqual(pairs(as_vocabulary(polars.Series(["b", "a"]))), {"b": 0, "a": 1})
        column = polars.Series(["y", "x", None, "y"], dtype=polars.Enum(["x", "y", "z"]))
        self.assertEqual(pairs(as_vocabulary(column)), {"x": 0, "y": 1, "z": 2})
        polars.Series(["other"], dtype=polars.Categorical)  # its category may come before those below
        column = polars.Series(["y", "x", None, "y"], dtype=polars.Categorical)
        self.assertEqual(pairs(as_vocabulary(column)), dict(zip(["y", "x"], column.to_physical().to_list())))
        with self.assertRaisesRegex(VocabularyError, "one column"):
            as_vocabulary(polars.DataFrame({"a": [1]}))


if __name__ == "__main__":
    unittest.main()
