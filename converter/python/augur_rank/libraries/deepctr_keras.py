"""DeepCTR's DIEN and DIN for Keras 2: everything is read from the model's layers.

The library does not know which features are the user's: `candidate_features` says it. How a model is read stands in
augur_dump.py, which also runs where this package cannot.
"""

from collections.abc import Sequence
from typing import Any, Optional

from .. import augur_dump
from ..dump import Dump
from . import dumped

LIBRARY = "deepctr-keras"


def recognises(model: Any) -> bool:
    """Whether it is a Keras model with DeepCTR's layers."""
    return augur_dump.is_deepctr(model)


def read(model: Any, candidate_features: Optional[Sequence[str]] = None) -> Dump:
    """The model's tensors and answers. Raises ExportError if candidate_features are needed, or wrong."""
    with dumped.errors():
        return dumped.made(augur_dump.read_deepctr(model, candidate_features))


def observe(model: Any, dump: Dump, sample: Any, labels: Any = None) -> None:
    """Scores the sample by model.predict, and fills the dump's requests, scores, logits and trace.

    sample: as for model.predict: a dictionary of arrays, or a list in the order of the inputs. Raises ExportError if it
    does not fit the model.
    """
    own = [column["name"] for part in ("sparse", "pooled", "dense") for column in dump.answers[part]
           if column.get("of") == "candidate"]
    with dumped.errors():
        dumped.fill(dump, augur_dump.observe_deepctr(model, sample, labels, own))
