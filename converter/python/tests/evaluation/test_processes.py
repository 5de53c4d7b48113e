"""Long lists are ranked by processes, with the same numbers and errors; the progress bar."""

import io
import os
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

import augur_rank as augur
from augur_rank.evaluation import evaluate, measure
from augur_rank.evaluation.progress import ProgressBar, bar, duration
from augur_rank.runtime import InvalidArgument, Model, ShapeMismatch, worker

from ..runtime import convert_shop, folder
from . import PAGES, files, models, pages, usual


def exits(session, at, request):
    """Work for a process that dies of it."""
    os._exit(7)


def prints(session, at, request):
    """Work that prints."""
    print("printed by a worker process", flush=True)


class Processes(unittest.TestCase):
    """Long lists of requests are ranked by processes: the same numbers, the same errors."""

    def setUp(self):
        self.enterContext(mock.patch.object(worker, "PROCESSES_FROM", 1))

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
        convert_shop(place, "--sidecar", f"item={folder() / 'item.augurtable'}")
        with Model(place) as model:
            model.attach_table("item", folder() / "item.augurtable")
            found, started = self.evaluated(*files(), model)
        self.assertEqual(started, 2)
        np.testing.assert_array_equal(found.models[0].logits, usual().models[0].logits)

    def test_a_path_is_that_of_the_folder_where_it_was_opened(self):
        usual()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder())
        with Model("shop-f32.augur") as model:
            os.chdir("/")
            self.assertEqual(self.evaluated(*files(), model)[0].models[0].auc, usual().models[0].auc)

    def test_another_file_in_the_place_of_the_model(self):
        path = folder() / "replaced.augur"
        shutil.copy(models()["f32"], path)
        with Model(path) as model:
            shutil.copy(models()["int8"], folder() / "new.augur")
            os.replace(folder() / "new.augur", path)
            self.same_in_this_process(model)
            path.unlink()
            self.same_in_this_process(model)
            shutil.copy(models()["f32"], folder() / "new.augur")
            os.replace(folder() / "new.augur", path)  # with the same content
            self.same_in_this_process(model)
        with Model(models()["f32"]) as model:
            model._identity = None  # as after a change while it was opened
            self.same_in_this_process(model)

    def test_another_file_in_the_place_of_a_copied_model(self):
        path = folder() / "overwritten.augur"
        shutil.copy(models()["f32"], path)
        with Model(path, load="copy") as model:
            path.write_bytes(Path(models()["int8"]).read_bytes())
            self.same_in_this_process(model)

    def test_another_file_in_the_place_of_a_table(self):
        place, table = folder() / "two.augur", folder() / "two.augurtable"
        convert_shop(place, "--sidecar", f"item={table}")
        with Model(place) as model:
            model.attach_table("item", table)
            table.unlink()
            self.same_in_this_process(model)

    def same_in_this_process(self, model):
        """The numbers of f32, without a process; and also if the file changes when a process has begun."""
        found, started = self.evaluated(*files(), model)
        np.testing.assert_array_equal(found.models[0].logits, usual().models[0].logits)
        self.assertEqual(started, 0)
        with mock.patch.object(worker, "can_leave", lambda model: True):
            found, started = self.evaluated(*files(), model)
        np.testing.assert_array_equal(found.models[0].logits, usual().models[0].logits)
        self.assertEqual(started, 2)

    def test_models_whose_content_was_checked_stay(self):
        usual()
        for verify in (True, lambda content: True):
            with Model(models()["f32"], verify=verify) as model:
                found, started = self.evaluated(*files(), model)
                self.assertEqual((found.models[0].auc, started), (usual().models[0].auc, 0))

    def test_a_process_that_dies(self):
        with (
            Model(models()["f32"]) as model,
            self.assertRaisesRegex(augur.AugurError, "a worker process ended with status 7"),
        ):
            with worker.in_a_process(model, exits) as ask:
                ask([(0, ("request 0", {}))])
            self.fail()

    def test_a_request_that_cannot_be_sent(self):
        with (
            Model(models()["f32"]) as model,
            self.assertRaisesRegex(augur.AugurError, "cannot be given to a worker process"),
            worker.in_a_process(model, prints) as ask,
        ):
            ask([(0, ("request 0", {"candidates": {"item": iter([1])}, "f": lambda: 1}))])

    def test_modules_in_the_current_folder_are_not_run(self):
        with tempfile.TemporaryDirectory() as place:
            (Path(place) / "numpy.py").write_text("raise SystemExit(7)")
            before = os.getcwd()
            os.chdir(place)
            try:
                with Model(models()["f32"]) as model, worker.in_a_process(model, prints) as ask:
                    self.assertEqual(ask([]), ([], None))
            finally:
                os.chdir(before)

    def test_what_a_process_prints_is_not_taken_for_an_answer(self):
        with tempfile.TemporaryFile() as said:
            usual_errors = os.dup(2)
            os.dup2(said.fileno(), 2)
            try:
                with Model(models()["f32"]) as model, worker.in_a_process(model, prints) as ask:
                    self.assertEqual(ask([(0, ("request 0", {}))]), ([(0, None)], None))
            finally:
                os.dup2(usual_errors, 2)
                os.close(usual_errors)
            said.seek(0)
            self.assertIn(b"printed by a worker process", said.read())


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

    def test_a_stream_that_cannot_show_it(self):
        reading, writing = os.pipe()
        os.close(reading)
        closed = io.StringIO()
        closed.close()
        unread = io.TextIOWrapper(io.FileIO(writing, "w"), "utf-8", write_through=True)
        self.addCleanup(unread.close)
        for stream in (closed, unread, io.TextIOWrapper(io.BytesIO(), "ascii")):
            with ProgressBar("f32", 10, True, stream) as show:
                show._last -= 1
                show(5)
            self.assertFalse(show._shown)
        with mock.patch("sys.stderr", None), ProgressBar("f32", 10) as show:
            show._last -= 1
            show(5)

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
