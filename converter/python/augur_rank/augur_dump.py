#!/usr/bin/env python
# -*- coding: utf-8 -*-
"""Writes a trained DIEN or DIN from an old Python into one file, from which Augur makes a model for the phone.

The package augur-rank needs Python 3.9. This file runs where the model lives: Python 2.7 to 3.14, with NumPy and the
model's own TensorFlow. Copy it there; nothing else is needed.

DeepCTR's DIEN or DIN for Keras 2 (TensorFlow 1.15 to 2.12):

    import augur_dump
    augur_dump.deepctr(model, "dump.npz", sample=x, labels=y, candidate_features=["shop"])

    sample                what model.predict takes: a dictionary of arrays, or a list of them
    labels                optional: what happened, a number a row
    candidate_features    columns besides the history's that differ between the candidates of one request; [] if none

The DIEN authors' TensorFlow 1 code (github.com/mouna99/dien), and its forks:

    augur_dump.authors(model, session, "dump.npz", sample=prepare_data(source, target, return_neg=True))

    sample                ONE batch: what prepare_data returns, or the feed_dict of session.run

Then, where augur-rank is installed:

    augur_rank.export("dump.npz", "model.augur", weights="int8")

The file holds the weights, the constructor's arguments as they are read from the model, and the sample's rows with the
library's own scores, which prove the conversion. It is a NumPy archive without pickled objects.

    python augur_dump.py dump.npz     says what is in a file
"""
from __future__ import division, print_function

import io
import json
import os
import re
import sys
import zipfile

import numpy as np

try:
    from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple  # noqa: F401
    Content = Dict[str, Any]  # the members of augur_rank.dump.Dump, by their names
    Edge = Tuple[str, int]    # a call of a Keras layer: the layer's name, the call's number
except ImportError:           # Python 2.7
    pass

FORMAT = 1
MOST_ROWS = 1000  # of a sample, unless the caller says otherwise


class DumpError(Exception):
    """What all errors of this file are. The message says what was expected, what came, and what to do."""


# ---------------------------------------------------------------------------------------------------------------------
# The file


def dump(path, library, title, tensors, answers, requests=(), scores=None, logits=None, labels=None, trace=None,
         vocabularies=None, notes=(), calibrate=False, files=None):
    # type: (str, str, str, Any, Any, Sequence[Any], Any, Any, Any, Any, Any, Sequence[str], bool, Any) -> None
    """Writes one dump. The arguments are the members of augur_rank.dump.Dump, which describes them.

    path      the file, ending with .npz; a file that is there is replaced when the new one is complete
    tensors   pairs (name, array) or a dictionary, in the model's own order
    raises    DumpError if an array holds Python objects, or if the numbers of rows differ
    """
    if not str(path).endswith(".npz"):
        raise DumpError("%s: the file's name has to end with .npz" % path)
    pairs = list(tensors.items() if hasattr(tensors, "items") else tensors)
    about = {"format": FORMAT, "library": library, "title": title, "order": [name for name, _ in pairs],
             "answers": answers, "requests": list(requests), "vocabularies": vocabularies or {}, "notes": list(notes),
             "calibrate": bool(calibrate)}  # type: Dict[str, Any]
    arrays = [("augur.json", _bytes(json.dumps(about, sort_keys=True).encode("ascii")))]
    arrays += [("tensor:" + name, np.asarray(array)) for name, array in pairs]
    for name, values in (("scores", scores), ("logits", logits), ("labels", labels)):
        if values is None:
            continue
        values = np.asarray(values, np.float64).reshape(-1)
        if len(values) != len(about["requests"]):
            raise DumpError("%d %s for %d requests: one each is expected" % (len(values), name, len(about["requests"])))
        arrays.append((name, values))
    arrays += [("trace:" + stage, np.asarray(values, np.float64)) for stage, values in sorted((trace or {}).items())]
    arrays += [("file:" + name, _bytes(content)) for name, content in sorted((files or {}).items())]
    seen = set()
    for name, array in arrays:
        if array.dtype.hasobject:
            raise DumpError("%s is an array of Python objects (%s): numbers are expected" % (name, array.dtype))
        if name in seen:
            raise DumpError("two arrays are called %s: names have to differ" % name)
        seen.add(name)
    _write(str(path), arrays)


def _bytes(content):
    # type: (bytes) -> Any
    return np.frombuffer(content, np.uint8)


