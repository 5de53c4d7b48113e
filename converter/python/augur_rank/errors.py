"""Errors of this package.

Every message names the file or the argument, what was expected, what came, and what to do.
"""


class AugurError(Exception):
    """What all errors of this package are."""


class ExportError(AugurError):
    """A model that cannot be exported, or whose file does not reproduce its library's scores. Nothing was written."""
