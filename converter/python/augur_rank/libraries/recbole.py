"""RecBole's DIEN and DIN. The dataset that the model holds tells everything: fields, their order, and their tokens.

RecBole looks the other fields of a user and of an item up by their ids; a request states them.
"""

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np

from ..arrays import Array
from ..dump import Dump
from ..errors import ExportError
from . import torch_model as torch_side

LIBRARY = "recbole"


def recognises(model: Any) -> bool:
    """Whether it is a DIEN or a DIN of recbole."""
    return torch_side.is_of(model, ["recbole"], ["DIEN", "DIN"])


def read(model: Any, candidate_features: Optional[Sequence[str]] = None) -> Dump:
    """The model's tensors, answers and vocabularies. The library tells whose every field is."""
    model = torch_side.unwrapped(model)
    if candidate_features is not None:
        raise ExportError("candidate_features: RecBole tells whose every field is (an item's fields are each "
                          "candidate's own); leave it out")
    fields = Fields(model)
    notes: list[str] = []
    tensors = torch_side.tensors_of(model, notes)
    kind = f"DIEN, gru_type {model.gru}" if fields.dien else "DIN"
    title = (f"RecBole{torch_side.version_of('recbole')} {kind}, "
             f"{torch_side.counted(len(fields.users), 'user field')}, "
             f"{torch_side.counted(len(fields.items), 'item field')}")
    return Dump(LIBRARY, title, tensors, fields.answers(), vocabularies=fields.vocabularies(), notes=notes)


class Fields:
    """The fields that the network reads, of users and of items, in the dataset's order."""

    def __init__(self, model: Any):
        self.model = model
        self.dien = hasattr(model, "interest_evolution")
        self.dataset = model.embedding_layer.dataset
        self.user_features, self.item_features = model.user_feat, model.item_feat
        numerical = set(self.dataset.config["numerical_features"] or [])
        self.buckets = set(self.dataset.config["discretization"] or {}) & numerical

        def read(field: str) -> bool:
            return self.kind(field).startswith("token") or field in numerical

        self.users = [one for one in self.user_features.interaction if read(one)] if self.dien else []
        self.items = [one for one in self.item_features.interaction if read(one)]

    def kind(self, field: str) -> str:
        """token, token_seq, float or float_seq."""
        return str(self.dataset.field2type[field].value)

    def has_numbers(self) -> bool:
        """Whether numbers are among the fields: the converter folds their embeddings into the layers that read them."""
        return any(self.kind(one).startswith("float") and one not in self.buckets for one in self.users + self.items)

    def answers(self) -> dict[str, Any]:
        """What augur-convert --layout recbole asks."""
        model = self.model

        def described(field: str) -> dict[str, Any]:
            found: dict[str, Any] = {"name": field, "kind": self.kind(field)}
            if field in self.buckets:
                found["discretized"] = True
            if self.kind(field) == "token" or field in self.buckets:
                found["rows"] = int(self.dataset.num(field))
            return found

        answers: dict[str, Any] = {"max_history": int(model.max_seq_length),
                                   "item_fields": [described(one) for one in self.items]}
        if self.dien:
            answers["gru_type"] = model.gru
            answers["softmax"] = bool(model.interest_evolution.attention_layer.softmax_stag)
            answers["user_fields"] = [described(one) for one in self.users]
        if any(self.kind(one).endswith("_seq") for one in self.users + self.items):
            answers["pooling_mode"] = model.pooling_mode
        return answers

    def vocabularies(self) -> dict[str, dict[str, Any]]:
        """The tokens of every token field, by their rows."""
        tokens = getattr(self.dataset, "field2id_token", {})
        return {one: {"keys": [str(token) for token in tokens[one]]} for one in [*self.users, *self.items]
                if self.kind(one).startswith("token") and one in tokens}

    def value(self, features: Any, field: str, row: int) -> Any:
        """What a user or an item has in a field, as a request gives it."""
        got = torch_side.array(features[field])[row]
        if field in self.buckets:  # RecBole keeps [1, bucket]
            got = got[..., 1].astype(np.int64)
        flat = np.ravel(got).tolist()
        return [one for one in flat if one] if self.kind(field).endswith("_seq") else flat[0]


