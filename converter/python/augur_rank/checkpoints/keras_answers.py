"""The answers to the questions of the layout deepctr-keras that Keras' model_config gives.

Keras writes the model's layers with their arguments into the file: model.save("x.h5"), and config.json of a .keras.
From DeepCTR's layers it follows which feature columns the model has, in which order, which of them share a table, and
what its arguments were. What a column's ids are (use_hash, dtype) augur-convert reads itself.
"""

import json
from typing import Any, Optional

from .checkpoint import WHOSE
from .keras_graph import Graph, GraphError, Layer, Ref

_READERS_OF_LENGTHS = ("DynamicGRU", "AttentionSequencePoolingLayer", "SequencePoolingLayer")


def keras_answers(model_config: str, notes: list[str]) -> dict[str, Any]:
    """The answers; none if this is no model of DeepCTR. A note says where the configuration cannot be followed."""
    try:
        graph = Graph(json.loads(model_config))
        if not graph.layers_of("AttentionSequencePoolingLayer"):
            return {}
        found = _Model(graph).answers()
        _say_whose(found, notes)
        return found
    except GraphError as error:
        notes.append(f"its model_config answers no question: {error}")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        notes.append("its model_config answers no question, because it is damaged or of a kind that is not known "
                     f"({error!r})")
    return {}


def _say_whose(answers: dict[str, Any], notes: list[str]) -> None:
    """Which features each candidate has its own value of is nowhere in a Keras model."""
    history = [column["name"] for column in answers["history"]]
    others = [column["name"] for part in ("sparse", "pooled", "dense") for column in answers[part]
              if column["name"] not in history]
    if others:
        notes.append(f"{', '.join(others)} {WHOSE}; name those that each candidate has its "
                     "own value of (--candidate-features, in Python candidate_features)")