def _write(path, arrays):
    # type: (str, Iterable[Tuple[str, Any]]) -> None
    """All or nothing: into a file beside it, which then takes its name."""
    temporary = "%s.%d.tmp" % (path, os.getpid())
    try:
        with open(temporary, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, True) as archive:
                for name, array in arrays:
                    content = io.BytesIO()
                    np.lib.format.write_array(content, np.ascontiguousarray(array).reshape(array.shape))
                    entry = zipfile.ZipInfo(name + ".npy")  # a fixed date: the same model gives the same bytes
                    entry.compress_type = zipfile.ZIP_STORED if name.startswith("tensor:") else zipfile.ZIP_DEFLATED
                    archive.writestr(entry, content.getvalue())
            file.flush()
            os.fsync(file.fileno())
        getattr(os, "replace", os.rename)(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise


# ---------------------------------------------------------------------------------------------------------------------
# DeepCTR for Keras 2: the answers that a model's config tells

_ACTIVATIONS = {"swish": "silu", "Dice": "dice"}
_ACTIVATION_LAYERS = {"PReLU": "prelu", "LeakyReLU": "leaky_relu", "ReLU": "relu", "ELU": "elu", "Dice": "dice"}
_HOW_TO_SAVE = "It has to be a model of deepctr.models.DIEN or DIN, as the library makes it"


def keras_answers(config, candidate_features=None):
    # type: (Dict[str, Any], Optional[Sequence[str]]) -> Content
    """What augur-convert --layout deepctr-keras asks, from the config of a functional Keras 2 model.

    config                model.get_config(), or "config" of an .h5's or a .keras file's model_config
    candidate_features    columns besides the history's that differ between the candidates of one request
    returns               {"answers", "title", "notes"}
    raises                DumpError if the model is not DeepCTR's DIEN or DIN, or has what Augur does not have
    """
    return _read(config, candidate_features)[1]


def _read(config, candidate_features):
    # type: (Any, Optional[Sequence[str]]) -> Tuple[_DeepCtr, Content]
    try:
        reader = _DeepCtr(config)
        return reader, reader.content(candidate_features)
    except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise DumpError("the layers are not as deepctr 0.9 makes them (%s: %s). %s" % (
            type(error).__name__, error, _HOW_TO_SAVE))


class _Graph(object):
    """The layers of a Keras 2 config, and who reads whose output."""

    def __init__(self, config):
        # type: (Dict[str, Any]) -> None
        self.layers = {}  # type: Dict[str, Dict[str, Any]]
        self.reads = {}   # type: Dict[str, List[List[Edge]]]
        if not isinstance(config, dict) or "layers" not in config or "output_layers" not in config:
            raise DumpError("expected a functional Keras model, whose config has layers and output_layers. " +
                            _HOW_TO_SAVE)
        for layer in config["layers"]:
            name = layer.get("name") or layer["config"]["name"]
            self.layers[name] = layer
            self.reads[name] = [_edges(node) for node in layer.get("inbound_nodes") or []]
        self.inputs = [edge[0] for edge in _edges(config.get("input_layers", []))]
        self.outputs = _edges(config["output_layers"])

    def kind(self, edge):
        # type: (Edge) -> str
        kind = self.layers[edge[0]]["class_name"]
        return str(kind).split(">")[-1]  # registered classes: "package>Name"

    def config(self, edge):
        # type: (Edge) -> Dict[str, Any]
        return self.layers[edge[0]]["config"]  # type: ignore[no-any-return]

    def inputs_of(self, edge):
        # type: (Edge) -> List[Edge]
        return self.reads[edge[0]][edge[1]] if self.reads[edge[0]] else []

    def through(self, edge, *kinds):
        # type: (Edge, *str) -> Edge
        """The first layer before `edge`, itself included, that is none of `kinds`, which have one input."""
        for _ in self.layers:
            if self.kind(edge) not in kinds:
                return edge
            edge = self.inputs_of(edge)[0]
        raise ValueError("layers read each other in a circle")

    def leaves(self, edge):
        # type: (Edge) -> List[Edge]
        """What is concatenated, in its order."""
        found, waiting = [], [edge]  # type: List[Edge], List[Edge]
        for _ in range(100000):  # in a file, layers may read each other in a circle
            if not waiting:
                return found
            each = waiting.pop()
            if self.kind(each) in ("Flatten", "NoMask"):
                waiting.append(self.inputs_of(each)[0])
            elif self.kind(each) in ("Concat", "Concatenate"):
                waiting += self.inputs_of(each)[::-1]
            else:
                found.append(each)
        raise ValueError("layers read each other in a circle")

    def only(self, kind):
        # type: (str) -> Edge
        found = [(name, 0) for name in self.layers if self.kind((name, 0)) == kind]
        if len(found) != 1:
            raise DumpError("the model has %d layers %s; one is expected. %s" % (len(found), kind, _HOW_TO_SAVE))
        return found[0]


def _edges(part):
    # type: (Any) -> List[Edge]
    """Keras 2 nests [layer, node, tensor, arguments] in various ways, Keras 3 {"keras_history": [layer, node, ...]}."""
    if isinstance(part, dict):
        return _edges(part["keras_history"] if "keras_history" in part else list(part.values()))
    if not isinstance(part, (list, tuple)) or not part:
        return []
    if not isinstance(part[0], (list, tuple, dict)) and len(part) >= 2 and isinstance(part[1], int):
        return [(str(part[0]), part[1])]
    return [edge for each in part for edge in _edges(each)]


class _Column(object):
    """A feature column, as the layers that read its input show it."""

    def __init__(self, name, length, dtype):
        # type: (str, int, str) -> None
        self.name, self.length, self.dtype = name, length, dtype
        self.edge = None         # type: Optional[Edge]  # the call of the Embedding
        self.layer = ""          # of the table
        self.rows = 0
        self.hash = None         # type: Optional[Dict[str, Any]]  # the config of its layer Hash
        self.combiner = ""
        self.length_name = None  # type: Optional[str]
        self.transformed = None  # type: Optional[Edge]  # the Lambda of a transform_fn
        self.group = ""

    @property
    def path(self):
        # type: () -> Optional[str]
        return self.hash.get("vocabulary_path") if self.hash else None


class _DeepCtr(object):
    """A DIEN or DIN: its columns in the head's order, and the calls of layers that make the stages of a trace."""

    def __init__(self, config):
        # type: (Dict[str, Any]) -> None
        self.graph = graph = _Graph(config)
        for name in graph.layers:
            if graph.kind((name, 0)) in ("Transformer", "BiLSTM", "BiasEncoding"):
                raise DumpError("the model has a layer %s: BST and DSIN have Transformers, which are not in Augur's "
                                "model family" % graph.kind((name, 0)))
        self.prediction = graph.only("PredictionLayer")
        self.dense_layer = graph.inputs_of(self.prediction)[0]
        self.head = graph.inputs_of(self.dense_layer)[0]
        if graph.kind(self.dense_layer) != "Dense" or graph.kind(self.head) != "DNN":
            raise DumpError("before the PredictionLayer, a DNN and a Dense are expected, but %s and %s came. %s" % (
                graph.kind(self.head), graph.kind(self.dense_layer), _HOW_TO_SAVE))
        self.attention = graph.only("AttentionSequencePoolingLayer")
        self.head_input = graph.inputs_of(self.head)[0]
        self._read_head()
        self._read_interests()

    def _read_head(self):
        # type: () -> None
        graph = self.graph
        self.sparse, self.pooled, self.dense = [], [], []  # type: List[_Column], List[_Column], List[_Column]
        results, order = [], []
        for leaf in graph.leaves(self.head_input):
            kind = graph.kind(leaf)
            if kind == "Embedding":
                self.sparse.append(self._embedded(leaf))
                order.append(0)
            elif kind == "SequencePoolingLayer":
                self.pooled.append(self._pooled(leaf))
                order.append(1)
            elif kind in ("DynamicGRU", "AttentionSequencePoolingLayer"):
                results.append(leaf)
                order.append(2)
            elif kind == "InputLayer" or (kind == "Lambda" and graph.kind(graph.inputs_of(leaf)[0]) == "InputLayer"):
                self.dense.append(self._dense(leaf))
                order.append(3)
            else:
                raise DumpError("the head reads the layer %s (%s), which is not DeepCTR's DIEN or DIN" %
                                (leaf[0], kind))
        if len(results) != 1 or order != sorted(order):
            raise DumpError("the head reads other parts, or in another order, than DeepCTR's DIEN and DIN: sparse "
                            "features, pooled ones, one interest state, dense values")
        self.result = results[0]

    def _read_interests(self):
        # type: () -> None
        graph = self.graph
        query, keys = graph.inputs_of(self.attention)[:2]
        self.query, self.interests, self.length_name = query, None, None  # type: Edge, Optional[Edge], Optional[str]
        if graph.kind(self.result) == "DynamicGRU":
            self.gru_type = graph.config(self.result)["gru_type"]
            if self.gru_type == "GRU":
                if graph.kind(graph.inputs_of(self.result)[0]) != "Multiply":
                    raise DumpError("the last GRU (%s) reads neither attention nor a product with it. %s" % (
                        self.result[0], _HOW_TO_SAVE))
                self.gru_type = "AIGRU"
        else:
            self.gru_type = "GRU" if graph.kind(keys) == "DynamicGRU" else ""
        self.events = keys
        if self.gru_type:
            self.interests = keys
            if graph.kind(keys) == "DynamicGRU":
                self.length_name = graph.inputs_of(keys)[1][0]
            self.events = graph.through(keys, "DynamicGRU")
        self.history = [self._embedded(leaf) for leaf in graph.leaves(self.events)]
        self.queried = [self._embedded(leaf) for leaf in graph.leaves(query)]
        for column in self.history:
            if not column.name.startswith("hist_"):
                raise DumpError("the history reads the column %s; DeepCTR's are called hist_NAME" % column.name)
        names = sorted(column.name[len("hist_"):] for column in self.history)
        if names != sorted(column.name for column in self.queried):
            queried = sorted(column.name for column in self.queried)
            raise DumpError("the history has the columns %s, but the query %s: each history column needs the "
                            "candidate's own" % (", ".join(names), ", ".join(queried)))
        lengths = sorted({column.length for column in self.history})
        if len(lengths) != 1:
            raise DumpError("the history columns have different maxlen: %s" % lengths)
        self.max_history = lengths[0]
        self._check_hashes()

    def _input(self, edge):
        # type: (Edge) -> _Column
        if self.graph.kind(edge) != "InputLayer":
            raise DumpError("a feature column's input is expected, but the layer %s (%s) came" %
                            (edge[0], self.graph.kind(edge)))
        config = self.graph.config(edge)
        shape = config.get("batch_input_shape") or config["batch_shape"]
        shape = shape["items"] if isinstance(shape, dict) else shape  # a tuple in Keras 3
        return _Column(edge[0], int(shape[-1]), str(config.get("dtype", "")))

    def _embedded(self, edge):
        # type: (Edge) -> _Column
        graph = self.graph
        if graph.kind(edge) != "Embedding":
            raise DumpError("an Embedding is expected, but the layer %s (%s) came" % (edge[0], graph.kind(edge)))
        before = graph.inputs_of(edge)[0]
        column = self._input(graph.through(before, "Hash"))
        column.edge, column.layer, column.rows = edge, edge[0], int(graph.config(edge)["input_dim"])
        if graph.kind(before) == "Hash":
            column.hash = graph.config(before)
        return column

    def _pooled(self, edge):
        # type: (Edge) -> _Column
        graph = self.graph
        parts = graph.inputs_of(edge)
        if graph.kind(parts[0]) == "WeightedSequenceLayer":
            weights = graph.inputs_of(parts[0])[-1][0]
            raise DumpError("a VarLenSparseFeat has the weight_name %s: weights of single ids are not in Augur's model "
                            "family" % weights)
        column = self._embedded(parts[0])
        column.combiner = str(graph.config(edge)["mode"])
        column.length_name = parts[1][0] if len(parts) > 1 else None
        return column

    def _dense(self, edge):
        # type: (Edge) -> _Column
        column = self._input(self.graph.through(edge, "Lambda"))
        column.transformed = edge if self.graph.kind(edge) == "Lambda" else None
        return column

    def _check_hashes(self):
        # type: () -> None
        """The rules of deepctr 0.9: where 0 is padding, and how many buckets there are."""
        own = [column.name for column in self.queried]
        places = [(column, column.name in own) for column in self.sparse] + [(column, True) for column in self.pooled]
        places += [(column, not self.gru_type) for column in self.history + self.queried]
        for column, mask_zero in places:
            if column.hash and (bool(column.hash["mask_zero"]) != mask_zero
                                or column.hash["num_buckets"] != column.rows):
                raise DumpError("the column %s is hashed by another rule than deepctr 0.9's (mask_zero %s, %d buckets "
                                "for %d rows): it is not known how" % (column.name, column.hash["mask_zero"],
                                                                column.hash["num_buckets"], column.rows))

    def content(self, candidate_features):
        # type: (Optional[Sequence[str]]) -> Content
        answers, notes = {}, []  # type: Dict[str, Any], List[str]
        own = [column.name for column in self.queried]
        self.candidates = own + self._stated(candidate_features, own)
        if self.gru_type:
            answers["gru_type"] = self.gru_type
        attention = self.graph.config(self.attention)
        answers["att_weight_normalization"] = bool(attention["weight_normalization"])
        self._add_activation(answers, "att_activation", attention["att_activation"], attention["att_hidden_units"])
        head = self.graph.config(self.head)
        if head.get("output_activation"):
            raise DumpError("the head's DNN has an output_activation; DeepCTR's DIEN and DIN have none")
        self._add_activation(answers, "dnn_activation", head["activation"], head["hidden_units"])
        task = self.graph.config(self.prediction).get("task", "binary")
        if task == "multiclass":
            raise DumpError("the task is multiclass; Augur ranks by one score: binary or regression")
        answers.update(task=str(task), max_history=self.max_history)
        tables = self._tables()
        sparse = self._in_order(self.sparse, own)
        answers["history"] = [self._answer(column, tables, sparse) for column in self._in_order(self.history)]
        answers["sparse"] = [self._answer(column, tables) for column in sparse]
        answers["pooled"] = [dict(self._answer(column, tables), combiner=column.combiner,
                                  length_name=column.length_name is not None) for column in self._in_order(self.pooled)]
        answers["dense"] = [self._answer(column, {}) for column in self.dense]
        for column, answer in zip(self.dense, answers["dense"]):
            if column.length != 1:
                answer["dimension"] = column.length
            if column.transformed:
                notes.append("The dense column %s has a transform_fn: the app gives its result, as these requests do."
                             % column.name)
        deepctr_module = sys.modules.get("deepctr")
        version = getattr(deepctr_module, "__version__", "")
        count = len(self.history)
        kind = "DIEN, gru_type " + self.gru_type if self.gru_type else "DIN"
        title = "DeepCTR%s %s, %d history feature%s" % (version and " " + version, kind, count, "s"[:count != 1])
        return {"library": "deepctr-keras", "answers": answers, "title": title, "notes": notes}

    def _stated(self, names, own):
        # type: (Optional[Sequence[str]], List[str]) -> List[str]
        others = [column.name for column in self.sparse + self.pooled + self.dense if column.name not in own]
        if names is None and others:
            raise DumpError("the model does not tell whose the columns %s are. Say candidate_features=[...] with those "
                            "that differ between the candidates of one request ([] if none does); the others are the "
                            "user's. The history's columns (%s) are the candidate's in any case" %
                            (", ".join(others), ", ".join(own)))
        if isinstance(names, (str, bytes)):
            raise DumpError("candidate_features: expected a list of names, but the text %r came" % (names,))
        wrong = [name for name in names or () if name not in others + own]
        if wrong:
            raise DumpError("candidate_features names %s, but the model's columns are %s" % (
                ", ".join(map(str, wrong)), ", ".join(others + own)))
        return [str(name) for name in names or () if name not in own]

    @staticmethod
    def _add_activation(answers, name, activation, units):
        # type: (Dict[str, Any], str, Any, Sequence[int]) -> None
        """A network without layers has no activation."""
        if isinstance(activation, dict):  # a layer or a function of the user's own, in a file
            activation = activation.get("class_name")
            if activation not in _ACTIVATION_LAYERS:
                return  # which is asked
        if isinstance(activation, type):
            if activation.__name__ not in _ACTIVATION_LAYERS:
                raise DumpError("%s is the layer %s, which Augur does not have" % (name, activation.__name__))
            activation = _ACTIVATION_LAYERS[activation.__name__]
        activation = _ACTIVATION_LAYERS.get(activation, _ACTIVATIONS.get(activation, str(activation)))
        if name == "att_activation" and activation == "prelu":
            raise DumpError("att_activation is PReLU, which has one slope for each unit and each position of the "
                            "padded history: attention by position is not in Augur's model family")
        if len(units):
            answers[name] = activation

    def _answer(self, column, tables, own=()):
        # type: (_Column, Dict[str, str], Sequence[_Column]) -> Dict[str, Any]
        """own: the candidate's columns, if `column` is one of the history's."""
        of_history = bool(own)
        name = column.name[len("hist_"):] if of_history else column.name
        answer = {"name": name}  # type: Dict[str, Any]
        same = [other for other in own if other.name == name]
        default = tables.get(same[0].layer) if same else name
        if column.layer and tables[column.layer] != default:
            answer["embedding"] = tables[column.layer]
        if column.group:
            answer["group_name"] = column.group
        if column.hash or any(other.hash for other in same):
            answer["use_hash"] = bool(column.hash)
        if column.hash:
            answer["dtype"] = column.dtype
        if column.path:
            answer["vocabulary_path"] = str(column.path)
        if not of_history and name in self.candidates and name not in [other.name for other in self.queried]:
            answer["of"] = "candidate"
        return answer

    def _tables(self):
        # type: () -> Dict[str, str]
        """A table's name by its layer: what the layer is named after, or the first column that reads it."""
        tables = {}  # type: Dict[str, str]
        taken = [name[len("sparse_emb_"):] for name in self.graph.layers if name.startswith("sparse_emb_")]
        for column in self.sparse + self.history + self.pooled:
            if column.layer in tables:
                continue
            if column.layer.startswith("sparse_emb_"):
                tables[column.layer] = column.layer[len("sparse_emb_"):]
                continue
            name = column.name
            while name in taken:
                name += "_table"
            taken.append(name)
            tables[column.layer] = name
        return tables

    def _in_order(self, columns, queried=()):
        # type: (List[_Column], Sequence[str]) -> List[_Column]
        """Columns in the order of the model's inputs, with groups that explain the order in which the network reads
        them.

        columns    in the network's order
        queried    of the sparse columns, those that the query reads, in its order

        DeepCTR puts the columns of one group_name side by side, in the head and in the query alike. The model keeps the
        orders that came of it, not the groups: fewest groups are taken.
        """
        place = {name: at for at, name in enumerate(self.graph.inputs)}
        order = [place[column.name] for column in columns]
        firsts = [at for at in range(1, len(order)) if order[at] < order[at - 1]]  # where another group must begin
        at_query = [at for at, column in enumerate(columns) if column.name in queried]
        maybe = [at + 1 for at in at_query[:-1] if at + 1 not in firsts and all(
            order[at + 1] < order[first] for first in firsts if first > at)][:12]  # where one may begin
        for choice in range(2 ** len(maybe)):
            begins = firsts + [at for bit, at in enumerate(maybe) if choice >> bit & 1]
            groups = [sum(begin <= at for begin in begins) for at in range(len(order))]
            stated = sorted(zip(order, groups, range(len(order))))
            if _by_groups([(columns[at].name, group) for _, group, at in stated]) != [one.name for one in columns]:
                break
            if queried and _by_groups([(columns[at].name, group) for _, group, at in stated
                                       if columns[at].name in queried]) != list(queried):
                continue
            for _, group, at in stated:
                columns[at].group = "group_%d" % group if group else ""
            return [columns[at] for _, _, at in stated]
        raise DumpError("the network reads the columns %s in an order that no group_name explains" %
                        ", ".join(column.name for column in columns))


def _by_groups(columns):
    # type: (List[Tuple[str, int]]) -> List[str]
    groups = []  # type: List[int]
    for _, group in columns:
        if group not in groups:
            groups.append(group)
    return [name for wanted in groups for name, group in columns if group == wanted]


# ---------------------------------------------------------------------------------------------------------------------
# DeepCTR for Keras 2: the live model


def deepctr(model, path, sample=None, labels=None, candidate_features=None, rows=MOST_ROWS):
    # type: (Any, str, Any, Any, Optional[Sequence[str]], int) -> None
    """Writes deepctr.models.DIEN or DIN, with what it computes on a sample, into the file `path` (.npz).

    model                 as deepctr makes it, trained; Keras 2 in graph mode, or a DIN in eager mode
    sample                what model.predict takes: {column: array}, or a list of arrays in the order of the inputs.
                          Without it the conversion cannot be proved
    labels                a number a row: what happened (a click is 1)
    candidate_features    columns besides the history's that differ between the candidates of one request; [] if none
    rows                  how many of the sample's rows are kept, evenly taken
    raises                DumpError, which says what to do; then no file is written
    """
    content = read_deepctr(model, candidate_features)
    if sample is not None:
        observed = observe_deepctr(model, sample, labels, candidate_features, rows)
        content.update(observed, notes=content["notes"] + observed["notes"])
    elif labels is not None:
        raise DumpError("labels without a sample: they belong to its rows")
    dump(path, **content)


def is_deepctr(model):
    # type: (Any) -> bool
    """Whether it is a Keras model with DeepCTR's layers."""
    layers = getattr(model, "layers", None)
    return isinstance(layers, (list, tuple)) and any(type(layer).__module__.startswith("deepctr.") for layer in layers)


def read_deepctr(model, candidate_features=None):
    # type: (Any, Optional[Sequence[str]]) -> Content
    """The model without a sample: what dump() takes, but for requests and what belongs to them."""
    reader, content = _described(model, candidate_features)
    live = _live(model)
    variables = list(model.weights)
    names = [_name_of(variable) for variable in variables]
    cells = [variable for variable in _cell_variables(model) if _name_of(variable) not in names]
    if cells:
        content["notes"].append(
            "Keras does not know the variables of the cell of %s (%s): fit() has not trained them, unless the "
            "optimizer was given them apart." % (reader.result[0], ", ".join(_name_of(variable) for variable in cells)))
    values = live.values(variables + cells)
    content["tensors"] = list(zip(names + [_name_of(variable) for variable in cells], values))
    content["files"] = _files(reader)
    return content


def _described(model, candidate_features):
    # type: (Any, Optional[Sequence[str]]) -> Tuple[_DeepCtr, Content]
    if not is_deepctr(model):
        raise DumpError("expected a model of deepctr.models.DIEN or DIN, but a %s came that has no layer of deepctr" %
                        type(model).__name__)
    if any(each.__module__.startswith("keras.src.ops") for each in type(model).__mro__):
        raise DumpError("this is a model of Keras 3, in which DeepCTR cannot run: use Keras 2 (TensorFlow 2.12 or "
                        "older)")
    return _read(_config_of(model), candidate_features)


def _config_of(model):
    # type: (Any) -> Dict[str, Any]
    """model.get_config(), which TensorFlow 2 refuses where an activation is a class (PReLU)."""
    layers = []
    for layer in model.layers:
        kind = type(layer).__name__
        nodes = [[[inbound[0].name, inbound[1]] for inbound in node.iterate_inbound()] for node in layer._inbound_nodes]
        layers.append({"name": layer.name, "class_name": kind, "inbound_nodes": nodes,
                       "config": {} if kind in ("Lambda", "TensorFlowOpLayer", "TFOpLambda") else layer.get_config()})
    return {"layers": layers, "input_layers": [[name, 0] for name in model.input_names],
            "output_layers": [[tensor._keras_history[0].name, tensor._keras_history[1]] for tensor in model.outputs]}


def _files(reader):
    # type: (_DeepCtr) -> Dict[str, bytes]
    """The vocabularies that the columns name by their paths."""
    files = {}
    for column in reader.sparse + reader.history + reader.pooled:
        if not column.path:
            continue
        try:
            with open(column.path, "rb") as file:
                files[str(column.path)] = file.read()
        except (IOError, OSError) as error:
            raise DumpError("the column %s has the vocabulary_path %s, which cannot be read (%s): put the file there "
                            "again" % (column.name, column.path, error))
    return files


def _name_of(variable):
    # type: (Any) -> str
    return str(variable.name).split(":")[0]


def _cell_variables(model):
    # type: (Any) -> List[Any]
    """Those of AGRU's and AUGRU's cells, which are made behind Keras' back."""
    found = []  # type: List[Any]
    for layer in model.layers:
        cell = getattr(layer, "gru_cell", None)
        for linear in (getattr(cell, "_gate_linear", None), getattr(cell, "_candidate_linear", None)):
            if linear is not None:
                found += [linear._weights, linear._biases]
    return found


def _live(model):
    # type: (Any) -> Any
    return _GraphMode(model) if hasattr(model.inputs[0], "graph") else _EagerMode(model)


class _GraphMode(object):
    """TensorFlow 1, or 2 after tf.compat.v1.disable_eager_execution()."""

    def __init__(self, model):
        # type: (Any) -> None
        import tensorflow as tf
        self.model = model
        backend = getattr(getattr(tf, "compat", None), "v1", tf).keras.backend
        with model.inputs[0].graph.as_default():
            self.session = backend.get_session()
        if self.session.graph is not model.inputs[0].graph:
            raise DumpError("the model belongs to another graph than Keras' session. Call this where the model was "
                            "trained, before tf.keras.backend.clear_session()")

    def values(self, variables):
        # type: (List[Any]) -> List[Any]
        return self.session.run(variables)  # type: ignore[no-any-return]

    def fetch(self, tensors, arrays):
        # type: (List[Any], List[Any]) -> List[Any]
        feed = {}
        for placeholder, array in zip(self.model.inputs, arrays):
            kind = placeholder.dtype.as_numpy_dtype
            feed[placeholder] = array.astype(kind) if array.dtype != kind else array
        return self.session.run(tensors, feed)  # type: ignore[no-any-return]

    def weights_of(self, pooled):
        # type: (Any) -> Optional[Any]
        """The tensor of the attention's weights, by which a layer without return_score multiplies its keys."""
        operation = pooled.op
        while operation.type == "Identity":
            operation = operation.inputs[0].op
        return operation.inputs[0] if operation.type.startswith("BatchMatMul") else None


class _EagerMode(object):
    """TensorFlow 2 as it starts."""

    def __init__(self, model):
        # type: (Any) -> None
        self.model = model
        if any(type(layer).__name__ == "DynamicGRU" for layer in model.layers):
            raise DumpError("DeepCTR's DIEN runs in graph mode only. Call tf.compat.v1.disable_eager_execution() first "
                            "of all, then make the model, load its weights and call this")

    def values(self, variables):
        # type: (List[Any]) -> List[Any]
        return [variable.numpy() for variable in variables]

    def fetch(self, tensors, arrays):
        # type: (List[Any], List[Any]) -> List[Any]
        import tensorflow as tf
        network = tf.keras.Model(self.model.inputs, list(tensors))
        outputs = network.predict(list(arrays), batch_size=len(arrays[0]), verbose=0)
        return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]

    def weights_of(self, pooled):
        # type: (Any) -> Optional[Any]
        return None


