"""FuxiCTR's DIEN and DIN, of its model_zoo and of LongCTR's: the feature map that the model holds tells the features.

A feature with a `source` of "user" or "item" belongs to the user or to each candidate; of the others
`candidate_features` says it. On which side sequences are padded is a matter of the data: it is read from the sample.
"""

import os
from collections.abc import Sequence
from typing import Any, Optional

from ..dump import Dump
from ..errors import ExportError
from ..vocabularies import fuxictr_vocabularies
from . import chosen_candidate_features
from . import torch_model as torch_side

LIBRARY = "fuxictr"
LONG = "history"  # what the layout calls the sequence of a LongCTR model


def recognises(model: Any) -> bool:
    """Whether it is a class DIEN or DIN over FuxiCTR's BaseModel. The classes themselves are in no package."""
    classes = type(torch_side.unwrapped(model)).__mro__
    return (any(one.__module__.startswith("fuxictr.") for one in classes)
            and any(one.__name__ in ("DIEN", "DIN") for one in classes))


def read(model: Any, candidate_features: Optional[Sequence[str]] = None) -> Dump:
    """The model's tensors, answers and vocabularies. Raises ExportError if candidate_features are needed, or wrong."""
    model = torch_side.unwrapped(model)
    features = Features(model)
    own = set(chosen_candidate_features(features.undecided(), candidate_features, "FuxiCTR"))
    notes: list[str] = []
    tensors = torch_side.tensors_of(model, notes)
    kind = f"DIEN, gru_type {features.gru_type()}" if features.dien else "DIN"
    title = (f"FuxiCTR{torch_side.version_of('fuxictr')} {'LongCTR ' if features.long else ''}{kind}, "
             f"{torch_side.counted(len(features.pairs), 'sequence')}")
    return Dump(LIBRARY, title, tensors, features.answers(own), vocabularies=features.vocabularies(), notes=notes)


def pairs(fields: Any) -> list[list[str]]:
    """The pairs as the model reads them: a name is a pair of one field, and so is each name of a list."""
    groups = fields if isinstance(fields, list) else [fields]
    return [list(group) if isinstance(group, (list, tuple)) else [group] for group in groups]


