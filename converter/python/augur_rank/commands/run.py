"""Runs a compiled command beside this process, which passes signals on and cleans up after it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from .. import built

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal asks to stop; what is open cleans up behind itself."""

    def __init__(self, number: int):
        self.number = number


@contextmanager
def stopping() -> Iterator[None]:
    """While it lasts, the signals that end a process raise Stopped."""
    def stop(number: int, _: Any) -> NoReturn:
        raise Stopped(number)

    before = {number: signal.signal(number, stop) for number in STOPPING
              if signal.getsignal(number) is not signal.SIG_IGN}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(name: str, arguments: Sequence[str]) -> int:
    """Runs the built command and waits for it; its status, or minus the signal that ended it.

    A signal that asks this process to stop is passed on. Raises Stopped once the command has ended, and AugurError.
    """
    child = subprocess.Popen([built.command(name), *arguments])
    try:
        return child.wait()
    except Stopped as stopped:
        if stopped.number != signal.SIGINT:  # which a terminal sends to both
            child.send_signal(stopped.number)
        elif not sys.stdin.isatty():
            child.send_signal(signal.SIGINT)
        child.wait()
        raise


def end_by(number: int) -> NoReturn:
    """Ends this process by the signal, as if it had never been caught."""
    sys.stdout.flush()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # the signal was blocked