def observe(model: Any, dump: Dump, sample: Any, labels: Any = None) -> None:
    """Scores the sample by model.predict, and fills the dump's requests, scores, logits and trace.

    sample: an Interaction, as for model.predict (a batch of the evaluation). A DIEN of RecBole fails on empty
    histories. Labels are the interaction's own unless they are given.
    """
    model = torch_side.unwrapped(model)
    fields = Fields(model)
    names = [model.USER_ID, model.POS_ITEM_ID, model.ITEM_SEQ, model.ITEM_SEQ_LEN]
    batch = _interaction(model, fields, sample, names)
    label = getattr(model, "LABEL_FIELD", None)
    if labels is None and label is not None and label in batch.interaction:
        labels = batch[label]
    chosen, dump.labels = torch_side.chosen_rows(len(batch[model.USER_ID]), labels, dump.notes)
    batch = batch[torch_side.to_device(chosen, model)]
    seen: dict[str, Any] = {}
    with torch_side.evaluating(model) as hooks:
        last = model.dnn_predict_layer if fields.dien else model.dnn_predict_layers
        hooks.on(last, lambda _, output: seen.update(logit=output))
        hooks.before(model.dnn_mlp_layers, lambda inputs: seen.update(head_input=inputs[0]))
        attention = model.interest_evolution.attention_layer if fields.dien else model.attention
        hooks.before(attention, lambda inputs: seen.update(attention=inputs))
        if fields.dien:
            hooks.before(model.interset_extractor.gru, lambda inputs: seen.update(behaviours=inputs[0]))
            hooks.on(model.interest_evolution, lambda _, output: seen.update(result=output))
        else:
            hooks.on(attention, lambda _, output: seen.update(result=output[:, 0]))
        scores = model.predict(batch)
        weights = torch_side.own_weights(attention, seen["attention"], "return_seq_weight")
    columns = torch_side.columns_of({name: batch[name] for name in names}, names, "RecBole")
    user, item, past, lengths = (columns[name].astype(np.int64) for name in names)
    dump.scores = torch_side.checked_scores(scores, len(user))
    dump.logits = torch_side.doubles(seen["logit"])
    dump.requests = _requests(fields, user, item, past, lengths)
    dump.trace = _trace(fields, seen, weights, lengths)


def _interaction(model: Any, fields: Fields, sample: Any, names: Sequence[str]) -> Any:
    """The sample where the model is. Raises ExportError if it is no Interaction, or has no such fields."""
    if isinstance(sample, (list, tuple)) and sample and hasattr(sample[0], "interaction"):
        sample = sample[0]  # a batch of the evaluation's loader has the Interaction first
    if not hasattr(sample, "interaction"):
        raise ExportError("sample: expected an Interaction of RecBole, as model.predict takes it (a batch of the "
                          f"evaluation), but it is of type {type(sample).__name__}")
    needed = [*names, *([model.NEG_ITEM_SEQ] if fields.dien else [])]
    missing = [name for name in needed if name not in sample.interaction]
    if missing:
        raise ExportError(f"sample: the Interaction has no {', '.join(missing)}; model.predict needs "
                          f"{', '.join(needed)}")
    if fields.dien and int(sample[model.ITEM_SEQ_LEN].min()) < 1:
        raise ExportError("sample: a history is empty, on which RecBole's DIEN fails; leave such rows out")
    return sample.to(torch_side.device_of(model))


def _requests(fields: Fields, user: Array, item: Array, past: Array, lengths: Array) -> list[dict[str, Any]]:
    found = []
    for at in range(len(user)):
        found.append({
            "id": f"r{at}",
            "features": {one: fields.value(fields.user_features, one, user[at]) for one in fields.users},
            "history": {one: [fields.value(fields.item_features, one, row) for row in past[at][:lengths[at]]]
                        for one in fields.items},
            "candidates": {one: [fields.value(fields.item_features, one, item[at])] for one in fields.items}})
    return found


def _trace(fields: Fields, seen: dict[str, Any], weights: Array, lengths: Array) -> dict[str, Array]:
    query, keys = (torch_side.array(one) for one in seen["attention"][:2])
    found: dict[str, Array] = {"attention": torch_side.by_step(weights, lengths)}
    folded = fields.has_numbers()  # into the layers that read them: what these read has another width in the file
    if fields.dien or not folded:
        found["result"] = torch_side.array(seen["result"]).astype(np.float64)
        found["interests"] = torch_side.by_step(keys, lengths)
    if folded:
        return found
    found["query"] = query.astype(np.float64)
    events = torch_side.padded(seen["behaviours"], keys.shape[1]) if fields.dien else keys
    found["behaviours"] = torch_side.by_step(events, lengths)
    if fields.dien:  # the head of a DIN reads a product, which the file computes in a layer
        found["head_input"] = torch_side.array(seen["head_input"]).astype(np.float64)
    return found
