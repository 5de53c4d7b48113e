"""Tests of augur_rank.evaluation, with what they share: the shop's DIEN, and pages of its test data."""

import importlib.util
import json
from functools import cache

from augur_rank.evaluation import evaluate

from ..runtime import SHOP, convert_shop, folder

PAGES = 60


def has(package):
    return importlib.util.find_spec(package) is not None


@cache
def models():
    """The shop's DIEN in f32, int8 and int4."""
    paths = {}
    for kind in ("f32", "int8", "int4"):
        paths[kind] = str(folder() / f"shop-{kind}.augur")
        convert_shop(paths[kind], "--weights-type", kind)
    return paths


@cache
def files():
    """Paths of some pages of the shop's test data, and of their labels."""
    paths = []
    for name in ("requests", "labels"):
        lines = (SHOP / f"test.{name}.jsonl").read_text().splitlines(keepends=True)[:PAGES]
        paths.append(folder() / f"pages.{name}.jsonl")
        paths[-1].write_text("".join(lines))
    return tuple(paths)


@cache
def pages():
    """The same as dicts."""
    return tuple([json.loads(line) for line in path.read_text().splitlines()] for path in files())


@cache
def usual():
    """The usual evaluation of f32."""
    return evaluate(models()["f32"], *files(), group_by="user", progress=False)
