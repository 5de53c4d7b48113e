"""Rows of FuxiCTR models: requests and the trace of the forward pass. The exporter is fuxictr.py."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

import numpy as np

from ..arrays import Array
from ..dump import Dump
from ..errors import ExportError
from . import torch_model as torch_side

if TYPE_CHECKING:
    from .fuxictr import Features


@dataclass
class Batch:
    """A sample as arrays."""

    columns: dict[str, Array]  # [rows] or [rows, width], of all features, sequences and targets
    past: dict[str, Array]  # [rows, events] of each field of a sequence
    labels: Optional[Array]
    mask: Optional[Array] = None  # LongCTR's, [rows, events]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.past.values())))

    def take(self, chosen: Array) -> "Batch":
        """These rows of it."""
        return Batch({name: values[chosen] for name, values in self.columns.items()},
                     {name: values[chosen] for name, values in self.past.items()}, None,
                     None if self.mask is None else self.mask[chosen])

    def given(self, features: "Features") -> Any:
        """What model.forward takes."""
        model = features.model
        if self.mask is None:
            return {name: torch_side.to_device(values, model) for name, values in self.columns.items()}
        others = {name: torch_side.to_device(values, model) for name, values in self.columns.items()
                  if name not in self.past}
        items = {}
        for name, past in self.past.items():
            both = np.concatenate([past, self.columns[name][:, None]], axis=1)
            items[name] = torch_side.to_device(both.reshape(-1), model)
        return others, items, torch_side.to_device(self.mask, model)


def batch_of(features: "Features", sample: Any) -> Batch:
    """Reads a sample. Raises ExportError if it does not fit the model."""
    from .fuxictr import refuse_sample
    model = features.model
    names = model.feature_map.labels
    if features.long:
        return _long_batch(features, sample)
    if not hasattr(sample, "keys") and hasattr(sample, "ndim") and sample.ndim == 2:  # the matrix of older releases
        sample = {name: sample[:, model.feature_map.get_column_index(name)] for name in [*features.specs, *names]}
    if not hasattr(sample, "keys"):
        raise refuse_sample(sample, long=False)
    columns = torch_side.columns_of(sample, list(features.specs), "FuxiCTR")
    label = torch_side.array(sample[names[0]]) if names and names[0] in sample else None
    return Batch(columns, {name: columns[name].astype(np.int64) for name in features.sequences}, label)


def _long_batch(features: "Features", sample: Any) -> Batch:
    """LongCTR's loader gives three things: features, the items of histories and candidates together, and a mask."""
    from .fuxictr import refuse_sample
    if not isinstance(sample, (tuple, list)) or len(sample) != 3 or not hasattr(sample[0], "keys"):
        raise refuse_sample(sample, long=True)
    others = [name for name in features.specs if name not in features.sequences]
    columns = torch_side.columns_of(sample[0], others, "LongCTR") if others else {}
    mask = torch_side.array(sample[2])
    rows, width = mask.shape
    past = {}
    for name in features.sequences:
        items = torch_side.array(sample[1][name]).reshape(-1)
        if items.size != rows * (width + 1):
            raise ExportError(f"sample: {name}: expected {width + 1} items for each of {rows} rows, but there are "
                              f"{items.size}")
        items = items.reshape(rows, width + 1).astype(np.int64)
        past[name], columns[name] = items[:, :-1], items[:, -1]
    label = features.model.feature_map.labels
    labels = torch_side.array(sample[0][label[0]]) if label and label[0] in sample[0] else None
    return Batch(columns, past, labels, mask)


def _real(batch: Batch, group: list[str]) -> Array:
    """Which rows of a sequence are events: those whose first field is not 0."""
    real: Array = batch.past[group[0]] > 0
    return real


def tell_padding(features: "Features", dump: Dump, batch: Batch) -> None:
    """Answers on which side the sequences are padded, from the sample's rows. Raises ExportError if they differ."""
    sides = set()
    for group in features.pairs:
        real = _real(batch, group)
        if real.shape[1] > 1:
            sides |= {side for side, here in (("pre", ~real[:, 0] & real[:, -1]), ("post", real[:, 0] & ~real[:, -1]))
                      if here.any()}
    if len(sides) == 2:
        raise ExportError("sample: some sequences are padded before their events and some after them: FuxiCTR pads all "
                          "on the side that the dataset's configuration says")
    dump.answers["padding"] = sides.pop() if sides else "post"
    if not sides and not any(not _real(batch, group).all() for group in features.pairs):
        dump.notes.append("no sequence of the sample shows on which side it is padded: taken for \"post\", FuxiCTR's "
                          "default; the scores of shorter ones depend on it")
    if features.long:
        width = max(len(one[0]) for one in batch.past.values())
        dump.answers["max_history"] = width
        dump.notes.append(f"max_history is {width}, the longest history of the sample, unless answers say it: "
                          "LongCTR's "
                          "loader knows its max_len, the model does not")


