"""The stand-in SDK for the tests: compiles small programs with it."""
import functools
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "toolchains/stand-in/ios_sdk.py"
# The oldest version of the system, as CMake asks the compiler for it.
MINIMUM = {"iphoneos": "-miphoneos-version-min=13.0", "iphonesimulator": "-mios-simulator-version-min=13.0"}


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="augur-ios-")


def module():
    """ios_sdk.py as a module."""
    spec = importlib.util.spec_from_file_location("ios_sdk", SCRIPT)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@functools.lru_cache(maxsize=None)
def folder():
    """The stand-in's folder. Skips the test where it cannot be made, but fails where AUGUR_STAND_IN_NEEDED is set."""
    result = subprocess.run([sys.executable, "-B", str(SCRIPT)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode == 0:
        return pathlib.Path(result.stdout.strip())
    if os.environ.get("AUGUR_STAND_IN_NEEDED"):
        raise AssertionError(result.stderr)
    raise unittest.SkipTest(result.stderr.splitlines()[0])


def xcrun(*arguments):
    return subprocess.run([str(folder() / "bin/xcrun"), *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)


def clang(*arguments, sdk="iphoneos", architecture="arm64"):
    """Runs the compiler; returns what it printed, and raises AssertionError with this if it fails."""
    system = xcrun("--sdk", sdk, "--show-sdk-path").stdout.strip()
    result = xcrun("--sdk", sdk, "clang", "-arch", architecture, "-isysroot", system, MINIMUM[sdk], "-Wall", *arguments)
    if result.returncode != 0:
        raise AssertionError(result.stdout)
    return result.stdout
