"""Opening models: paths, bytes, copies, checks of content; tables in files of their own; files that are no models."""

import os
import shutil
import threading
import unittest
from pathlib import Path

import numpy as np

from augur_rank.errors import AugurError
from augur_rank.runtime import BadModel, InvalidArgument, IoError, Model, NotFound, StatusError, Unsupported

from . import RichModel, convert, folder, rich_model, rich_request


class Opening(RichModel):
    def setUp(self):
        super().setUp()
        self.request = rich_request(1)
        self.expected = self.session.rank(self.user_of(self.request))
        self.table = folder() / "user.augurtable"

    def same(self, model):
        with model, model.session() as session:
            np.testing.assert_array_equal(session.rank(self.user_of(self.request, session)), self.expected)

    def test_from_bytes_and_as_a_copy(self):
        content, rows = Path(rich_model()).read_bytes(), self.table.read_bytes()
        for source in (content, bytearray(content), memoryview(content), rich_model(), Path(rich_model())):
            for load in ("map", "copy"):
                model = Model(source, load=load, verify=True)
                self.assertIn(
                    "bytes" if isinstance(source, (bytes, bytearray, memoryview)) else "rich.augur", repr(model)
                )
                model.attach_table("user", rows if load == "map" else self.table, load=load)
                self.same(model)
        model = Model(bytearray(content))
        model.attach_table("user", bytearray(rows))
        self.same(model)

    def test_a_copy_needs_its_file_no_more(self):
        path = folder() / "gone.augur"
        shutil.copy(rich_model(), path)
        model = Model(path, load="copy")
        path.write_bytes(b"")
        path.unlink()
        path = folder() / "gone.augurtable"
        shutil.copy(self.table, path)
        model.attach_table("user", path, load="copy")
        os.truncate(path, 0)
        self.same(model)

    def test_bytes_that_are_read_in_place_are_kept(self):
        content, rows = Path(rich_model()).read_bytes(), self.table.read_bytes()
        with Model(content) as model:
            model.attach_table("user", rows)
            session = model.session()
        with session:
            kept = [*session._handle.keep, *session._handle.tables["user"]]
            self.assertTrue({id(content), id(rows)} <= {id(one) for one in kept})
        self.assertEqual((session._handle.keep, session._handle.tables), ([], {}))

    def test_verify(self):
        seen = []

        def accept(content):
            seen.append(
                (
                    os.path.basename(content.file),
                    content.table,
                    len(content.data),
                    content.model_id == self.model.info.id,
                )
            )
            return True

        model = Model(rich_model(), verify=accept)
        model.attach_table("user", self.table)
        self.assertEqual(
            seen,
            [
                ("rich.augur", "", os.path.getsize(rich_model()), True),
                ("user.augurtable", "user", os.path.getsize(self.table), True),
            ],
        )
        self.same(model)
        with self.assertRaisesRegex(BadModel, "rich.augur: the function given as verify refused it"):
            Model(rich_model(), verify=lambda content: False)

        def fail(content):
            raise KeyError("the signature's key")

        with self.assertRaisesRegex(KeyError, "the signature's key"):
            Model(rich_model(), verify=fail)
        content = bytearray(Path(rich_model()).read_bytes())
        content[-5] ^= 1
        with self.assertRaises(BadModel):
            Model(content, verify=True)

    def test_what_is_no_model(self):
        path = folder() / "broken.augur"
        content = Path(rich_model()).read_bytes()
        for bad in (b"", b"x", content[: len(content) // 2], b"\0" * 4096, content[:64]):
            path.write_bytes(bad)
            for source in (path, bad):
                with self.assertRaises(StatusError) as caught:
                    Model(source)
                self.assertIsInstance(caught.exception, (BadModel, InvalidArgument, Unsupported))
                self.assertTrue(str(caught.exception))
        with self.assertRaisesRegex(NotFound, "none.augur"):
            Model(folder() / "none.augur")
        for source, words in ((3, None), (None, None), ("a\0b", "cannot be a file's path")):
            with self.assertRaisesRegex((StatusError, TypeError), words or ""):
                Model(source)
        with self.assertRaisesRegex(InvalidArgument, "load is 'fast'"):
            Model(rich_model(), load="fast")

    @unittest.skipUnless(hasattr(os, "mkfifo"), "needs pipes with names")
    def test_a_pipe_is_no_model(self):
        path = folder() / "pipe.augur"
        os.mkfifo(path)
        self.addCleanup(path.unlink)
        self.session.close()
        refused = []

        def open_it():
            for call in (
                lambda: Model(path),
                lambda: Model(str(path)),
                lambda: self.model.attach_table("user", path),
                lambda: self.model.attach_delta("user", path),
            ):
                with self.assertRaisesRegex(IoError, "pipe.augur' is not a regular file"):
                    call()
                refused.append(call)

        opener = threading.Thread(target=open_it)
        opener.start()
        opener.join(2)
        if opener.is_alive():  # it waits for the other end
            other_end = os.open(path, os.O_RDWR)
            opener.join()
            os.close(other_end)
            self.fail("waited for the pipe's other end")
        self.assertEqual(len(refused), 4)
        for source in ("/dev/null", folder()):
            with self.assertRaisesRegex(IoError, "is not a regular file"):
                Model(source)

    def test_a_model_needs_its_tables(self):
        with Model(rich_model()) as model:
            self.assertEqual({table.name: table.origin.name for table in model.info.tables}["user"], "MISSING")
            with self.assertRaisesRegex(NotFound, "user"):
                model.session()
            for threads in (1, 2):
                with self.assertRaisesRegex(NotFound, "user"):
                    model.rank([self.request], threads=threads)
            with self.assertRaises(NotFound):
                model.attach_table("none", self.table)
            with self.assertRaises(StatusError):
                model.attach_table("user", rich_model())
            with self.assertRaises(NotFound):
                model.attach_table("user", folder() / "none.augurtable")
            with self.assertRaisesRegex(InvalidArgument, "load is"):
                model.attach_table("user", self.table, load="x")
        with self.assertRaises(InvalidArgument):
            self.model.attach_table("user", self.table)  # it has a session

    def test_deltas(self):
        base = folder() / "rich.npz"
        with np.load(base) as archive:
            tensors = dict(archive)
        tensors["user"] = tensors["user"].copy()
        tensors["user"][self.request["features"]["user"]] += 1
        changed, other = folder() / "changed.npz", folder() / "changed.augurtable"
        np.savez(changed, **tensors)
        convert(
            "--weights",
            changed,
            "--model",
            folder() / "rich.json",
            "--out",
            folder() / "changed.augur",
            "--sidecar",
            f"user={other}",
        )
        delta = folder() / "user.augurdelta"
        convert("--delta", self.table, other, "--out", delta)
        self.session.close()
        for source in (delta, delta.read_bytes()):
            self.model.attach_delta("user", source)
            self.assertEqual({table.name: table.deltas for table in self.model.info.tables}["user"], 1)
            with self.model.session() as session:
                self.assertTrue(np.any(session.rank(self.user_of(self.request, session)) != self.expected))
            self.assertEqual(self.attached(), ["table", "delta"])
            self.model.detach_deltas("user")
            self.assertEqual(self.attached(), ["table"])
            with self.model.session() as session:
                np.testing.assert_array_equal(session.rank(self.user_of(self.request, session)), self.expected)
        for keep in (-1, 1, 0.5, None):
            self.assertRaises(InvalidArgument, self.model.detach_deltas, "user", keep)

        self.model.attach_delta("user", delta)
        self.model.attach_table("user", self.table)
        self.assertEqual(self.attached(), ["table"])

    def attached(self):
        """What a process that opens the same model attaches."""
        return [one[0] for one in self.model._attached]

    def test_errors_are_those_of_the_package(self):
        self.assertTrue(issubclass(StatusError, AugurError))
        with self.assertRaises(AugurError):
            Model(folder() / "none.augur")


if __name__ == "__main__":
    unittest.main()
