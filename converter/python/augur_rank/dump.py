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
"""

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional

import numpy as np

# The stages of a trace, in the order of the network; E: embedding width, H: hidden units, T: events of the longest request.
# Rows are requests. Shorter histories are filled up with NaN behind their last event.
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
    tensors: Dict[str, np.ndarray]  # in the model's own order
    answers: Dict[str, Any]
    requests: List[Dict[str, Any]] = field(default_factory=list)
    scores: Optional[np.ndarray] = None  # float64 [R]
    logits: Optional[np.ndarray] = None  # float64 [R]
    labels: Optional[np.ndarray] = None  # float64 [R]
    trace: Dict[str, np.ndarray] = field(default_factory=dict)  # by STAGES
    vocabularies: Dict[str, Dict[str, Any]] = field(default_factory=dict)
    notes: List[str] = field(default_factory=list)