def observe_deepctr(model, sample, labels=None, candidate_features=None, rows=MOST_ROWS):
    # type: (Any, Any, Any, Optional[Sequence[str]], int) -> Content
    """What the library computes on a sample: a dump's requests, scores, logits, labels, trace and notes."""
    reader = _described(model, candidate_features)[0]
    live = _live(model)
    columns, count = _sample_columns(sample, reader.graph.inputs)
    _check_ids(reader, columns)
    if labels is not None:
        labels = np.asarray(labels, np.float64).reshape(-1)
        if len(labels) != count:
            raise DumpError("%d labels for %d rows of the sample: one each is expected" % (len(labels), count))
    kept, notes = _kept_rows(reader, columns, count, rows)
    columns = {name: array[kept] for name, array in columns.items()}
    # A batch of one row: DIEN squeezes its length away.
    twice = np.concatenate([kept, kept]) if len(kept) == 1 else kept
    try:
        scores = model.predict(_taken(sample, reader.graph.inputs, twice), batch_size=len(twice), verbose=0)
    except Exception as error:  # the library's, of any kind
        raise DumpError("model.predict does not take this sample: %s" % (error,))
    scores = np.asarray(scores)
    tensors, after = _tensors_of(model, reader, live)
    arrays = [columns[name] for name in reader.graph.inputs]
    if len(kept) == 1:
        arrays = [np.concatenate([array, array]) for array in arrays]
    fetched = dict(zip(sorted(tensors), live.fetch([tensors[name] for name in sorted(tensors)], arrays)))
    fetched = {name: np.asarray(values)[:len(kept)] for name, values in fetched.items()}
    for column in reader.dense:
        if column.transformed:
            columns[column.name] = fetched.pop("dense " + column.name)
    if not reader.gru_type and any(column.path for column in reader.history):
        # Which events count depends on the file: an id that it does not have is masked as padding.
        fetched = {name: values for name, values in fetched.items() if name not in ("behaviours", "attention")}
    counted = [_counted(reader, columns, row) for row in range(len(kept))]
    logits = fetched.pop("logits").reshape(len(kept), -1)[:, 0] + after
    return {"requests": [_request(reader, columns, row, counted[row]) for row in range(len(kept))],
            "scores": scores.reshape(len(twice), -1)[:len(kept), 0].astype(np.float64),
            "logits": logits.astype(np.float64), "labels": None if labels is None else labels[kept],
            "trace": _trace(fetched, counted), "notes": notes}


