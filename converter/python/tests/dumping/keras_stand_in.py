"""A stand-in for Keras and DeepCTR: the layers that deepctr 0.9.4 makes of feature columns, without TensorFlow.

`dien` and `din` return a Built, whose `config` is what model.get_config() gives, and whose `model` has the attributes
of the live object that augur_dump reads. What it computes is what the test says, not the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any, Optional

import numpy as np

Edge = tuple[str, int]


@dataclass
class Column:
    """A SparseFeat; with `length`, a VarLenSparseFeat; with `width` of the kind "dense", a DenseFeat."""

    name: str
    rows: int = 20
    kind: str = "sparse"
    table: str = ""
    use_hash: bool = False
    dtype: str = "int32"
    path: Optional[str] = None
    group: str = "default_group"
    maxlen: int = 4
    combiner: str = "mean"
    length: Optional[str] = None
    weight: Optional[str] = None
    transformed: bool = False


def history(name: str, **more: Any) -> Column:
    """A history column that shares the candidate's table, unless `table` is given."""
    return Column("hist_" + name, kind="list", length="seq_length", **{"table": name, **more})


class Built:
    """The layers and their calls."""

    def __init__(self, columns: Sequence[Column], past: Sequence[str], *, gru_type: Optional[str], softmax: bool = True,
                 dnn_activation: Any = "relu", att_activation: Any = "dice", task: str = "binary",
                 units: Sequence[int] = (6,), att_units: Sequence[int] = (5,)):
        self.columns, self.layers, self.is_dien = columns, {}, gru_type is not None  # type: ignore[var-annotated]
        self.inputs: list[str] = []
        for column in columns:
            width = 1 if column.kind == "sparse" else column.maxlen
            self.input(column.name, width, "float32" if column.kind == "dense" else column.dtype)
            if column.weight:
                self.input(column.weight, column.maxlen, "float32")
            if column.length:
                self.input(column.length, 1, "int32")
        self.tables = {c.table or c.name: (c, "sparse_emb_" + (c.table or c.name)) for c in columns
                       if c.kind == "sparse"}
        self.tables.update({c.table or c.name: (c, "sparse_seq_emb_" + c.name) for c in columns if c.kind == "list"})
        sparse = [c for c in columns if c.kind == "sparse"]
        lists = [c for c in columns if c.kind == "list"]
        events = [c for c in lists if c.name in ["hist_" + name for name in past]]
        query = self.concat(self.lookup([c for c in sparse if c.name in past], past if not self.is_dien else ()))
        keys = self.concat(self.lookup(events, [] if self.is_dien else [c.name for c in events]))
        head = self.lookup(sparse, past)
        bags = [c for c in lists if c not in events and not c.name.startswith("neg_hist_")]
        head += [self.pool(c) for group in dict.fromkeys(c.group for c in bags) for c in bags if c.group == group]
        attention = {"att_activation": att_activation, "att_hidden_units": att_units, "weight_normalization": softmax,
                     "return_score": gru_type not in (None, "GRU"), "supports_masking": not self.is_dien}
        self.stages = {"query": query, "behaviours": keys}
        result = self.interest(query, keys, gru_type, attention)
        dense = [c for c in columns if c.kind == "dense"]
        together = self.call("Flatten", {}, [self.call("Concatenate", {}, [self.concat(head), result])])
        if dense:
            values = [self.call("Lambda", {}, [(c.name, 0)]) if c.transformed else (c.name, 0) for c in dense]
            parts = [self.call("Flatten", {}, [self.concat([one])]) for one in (together, self.concat(values))]
            together = self.concat(parts)
        else:
            together = self.call("Flatten", {}, [self.concat([together])])
        dnn = self.call("DNN", {"activation": dnn_activation, "hidden_units": units, "output_activation": None},
                        [together])
        logit = self.call("Dense", {}, [dnn])
        self.output = self.call("PredictionLayer", {"task": task, "use_bias": True}, [logit])
        self.stages.update(result=result, head_input=together, logits=logit)

    def input(self, name: str, width: int, dtype: str) -> None:
        if name not in self.inputs:
            self.inputs.append(name)
            self.layers[name] = ("InputLayer", {"name": name, "batch_input_shape": (None, width), "dtype": dtype}, [])

    def call(self, kind: str, config: dict[str, Any], reads: list[Edge], name: str = "") -> Edge:
        """Calls a layer that is there, or makes it with the name that Keras gives."""
        if name not in self.layers:
            base = "".join("_" * (one.isupper() and at > 0) + one.lower() for at, one in enumerate(kind))
            free = (f"{base}_{at}" if at else base for at in range(99))
            name = name or next(one for one in free if one not in self.layers)
            self.layers[name] = (kind, {"name": name, **config}, [])
        self.layers[name][2].append(reads)
        return name, len(self.layers[name][2]) - 1

    def embed(self, column: Column, mask_zero: bool) -> Edge:
        rows: Edge = (column.name, 0)
        if column.use_hash:
            rows = self.call("Hash", {"num_buckets": column.rows, "mask_zero": mask_zero,
                                      "vocabulary_path": column.path}, [rows])
        owner, layer = self.tables[column.table or column.name]
        return self.call("Embedding", {"input_dim": owner.rows, "output_dim": 2}, [rows], layer)

    def lookup(self, columns: Sequence[Column], masked: Sequence[str] = ()) -> list[Edge]:
        groups: dict[str, list[Edge]] = {}
        for column in columns:
            groups.setdefault(column.group, []).append(self.embed(column, column.name in masked))
        return [edge for group in groups.values() for edge in group]

    def pool(self, column: Column) -> Edge:
        reads = [self.embed(column, True)]
        if column.weight:
            reads = [self.call("WeightedSequenceLayer", {}, [*reads, (column.weight, 0)])]
        if column.length:
            reads.append((column.length, 0))
        return self.call("SequencePoolingLayer", {"mode": column.combiner}, reads)

    def concat(self, edges: list[Edge]) -> Edge:
        return self.call("Concat", {}, edges) if len(edges) > 1 else self.call("NoMask", {}, edges)

    def interest(self, query: Edge, keys: Edge, gru_type: Optional[str], config: dict[str, Any]) -> Edge:
        if gru_type is None:
            return self.call("AttentionSequencePoolingLayer", config, [query, keys])
        length = ("seq_length", 0)
        states = self.call("DynamicGRU", {"gru_type": "GRU"}, [keys, length], "gru1")
        if gru_type == "GRU":
            states = self.call("DynamicGRU", {"gru_type": "GRU"}, [states, length], "gru2")
        self.stages["interests"] = states
        weights = self.call("AttentionSequencePoolingLayer", config, [query, states, length])
        self.stages["attention"] = weights
        if gru_type == "GRU":
            return weights
        across = self.call("Permute", {}, [weights])
        if gru_type == "AIGRU":
            product = self.call("Multiply", {}, [states, across])
            return self.call("DynamicGRU", {"gru_type": "GRU"}, [product, length], "gru2")
        return self.call("DynamicGRU", {"gru_type": gru_type}, [states, length, across], "gru2")

    @property
    def config(self) -> dict[str, Any]:
        """As model.get_config() has it."""
        layers = [{"class_name": kind, "name": name, "config": config,
                   "inbound_nodes": [[[reads, at, 0, {}] for reads, at in node] for node in nodes]}
                  for name, (kind, config, nodes) in self.layers.items()]
        return {"layers": layers, "input_layers": [[name, 0, 0] for name in self.inputs],
                "output_layers": [[*self.output, 0]]}

    def model(self, values: dict[str, Any], weights: dict[str, Any], *, eager: bool = False) -> SimpleNamespace:
        """A live model: `values` by stage ("scores", "logits", ...) are what it computes for any rows."""
        names = {edge: stage for stage, edge in self.stages.items()}
        model = SimpleNamespace(weights=[SimpleNamespace(name=name + ":0", value=value) for name,
                                         value in weights.items()])
        made: dict[str, Any] = {}
        for name, (kind, config, nodes) in self.layers.items():
            layer = type(kind, (), {"__module__": "deepctr.layers" if kind == "DNN" else "keras.layers"})()
            layer.name, layer.get_config = name, lambda config=config: config
            layer._inbound_nodes = [SimpleNamespace(iterate_inbound=lambda node=node: [
                (SimpleNamespace(name=reads), at, 0, None) for reads, at in node]) for node in nodes]
            product = SimpleNamespace(type="BatchMatMulV2", inputs=[SimpleNamespace(stage="attention")])
            layer.get_output_at = lambda at, name=name, product=product: SimpleNamespace(
                stage=names.get((name, at)), op=product)
            made[name] = layer
        model.layers, model.input_names = list(made.values()), self.inputs
        graph = SimpleNamespace(as_default=_Nothing)
        kinds = [self.layers[name][1]["dtype"].replace("string", "object") for name in self.inputs]
        model.inputs = [SimpleNamespace(dtype=SimpleNamespace(as_numpy_dtype=np.dtype(kind).type)) for kind in kinds]
        model.outputs = [SimpleNamespace(_keras_history=(made[self.output[0]], 0))]
        made[self.output[0]].global_bias = SimpleNamespace(name="prediction_layer/global_bias:0",
                                                           value=values.get("bias", [0.0]))
        model.predict = lambda x, batch_size, verbose: np.resize(values["scores"], (batch_size, 1))

        class Session:
            """Gives each tensor's values, and keeps what it was fed."""

            fed: list[Any] = []

            def run(self, tensors: list[Any], feed: Optional[dict[Any, Any]] = None) -> list[Any]:
                if feed is None:
                    return [tensor.value for tensor in tensors]
                self.fed.append(list(feed.values()))
                return [values[tensor.stage] for tensor in tensors]

        session = Session()
        session.graph = graph  # type: ignore[attr-defined]
        model.session = session
        if not eager:
            model.inputs = [_Placeholder(one.dtype, graph) for one in model.inputs]
        return model


class _Nothing:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: Any) -> None:
        pass


class _Placeholder:
    def __init__(self, dtype: Any, graph: Any):
        self.dtype, self.graph = dtype, graph


def tensorflow(model: Any) -> ModuleType:
    """The module tensorflow, as far as augur_dump looks at it."""
    module = ModuleType("tensorflow")
    backend = SimpleNamespace(get_session=lambda: model.session)
    compat = SimpleNamespace(v1=SimpleNamespace(keras=SimpleNamespace(backend=backend)))
    module.compat = compat  # type: ignore[attr-defined]
    return module