class Features:
    """The features of a model's feature map, by what they are for."""

    def __init__(self, model: Any):
        self.model = model
        self.dien = hasattr(model, "extraction_modules")
        specs = model.feature_map.features
        self.specs = {name: spec for name, spec in specs.items() if spec["type"] != "meta"}
        prefix = "dien" if self.dien else "din"
        self.long = not hasattr(model, f"{prefix}_target_field")
        negative: list[list[str]] = []
        if self.long:
            items = [name for name, spec in self.specs.items() if spec.get("source") == "item"]
            self.targets, self.pairs = [items], [items]
        else:
            self.targets = pairs(getattr(model, f"{prefix}_target_field"))
            self.pairs = pairs(getattr(model, f"{prefix}_sequence_field"))
            negative = pairs(getattr(model, "dien_neg_seq_field", []) or [])
        self.negative = [name for group in negative for name in group]
        left_out = {name for group in self.pairs for name in group} if self.dien or self.long else set()
        self.named = [name for name in self.specs if name not in left_out and name not in self.negative]

    @property
    def sequences(self) -> list[str]:
        """The fields of all sequences; a LongCTR model has its item's."""
        return [name for group in self.pairs for name in group]

    def stack(self, at: int) -> str:
        """What the layout calls a sequence."""
        return LONG if self.long else self.pairs[at][0]

    def kind(self, name: str) -> str:
        """As the layout calls it: categorical, numeric, embedding, sum or mean."""
        spec = self.specs[name]
        if spec["type"] != "sequence" or name in self.sequences:
            return str(spec["type"])
        return "mean" if "Average" in str(spec.get("feature_encoder")) else "sum"

    def undecided(self) -> list[str]:
        """The features of which the feature map does not tell whose they are."""
        decided = {name for group in self.targets for name in group} | set(self.sequences)
        return [name for name in self.named
                if name not in decided and self.specs[name].get("source") not in ("user", "item")]

    def gru_type(self) -> str:
        """The kind of the evolution. There are releases that make the cell of AUGRU where AGRU was said."""
        evolution = self.model.evolving_modules[0]
        cell = type(getattr(evolution, "gru_cell", None)).__name__
        return {"AGRUCell": "AGRU", "AUGRUCell": "AUGRU"}.get(cell, str(self.model.gru_type))

    def answers(self, own: set[str]) -> dict[str, Any]:
        """What augur-convert --layout fuxictr asks, but for what the data tells."""
        model, sequences = self.model, set(self.sequences)

        def described(name: str) -> dict[str, Any]:
            if name in sequences:
                return {"name": name}
            candidates = name in own or self.specs[name].get("source") == "item"
            found = {"name": name, "kind": self.kind(name)}
            if not any(name in group for group in self.targets):
                found["of"] = "candidate" if candidates else "user"
            return found

        prefix = "dien" if self.dien else "din"
        regression = type(model.output_activation).__name__ != "Sigmoid"
        answers: dict[str, Any] = {
            "features": [described(name) for name in self.named],
            f"{prefix}_target_field": self.targets,
            "task": "regression" if regression else "binary_classification",
        }
        if not self.long:
            answers[f"{prefix}_sequence_field"] = self.pairs
            answers["max_history"] = max(int(self.specs[name]["max_len"]) for name in self.sequences)
            shared = self._shared()
            if shared:
                answers["share_embedding"] = shared
        if self.negative:
            answers["dien_neg_seq_field"] = [self.negative]
        self._add_activation(answers, "dnn_activations", model.dnn.mlp)
        if self.dien:
            self._add_dien(answers)
        else:
            units = self.attentions()[0]
            answers["din_use_softmax"] = bool(units.use_softmax)
            self._add_activation(answers, "attention_hidden_activations", units.attention_layer.mlp)
            last = units.attention_layer.mlp[-1]
            if type(last).__name__ != "Linear":
                answers["attention_output_activation"] = torch_side.activation_name(last)
        return answers

    def attentions(self) -> list[Any]:
        """The attention's layers, one for each sequence, where there are any."""
        if self.dien:
            return list(self.model.attention_modules)
        return [self.model.attention_layers] if self.long else list(self.model.attention_layers)

    def _add_dien(self, answers: dict[str, Any]) -> None:
        answers["gru_type"] = self.gru_type()
        answers["enable_sum_pooling"] = bool(self.model.enable_sum_pooling)
        if self.attentions():
            unit = self.attentions()[0]
            answers["use_attention_softmax"] = bool(unit.use_attention_softmax)
            if unit.attention_type == "din_attention":
                self._add_activation(answers, "attention_activation", unit.attn_mlp.mlp)

    def _add_activation(self, answers: dict[str, Any], question: str, layers: Any) -> None:
        """The hidden activation of an MLP, unless its tensors tell it."""
        names = [type(one).__name__ for one in layers]
        linears = [at for at, name in enumerate(names) if name == "Linear"]
        hidden = [name for name in names[linears[0] + 1:linears[-1]]
                  if name not in ("Linear", "BatchNorm1d", "Dropout")]
        if len(linears) < 2 or (hidden and hidden[0] in ("Dice", "PReLU")):
            return
        answers[question] = hidden[0] if hidden else "none"

    def _shared(self) -> list[dict[str, str]]:
        """Which features have the table of another one."""
        layers = self.model.embedding_layer.embedding_layers
        found = []
        for name, spec in self.specs.items():
            other = spec.get("share_embedding")
            there = other and name not in self.negative and name in layers and other in layers
            if there and layers[name] is layers[other]:
                found.append({"name": name, "with": other})
        return found

    def vocabularies(self) -> dict[str, Any]:
        """The keys of all tables, from the feature_vocab.json that preprocessing wrote beside the feature map."""
        folder = getattr(self.model.feature_map, "data_dir", None)
        path = os.path.join(str(folder), "feature_vocab.json")
        if not folder or not os.path.isfile(path):
            return {}
        used = {name for name in [*self.named, *self.sequences] if self.kind(name) not in ("numeric", "embedding")}
        # Equal tables are one in the model: a sequence has the keys of the feature whose table it shares.
        return {name: one for name, one in fuxictr_vocabularies(path).items()
                if name in used and not self.specs[name].get("share_embedding")}

    def needs_folding(self) -> bool:
        """Whether the converter folds features into the head's first layer, whose input then has other numbers."""
        return any(self.kind(name) in ("numeric", "embedding") for name in self.named)


def observe(model: Any, dump: Dump, sample: Any, labels: Any = None) -> None:
    """Scores the sample by model.forward, and fills the dump's requests, scores, logits and trace.

    sample: a batch of FuxiCTR's loader, a dictionary from a feature's name to a tensor (LongCTR's: batch, items, mask).
    The features are given to the model in the order of the feature map, as the loader does. At most 1000 rows are
    compared, evenly.
    """
    from . import fuxictr_sample
    model = torch_side.unwrapped(model)
    features = Features(model)
    batch = fuxictr_sample.batch_of(features, sample)
    fuxictr_sample.tell_padding(features, dump, batch)
    chosen, dump.labels = torch_side.chosen_rows(batch.rows, batch.labels if labels is None else labels, dump.notes)
    batch = batch.take(chosen)
    seen: dict[Any, Any] = {}
    last = [one for one in model.dnn.mlp if type(one).__name__ == "Linear"][-1]
    with torch_side.evaluating(model) as hooks:
        hooks.on(last, lambda _, output: seen.update(logit=output.detach().clone()))
        hooks.before(model.dnn, lambda inputs: seen.update(head_input=inputs[0]))
        fuxictr_sample.watch(features, hooks, seen)
        scores = model.forward(batch.given(features))["y_pred"]
    dump.scores = torch_side.checked_scores(scores, batch.rows)
    dump.logits = torch_side.doubles(seen["logit"])
    dump.requests = fuxictr_sample.requests_of(features, dump, batch)
    dump.trace = fuxictr_sample.trace_of(features, dump, batch, seen)


def refuse_sample(sample: Any, long: bool) -> ExportError:
    """What is said of a sample of another kind."""
    what = ("(batch, items, mask), as LongCTR's loader gives it" if long
            else "a batch of FuxiCTR's loader, a dictionary from a feature's name to a tensor")
    return ExportError(f"sample: expected {what}, but it is of type {type(sample).__name__}")