def _sample_columns(sample, names):
    # type: (Any, List[str]) -> Tuple[Dict[str, Any], int]
    """The sample by the inputs' names, an array [rows, width] each."""
    if hasattr(sample, "keys"):
        missing = [name for name in names if name not in sample.keys()]
        if missing:
            raise DumpError("the sample has no column %s; it needs what model.predict takes: %s" % (
                ", ".join(missing), ", ".join(names)))
        columns = {name: np.asarray(sample[name]) for name in names}
    elif isinstance(sample, (list, tuple)):
        if len(sample) != len(names):
            raise DumpError("the sample has %d arrays, but the model has %d inputs: %s" %
                            (len(sample), len(names), ", ".join(names)))
        columns = dict(zip(names, map(np.asarray, sample)))
    else:
        raise DumpError("sample: expected a dictionary {column: array} or a list of arrays, as model.predict takes "
                        "them, but a %s came" % type(sample).__name__)
    counts = sorted({array.shape[0] if array.ndim else -1 for array in columns.values()})
    if len(counts) != 1 or counts[0] < 1:
        raise DumpError("the sample's columns have different numbers of rows, or none: %s" % ", ".join(
            "%s %s" % (name, list(columns[name].shape)) for name in names))
    return {name: array.reshape(counts[0], -1) for name, array in columns.items()}, counts[0]


