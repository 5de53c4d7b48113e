"""Where the computation of a model file first departs from its library's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np

from ..arrays import Array
from ..dump import STAGES

WORDS = {
    "query": "the candidate's embeddings that the attention sees",
    "behaviours": "the embeddings of the events",
    "interests": "the states of the interest extractor",
    "attention": "the weights of the attention",
    "result": "the final state of the interest evolution",
    "head_input": "the input of the head",
}
# f32 sums differ from float64 by a millionth of a stage's largest value or so; a wrong answer by a hundredth or more.
TOLERANCE = 1e-4


@dataclass
class Stage:
    """One stage of the network, compared."""

    name: str  # of STAGES, with the sequence's name before it where there are several: "clicks/attention"
    agrees: bool
    what: str  # how near the values are, or how their shapes differ


def departure(library: Mapping[str, Array], file: Sequence[Mapping[str, Any]], ids: Sequence[str]) -> str:
    """A sentence that names the first stage that departs, or "" if the library told no stage.

    `library` is a Dump's trace, `file` what augur-inspect --trace printed for the same requests, with these ids.
    """
    stages = compare(library, file, ids)
    if not stages:
        return ""
    before: list[str] = []
    for stage in stages:
        if not stage.agrees:
            words = WORDS[stage.name.split("/")[-1]]
            return f"It departs first at {stage.name}, {words}: {stage.what}{_agree(before)}."
        before.append(stage.name)
    place = "in the dense layers of the head" if before[-1] == "head_input" else f"after {before[-1]}"
    return f"It departs first {place}{_agree(before)}."


def _agree(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f" ({names[0]} agrees)" if len(names) == 1 else f" ({', '.join(names[:-1])} and {names[-1]} agree)"


def compare(library: Mapping[str, Array], file: Sequence[Mapping[str, Any]], ids: Sequence[str]) -> list[Stage]:
    """Every stage that both sides have, in the order of the network."""
    stacks = list(file[0]["candidates"][0].get("stacks", {})) if file else []
    found = []
    for stage in STAGES:
        for name in (stage, *(f"{stack}/{stage}" for stack in stacks)):
            if name not in library:
                continue
            stack = name.split("/")[0] if "/" in name else (stacks[0] if stacks else "")
            compared = _compare_stage(name, np.asarray(library[name], np.float64), _values(file, stack, stage), ids)
            if compared is not None:
                found.append(compared)
    return found


def _values(file: Sequence[Mapping[str, Any]], stack: str, stage: str) -> list[Optional[Array]]:
    """The stage's values of each request's first candidate; None where there are none."""
    found: list[Optional[Array]] = []
    for line in file:
        candidate: dict[str, Any] = line["candidates"][0]
        place = candidate if stage == "head_input" else candidate.get("stacks", {}).get(stack, {})
        found.append(np.asarray(place[stage], np.float64) if place.get(stage) is not None else None)
    return found


def _compare_stage(name: str, library: Array, file: Sequence[Optional[Array]],
                   ids: Sequence[str]) -> Optional[Stage]:
    if len(library) != len(file):
        return None
    scale = np.nanmax(np.abs(library)) if np.isfinite(library).any() else 0.0
    worst, place, compared = 0.0, 0, False
    for at, (ours, theirs) in enumerate(zip(file, library)):
        if ours is None or (theirs.size and not np.isfinite(theirs).any()):  # one of them does not compute it
            continue
        if theirs.ndim and name.split("/")[-1] in ("behaviours", "interests", "attention"):
            theirs = theirs[:int(np.isfinite(theirs.reshape(len(theirs), -1)).all(axis=1).sum())]
        if ours.size == 0 and theirs.size == 0:
            continue
        if ours.shape != theirs.shape:
            return Stage(name, False, f"request {ids[at]!r} has the shape {list(theirs.shape)} in the library and "
                         f"{list(ours.shape)} in the file")
        compared = True
        difference = float(np.max(np.nan_to_num(np.abs(ours - theirs), nan=np.inf)))
        if difference > worst:
            worst, place = difference, at
    if not compared:
        return None
    if worst <= TOLERANCE * max(scale, 1e-12):
        return Stage(name, True, f"within {worst:.1e}")
    return Stage(name, False, f"request {ids[place]!r} differs by {worst:.2g}, where values reach {scale:.2g}")
