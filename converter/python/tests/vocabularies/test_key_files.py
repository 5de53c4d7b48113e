"""Files of keys: those that people have, and those that augur-convert is given, read back by augur-inspect."""

import json
import os
import pickle
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np

from augur_rank import built
from augur_rank.vocabularies import (
    Vocabulary,
    VocabularyError,
    as_vocabulary,
    deepctr_vocabulary,
    fuxictr_vocabularies,
    read_key_file,
    recbole_vocabularies,
    vocabulary_arguments,
    write_key_file,
)

SHOP = Path(__file__).resolve().parents[4] / "examples" / "shop"
NASTY = ["", " ", "a b", "é", "日本", "x\r", "\u2028", "a,b", "#", "\ufeff", '"', "\\", "7", "-0", "\x00z"]


def pairs(vocabulary: Vocabulary) -> dict:
    return dict(zip(vocabulary.keys, vocabulary.rows.tolist()))


class InAFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, name: str, content) -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def refused(self, words: str, call, *arguments, **named):
        with self.assertRaisesRegex(VocabularyError, words):
            call(*arguments, **named)


class Reading(InAFolder):
    def test_text(self):
        self.assertEqual(pairs(read_key_file(self.file("a.txt", "\ufeffx\r\ny\n"))), {"x": 0, "y": 1})
        self.assertEqual(pairs(read_key_file(self.file("a.tsv", "x\t4\n\t2\na\tb\t3"))), {"x": 4, "": 2, "a\tb": 3})
        self.assertEqual(as_vocabulary(self.file("n.txt", "5\n6\n"), keys="integer").keys, [5, 6])
        self.refused(r"a.txt:2: is empty", read_key_file, self.file("a.txt", "x\n\ny"))
        self.refused(r"a.tsv:2: expected a key, a tab and a row", read_key_file, self.file("a.tsv", "x\t1\ny"))
        self.refused(r"a.tsv:1: expected", read_key_file, self.file("a.tsv", "x\t-1"))
        self.refused("stands twice", read_key_file, self.file("a.txt", "x\nx"))
        self.assertRaises(OSError, read_key_file, str(self.folder / "none.txt"))

    def test_json(self):
        self.assertEqual(pairs(read_key_file(self.file("a.json", '{"x": 4, "y": 0}'))), {"x": 4, "y": 0})
        self.assertEqual(pairs(read_key_file(self.file("a.json", "[7, 9]"))), {7: 0, 9: 1})
        path = self.file("v.json", '{"item": {"x": 1}, "user": ["u"]}')
        self.assertEqual(pairs(read_key_file(path + "#item")), {"x": 1})
        self.assertEqual(pairs(as_vocabulary(path + "#user")), {"u": 0})
        self.refused("0 members of that name; it has item, user", read_key_file, path + "#shop")
        self.refused("'x' stands twice", read_key_file, self.file("a.json", '{"x": 4, "x": 0}'))
        self.refused("is not JSON", read_key_file, self.file("a.json", '{"x": 4'))
        self.refused("is not JSON", read_key_file, self.file("a.json", "[" * 100000))
        self.refused("found a int", read_key_file, self.file("a.json", "4"))
        self.refused("index 0 is 'a'", read_key_file, self.file("a.json", '{"x": "a"}'))

    def test_a_row_a_comma_and_a_key(self):
        path = self.file("deepctr.csv", "1,tents\n2,ropes,taut\n")
        self.assertEqual(pairs(deepctr_vocabulary(path)), {"tents": 1, "ropes": 2})
        self.refused(":2: expected a row, a comma and a key", deepctr_vocabulary, self.file("b.csv", "1,a\nb,2"))