def _check_ids(reader, columns):
    # type: (_DeepCtr, Dict[str, Any]) -> None
    """Ids are whole numbers, but for texts and for hashed floats."""
    for column in reader.sparse + reader.history + reader.pooled:
        values = columns[column.name]
        if column.dtype == "string" or (column.hash and column.dtype.startswith("float")):
            continue
        try:
            wrong = values[values.astype(np.float64) != np.floor(values.astype(np.float64))]  # nan, too
        except (TypeError, ValueError):
            wrong = values.reshape(-1)
        if len(wrong):
            raise DumpError("the column %s has the id %s: a whole number is expected" % (column.name, wrong[0]))


def _taken(sample, names, rows):
    # type: (Any, List[str], Any) -> Any
    if hasattr(sample, "keys"):
        return {name: np.asarray(sample[name])[rows] for name in names}
    return [np.asarray(array)[rows] for array in sample]


def _kept_rows(reader, columns, count, most):
    # type: (_DeepCtr, Dict[str, Any], int, int) -> Tuple[Any, List[str]]
    """The rows that can be compared."""
    kept = np.arange(count) if count <= most else np.unique(np.linspace(0, count - 1, most).astype(np.int64))
    notes = []
    if len(kept) < count:
        notes.append("%d of the sample's %d rows were taken, evenly." % (len(kept), count))

    def leave_out(fits, why):
        # type: (Any, str) -> None
        rest = [row for row in kept if fits(row)]
        if len(rest) < len(kept):
            notes.append("%d rows were left out: %s" % (len(kept) - len(rest), why))
        kept[:] = rest + [-1] * (len(kept) - len(rest))

    if not reader.gru_type and reader.graph.config(reader.attention)["weight_normalization"]:
        leave_out(lambda row: len(_counted(reader, columns, row)) > 0,
                  "they have no event, for which the library's softmax weighs the padding.")
        kept = kept[kept >= 0]
    for column in reader.pooled:
        if column.combiner == "max":
            leave_out(lambda row, column=column: len(_bag(column, columns, row)) > 0,
                      "%s has no value there, for which the library's max pooling gives -1e9." % column.name)
            kept = kept[kept >= 0]
    if not len(kept):
        raise DumpError("no row of the sample can be compared. " + " ".join(notes))
    return kept, notes


