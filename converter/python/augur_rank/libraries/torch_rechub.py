"""torch-rechub's DIEN and DIN: features, their tables and their order are read from the model.

The library does not know which features are the user's: `candidate_features` says it. How long the rows of histories
are, and on which side they are padded, is a matter of the data: it is read from the sample.
"""

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np

from ..arrays import Array
from ..dump import Dump
from ..errors import ExportError
from . import chosen_candidate_features
from . import torch_model as torch_side

LIBRARY = "torch-rechub"


def recognises(model: Any) -> bool:
    """Whether it is a DIEN or a DIN of torch_rechub."""
    return torch_side.is_of(model, ["torch_rechub"], ["DIEN", "DIN"])


def read(model: Any, candidate_features: Optional[Sequence[str]] = None) -> Dump:
    """The model's tensors and answers. Raises ExportError if candidate_features are needed, or wrong."""
    model = torch_side.unwrapped(model)
    features = Features(model)
    own = set(chosen_candidate_features([one.name for one in features.others], candidate_features, "torch-rechub"))
    notes: list[str] = []
    tensors = torch_side.tensors_of(model, notes)
    title = (f"torch-rechub{torch_side.version_of('torch-rechub')} {'DIEN' if features.dien else 'DIN'}, "
             f"{torch_side.counted(len(features.history), 'history feature')}")
    return Dump(LIBRARY, title, tensors, features.answers(own), notes=notes)


def _is(feature: Any, kind: str) -> bool:
    return any(one.__name__ == kind for one in type(feature).__mro__)


def _padding(feature: Any) -> int:
    """The id that is padding; -1 for none."""
    return -1 if feature.padding_idx is None else int(feature.padding_idx)


class Features:
    """The features of a model, by what they are for."""

    def __init__(self, model: Any):
        self.model = model
        self.dien = hasattr(model, "interest_extractor_layers")
        self.others, self.history, self.targets = model.features, model.history_features, model.target_features
        paddings = sorted({_padding(one) for one in self.history})
        if len(paddings) != 1:
            raise ExportError(f"the history features have several padding_idx ({', '.join(map(str, paddings))}): the "
                              "converter knows one for all of them")
        self.padding = paddings[0]

    def answers(self, own: set[str]) -> dict[str, Any]:
        """What augur-convert --layout torch-rechub asks, but for what the data tells."""

        def described(feature: Any, table_only: bool = False) -> dict[str, Any]:
            if _is(feature, "DenseFeature"):
                return {"name": feature.name, "kind": "dense", "dim": int(feature.embed_dim)}
            found: dict[str, Any] = {"name": feature.name}
            if feature.shared_with:
                found["shared_with"] = feature.shared_with
            if _is(feature, "SequenceFeature") and not table_only:
                found.update(kind=feature.pooling, padding_idx=_padding(feature))
            return found

        answers: dict[str, Any] = {
            "features": [{**described(one), **({"of": "candidate"} if one.name in own else {})} for one in self.others],
            "history_features": [described(one, True) for one in self.history],
            "target_features": [described(one) for one in self.targets],
            "padding_idx": self.padding,
        }
        if not self.dien:
            unit = self.model.attention_layers[0]
            answers["use_softmax"] = bool(unit.use_softmax)
            hidden = [one for one in unit.attention.mlp if not _has_weights(one)]
            if hidden:
                answers["att_activation"] = torch_side.activation_name(hidden[0])
        return answers

    def sides(self, columns: dict[str, Array]) -> set[str]:
        """On which sides of the events the sample's rows are padded."""
        found = set()
        for feature in self.history:
            ids = columns[feature.name]
            if self.padding < 0 or ids.shape[1] < 2:
                continue
            first, last = ids[:, 0] == self.padding, ids[:, -1] == self.padding
            found |= {side for side, here in (("before", first & ~last), ("after", last & ~first)) if here.any()}
        return found


def _has_weights(layer: Any) -> bool:
    """Whether it is a Linear, a BatchNorm or a Dropout: no activation."""
    return type(layer).__name__.startswith(("Linear", "BatchNorm", "Dropout"))


def observe(model: Any, dump: Dump, sample: Any, labels: Any = None) -> None:
    """Scores the sample by model(x), and fills the dump's requests, scores, logits and trace.

    sample: a dictionary from a feature's name to a tensor or an array, as the model takes it; or what a DataLoader of
    the library gives, (dictionary, labels). It tells max_history and padding.
    """
    model = torch_side.unwrapped(model)
    features = Features(model)
    if isinstance(sample, (tuple, list)) and len(sample) == 2 and hasattr(sample[0], "keys"):
        sample, labels = sample[0], sample[1] if labels is None else labels
    everything = [*features.others, *features.history, *features.targets]
    everything += list(getattr(model, "neg_history_features", []))
    columns = torch_side.columns_of(sample, [one.name for one in everything], "torch-rechub")
    _tell_padding(features, dump, columns)
    rows = len(columns[features.history[0].name])
    chosen, dump.labels = torch_side.chosen_rows(rows, labels, dump.notes)
    columns, rows = {name: values[chosen] for name, values in columns.items()}, len(chosen)
    batch = {name: torch_side.to_device(values, model) for name, values in columns.items()}
    seen: dict[Any, Any] = {"steps": {}}
    with torch_side.evaluating(model) as hooks:
        hooks.on(model.mlp, lambda inputs, output: seen.update(head_input=inputs[0], logit=output))
        _watch(model, features, hooks, seen)
        scores = model(batch)
    if isinstance(scores, tuple):
        scores = scores[0]
    dump.scores = torch_side.checked_scores(scores, rows)
    dump.logits = torch_side.doubles(seen["logit"])
    dump.requests = _requests(features, dump, columns, rows)
    dump.trace = _trace(features, dump, seen, columns)


