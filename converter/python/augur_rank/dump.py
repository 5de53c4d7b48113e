"""A Dump: everything that a conversion needs to know of a trained model, read from the live model.

Every library's exporter makes one, augur_rank.export goes on from there, and a dump can be a file: augur_dump.py, which
runs where this package cannot (Python 2.7 to 3.8), writes it as .npz.

The file is a NumPy archive without pickled objects. Its entries:

    augur.json       uint8 [bytes]: UTF-8 JSON, an object with the members below
    tensor:NAME      the tensors; the model's own names and shapes
    scores, logits   float64 [R]: the library's own, one a request; each may be missing
    labels           float64 [R]: what happened (a click is 1); may be missing
    trace:STAGE      float64: intermediate values of the library's forward pass; each may be missing

augur.json:

    format        1
    library       the layout's name, as augur-convert --layout has it: "deepctr-torch"
    title         one line for people: "DeepCTR-Torch 0.3.0 DIEN, gru_type AUGRU, 2 history features"
    order         the tensors' names, in the model's own order
    answers       what augur-convert --model takes: the answers to the layout's questions
    requests      R requests, as augur-rank takes them, each with exactly one candidate; may be empty
    vocabularies  table -> {"keys": [...], "rows": [...]}, or {"keys": [...]}: key i has row i
    notes         sentences that the user should read
    calibrate     true: the scores depend on the rows that are scored together (a Dice with the batch's statistics), so
                  that the requests, all of one batch, are also what augur-convert calibrates on; false if it is missing

Answers may name a file by its path (deepctr's vocabulary_path). Its bytes are in the archive as

    file:PATH        uint8 [bytes]: the file that the answers call PATH
"""

import json
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np

from .arrays import Array
from .errors import AugurError

FORMAT = 1

# The stages of a trace, in the order of the network; E: embedding width, H: hidden units, T: events of the longest
# request. Rows are requests. Shorter histories are filled up with NaN behind their last event.
STAGES = (
    "query",       # [R, E']: the candidate's embeddings that attention sees
    "behaviours",  # [R, T, E]: the embeddings of the events that count, oldest first
    "interests",   # [R, T, H]: the extractor's states
    "attention",   # [R, T]: the weights, after the softmax if there is one
    "result",      # [R, H]: the final state of the interest evolution
    "head_input",  # [R, D]: what the first dense layer of the head reads
)


@dataclass
class Dump:
    """One trained model, with what its library computes on a sample (R requests of one candidate each)."""

    library: str
    title: str
    tensors: dict[str, Array]  # in the model's own order
    answers: dict[str, Any]
    requests: list[dict[str, Any]] = field(default_factory=list)
    scores: Optional[Array] = None  # float64 [R]
    logits: Optional[Array] = None  # float64 [R]
    labels: Optional[Array] = None  # float64 [R]
    trace: dict[str, Array] = field(default_factory=dict)  # by STAGES
    vocabularies: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    calibrate: bool = False  # the scores hold for the requests as one batch, which are also what is calibrated on
    files: dict[str, bytes] = field(default_factory=dict)  # by the paths that the answers have


# The members of augur.json that a file must have, and what they are.
_MEMBERS = {"library": str, "title": str, "order": list, "answers": dict, "requests": list, "vocabularies": dict,
            "notes": list}


def is_dump(path: Union[str, Path]) -> bool:
    """Whether a file is a dump: an .npz archive with the entry augur.json. A file that cannot be read is none."""
    try:
        if not os.path.isfile(path):  # opening a FIFO would wait for ever
            return False
        with zipfile.ZipFile(path) as archive:
            return "augur.json.npy" in archive.namelist()
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return False


def read_dump(path: Union[str, Path]) -> Dump:
    """The Dump in a file that augur_dump.py wrote. Nothing is unpickled.

    Raises AugurError if the file cannot be read, is damaged, or is of a newer format.
    """
    from .checkpoints import npz_file
    try:
        arrays = dict(npz_file.read(str(path)).tensors)
    except OSError as error:
        raise AugurError(f"{path}: expected a dump (.npz) that augur_dump.py wrote, but it cannot be read: {error}"
                         ) from error
    if "augur.json" not in arrays:
        raise AugurError(f"{path}: an .npz file, but no dump: it has no entry augur.json. Write one with augur_dump.py "
                         "(docs/augur-dump.md)")
    about = _read_about(path, arrays.pop("augur.json"))
    tensors = {}
    for name in about["order"]:
        if f"tensor:{name}" not in arrays:
            raise AugurError(f"{path}: augur.json lists the tensor {name!r}, but the file has no entry "
                             f"tensor:{name}: it is damaged; write it again")
        tensors[name] = arrays[f"tensor:{name}"]
    rows = len(about["requests"])
    for name in ("scores", "logits", "labels"):
        if name in arrays and arrays[name].shape != (rows,):
            raise AugurError(f"{path}: {name} has the shape {list(arrays[name].shape)}, but there are {rows} requests: "
                             "the file is damaged; write it again")
    return Dump(
        **{name: about[name] for name in _MEMBERS if name != "order"}, calibrate=bool(about.get("calibrate", False)),
        tensors=tensors, scores=arrays.get("scores"), logits=arrays.get("logits"), labels=arrays.get("labels"),
        trace={stage: arrays[f"trace:{stage}"] for stage in STAGES if f"trace:{stage}" in arrays},
        files={name[len("file:"):]: array.tobytes() for name, array in arrays.items() if name.startswith("file:")})


def _read_about(path: Union[str, Path], array: Array) -> dict[str, Any]:
    try:
        about = json.loads(array.astype(np.uint8).tobytes().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise AugurError(f"{path}: augur.json is damaged ({error}); write the file again") from error
    given = about.get("format") if isinstance(about, dict) else None
    if given != FORMAT:
        raise AugurError(f"{path}: augur.json has the format {given!r}, but this version of Augur reads {FORMAT}: "
                         "upgrade augur-rank, or write the file with the augur_dump.py that came with it")
    for name, kind in _MEMBERS.items():
        if not isinstance(about.get(name), kind):
            raise AugurError(f"{path}: augur.json: expected {name!r} to be a {kind.__name__}, but it is "
                             f"{type(about.get(name)).__name__}: the file is damaged; write it again")
    checked: dict[str, Any] = about
    return checked
