"""Ranking in processes of their own: Python runs one of its threads at a time, so that threads with many short rankings
cannot use all cores.

A worker process runs this module. Over its standard input and output it gets the model's path and the work, then
batches of requests, and answers each with their results. Both ends are this package: no pickle comes from elsewhere.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from ..child import options_to_run
from ..errors import AugurError
from .model import Identity, Model, identity_of
from .requests import Batch, Done, One, cores, do_batch, in_this_process, read_json_lines
from .status import StatusError

PROCESSES_FROM = 5000  # requests; fewer are ranked sooner than processes have started


def pays(model: Model, count: int, threads: int | None) -> bool:
    """Whether to rank so many requests in processes."""
    return count >= PROCESSES_FROM and (cores() if threads is None else threads) != 1 and can_leave(model)


def sendable(requests: Any) -> int:
    """How many requests can be sent to another process, as far as it is known at once; at most PROCESSES_FROM."""
    if isinstance(requests, (str, os.PathLike)):
        if not os.path.isfile(requests):  # such as a pipe, which can be read once
            return 0
        return sum(1 for _ in itertools.islice(read_json_lines(requests), PROCESSES_FROM))
    if isinstance(requests, (list, tuple)) and len(requests) >= PROCESSES_FROM:
        with contextlib.suppress(Exception):  # what pickle raises depends on what it is given
            pickle.dumps(requests[0], pickle.HIGHEST_PROTOCOL)
            return PROCESSES_FROM
    return 0


def can_leave(model: Model) -> bool:
    """Whether another process can open the same model: it and its tables are files, the same as when they were opened.

    A model that was opened with verify stays: another process would open it without that check.
    """
    files = [(model._source, model._identity), *((one.source, one.identity) for one in model._attached)]
    return (bool(sys.executable) and not model._verifies
            and all(identity is not None and identity_of(source) == identity for source, identity in files))


def _opened(model: Model) -> tuple[str, list[Identity]]:
    """What two processes that have opened the same files agree on."""
    return model.info.id, [model._identity, *(one.identity for one in model._attached)]


@contextlib.contextmanager
def in_a_process(model: Model, one: One) -> Iterator[Callable[[Batch], Done]]:
    """Does batches in a process of its own. `one` is a function of a module, or a functools.partial of one.

    If that process cannot open the model, or its file has become another one, they are done in this process.
    """
    package = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.Popen([sys.executable, *options_to_run(__name__)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths})
    assert process.stdin is not None and process.stdout is not None
    to, back = process.stdin, process.stdout

    def ask(question: Any) -> Any:
        try:
            content = pickle.dumps(question, pickle.HIGHEST_PROTOCOL)
        except (TypeError, AttributeError, pickle.PicklingError) as error:  # of objects that only this process has
            raise AugurError(f"a request cannot be given to a worker process: {error}; threads=1 works without "
                             "them") from error
        try:
            to.write(content)
            to.flush()
            answer = pickle.load(back)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise AugurError(f"a worker process ended with status {process.wait()}; threads=1 works without "
                             "them") from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    try:
        try:
            same = ask((model._source, model._load, model._attached, one)) == _opened(model)
        except StatusError:  # such as NotFound
            same = False
        if same:
            yield ask
        else:
            with in_this_process(model, one) as here:
                yield here
    finally:
        with contextlib.suppress(OSError):
            to.close()
        back.close()
        process.wait()


def main(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answers until there are no more questions."""

    def answer(value: Any) -> None:
        pickle.dump(value, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()

    source, load, attached, one = pickle.load(questions)
    try:
        model = Model(source, load=load)
        for made in attached:
            attach = model.attach_table if made.kind == "table" else model.attach_delta
            attach(made.table, made.source, load=made.load)
        session = model.session()
    except Exception as error:
        answer(error)
        return
    with model, session:
        answer(_opened(model))
        while True:
            try:
                batch = pickle.load(questions)
            except EOFError:
                return
            answer(do_batch(session, one, batch))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt reaches the parent, which closes the pipe
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints does not get into the answers
    main(sys.stdin.buffer, channel)
