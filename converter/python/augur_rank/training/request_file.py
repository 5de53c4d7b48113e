"""Ranking requests, labels and answers as JSON lines, in the form that Augur's tools read."""

import json
from collections.abc import Iterable, Mapping

from ..arrays import Array, Json
from .dataset import Interactions, Samples


def make_request(name: str, user: int, history: Iterable[int], candidates: Iterable[int],
                 category_of: Array) -> Json:
    """A request about item ids, oldest behaviour first; their categories are looked up."""

    def fields(items: Iterable[int]) -> Json:
        rows = [int(i) for i in items]
        return {"item": rows, "category": [int(category_of[row]) for row in rows]}

    return {"id": name, "features": {"user": int(user)}, "history": fields(history),
            "candidates": fields(candidates)}


def from_samples(interactions: Interactions, samples: Samples, max_length: int,
                 prefix: str) -> list[Json]:
    """A request of each sample, with the ids PREFIX0, PREFIX1 and so on."""
    requests = []
    for row in range(len(samples)):
        user, end = samples.user[row], samples.end[row]
        begin = max(interactions.start[user], end - max_length)
        requests.append(make_request(f"{prefix}{row}", user, interactions.item[begin:end],
                                     samples.item[row], interactions.category_of))
    return requests


def labels_of(samples: Samples, prefix: str) -> list[Json]:
    """The labels of from_samples()' requests: 1 for the candidate that was clicked, else 0."""
    return [{"id": f"{prefix}{row}", "labels": [int(x) for x in samples.label[row]]}
            for row in range(len(samples))]


def with_items(requests: Iterable[Json], items: Mapping[int, str]) -> list[Json]:
    """The requests with other names for the items, such as keys for rows (shop.Catalogue.keys)."""

    def renamed(fields: Json) -> Json:
        return {**fields, "item": [items[item] for item in fields["item"]]}

    return [{**request, "history": renamed(request["history"]),
             "candidates": renamed(request["candidates"])} for request in requests]


def write(path: str, lines: Iterable[Json]) -> None:
    """Writes each object as a line of JSON."""
    with open(path, "w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


def read(path: str) -> list[Json]:
    """The objects of a file that write() wrote."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]