class Pickles(InAFolder):
    # Python 2.7 made them, with protocols 0 and 2, of {"caf\xc3\xa9": 1, u"ü": 3, "B00": 2}.
    PYTHON_2 = (
        b"(dp0\nS'caf\\xc3\\xa9'\np1\nI1\nsV\\u00fc\np2\nI3\nsS'B00'\np3\nI2\ns.",
        b"\x80\x02}q\x00(U\x05caf\xc3\xa9q\x01K\x01X\x02\x00\x00\x00\xc3\xbcq\x02K\x03U\x03B00q\x03K\x02u.",
    )

    def test_python_2s_bytes_are_keys_of_text(self):
        for content in self.PYTHON_2:
            self.assertEqual(pairs(as_vocabulary(self.file("mid_voc.pkl", content))), {"café": 1, "ü": 3, "B00": 2})

    def test_every_protocol(self):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            path = self.file("v.pkl", pickle.dumps({"a" * 300: 1, "ö": 70000, "c": 1 << 20}, protocol))
            self.assertEqual(pairs(as_vocabulary(path)), {"a" * 300: 1, "ö": 70000, "c": 1 << 20})
            path = self.file("v.pickle", pickle.dumps([-(1 << 40), 7], protocol))
            self.assertEqual(pairs(as_vocabulary(path)), {-(1 << 40): 0, 7: 1})

    def test_nothing_in_it_is_run(self):
        mark = self.folder / "ran"

        class Harm:
            def __reduce__(self):
                return os.mkdir, (str(mark),)

        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            self.refused(
                "GLOBAL, which plain dictionaries do not need",
                as_vocabulary,
                self.file("v.pkl", pickle.dumps({"a": Harm()}, protocol)),
            )
        self.refused("operation", as_vocabulary, self.file("v.pkl", pickle.dumps({"a": np.int64(3)})))
        for code in (b"\x82\x01.", b"(i__builtin__\neval\n.", b"Pname\n.", b"(cos\nsystem\nS'true'\no."):
            self.refused("operation", as_vocabulary, self.file("v.pkl", code))
        self.assertFalse(mark.exists())

    def test_damaged_pickles_are_refused(self):
        whole = pickle.dumps({"a": 1, "b": [2]}, 2)
        contents = [whole[:end] for end in range(len(whole))]
        contents += [
            b"",
            b"\x80\x7f}.",
            b"}",
            b".",
            b"s.",
            b"r\xff\xff\xff\xff.",
            b"\x8d" + b"\xff" * 8,
            b"\x95" + b"\xff" * 8,
            b"\x8b\xff\xff\xff\x7f.",
            b"h\x09.",
            b"(" * 100000 + b"d" * 100000 + b".",
            b"]]]e.",
            b"}]K\x01s.",
            b"I" + b"9" * 5000 + b"\n.",
            b"N.",
            b"K\x01.",
        ]
        for content in contents:
            with self.subTest(content=content[:20]):
                self.refused("v.pkl: ", as_vocabulary, self.file("v.pkl", content))


class OfLibraries(InAFolder):
    def test_fuxictr(self):
        path = self.file("feature_vocab.json", json.dumps({"item": {"__PAD__": 0, "i1": 1, "__OOV__": 2}, "age": 3}))
        found = fuxictr_vocabularies(path)
        self.assertEqual(list(found), ["item"])
        self.assertEqual((found["item"].padding_row, found["item"].unknown_row), (0, 2))
        self.file("feature_map.json", json.dumps({"features": [{"item": {"type": "categorical", "vocab_size": 3}}]}))
        self.assertEqual(fuxictr_vocabularies(path), found)
        other = self.file("other.json", json.dumps({"features": [{"item": {"vocab_size": 2}}]}))
        self.refused("#item: has row 2, but feature_map.json states vocab_size 2", fuxictr_vocabularies, path, other)
        self.refused("no field with keys", fuxictr_vocabularies, self.file("a.json", "{}"))
        self.refused("expected an object, found a list", fuxictr_vocabularies, self.file("a.json", "[]"))
        self.refused('no list "features"', fuxictr_vocabularies, path, self.file("a.json", "{}"))

    def test_recbole(self):
        tokens = {"item_id": {"[PAD]": 0, "196": 1, "a": 2}}

        class Dataset:
            field2token_id = tokens

        for source in (Dataset(), tokens, {"item_id": np.array(["[PAD]", "196", "a"])}):
            found = recbole_vocabularies(source)["item_id"]
            self.assertEqual(pairs(found), {"[PAD]": 0, "196": 1, "a": 2})
            self.assertEqual((found.padding_key, found.padding_row), ("[PAD]", 0))
        self.refused("has no field2token_id", recbole_vocabularies, object())


