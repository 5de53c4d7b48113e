"""The answers to the questions of the layout deepctr-keras that Keras' model_config gives.

Keras writes the model's layers with their arguments into the file: model.save("x.h5"), and config.json of a .keras.
augur_dump.py reads them, as it reads those of a live model. What a column's ids are (use_hash, dtype, vocabulary_path)
augur-convert reads itself.
"""

import json
from typing import Any

from .. import augur_dump
from .checkpoint import WHOSE

_OF_IDS = ("use_hash", "dtype", "vocabulary_path")


def keras_answers(model_config: str, notes: list[str]) -> dict[str, Any]:
    """The answers; none if this is no model of DeepCTR. A note says where the configuration cannot be followed."""
    try:
        document = json.loads(model_config)
        config = document["config"]
        if not any(layer["class_name"] == "AttentionSequencePoolingLayer" for layer in config["layers"]):
            return {}
        content = augur_dump.keras_answers(config, [])
    except augur_dump.DumpError as error:
        notes.append(f"its model_config answers no question: {error}")
        return {}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        notes.append("its model_config answers no question, because it is damaged or of a kind that is not known "
                     f"({error!r})")
        return {}
    answers: dict[str, Any] = content["answers"]
    for part in ("sparse", "history", "pooled"):
        for column in answers[part]:
            for name in _OF_IDS:
                column.pop(name, None)
    notes += content["notes"]
    _say_whose(answers, notes)
    return answers


def _say_whose(answers: dict[str, Any], notes: list[str]) -> None:
    """Which features each candidate has its own value of is nowhere in a Keras model."""
    history = [column["name"] for column in answers["history"]]
    others = [column["name"] for part in ("sparse", "pooled", "dense") for column in answers[part]
              if column["name"] not in history]
    if others:
        notes.append(f"{', '.join(others)} {WHOSE}; name those that each candidate has its "
                     "own value of (--candidate-features, in Python candidate_features)")