class _Model:
    def __init__(self, graph: Graph):
        self.graph = graph
        self.attention = _only(graph.layers_of("AttentionSequencePoolingLayer"), "attention layer")
        self.embedded = self._embedded()
        self.inputs = graph.inputs()
        self.pooled = [name for name in self.inputs if self._pooling(name) is not None]
        self.history = [name for name in self.inputs if name in self.embedded and name not in self.pooled
                        and name.startswith("hist_")]
        self.sparse = [name for name in self.inputs if name in self.embedded and name not in self.pooled
                       and not name.startswith(("hist_", "neg_hist_"))]

    def _embedded(self) -> dict[str, Layer]:
        """The Embedding of each input that has one."""
        tables: dict[str, Layer] = {}
        for layer in self.graph.layers_of("Embedding"):
            for reads in layer.nodes:
                name = self._input_of(reads[0])
                if tables.setdefault(name, layer) is not layer:
                    raise GraphError(f"the input {name} is read by two tables, {tables[name].name} and {layer.name}")
        return tables

    def _input_of(self, ref: Ref) -> str:
        """The input that a reference leads to, through Hash and Embedding."""
        layer = self.graph.layer(ref)
        if layer.kind == "InputLayer":
            return layer.name
        if layer.kind in ("Hash", "Embedding"):
            return self._input_of(layer.reads(ref.node)[0])
        raise GraphError(f"{layer.kind} {layer.name} stands where a feature's table is expected")

    def _pooling(self, name: str) -> Optional[Layer]:
        for layer in self.graph.layers_of("SequencePoolingLayer"):
            if self._input_of(layer.reads(0)[0]) == name:
                return layer
        return None

    # ------------------------------------------------------------------------------------- the columns

    def answers(self) -> dict[str, Any]:
        """All that the configuration tells."""
        labels = self._labels()
        in_head = self._head_inputs()
        answers: dict[str, Any] = {
            "history": self._history_columns(labels),
            "sparse": [self._column(name, labels, name) for name in self.sparse],
            "pooled": [self._pooled_column(name, labels) for name in self.pooled],
            "dense": self._dense_columns(in_head),
        }
        _add_groups(answers["sparse"], [name for name in in_head if name in self.sparse], self.sparse)
        _add_groups(answers["pooled"], [name for name in in_head if name in self.pooled], self.pooled)
        lengths = {self.graph.named(name).width() for name in self.history}
        if len(lengths) == 1 and None not in lengths:
            answers["max_history"] = lengths.pop()
        answers.update(self._arguments())
        return answers

    def _labels(self) -> dict[str, str]:
        """A name for each table, by its layer's: the embedding_name, or a column that is called so by default."""
        labels: dict[str, str] = {}
        for layer in dict.fromkeys(self.embedded.values()):
            readers = [name for name in self.inputs if self.embedded.get(name) is layer]
            if not readers:
                continue
            own = [name for name in readers if name in self.sparse]
            if layer.name.startswith("sparse_emb_"):
                label = layer.name[len("sparse_emb_"):]
            else:
                label = own[0] if own else readers[0][len("hist_"):] if readers[0] in self.history else readers[0]
            if label in labels.values():
                raise GraphError(f"two tables would be called {label}")
            labels[layer.name] = label
        return labels

    def _column(self, name: str, labels: dict[str, str], default: str) -> dict[str, Any]:
        label = labels[self.embedded[name].name]
        shown = name[len("hist_"):] if name in self.history else name
        return {"name": shown} if label == default else {"name": shown, "embedding": label}

    def _history_columns(self, labels: dict[str, str]) -> list[dict[str, Any]]:
        columns = []
        for name in self.history:
            own = name[len("hist_"):]
            if own not in self.sparse:
                raise GraphError(f"the input {name} has no SparseFeat {own} beside it")
            columns.append(self._column(name, labels, labels[self.embedded[own].name]))
        keys = self.graph.layers_of("DynamicGRU")
        first = next((layer for layer in keys if layer.name.startswith("gru1")), None)
        ref = first.reads(0)[0] if first is not None else self.attention.reads(0)[1]
        order = [name for name in self._leaves(ref) if name in self.history]
        _add_groups(columns, [name[len("hist_"):] for name in order], [name[len("hist_"):] for name in self.history])
        return columns

    def _pooled_column(self, name: str, labels: dict[str, str]) -> dict[str, Any]:
        layer = self._pooling(name)
        assert layer is not None
        return {**self._column(name, labels, name), "combiner": layer.config["mode"],
                "length_name": len(layer.reads(0)) > 1}

    def _dense_columns(self, in_head: list[str]) -> list[dict[str, Any]]:
        columns: list[dict[str, Any]] = []
        for name in self.inputs:
            if name in in_head and name not in self.embedded:
                width = self.graph.named(name).width()
                columns.append({"name": name} if width in (1, None) else {"name": name, "dimension": width})
        return columns

    # ----------------------------------------------------------------------------------- the arguments

    def _head(self) -> Layer:
        """The DNN before the output."""
        output = _only(self.graph.layers_of("PredictionLayer"), "PredictionLayer")
        layer = output
        for _ in range(20):
            layer = self.graph.layer(layer.reads(0)[0])
            if layer.kind == "DNN":
                return layer
        raise GraphError("no DNN stands before the output")

    def _head_inputs(self) -> list[str]:
        """The inputs that the head reads, in its order."""
        return self._leaves(self._head().reads(0)[0])

    def _leaves(self, ref: Ref) -> list[str]:
        """The inputs below, in the order in which they are put together; recurrences and attention are passed by."""
        layer = self.graph.layer(ref)
        if layer.kind == "InputLayer":
            return [layer.name]
        if layer.kind in ("Embedding", "Hash"):
            return [self._input_of(ref)]
        if layer.kind == "SequencePoolingLayer":
            return [self._input_of(layer.reads(ref.node)[0])]
        if layer.kind in ("DynamicGRU", "AttentionSequencePoolingLayer"):
            return []
        return [name for inner in layer.reads(ref.node) for name in self._leaves(inner)]

    def _arguments(self) -> dict[str, Any]:
        config = self.attention.config
        found: dict[str, Any] = {"att_weight_normalization": config["weight_normalization"],
                                 "att_activation": config["att_activation"],
                                 "dnn_activation": self._head().config["activation"],
                                 "task": self.graph.layers_of("PredictionLayer")[0].config["task"]}
        second = next((layer for layer in self.graph.layers_of("DynamicGRU") if layer.name.startswith("gru2")), None)
        if second is not None:
            kind = second.config["gru_type"]
            through = self.graph.layer(second.reads(0)[0]).kind
            found["gru_type"] = "AIGRU" if kind == "GRU" and through == "Multiply" else kind
        return {name: value for name, value in found.items() if isinstance(value, (str, bool))}


def _only(layers: list[Layer], what: str) -> Layer:
    if len(layers) != 1:
        raise GraphError(f"there are {len(layers)} layers of the kind {what}, where one is expected")
    return layers[0]


def _add_groups(columns: list[dict[str, Any]], order: list[str], stated: list[str]) -> None:
    """Gives columns a group_name where the library put them side by side in another order than that of the columns.

    The library puts the columns of one group together, groups in the order of their first columns.
    """
    if sorted(order) != sorted(stated):
        raise GraphError(f"the columns {', '.join(stated)} are not those that the network reads: {', '.join(order)}")
    if order == stated:
        return
    group = 0
    groups = {order[0]: 0}
    for before, name in zip(order, order[1:]):
        group += stated.index(name) < stated.index(before)
        groups[name] = group
    by_group: dict[int, list[str]] = {}
    for name in stated:
        by_group.setdefault(groups[name], []).append(name)
    if [name for names in by_group.values() for name in names] != order:
        raise GraphError(f"the order {', '.join(order)} of the columns {', '.join(stated)} is not that of groups")
    for column, name in zip(columns, stated):
        if groups[name]:
            column["group_name"] = f"group_{groups[name]}"