class WhatAugurConvertIsGiven(InAFolder):
    """The files that are written are read by augur-convert, and each key has its row."""

    def convert(self, vocabularies) -> str:
        out = str(self.folder / "shop.augur")
        done = subprocess.run(
            [
                built.command("augur-convert"),
                "--weights",
                str(SHOP / "dien.safetensors"),
                "--layout",
                "augur-reference",
                "--set",
                "kind=dien",
                "--set",
                "max_history=50",
                "--out",
                out,
                *vocabulary_arguments(vocabularies, self.folder),
            ],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        return out

    def rows(self, model: str, table: str, keys) -> list:
        found = []
        for key in keys:
            text = key.encode("utf-8", "surrogateescape") if isinstance(key, str) else str(key).encode()
            done = subprocess.run(
                [built.command("augur-inspect").encode(), model.encode(), b"--key", table.encode() + b"=" + text],
                check=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            row = re.search(rb"  row (\d+)", done.stdout[done.stdout.rindex(b"\nKeys\n") :])
            found.append(int(row.group(1)))
        return found

    def test_every_key_has_its_row(self):
        nasty = {key: 28 - at for at, key in enumerate(NASTY)}
        users = {10**15 + at: at for at in range(1, 6001)}
        items = self.file("items.txt", "".join(f"item {row}\n" for row in range(3081)))
        model = self.convert({"category": nasty, "user": users, "item": items})
        listed = [key for key in NASTY if "\0" not in key]  # a command line has none
        self.assertEqual(self.rows(model, "category", listed), [nasty[key] for key in listed])
        self.assertEqual(self.rows(model, "user", [10**15 + 77, 10**15 + 6000]), [77, 6000])
        self.assertEqual(self.rows(model, "item", ["item 0", "item 3080"]), [0, 3080])

    def test_a_key_with_a_line_feed_goes_by_json(self):
        arguments = vocabulary_arguments({"category": {"a\nb": 1, "c\td": 2}}, self.folder)
        self.assertTrue(arguments[1].endswith(".json"), arguments)
        model = self.convert({"category": {"a\nb": 1, "c\td": 2}})
        self.assertEqual(self.rows(model, "category", ["a\nb", "c\td"]), [1, 2])

    def test_bytes_that_are_not_utf_8(self):
        model = self.convert({"category": [b"\xff\xfe", "b"]})
        self.assertEqual(self.rows(model, "category", ["\udcff\udcfe", "b"]), [0, 1])

    def test_a_byte_order_mark_in_the_first_key(self):
        model = self.convert({"category": {"\ufeffa": 1, "b": 2}})
        self.assertEqual(self.rows(model, "category", ["\ufeffa", "b"]), [1, 2])

    def test_equal_vocabularies_are_shared(self):
        arguments = vocabulary_arguments(
            {"item": ["a", "b"], "bias": {"b": 1, "a": 0}, "user": {"of": "item"}, "x": [1, 2]}, self.folder
        )
        self.assertEqual(arguments[4:8], ["--vocabulary-of", "bias=item", "--vocabulary-of", "user=item"])
        self.assertEqual(arguments[2:4], ["--keys", "item=string"])
        self.assertEqual(arguments[10:], ["--keys", "x=integer"])

    def test_what_cannot_be_written(self):
        self.refused("has no keys", write_key_file, Vocabulary([]), self.folder / "a.tsv")
        self.refused("tab or a line feed.*ending .json", write_key_file, Vocabulary(["a\tb"]), self.folder / "a.tsv")
        self.refused("not UTF-8", write_key_file, Vocabulary([b"\xff"]), self.folder / "a.json")
        self.refused("has an =", vocabulary_arguments, {"a=b": ["x"]}, self.folder)
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
