"""Threads: a call lets others run, a busy session refuses a second one, cancel() ends a ranking."""

import contextlib
import gc
import os
import signal
import threading
import time
import traceback
import unittest
import warnings
from functools import cache
from pathlib import Path

import numpy as np

from augur_rank.runtime import Cancelled, Closed, Model, SessionInUse
from augur_rank.runtime.columns import address
from augur_rank.runtime.requests import run_requests

from . import RichModel, convert, folder, rich_request

SHOP = Path(__file__).resolve().parents[4] / "examples" / "shop"


@cache
def shop_model():
    path = str(folder() / "dien.augur")
    options = ("--layout", "augur-reference", "--set", "kind=dien", "--set", "max_history=50", "--out", path)
    convert("--weights", SHOP / "dien.safetensors", *options)
    return path


class LongRankings(unittest.TestCase):
    """On the shop's DIEN, with lists that take a while."""

    @classmethod
    def setUpClass(cls):
        cls.model = Model(shop_model())

    @classmethod
    def tearDownClass(cls):
        cls.model.close()

    def session(self):
        session = self.model.session()
        self.addCleanup(session.close)
        rng = np.random.default_rng(1)
        session.set_history({"item": rng.integers(1, 3000, 50), "category": rng.integers(1, 28, 50)})
        return session

    def candidates(self, count):
        rng = np.random.default_rng(2)
        return self.model.candidates({"item": rng.integers(1, 3000, count), "category": rng.integers(1, 28, count)})

    def ranking(self, session, candidates):
        """A thread that ranks, once it is at it, and what it ended with."""
        ended, begun = [], threading.Event()

        def run():
            begun.set()
            try:
                ended.append(session.rank(candidates))
            except Exception as error:
                ended.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        begun.wait()
        while not session._gate.locked() and thread.is_alive():
            time.sleep(0)
        return thread, ended

    def test_other_threads_run_during_a_call(self):
        session, candidates = self.session(), self.candidates(60000)
        thread, ended = self.ranking(session, candidates)
        counted = 0
        while thread.is_alive():
            counted += 1
            time.sleep(0)
        thread.join()
        self.assertEqual(ended[0].shape, (60000,))
        self.assertGreater(counted, 5, "the interpreter stood still while the library ranked")

    def test_a_busy_session_refuses_a_second_thread(self):
        session, candidates = self.session(), self.candidates(60000)
        few = self.candidates(3)
        thread, ended = self.ranking(session, candidates)
        calls = [
            lambda: session.rank(few),
            lambda: session.rank_each(few),
            lambda: session.top_k(few, 1),
            lambda: session.explain(few),
            session.clear,
            session.save,
            session.close,
            lambda: session.restore(b""),
            session.history_length,
            lambda: session.set_history({}),
            lambda: session.append({}),
            lambda: session.set_feature("user", 1),
        ]
        for call in calls:
            self.assertRaises(SessionInUse, call)
        self.assertTrue(thread.is_alive(), "the ranking was too short for this test")
        thread.join()
        np.testing.assert_array_equal(ended[0], session.rank(candidates))

    def test_cancel(self):
        session, candidates = self.session(), self.candidates(400000)
        thread, ended = self.ranking(session, candidates)
        time.sleep(0.005)
        session.cancel()
        thread.join()
        self.assertIsInstance(ended[0], Cancelled)
        few = self.candidates(3)
        np.testing.assert_array_equal(session.rank(few), self.session().rank(few))
        session.cancel()  # with nothing running
        session.rank(few)

    def test_a_call_costs_at_most_ten_microseconds_more_than_the_librarys(self):
        rng = np.random.default_rng(2)
        columns = {"item": rng.integers(1, 3000, 100), "category": rng.integers(1, 28, 100)}
        session, prepared, out = self.session(), self.model.candidates(columns), np.empty(100, np.float32)
        session.set_history({"item": [5], "category": [1]})
        bare = (session._session, prepared.address, prepared.count, 100, address(out), None)
        least = {"C": 1e9, "arrays": 1e9, "prepared": 1e9}
        for _ in range(1500):
            for name, call in (
                ("C", lambda: session._library.augur_rank(*bare)),
                ("arrays", lambda: session.rank(columns)),
                ("prepared", lambda: session.rank(prepared)),
            ):
                begin = time.perf_counter()
                call()
                least[name] = min(least[name], (time.perf_counter() - begin) * 1e6)
        self.assertLess(least["arrays"] - least["C"], 10)
        self.assertLess(least["prepared"] - least["C"], 5)

    def test_a_session_for_each_thread(self):
        candidates = self.candidates(500)
        expected = self.session().rank(candidates)
        wrong = []

        def work():
            with self.model.session(threads=2) as session:
                session.restore(state)
                for _ in range(20):
                    if not np.array_equal(session.rank(candidates), expected):
                        wrong.append(1)

        state = self.session().save()
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_cancel_and_close_from_other_threads(self):
        few = self.candidates(50)
        for _ in range(30):
            session = self.session()
            canceller = threading.Thread(target=lambda s=session: [s.cancel() for _ in range(50)])
            canceller.start()
            try:
                session.rank(few)
            except Cancelled:
                pass
            session.close()
            canceller.join()
            self.assertRaises(Closed, session.rank, few)