def watch(features: "Features", hooks: torch_side.Hooks, seen: dict[Any, Any]) -> None:
    """Hooks for the trace, for each sequence."""
    def keep(stage: str, at: int, part: Any) -> Any:
        return lambda inputs, output: seen.update({(at, stage): part(inputs, output)})

    for at, unit in enumerate(features.attentions()):
        if features.dien:
            hooks.on(unit, keep("interests", at, lambda inputs, _: inputs[0]))
            hooks.on(unit, keep("query", at, lambda inputs, _: inputs[1]))
            hooks.on(unit, keep("attention", at, lambda _, output: output))
        else:
            hooks.on(unit, keep("query", at, lambda inputs, _: inputs[0]))
            hooks.on(unit, keep("behaviours", at, lambda inputs, _: inputs[1]))
            hooks.on(unit, keep("result", at, lambda _, output: output))
    if features.dien:
        for at, extractor in enumerate(features.model.extraction_modules):
            hooks.on(extractor, keep("behaviours", at, lambda inputs, _: inputs[0]))
            hooks.on(features.model.evolving_modules[at], keep("result", at, lambda _, output: output[1]))


def trace_of(features: "Features", dump: Dump, batch: Batch, seen: dict[Any, Any]) -> dict[str, Array]:
    """What the hooks have seen, by the stages of a Dump."""
    found: dict[str, Array] = {}
    for at, group in enumerate(features.pairs):
        key = f"{features.stack(at)}/" if len(features.pairs) > 1 else ""
        real = _real(batch, group)
        lengths = real.sum(axis=1)
        some = lengths > 0
        if (at, "query") in seen:
            found[f"{key}query"] = torch_side.spread(torch_side.array(seen[at, "query"]), some)
        if (at, "result") in seen:
            state = torch_side.array(seen[at, "result"])
            if features.dien:
                state = torch_side.spread(state.reshape(int(some.sum()), -1), some)
                state = np.where(some[:, None], state, 0.0)
            found[f"{key}result"] = state.astype(np.float64)
        if dump.answers["padding"] == "pre":
            continue  # there the layers read rows of padding, which are no events
        for stage in ("behaviours", "interests", "attention"):
            if (at, stage) in seen:
                values = seen[at, stage]
                values = (torch_side.padded(values, real.shape[1]) if hasattr(values, "batch_sizes")
                          else torch_side.array(values))
                found[f"{key}{stage}"] = torch_side.by_step(torch_side.spread(values, some), lengths)
    if not features.needs_folding():
        found["head_input"] = torch_side.array(seen["head_input"]).astype(np.float64)
    return found


def requests_of(features: "Features", dump: Dump, batch: Batch) -> list[dict[str, Any]]:
    """A request of one candidate for each row."""
    targets = [name for group in features.targets for name in group]
    own = {one["name"] for one in dump.answers["features"] if one.get("of") == "candidate"}

    def value(name: str, at: int) -> Any:
        got, kind = batch.columns[name][at], features.kind(name)
        if kind == "numeric":
            return float(np.ravel(got)[0])
        if kind == "embedding":
            return [float(one) for one in np.ravel(got)]
        if kind in ("sum", "mean"):
            return [int(one) for one in np.ravel(got) if one]
        return int(np.ravel(got)[0])

    places = [_real(batch, group) for group in features.pairs]
    found = []
    for at in range(batch.rows):
        past = {features.stack(pair): {name: batch.past[name][at][places[pair][at]].tolist() for name in group}
                for pair, group in enumerate(features.pairs)}
        user = {name: value(name, at) for name in features.named
                if name not in own and name not in targets and name not in features.sequences}
        candidates = {name: [value(name, at)] for name in [*targets, *sorted(own - set(targets))]}
        found.append({"id": f"r{at}", "features": user, "candidates": candidates,
                      "history": past if len(past) > 1 else next(iter(past.values()))})
    return found