def _tell_padding(features: Features, dump: Dump, columns: dict[str, Array]) -> None:
    """Answers what the model does not know, from the sample's rows."""
    for feature in features.history:
        if columns[feature.name].ndim != 2:
            raise ExportError(f"sample: {feature.name}: expected rows of ids, [rows, events], but the shape is "
                              f"{list(columns[feature.name].shape)}")
    dump.answers["max_history"] = max(int(columns[one.name].shape[1]) for one in features.history)
    if not features.dien:
        return
    sides = features.sides(columns)
    if len(sides) == 2:
        raise ExportError("sample: some histories are padded before their events and some after them: the library's "
                          "scores depend on it, and an app has one way")
    if not sides and features.padding >= 0:
        dump.notes.append("no history of the sample shows on which side it is padded: taken for \"after\"; the "
                          "scores of shorter ones depend on it")
    dump.answers["padding"] = sides.pop() if sides else "after"


def _watch(model: Any, features: Features, hooks: torch_side.Hooks, seen: dict[Any, Any]) -> None:
    """Hooks for the trace, for each history feature."""
    def watch(name: str, extractor: Any, evolution: Any) -> None:
        hooks.before(extractor, lambda inputs: seen.update({(name, "behaviours"): inputs[0]}))
        hooks.on(evolution, lambda inputs, output: seen.update({
            (name, "interests"): inputs[0], (name, "query"): inputs[1], (name, "result"): output[1]}))
        steps = seen["steps"].setdefault(name, [])
        hooks.before(evolution.augru_cell, lambda inputs: steps.append(inputs[2]))

    def watch_pool(name: str, unit: Any) -> None:
        hooks.on(unit, lambda inputs, output: seen.update({(name, "query"): inputs[1], (name, "result"): output}))

    for at, feature in enumerate(features.history):
        if features.dien:
            watch(feature.name, model.interest_extractor_layers[at], model.interest_evolving_layers[at])
        else:
            watch_pool(feature.name, model.attention_layers[at])


def _trace(features: Features, dump: Dump, seen: dict[Any, Any], columns: dict[str, Array]) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for feature in features.history:
        name, ids = feature.name, columns[feature.name]
        key = f"{name}/" if len(features.history) > 1 else ""
        lengths = (ids != features.padding).sum(axis=1)
        real = lengths > 0
        if (name, "query") not in seen:
            continue
        query, result = (torch_side.array(seen[name, stage]) for stage in ("query", "result"))
        if not features.dien:
            found[f"{key}query"], found[f"{key}result"] = query.astype(np.float64), result.astype(np.float64)
            continue
        found[f"{key}query"] = torch_side.spread(query, real)
        state = torch_side.spread(result, real)
        found[f"{key}result"] = np.where(real[:, None], state, 0.0)
        if dump.answers["padding"] == "before" or features.padding < 0:
            continue  # there the layers read rows of padding, which are no events
        states = torch_side.array(seen[name, "interests"])
        weights = np.concatenate([torch_side.array(one) for one in seen["steps"][name]], axis=1)
        events = torch_side.padded(seen[name, "behaviours"], ids.shape[1])
        for stage, values in (("behaviours", events), ("interests", states), ("attention", weights)):
            found[f"{key}{stage}"] = torch_side.by_step(torch_side.spread(values, real), lengths)
    found["head_input"] = torch_side.array(seen["head_input"]).astype(np.float64)
    return found


def _requests(features: Features, dump: Dump, columns: dict[str, Array], rows: int) -> list[dict[str, Any]]:
    own = {one["name"] for one in dump.answers["features"] if one.get("of")}

    def value(feature: Any, at: int) -> Any:
        got = columns[feature.name][at]
        if _is(feature, "DenseFeature"):
            return [float(one) for one in np.ravel(got)] if feature.embed_dim > 1 else float(np.ravel(got)[0])
        if _is(feature, "SequenceFeature"):
            return [int(one) for one in got if one != feature.padding_idx]
        return int(np.ravel(got)[0])

    found = []
    for at in range(rows):
        past = {one.name: {one.name: value(one, at)} for one in features.history}
        user = {one.name: value(one, at) for one in features.others if one.name not in own}
        candidates = {one.name: [value(one, at)] for one in features.targets}
        candidates.update({one.name: [value(one, at)] for one in features.others if one.name in own})
        history = past if len(past) > 1 else past[features.history[0].name]
        found.append({"id": f"r{at}", "features": user, "history": history, "candidates": candidates})
    return found
