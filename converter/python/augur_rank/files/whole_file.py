"""Files that are there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def replacing(path: str) -> Iterator[str]:
    """The path of a file beside `path`, to be written in the block; it takes the place of `path` at the block's end.

    If the block raises, it is removed, and what stood at `path` stays.
    """
    part = f"{path}.{os.getpid()}.part"
    try:
        yield part
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.remove(part)
