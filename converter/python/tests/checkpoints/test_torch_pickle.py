"""Pickles that were made to do harm, and damaged ones: nothing of them is executed."""

import builtins
import io
import os
import pickle
import struct
import sys
import tempfile
import time
import unittest
import zipfile
from unittest import mock

from augur_rank.checkpoints import CheckpointError, load_checkpoint, torch_pickle, torch_reader
from augur_rank.checkpoints.torch_pickle import Global, Made, PickleError

PROTO = b"\x80\x02"


def unicode(text):
    data = text.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def call(name, *arguments):
    """The operations that call a global with texts, as an attack does."""
    module, function = name.rsplit(".", 1)
    return b"c%s\n%s\n(%stR" % (module.encode(), function.encode(), b"".join(map(unicode, arguments)))


class Attack:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


class PickleTest(unittest.TestCase):
    def load(self, data, **options):
        return torch_pickle.load(io.BytesIO(data), **options)

    def refused(self, data, words=""):
        with self.assertRaises(PickleError) as caught:
            self.load(data)
        self.assertIn(words, str(caught.exception))

    def test_plain_values(self):
        values = {"none": None, "flags": [True, False], "numbers": (1, -7, 1 << 40, 1 << 90, 2.5), "text": "ä\n",
                  "bytes": b"\0\xff", "nested": {"a": [(), {}, {1, 2}, (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)]},
                  "many": list(range(300)), "long": "x" * 300, 3: 4, None: 5, "frozen": frozenset((1, 2)),
                  "array": bytearray(b"ab")}
        values["again"] = values["nested"]
        for protocol in range(pickle.HIGHEST_PROTOCOL, -1, -1):
            if protocol < 5:  # before protocols 5, 4 and 3 these are calls
                values.pop("array", None)
            if protocol < 4:
                values.pop("frozen", None)
            if protocol < 3:
                values.pop("bytes", None)
            self.assertEqual(self.load(pickle.dumps(values, protocol), resolve=torch_reader.resolve), values)

    def test_objects_become_records(self):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            record = self.load(pickle.dumps(Attack("x"), protocol))
            self.assertIsInstance(record, Made)
            self.assertEqual(str(record.of), "posix.system" if os.name == "posix" else "nt.system")
        record = self.load(pickle.dumps(Global("x", "y"), 2))
        self.assertEqual(record.of, Global("augur_rank.checkpoints.torch_pickle", "Global"))
        self.assertEqual((record.attribute("name"), record.attribute("absent")), ("y", None))

    def test_nothing_is_imported_or_called(self):
        attacks = [call("os.system", "touch augur-mark"), call("posix.system", "touch augur-mark"),
                   call("builtins.eval", "open('augur-mark', 'w')"), call("builtins.exec", "open('augur-mark', 'w')"),
                   call("builtins.open", "augur-mark", "w"), call("subprocess.Popen", "touch augur-mark"),
                   call("antigravity_like.fly", "x"), call("builtins.getattr", "x", "__class__"),
                   call("torch.load", "augur-mark"), call("numpy.core.multiarray._reconstruct", "augur-mark"),
                   b"(X\x06\x00\x00\x00touch iposix\nsystem\n",  # INST
                   b"(cposix\nsystem\n" + unicode("touch augur-mark") + b"o",  # OBJ
                   b"cposix\nsystem\n(" + unicode("touch augur-mark") + b"t\x81",  # NEWOBJ
                   b"cposix\nsystem\n(" + unicode("touch augur-mark") + b"t}\x92",  # NEWOBJ_EX
                   b"\x8c\x05posix\x8c\x06system\x93(" + unicode("touch augur-mark") + b"tR",  # STACK_GLOBAL
                   b"}" + unicode("__setstate__") + b"cposix\nsystem\ns" + unicode("touch augur-mark") + b"b"]
        with tempfile.TemporaryDirectory() as folder:
            forbidden = mock.Mock(side_effect=AssertionError("imported"))
            for attack in attacks:
                data = PROTO + attack + b"."
                with mock.patch.object(builtins, "__import__", forbidden), mock.patch.object(os, "system", forbidden):
                    self.load(data)
                    self.load(data, resolve=torch_reader.resolve)
                for name, content in (("old.pt", self.old_file(data)), ("new.pt", self.zip_file(data))):
                    path = os.path.join(folder, name)
                    with open(path, "wb") as file:
                        file.write(content)
                    with self.assertRaises(CheckpointError):
                        load_checkpoint(path)
                self.assertEqual(sorted(os.listdir(folder)), ["new.pt", "old.pt"])
            self.assertNotIn("antigravity_like", sys.modules)
            self.assertFalse(os.path.exists("augur-mark"))

    def zip_file(self, data, storage=b"", compression=zipfile.ZIP_STORED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", compression) as archive:
            archive.writestr("archive/data.pkl", data)
            archive.writestr("archive/data/0", storage)
        return file.getvalue()

    def old_file(self, data):
        parts = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})
        return b"".join(pickle.dumps(part, 2) for part in parts) + data + pickle.dumps([], 2)

    def test_malformed(self):
        for data in (b"", PROTO, PROTO + b".", PROTO + b"0.", PROTO + b"R.", PROTO + b"(R.", PROTO + b"t.",
                     PROTO + b"}a.", PROTO + b"]K\x01s.", PROTO + b"(K\x01d.", PROTO + b"h\x07.", PROTO + b"cos\n",
                     PROTO + b"NNs.", PROTO + b"K\x01K\x02\x93.", b"\xff.", PROTO + b"\x82\x01.", PROTO + b"\x97.",
                     PROTO + b"(o.", PROTO + b"Inine\n.", PROTO + b"X\xff\xff\xff\x7fab."):
            self.refused(data)

    def test_cut_and_changed_anywhere(self):
        data = pickle.dumps({"a": [1, 2.5, "x", (1, 2)], "b": Attack("x"), "c": {"d": b"e"}}, 4)
        for end in range(len(data)):
            self.refused(data[:end])
        for at in range(len(data)):
            for bit in range(8):
                changed = bytearray(data)
                changed[at] ^= 1 << bit
                try:
                    self.load(bytes(changed))
                except PickleError:
                    pass

    def test_sizes_that_are_not_there(self):
        for operation in (b"\x8d" + b"\xff" * 7 + b"\x00", b"\x8e" + b"\xff" * 7 + b"\x7f", b"\x96" + b"\xff" * 8,
                          b"\x8b\xff\xff\xff\x7f", b"B\xff\xff\xff\xff", b"T\xff\xff\xff\x7f"):
            self.refused(PROTO + operation + b"ab.")
        self.assertIsNone(self.load(PROTO + b"Nr\xff\xff\xff\xff."))  # a memo index takes no memory
        self.refused(PROTO + b"c" + b"x" * (1 << 17) + b"\ny\n.")

    def test_too_many_steps(self):
        with mock.patch.object(torch_pickle, "MAX_STEPS", 1000):
            self.refused(PROTO + b"N0" * 600 + b"N.", "more than 1000 steps")
        with mock.patch.object(torch_pickle, "MAX_BYTES", 1000):
            self.refused(PROTO + unicode("x" * 2000) + b".", "longer than 1000 bytes")

    def test_nesting_does_not_recurse(self):
        deep = 50_000
        for data in (b"]" * deep + b"a" * (deep - 1), b")" + b"\x85" * deep, b"cx\ny\n" + b")R" * deep):
            self.load(PROTO + data + b".")
        keys = b"}" + b")" + b"\x85" * deep + b"Ns"  # a nested tuple as a key: hashing it would recurse
        self.load(PROTO + keys + b".")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "deep.pt")
            for data in (b"]" * deep + b"a" * (deep - 1), keys, b"cx\ny\n" + b")R" * deep):
                with open(path, "wb") as file:
                    file.write(self.zip_file(PROTO + data + b"."))
                with self.assertRaises(CheckpointError):
                    load_checkpoint(path)

    def module(self, children):
        """A module whose children are given as operations."""
        return (b"cx\nM\n)\x81}" + unicode("_parameters") + b"}s" + unicode("_buffers") + b"}s"
                + unicode("_modules") + b"}" + children + b"sb")

    def test_modules_within_themselves_end(self):
        within = PROTO + (b"cx\nM\n)\x81q\x01}" + unicode("_parameters") + b"}s" + unicode("_modules") + b"}"
                          + unicode("a") + b"h\x01s" + unicode("b") + b"h\x01ssb.")
        start = time.monotonic()
        with self.assertRaises(torch_reader.ReadError):
            torch_reader.parameters(self.load(within))
        self.assertLess(time.monotonic() - start, 10)
        doubled = self.module(b"")  # each level holds the one before twice: 2^60 modules by name
        for _ in range(60):
            doubled = doubled + b"q\x000" + self.module(unicode("a") + b"h\x00s" + unicode("b") + b"h\x00s")
        with self.assertRaises(torch_reader.ReadError):
            torch_reader.parameters(self.load(PROTO + doubled + b"."))

    def test_files_that_claim_too_much(self):
        def tensor(numel, shape, stride):
            storage = (b"(" + unicode("storage") + b"ctorch\nFloatStorage\n" + unicode("0") + unicode("cpu")
                       + b"\x8a\x08" + struct.pack("<q", numel) + b"tQ")
            sizes = b"".join(b"(" + b"".join(b"\x8a\x08" + struct.pack("<q", n) for n in values) + b"t"
                             for values in (shape, stride))
            return (PROTO + b"}" + unicode("w") + b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00" + sizes
                    + b"\x89}tRs.")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "big.pt")

            def load_it(data, **options):
                with open(path, "wb") as file:
                    file.write(self.zip_file(data, b"\0" * 16, **options))
                return load_checkpoint(path)
            self.assertEqual(load_it(tensor(4, (2, 2), (2, 1))).tensors["w"].shape, (2, 2))
            for data in (tensor(1 << 50, (1 << 50,), (1,)), tensor(4, (1 << 50,), (0,)), tensor(4, (5,), (1,)),
                         tensor(-1, (1,), (1,)), tensor(4, (-2,), (1,)), tensor(4, (2,), (-1,)), tensor(4, (2,), ())):
                with self.assertRaises(CheckpointError):
                    load_it(data)
            with self.assertRaises(CheckpointError) as caught:
                load_it(tensor(4, (4,), (1,)), compression=zipfile.ZIP_DEFLATED)  # a small file of any size
            self.assertIn("compressed", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
