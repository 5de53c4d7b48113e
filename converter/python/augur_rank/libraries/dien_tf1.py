"""The DIEN authors' TensorFlow 1 code and its forks: a model object and the session with its variables.

What is exported is the pair (model, session), or the model alone inside of `with session:`. How a model is read stands
in augur_dump.py, which also runs where this package cannot.
"""

import sys
from collections.abc import Sequence
from typing import Any, Optional

from .. import augur_dump
from ..dump import Dump
from ..errors import ExportError
from . import dumped

LIBRARY = "dien-tf1"


def recognises(model: Any) -> bool:
    """Whether it is an object of the authors' class Model, or (object, session)."""
    return augur_dump.is_authors(_split(model)[0])


def read(model: Any, candidate_features: Optional[Sequence[str]] = None) -> Dump:
    """The model's tensors and answers. Raises ExportError if there is no session, or for another model than theirs.

    candidate_features is not needed: the item and its category are the candidate's, the user is not.
    """
    del candidate_features
    with dumped.errors():
        return dumped.made(augur_dump.read_authors(*_with_session(model)))


def observe(model: Any, dump: Dump, sample: Any, labels: Any = None) -> None:
    """Scores one batch by the code itself, and fills the dump's requests, scores, logits and trace.

    sample: what prepare_data returns, or a feed_dict. How the history's sum was padded is read from it.
    """
    pair = _with_session(model)
    with dumped.errors():
        again = augur_dump.read_authors(*pair, sample=sample)
        dump.answers, dump.notes = again["answers"], again["notes"]
        dumped.fill(dump, augur_dump.observe_authors(*pair, sample=sample, labels=labels))


def _split(model: Any) -> tuple[Any, Any]:
    return model if isinstance(model, tuple) and len(model) == 2 else (model, None)


def _with_session(model: Any) -> tuple[Any, Any]:
    model, session = _split(model)
    if session is None:
        tensorflow: Any = sys.modules.get("tensorflow")
        session = tensorflow.compat.v1.get_default_session() if tensorflow else None
    if session is None:
        raise ExportError("the authors' code keeps its weights in a session: export((model, session), ...), or call "
                          "export(model, ...) inside of `with session.as_default():`")
    return model, session
