"""Tests of augur_rank.runtime, with the models that they share."""

import json
import subprocess
import tempfile
import unittest
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from augur_rank import built
from augur_rank.runtime import Model, Session

SHOP = Path(__file__).resolve().parents[4] / "examples" / "shop"
# Keys of the tables of the rich model.
ITEMS = [f"item-{row}" if row % 3 else f"Gürtel {row} 革" for row in range(12)]
SHOPS = [10**12 + row for row in range(6)]

_TENSORS = {
    "item": (12, 4),
    "shop": (6, 2),
    "tag": (8, 3),
    "user": (9, 3),
    "att": (4, 5),
    "fc1": (5, 34),
    "fc1b": (5,),
    "fc2": (1, 5),
}
_DESCRIPTION: dict[str, Any] = {
    "format": 1,
    "name": "rich",
    "orientation": "out_in",
    "notes": ["made for tests"],
    "tables": [
        {
            "name": "item",
            "weights": "item",
            "padding_row": 0,
            "out_of_table": "error",
            "vocabulary": {"file": "items.json", "keys": "string"},
        },
        {
            "name": "shop",
            "weights": "shop",
            "padding_row": 0,
            "out_of_table": "padding_id",
            "vocabulary": {"file": "shops.json", "keys": "integer"},
        },
        {"name": "tag", "weights": "tag", "padding_row": 0, "out_of_table": "error"},
        {"name": "user", "weights": "user", "padding_row": 0, "out_of_table": "error"},
    ],
    "features": [
        {"name": "user", "kind": "id", "table": "user"},
        {"name": "likes", "kind": "ids", "table": "item", "pooling": "mean", "skip_padding": False},
        {"name": "age", "kind": "number"},
        {"name": "taste", "kind": "vector", "dim": 3},
    ],
    "candidate": [
        {"name": "item", "kind": "id", "table": "item"},
        {"name": "price", "kind": "number"},
        {"name": "shop", "kind": "id", "table": "shop"},
        {"name": "tags", "kind": "ids", "table": "tag", "pooling": "sum", "skip_zero": True},
        {"name": "image", "kind": "vector", "dim": 2},
    ],
    "stacks": [
        {
            "name": "clicks",
            "max_history": 6,
            "mask": "length",
            "query": ["item", "price"],
            "extractor": [],
            "fields": [{"name": "item", "kind": "id", "table": "item"}],
            "attention": {
                "kind": "bilinear",
                "query_projection": None,
                "weight": "att",
                "axes": ["key", "query"],
                "score_scale": 1,
                "softmax": True,
            },
            "result": "attention_pool",
        },
        {
            "name": "buys",
            "max_history": 4,
            "mask": "length",
            "query": [],
            "extractor": [],
            "attention": None,
            "fields": [
                {"name": "shop", "kind": "id", "table": "shop"},
                {"name": "tags", "kind": "ids", "table": "tag", "pooling": "mean", "skip_zero": True},
                {"name": "image", "kind": "vector", "dim": 2},
            ],
            "result": {"pool": "sum", "padding": "masked"},
        },
    ],
    "head": {
        "input": [
            {"feature": "user"},
            {"feature": "likes"},
            {"feature": "age"},
            {"feature": "taste"},
            {"query": "clicks"},
            {"candidate": "shop"},
            {"candidate": "tags"},
            {"candidate": "image"},
            {"result": "clicks"},
            {"result": "buys"},
        ],
        "layers": [
            {"weight": "fc1", "bias": "fc1b", "activation": "tanh"},
            {"weight": "fc2", "bias": None, "activation": "none"},
        ],
    },
    "output": {"kind": "sigmoid"},
}


@cache
def folder() -> Path:
    """A folder that lives as long as the tests."""
    made = tempfile.TemporaryDirectory()
    folder_keeper.append(made)
    return Path(made.name)


folder_keeper: list[Any] = []