def _tensors_of(model, reader, live):
    # type: (Any, _DeepCtr, Any) -> Tuple[Dict[str, Any], Any]
    """The tensors of the stages, and the bias that the PredictionLayer adds to "logits"."""
    layers = {layer.name: layer for layer in model.layers}

    def output_of(edge):
        # type: (Edge) -> Any
        return layers[edge[0]].get_output_at(edge[1])

    tensors = {"logits": output_of(reader.dense_layer), "query": output_of(reader.query),
               "behaviours": output_of(reader.events),
               "result": output_of(reader.result), "head_input": output_of(reader.head_input)}
    if reader.interests:
        tensors["interests"] = output_of(reader.interests)
    weights = output_of(reader.attention)
    if not reader.graph.config(reader.attention).get("return_score"):
        weights = live.weights_of(weights)
    if weights is not None:
        tensors["attention"] = weights
    for column in reader.dense:
        if column.transformed:
            tensors["dense " + column.name] = output_of(column.transformed)
    bias = getattr(layers[reader.prediction[0]], "global_bias", None)
    return tensors, np.float32(0) if bias is None else live.values([bias])[0][0]


def _counted(reader, columns, row):
    # type: (_DeepCtr, Dict[str, Any], int) -> List[int]
    """Where in the padded history the events are that count."""
    if reader.length_name:
        length = int(columns[reader.length_name][row][0])
        return list(range(max(0, min(length, reader.max_history))))
    return [at for at in range(reader.max_history) if all(
        _is_id(columns[column.name][row][at]) for column in reader.history)]


def _is_id(value):
    # type: (Any) -> bool
    """0 is padding in DIN, and so is the text of it in hashed columns."""
    return bool(value != 0) and value not in (b"0", u"0")


def _bag(column, columns, row):
    # type: (_Column, Dict[str, Any], int) -> List[Any]
    values = columns[column.name][row]
    if column.length_name is None:
        return [value for value in values if _is_id(value)]
    return list(values[:max(0, int(columns[column.length_name][row][0]))])


def _request(reader, columns, row, counted):
    # type: (_DeepCtr, Dict[str, Any], int, List[int]) -> Dict[str, Any]
    """A row as augur-rank takes it: a request with one candidate."""
    request = {"id": "r%d" % row, "features": {}, "candidates": {},
               "history": {column.name[len("hist_"):]: [_key(column, columns[column.name][row][at]) for at in counted]
                               for column in reader.history}}  # type: Dict[str, Any]
    for column in reader.sparse + reader.pooled + reader.dense:
        if column in reader.pooled:
            value = [_key(column, each) for each in _bag(column, columns, row)]  # type: Any
        elif column in reader.dense:
            value = [float(each) for each in columns[column.name][row]]
            value = value if len(value) > 1 else value[0]
        else:
            value = _key(column, columns[column.name][row][0])
        if column.name in reader.candidates:
            request["candidates"][column.name] = [value]
        else:
            request["features"][column.name] = value
    return request


def _key(column, value):
    # type: (_Column, Any) -> Any
    """An id as JSON has it."""
    if column.dtype == "string":
        if isinstance(value, bytes):
            try:
                return value.decode("utf-8")
            except ValueError:
                raise DumpError("the column %s has the id %r, which is not UTF-8" % (column.name, value))
        return u"%s" % (value,)
    if column.hash and column.dtype.startswith("float"):
        return float(value)
    return int(value)


