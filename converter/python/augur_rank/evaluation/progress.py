"""A progress bar on the terminal: how much is done, how fast, and how long it will take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO, Union

_BLOCKS = " ▏▎▍▌▋▊▉█"
_WIDTH = 24
_PAUSE = 0.1  # seconds between two lines

Progress = Union[bool, None, Callable[[int, int], None]]


def duration(seconds: float) -> str:
    """1:05, or 2:03:04."""
    whole = int(seconds + 0.5)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def bar(share: float, width: int = _WIDTH) -> str:
    """A bar of that many characters."""
    eighths = int(min(max(share, 0), 1) * width * 8)
    whole, rest = divmod(eighths, 8)
    return ("█" * whole + (_BLOCKS[rest] if whole < width else "")).ljust(width)


class ProgressBar:
    """Shows one piece of work: `with ProgressBar("int8", 2000) as show: show(50)`.

    progress  None: a bar on standard error if that is a terminal. True: a bar always. False: nothing. A function: it is
              called with (done, total)
    """

    def __init__(self, label: str, total: int, progress: Progress = None, stream: TextIO | None = None) -> None:
        # sys.stderr is None where Python has no terminal, such as in a service
        self._stream: TextIO | None = stream or sys.stderr
        self._label, self._total = label, total
        self._function = progress if callable(progress) else None
        shown = progress is True or progress is None and self._stream is not None and self._stream.isatty()
        self._shown = shown and self._function is None
        self._begin = self._last = time.monotonic()
        self._length = 0

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._length:
            self._put("\r" + " " * self._length + "\r")

    def __call__(self, done: int) -> None:
        """So many are done."""
        if self._function:
            self._function(done, self._total)
        now = time.monotonic()
        if not self._shown or now - self._last < _PAUSE:
            return
        self._last = now
        self._write(self.line(done, now - self._begin))

    def line(self, done: int, seconds: float) -> str:
        """What is shown."""
        share = done / self._total if self._total else 0
        rate = done / seconds if seconds > 0 else 0
        left = f"{duration((self._total - done) / rate)} left" if rate else ""
        return f"{self._label}  {bar(share)} {share:4.0%}  {done:,} of {self._total:,} requests  {rate:,.0f}/s  {left}"

    def _write(self, text: str) -> None:
        self._put("\r" + text.ljust(self._length))
        self._length = max(self._length, len(text))

    def _put(self, text: str) -> None:
        """A bar that cannot be shown, such as by a pipe that nobody reads, ends no evaluation."""
        try:
            if self._stream is not None:
                self._stream.write(text)
                self._stream.flush()
        except (OSError, ValueError):  # ValueError: the stream is closed, or lacks the characters
            self._shown = False