def convert(*arguments: str) -> None:
    done = subprocess.run(
        [built.command("augur-convert"), *map(str, arguments)],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise AssertionError(done.stdout)


def convert_shop(out: Any, *options: Any) -> None:
    """The demo's DIEN of the shop, whose items have keys."""
    convert("--weights", SHOP / "dien.safetensors", "--layout", "augur-reference", "--set", "kind=dien",
            "--set", "max_history=50", "--vocabulary", f"item={SHOP / 'item_keys.txt'}", "--out", out, *options)


@cache
def rich_model() -> str:
    """A model with a field of each kind, two stacks, and tables of all key types."""
    place = folder()
    rng = np.random.default_rng(5)
    np.savez(
        place / "rich.npz", **{name: rng.normal(0, 0.7, shape).astype(np.float32) for name, shape in _TENSORS.items()}
    )
    (place / "items.json").write_text(json.dumps({key: row for row, key in enumerate(ITEMS)}))
    (place / "shops.json").write_text(json.dumps({str(key): row for row, key in enumerate(SHOPS)}))
    (place / "rich.json").write_text(json.dumps(_DESCRIPTION))
    convert(
        "--weights",
        place / "rich.npz",
        "--model",
        place / "rich.json",
        "--out",
        place / "rich.augur",
        "--sidecar",
        f"user={place / 'user.augurtable'}",
    )
    return str(place / "rich.augur")


def rich_request(seed: int, candidates: int = 5) -> dict[str, Any]:
    """A request of the rich model, in the form of docs/requests.md."""
    rng = np.random.default_rng(seed)

    def some(keys: list[Any], count: int) -> list[Any]:
        return [keys[at] for at in rng.integers(0, len(keys), count)]

    def tags(count: int) -> list[list[int]]:
        return [rng.integers(1, 8, rng.integers(0, 4)).tolist() for _ in range(count)]

    def numbers(*shape: int) -> Any:
        return rng.normal(0, 1, shape).astype(np.float32).tolist()

    clicks, buys = int(rng.integers(0, 9)), int(rng.integers(0, 4))
    return {
        "id": f"r{seed}",
        "features": {"user": int(rng.integers(0, 9)), "likes": some(ITEMS, 3), "age": numbers(), "taste": numbers(3)},
        "history": {
            "clicks": {"item": some(ITEMS, clicks)},
            "buys": {"shop": some(SHOPS, buys), "tags": tags(buys), "image": numbers(buys, 2)},
        },
        "candidates": {
            "item": some(ITEMS, candidates),
            "price": numbers(candidates),
            "shop": some([*SHOPS, 7], candidates),
            "tags": tags(candidates),
            "image": numbers(candidates, 2),
        },
    }


def augur_rank(model: str, requests: list[dict[str, Any]], *arguments: str) -> list[dict[str, Any]]:
    """What the command augur-rank answers."""
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run(
        [built.command("augur-rank"), model, "--requests", "-", *arguments],
        input=lines.encode(),
        check=False,
        capture_output=True,
    )
    if done.returncode:
        raise AssertionError(done.stderr.decode())
    return [json.loads(line) for line in done.stdout.splitlines()]


class RichModel(unittest.TestCase):
    """Tests on the rich model: `model` is open, `session` is new."""

    def setUp(self) -> None:
        self.model = Model(rich_model())
        self.addCleanup(self.model.close)
        self.model.attach_table("user", folder() / "user.augurtable")
        self.session = self.model.session()
        self.addCleanup(self.session.close)

    def user_of(self, request: dict[str, Any], session: Session = None) -> Any:  # type: ignore[assignment]
        """Makes the session the request's user, by single calls, and returns the candidates."""
        session = session or self.session
        session.clear()
        for name, value in request["features"].items():
            session.set_feature(name, value)
        for stack, columns in request["history"].items():
            session.set_history(columns, stack)
        return request["candidates"]

    def expected(self, request: dict[str, Any]) -> np.ndarray:
        table = f"user={folder() / 'user.augurtable'}"
        return np.array(augur_rank(rich_model(), [request], "--table", table)[0]["scores"], dtype=np.float32)