def _trace(fetched, counted):
    # type: (Dict[str, Any], List[List[int]]) -> Dict[str, Any]
    """By stages, the events that count at the front and NaN behind them."""
    trace = {}
    longest = max([1] + [len(rows) for rows in counted])
    for name, values in fetched.items():
        values = np.asarray(values, np.float64)
        if name in ("query", "result", "head_input"):
            trace[name] = values.reshape(len(counted), -1)
            continue
        if name == "attention":
            values = values.reshape(len(counted), -1)
        padded = np.full((len(counted), longest) + values.shape[2:], np.nan)
        for row, places in enumerate(counted):
            padded[row, :len(places)] = values[row][places]
        trace[name] = padded
    return trace


# ---------------------------------------------------------------------------------------------------------------------
# The DIEN authors' TensorFlow 1 code

_KINDS = {"Model_DNN": "base", "Model_PNN": "pnn", "Model_DIN": "din", "Model_DIN_V2_Gru_Gru_att": "gru",
          "Model_DIN_V2_Gru_att_Gru": "aigru", "Model_DIN_V2_Gru_QA_attGru": "agru",
          "Model_DIN_V2_Gru_Vec_attGru": "augru", "Model_DIN_V2_Gru_Vec_attGru_Neg": "dien"}
_INPUTS = ("uid_batch_ph", "mid_batch_ph", "cat_batch_ph", "mid_his_batch_ph", "cat_his_batch_ph", "mask", "target_ph",
           "seq_len_ph", "noclk_mid_batch_ph", "noclk_cat_batch_ph")  # in the order of prepare_data
_NEEDED = ("uid_batch_ph", "mid_batch_ph", "cat_batch_ph", "mid_his_batch_ph", "cat_his_batch_ph", "seq_len_ph")
_SLOTS = re.compile(r"/(Adam|Adagrad|Adadelta|Momentum|RMSProp|Ftrl)(_\d+)?$|(^|/)(beta[12]_power|global_step)(_\d+)?$")
_SUMMARIES = {"GRU_outputs": "interests", "GRU2_outputs": "interests", "alpha_outputs": "attention",
              "GRU2_Final_State": "result", "att_fea": "result"}


def authors(model, session, path, sample=None, labels=None, kind=None, max_history=None, history_sum=None):
    # type: (Any, Any, str, Any, Any, Optional[str], Optional[int], Optional[str]) -> None
    """Writes a model of the DIEN authors' script/model.py, with what it computes on a batch, into `path` (.npz).

    model          an object of one of their classes (Model_DIN_V2_Gru_Vec_attGru_Neg, ...)
    session        the tf.Session with its variables
    sample         ONE batch: the tuple of prepare_data, or the feed_dict of session.run. Their Dice takes its
                   statistics from the batch, so that scores hold for these rows together
    labels         a number a row; without it the first column of the batch's target
    kind           where the class has another name: base, pnn, din, gru, aigru, agru, augru or dien
    max_history    how many events the model for the phone keeps; the default is 100, train.py's maxlen, or the batch's
                   longest history where that is longer
    history_sum    masked: the history's sum takes real events only. padded: also row 0 for every padded step, as the
                   code does. The default is masked where the batch pads nothing, else padded to the batch's length,
                   which reproduces it
    raises         DumpError, which says what to do; then no file is written
    """
    content = read_authors(model, session, sample, kind, max_history, history_sum)
    if sample is not None:
        content.update(observe_authors(model, session, sample, labels))
    dump(path, **content)


def is_authors(model):
    # type: (Any) -> bool
    """Whether it is an object of the authors' class Model or of one made of it."""
    return all(hasattr(model, name) for name in _NEEDED + ("y_hat",))


def read_authors(model, session, sample=None, kind=None, max_history=None, history_sum=None):
    # type: (Any, Any, Any, Optional[str], Optional[int], Optional[str]) -> Content
    """What dump() takes, but for requests and what belongs to them. Arguments as in authors()."""
    if not is_authors(model):
        raise DumpError("expected an object of the DIEN authors' class Model, with %s and y_hat, but a %s came" % (
            ", ".join(_NEEDED), type(model).__name__))
    kind = kind or _kind_of(model)
    if kind not in _KINDS.values():
        raise DumpError("kind: expected one of %s, but %r came" % (", ".join(sorted(_KINDS.values())), kind))
    variables = [variable for variable in session.graph.get_collection("variables")
                 if not _SLOTS.search(_name_of(variable))]
    names = [_name_of(variable) for variable in variables]
    tensors = dict(zip(names, session.run(variables)))
    notes = []
    answers = {"kind": kind, "head": _head_of(kind, tensors)}  # type: Dict[str, Any]
    longest, padded = 0, False
    if sample is not None:
        batch = _batch(model, sample)
        longest = batch["mid_his_batch_ph"].shape[1]
        padded = bool((batch["seq_len_ph"] < longest).any())
    if history_sum not in (None, "masked", "padded"):
        raise DumpError("history_sum: expected masked or padded, but %r came" % (history_sum,))
    answers["history_sum"] = history_sum or ("padded" if padded else "masked")
    if answers["history_sum"] == "padded":
        max_history = answers["padded_length"] = max_history or longest or 100
        notes.append("The code sums row 0 of both tables for every padded step, up to the longest history of a batch. "
                     "This model reproduces batches that are padded to %d. To sum real events only, score a batch "
                     "whose histories are equally long." % max_history)
    answers["max_history"] = max_history or max(100, longest)
    calibrate = any("alphadice" in name for name in names)
    if calibrate:
        notes.append("The code's Dice takes its statistics from the batch that is scored. The sample is one batch, on "
                     "which the statistics are measured, so that it can be compared. For use, calibrate on some "
                     "thousand typical requests.")
    title = "The DIEN authors' TensorFlow 1 code, %s (%s)" % (type(model).__name__, kind)
    return {"library": "dien-tf1", "title": title, "tensors": [(name, tensors[name]) for name in names],
            "answers": answers, "notes": notes, "calibrate": calibrate}


def _kind_of(model, otherwise=None):
    # type: (Any, Optional[str]) -> str
    names = [each.__name__ for each in type(model).__mro__]
    if "Model_WideDeep" in names:
        raise DumpError("this is Model_WideDeep, whose second, linear head is not in Augur's model family")
    for name in names:
        if name in _KINDS:
            return _KINDS[name]
    if otherwise is not None:
        return otherwise
    raise DumpError("the class %s is none of the authors' (%s): say which of them it computes, with kind=one of %s" % (
        names[0], ", ".join(sorted(_KINDS)), ", ".join(sorted(_KINDS.values()))))


def _head_of(kind, tensors):
    # type: (str, Dict[str, Any]) -> str
    """The code's first version left out the candidate times the history's sum."""
    def shape(end):
        # type: (str) -> Sequence[int]
        found = [array.shape for name, array in tensors.items() if ("/" + name).endswith("/" + end)]
        if len(found) != 1:
            raise DumpError("the session's graph has %d variables %s; one is expected: a graph with this model alone" %
                            (len(found), end))
        return found[0]  # type: ignore[no-any-return]
    event = shape("mid_embedding_var")[1] + shape("cat_embedding_var")[1]
    width = shape("uid_embedding_var")[1] + 2 * event
    if kind == "din":
        width += event
    elif kind not in ("base", "pnn"):
        width += shape("gru1/gru_cell/candidate/kernel")[1]
    return "first" if kind not in ("base", "pnn") and shape("f1/kernel")[0] == width else "current"


