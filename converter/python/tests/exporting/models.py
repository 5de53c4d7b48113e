"""A model that DeepCTR-Torch trained, as a Dump, and commands that act in place of the real ones."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from augur_rank.dump import Dump
from augur_rank.files import safetensors_file

LIBRARIES = Path(__file__).resolve().parents[4] / "tests" / "layouts" / "libraries"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def dump_of(folder: str, layout: str) -> Dump:
    """The checkpoint of tests/layouts/libraries with each candidate of its requests as a request."""
    place = LIBRARIES / folder
    tensors, _ = safetensors_file.load(str(place / "dien.safetensors"))
    dump = Dump(layout, f"a trained {layout}", tensors, json.loads((place / "answers.json").read_text()))
    scores, logits = [], []
    for request, answer in zip(lines_of(place / "requests.jsonl"), lines_of(place / "scores.jsonl")):
        for at, score in enumerate(answer["scores"]):
            candidates = {name: [values[at]] for name, values in request["candidates"].items()}
            dump.requests.append({**request, "id": f"{request['id']}.{at}", "candidates": candidates})
            scores.append(score)
            logits.append(answer["logits"][at] if "logits" in answer else np.log(score / (1 - score)))
    dump.scores, dump.logits = np.array(scores), np.array(logits)
    return dump