class Workers(unittest.TestCase):
    """Of many requests, with work that takes a time."""

    @staticmethod
    def run_two(seconds, seconds_to_end):
        @contextlib.contextmanager
        def worker(model, one):
            yield lambda batch: (time.sleep(seconds), ([(at, at) for at, _ in batch], None))[1]
            time.sleep(seconds_to_end)

        begin = time.perf_counter()
        found = run_requests(None, [{}] * 4, None, 2, None, worker, 2)
        return found, time.perf_counter() - begin

    def test_the_end_is_not_waited_for_in_steps(self):
        runs = [self.run_two(0, 0.002) for _ in range(10)]
        self.assertEqual(runs[0][0], [0, 1, 2, 3])
        self.assertLess(min(seconds for _, seconds in runs), 0.03)

    @unittest.skipUnless(hasattr(signal, "pthread_kill"), "needs POSIX")
    def test_a_signal_ends_the_wait(self):
        handled = []

        def handler(*_):
            handled.append(time.perf_counter())
            raise KeyboardInterrupt

        self.addCleanup(signal.signal, signal.SIGINT, signal.signal(signal.SIGINT, handler))
        begin = time.perf_counter()
        timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with self.assertRaises(KeyboardInterrupt):
            self.run_two(0.8, 0)
        self.assertLess(handled[0] - begin, 0.5)
        timer.join()


class Life(RichModel):
    def test_a_session_that_nobody_holds_is_destroyed(self):
        self.session.close()
        self.assertEqual(self.model.info.session_count, 0)
        other = self.model.session()
        self.assertEqual(self.model.info.session_count, 1)
        other.itself = [other]
        del other
        gc.collect()
        self.assertEqual(self.model.info.session_count, 0)
        self.model.attach_table("user", folder() / "user.augurtable")  # needs a model without sessions

    def test_models_and_sessions_of_a_cycle(self):
        for _ in range(20):
            model = Model(self.model._source)
            model.attach_table("user", folder() / "user.augurtable")
            session = model.session()
            model.cycle, session.cycle = session, model
            del model, session
        gc.collect()

    def in_a_child(self, work):
        """The status of a child process that does the work; 0: it has returned."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of a fork() while there are threads
            child = os.fork()
        if not child:
            try:
                signal.alarm(5)
                work()
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        return os.waitpid(child, 0)[1]

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork()")
    def test_fork_while_another_thread_uses_the_model(self):
        held, let_go = threading.Event(), threading.Event()

        def hold():
            with self.model._handle.lock:
                held.set()
                let_go.wait()

        def work():
            candidates = self.user_of(rich_request(0))
            np.testing.assert_array_equal(self.session.rank(candidates), expected)
            with self.model.session() as session:
                candidates = self.user_of(rich_request(0), session)
                np.testing.assert_array_equal(session.rank(candidates), expected)
            self.session.close()
            assert self.model.info.session_count == 0
            self.model.close()

        expected = self.session.rank(self.user_of(rich_request(0)))
        thread = threading.Thread(target=hold)
        thread.start()
        held.wait()
        status = self.in_a_child(work)
        let_go.set()
        thread.join()
        self.assertEqual((status, self.in_a_child(work), self.model.info.session_count), (0, 0, 1))
        with self.model._handle.lock:  # which the child has, too
            self.assertEqual(self.in_a_child(work), 0)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork()")
    def test_fork_while_another_thread_attaches_a_table(self):
        held, let_go = threading.Event(), threading.Event()

        def verify(content):
            if content.table:
                held.set()
                let_go.wait()
            return True

        def work():
            with self.assertRaisesRegex(Closed, "during fork"):
                model.row("user", 1)
            with self.assertRaisesRegex(Closed, "during fork"):
                model.session()
            model.close()
            gc.collect()

        with Model(self.model._source, verify=verify) as model:
            thread = threading.Thread(target=model.attach_table, args=("user", folder() / "user.augurtable"))
            thread.start()
            held.wait()
            status = self.in_a_child(work)
            let_go.set()
            thread.join()
            self.assertEqual(status, 0)
            with model.session() as session:
                session.rank(self.user_of(rich_request(0), session))

    def test_many_sessions_leave_no_memory(self):
        def resident():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

        if not os.path.exists("/proc/self/statm"):
            self.skipTest("needs /proc")
        candidates = rich_request(0)["candidates"]

        def some(count):
            for _ in range(count):
                with self.model.session() as session:
                    self.user_of(rich_request(0), session)
                    session.rank(candidates)

            for _ in range(count // 10):
                with Model(shop_model(), load="copy"):
                    pass

        some(200)
        before = resident()
        some(600)
        self.assertLess(resident() - before, 4 << 20)


if __name__ == "__main__":
    unittest.main()