def _batch(model, sample):
    # type: (Any, Any) -> Dict[str, Any]
    """The sample by the names of the model's placeholders."""
    if hasattr(sample, "items"):
        batch = {}
        for key, value in sample.items():
            names = [name for name in _INPUTS if key is getattr(model, name, None)
                     or (isinstance(key, str) and key == name)]
            if names:
                batch[names[0]] = np.asarray(value)
    elif isinstance(sample, (list, tuple)) and len(sample) in (8, 10):
        batch = dict(zip(_INPUTS, map(np.asarray, sample)))
    else:
        raise DumpError("sample: expected what prepare_data returns (8 or 10 arrays), or a feed_dict, but a %s came" %
                        type(sample).__name__)
    missing = [name for name in _NEEDED if name not in batch]
    if missing:
        raise DumpError("the sample feeds no %s; it needs %s" % (", ".join(missing), ", ".join(_NEEDED)))
    rows = batch["uid_batch_ph"].shape[0]
    if not rows:
        raise DumpError("the sample has no row")
    for name in sorted(batch):
        if batch[name].shape[:1] != (rows,):
            raise DumpError("the sample has %d rows of uid_batch_ph, but %s has the shape %s" %
                            (rows, name, list(batch[name].shape)))
    lengths = batch["seq_len_ph"]
    if (lengths < 0).any() or (lengths > batch["mid_his_batch_ph"].shape[1]).any():
        raise DumpError("the sample's seq_len_ph has %s, but its histories have %d columns" % (
            lengths.tolist(), batch["mid_his_batch_ph"].shape[1]))
    if "mask" in batch and (batch["mask"].sum(axis=1) != batch["seq_len_ph"]).any():
        raise DumpError("the sample's mask does not have as many ones as seq_len_ph says. The first version of "
                        "prepare_data makes one more; Augur's attention covers the real events only. Set mask[i, "
                        ":seq_len[i]] = 1 and the rest 0")
    return batch


def observe_authors(model, session, sample, labels=None):
    # type: (Any, Any, Any, Any) -> Content
    """What the code computes on a batch: the members requests, scores, logits, labels and trace of a dump."""
    batch = _batch(model, sample)
    if _kind_of(model, "") == "din" and not batch["seq_len_ph"].all():
        raise DumpError("the sample has rows without events, for which the code's DIN weighs the padding: leave them "
                        "out")
    feed = {getattr(model, name): array for name, array in batch.items() if hasattr(model, name)}
    wanted = _tensors_of_authors(model, session)
    names = sorted(wanted)
    try:
        fetched = dict(zip(names, session.run([wanted[name] for name in names], feed)))
    except Exception as error:  # TensorFlow's, of any kind
        raise DumpError("session.run does not take this sample: %s" % (error,))
    scores = np.asarray(fetched.pop("scores"), np.float64)
    columns = np.asarray(fetched.pop("logits"), np.float64) if "logits" in fetched else np.log(scores)
    columns = columns.reshape(len(scores), 2)
    if labels is None and "target_ph" in batch and batch["target_ph"].ndim == 2:
        labels = batch["target_ph"][:, 0]
    requests, counted = [], []
    for row in range(len(scores)):
        length = int(batch["seq_len_ph"][row])
        counted.append(list(range(length)))
        requests.append({
            "id": "r%d" % row, "features": {"user": int(batch["uid_batch_ph"][row])},
            "history": {"item": [int(each) for each in batch["mid_his_batch_ph"][row][:length]],
                        "category": [int(each) for each in batch["cat_his_batch_ph"][row][:length]]},
            "candidates": {"item": [int(batch["mid_batch_ph"][row])], "category": [int(batch["cat_batch_ph"][row])]}})
    if labels is not None:
        labels = np.asarray(labels, np.float64).reshape(-1)
        if len(labels) != len(scores):
            raise DumpError("%d labels for %d rows of the sample: one each is expected" % (len(labels), len(scores)))
    return {"requests": requests, "scores": scores[:, 0], "logits": columns[:, 0] - columns[:, 1], "labels": labels,
            "trace": _trace(fetched, counted)}


def _tensors_of_authors(model, session):
    # type: (Any, Any) -> Dict[str, Any]
    """The tensors of scores, logits and stages, as far as the graph shows them."""
    found = {"scores": model.y_hat, "query": model.item_eb, "behaviours": model.item_his_eb}
    before = _ancestors(model.y_hat.op)
    softmax = [operation for operation in before if operation.type == "Softmax" and
               any(reader.inputs[0] is operation.outputs[0] for reader in [model.y_hat.op] if len(reader.inputs))]
    if softmax:
        found["logits"] = softmax[0].inputs[0]
    for operation in session.graph.get_operations():
        if operation.type == "HistogramSummary" and operation.inputs[1].op in before:
            stage = _SUMMARIES.get(re.sub(r"_\d+$", "", operation.name.split("/")[-1]))
            if stage and not (stage == "interests" and "GRU_outputs" in operation.name and stage in found):
                found[stage] = operation.inputs[1]
    norms = [operation for operation in before if re.search(r"(^|/)bn1(_\d+)?/batchnorm/mul_1$", operation.name)]
    if len(norms) == 1:
        found["head_input"] = norms[0].inputs[0]
    return found


def _ancestors(operation):
    # type: (Any) -> Any
    """All that an operation needs, itself included."""
    seen, waiting = set(), [operation]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting += [tensor.op for tensor in each.inputs]
    return seen


# ---------------------------------------------------------------------------------------------------------------------


def describe(path):
    # type: (str) -> str
    """What is in a file, for people."""
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {name[:-len(".npy")]: np.lib.format.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)
                          for name in archive.namelist()}
        about = json.loads(arrays["augur.json"].tobytes().decode("utf-8"))
        lines = [about["title"], "  layout     %s" % about["library"]]
        size = sum(arrays["tensor:" + name].size for name in about["order"])
        lines += ["  weights    %d tensors, %d numbers" % (len(about["order"]), size)]
        lines += ["  sample     %d rows%s" % (len(about["requests"]), ", with labels" if "labels" in arrays else "")]
        stages = sorted(name[len("trace:"):] for name in arrays if name.startswith("trace:"))
        lines += ["  trace      " + (", ".join(stages) or "none")]
        lines += ["  note       " + note for note in about["notes"]]
    except Exception as error:  # a damaged header of NumPy, or JSON that is nested too deeply, raises many kinds
        raise DumpError("%s: expected a file that this script wrote, but %s: %s" % (path, type(error).__name__, error))
    return "\n".join(lines)


def main(arguments):
    # type: (List[str]) -> int
    """The command line; returns its status."""
    if len(arguments) != 1 or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments in (["-h"], ["--help"]) else 2
    try:
        print(describe(arguments[0]))
    except DumpError as error:
        sys.stderr.write("%s\n" % error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
