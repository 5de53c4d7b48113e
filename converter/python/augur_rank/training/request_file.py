"""Ranking requests, labels and answers as JSON lines, in the form that Augur's tools read."""

import json
from typing import Dict, Iterable, List, Sequence

import numpy as np

from .dataset import Interactions, Samples


def make_request(name: str, user: int, history: Sequence[int], candidates: Sequence[int],
                 category_of: np.ndarray) -> dict:
    """A request about item ids, oldest behaviour first; their categories are looked up."""

    def fields(items: Sequence[int]) -> dict:
        return {"item": [int(i) for i in items], "category": [int(category_of[i]) for i in items]}

    return {"id": name, "features": {"user": int(user)}, "history": fields(history),
            "candidates": fields(candidates)}


def from_samples(interactions: Interactions, samples: Samples, max_length: int,
                 prefix: str) -> List[dict]:
    requests = []
    for row in range(len(samples)):
        user, end = samples.user[row], samples.end[row]
        begin = max(interactions.start[user], end - max_length)
        requests.append(make_request(f"{prefix}{row}", user, interactions.item[begin:end],
                                     samples.item[row], interactions.category_of))
    return requests


def labels_of(samples: Samples, prefix: str) -> List[dict]:
    return [{"id": f"{prefix}{row}", "labels": [int(x) for x in samples.label[row]]}
            for row in range(len(samples))]


def with_items(requests: Iterable[dict], items: Dict) -> List[dict]:
    """The requests with other names for the items, such as keys for rows (shop.Catalogue.keys)."""

    def renamed(fields: dict) -> dict:
        return {**fields, "item": [items[item] for item in fields["item"]]}

    return [{**request, "history": renamed(request["history"]),
             "candidates": renamed(request["candidates"])} for request in requests]


def write(path: str, lines: Iterable[dict]) -> None:
    with open(path, "w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


def read(path: str) -> List[dict]:
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]
