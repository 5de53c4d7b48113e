"""Modules of this package that run in processes of their own."""

_RUN = ("import sys; sys.path[:] = [place for place in sys.path if place]; import runpy; "
        "runpy.run_module({!r}, run_name='__main__')")


def options_to_run(module: str) -> list[str]:
    """Python's options that run the module. Unlike -m, they do not look for modules in the current folder.

    A folder that was downloaded with a checkpoint may have a numpy.py in it.
    """
    return ["-c", _RUN.format(module)]
