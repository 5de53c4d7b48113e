"""FuxiCTR: the DIEN and DIN of LongCTR, which its package has, and of model_zoo, which it does not have.

AUGUR_FUXICTR_ZOO names the folder model_zoo of a checkout of FuxiCTR; without it, only LongCTR's models are run.
"""

import atexit
import importlib
import json
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, Optional

import numpy as np
import torch
from case import Case, Trained
from fuxictr.features import FeatureMap
from fuxictr.pytorch.torch_utils import seed_everything
from model_zoo.LongCTR.DIEN.DIEN import DIEN as LongDIEN
from model_zoo.LongCTR.DIN.DIN import DIN as LongDIN

LIBRARY = "FuxiCTR 2.3.10"
LONGEST = 8
ZOO = os.environ.get("AUGUR_FUXICTR_ZOO")


def category(size: int, **more: Any) -> dict[str, Any]:
    """A categorical feature of a feature map."""
    return {"source": "", "type": "categorical", "padding_idx": 0, "vocab_size": size, **more}


def sequence(size: int, longest: int, **more: Any) -> dict[str, Any]:
    """A sequence of a feature map."""
    return {"source": "", "type": "sequence", "padding_idx": 0, "vocab_size": size, "max_len": longest, **more}


NUMBER = {"source": "", "type": "numeric"}
BASE = {"user_id": category(40), "item_id": category(60), "cate_id": category(9), "shop": category(8)}
PAST = {"click_history": sequence(60, LONGEST, share_embedding="item_id"),
        "cate_history": sequence(9, LONGEST, share_embedding="cate_id")}
NEGATIVE = {f"neg_{name}": spec for name, spec in PAST.items()}
SETTINGS = {
    "loss": "binary_crossentropy", "metrics": ["logloss", "AUC"], "task": "binary_classification", "optimizer": "adam",
    "learning_rate": 2e-2, "embedding_dim": 4, "dnn_hidden_units": [12, 6], "dnn_activations": "Dice",
    "batch_norm": True,
    "monitor": {"AUC": 1}, "monitor_mode": "max", "model_id": "made", "verbose": 0, "gpu": -1,
}


def feature_map(features: Mapping[str, Any], settings: Mapping[str, Any], keys: bool) -> FeatureMap:
    """A feature map as preprocessing writes it; with `keys`, its vocabulary too."""
    folder = tempfile.mkdtemp(prefix="augur-real-fuxictr-")  # the model reads it until the process ends
    atexit.register(shutil.rmtree, folder, True)
    document = {"dataset_id": "made", "num_fields": len(features), "total_features": 300, "input_length": 30,
                "labels": ["clk"], "features": [{name: dict(spec)} for name, spec in features.items()]}
    with open(f"{folder}/feature_map.json", "w", encoding="utf-8") as file:
        json.dump(document, file)
    if keys:
        vocabularies = {name: {"__PAD__": 0, **{f"{name}-{row}": row for row in range(1, spec["vocab_size"] - 1)},
                               "__OOV__": spec["vocab_size"] - 1}
                        for name, spec in features.items() if "vocab_size" in spec}
        with open(f"{folder}/feature_vocab.json", "w", encoding="utf-8") as file:
            json.dump(vocabularies, file)
    found = FeatureMap("made", folder)
    found.load(f"{folder}/feature_map.json", dict(settings))
    return found


def rows(features: Mapping[str, Any], past: Sequence[str], count: int, draw: np.random.Generator,
         before: bool) -> dict[str, Any]:
    """Random rows of all features; histories of every length."""
    length = draw.integers(0, LONGEST + 1, count)
    length[:3] = 0, 1, LONGEST
    real = np.arange(LONGEST) < length[:, None]
    real = real[:, ::-1] if before else real
    found: dict[str, Any] = {}
    for name, spec in features.items():
        if spec["type"] == "numeric":
            found[name] = draw.normal(size=count)
        elif spec["type"] == "embedding":
            found[name] = draw.normal(size=(count, spec["pretrain_dim"]))
        elif name in past:
            found[name] = draw.integers(1, spec["vocab_size"], (count, LONGEST)) * real
        elif spec["type"] == "sequence":
            found[name] = draw.integers(0, spec["vocab_size"], (count, spec["max_len"]))
        else:
            found[name] = draw.integers(1, spec["vocab_size"], count)
    return found


def steps(model: Any, batch: Any, label: torch.Tensor) -> None:
    """Some steps of FuxiCTR's own optimiser and loss."""
    model.train()
    for _ in range(30):
        model.optimizer.zero_grad()
        model.loss_fn(model.forward(batch)["y_pred"], label, reduction="mean").backward()
        model.optimizer.step()
    model.eval()


def zoo(name: str) -> Any:
    """A class of the model_zoo of a checkout."""
    for module in [one for one in sys.modules if one == "src" or one.startswith("src.")]:
        del sys.modules[module]
    sys.path.insert(0, f"{ZOO}/{name}")
    try:
        return getattr(importlib.import_module(f"src.{name}"), name)
    finally:
        sys.path.pop(0)


def train_zoo(name: str, features: Mapping[str, Any], past: Sequence[str], before: bool, keys: bool,
              settings: Mapping[str, Any], own: Sequence[str]) -> Trained:
    """A model of model_zoo."""
    logging.disable(logging.CRITICAL)
    seed_everything(2022)
    everything = {**SETTINGS, "model_root": tempfile.gettempdir(), **settings}
    model = zoo(name)(feature_map(features, everything, keys), **everything)
    draw = np.random.default_rng(3)

    def batch_of(count: int) -> tuple[dict[str, torch.Tensor], Any]:
        made = rows(features, past, count, draw, before)
        label = (made["item_id"] + made[past[0]].sum(1) + made["user_id"]) % 3 == 0
        return {name: torch.tensor(values, dtype=torch.float64) for name, values in made.items()}, label

    batch, label = batch_of(400)
    steps(model, batch, torch.tensor(label, dtype=torch.float32).view(-1, 1))
    sample, labels = batch_of(200)
    return Trained(model, sample, labels, {"candidate_features": list(own)})


def train_long(kind: Any, before: bool, settings: Mapping[str, Any]) -> Trained:
    """A model of LongCTR, with batches as its loader makes them."""
    logging.disable(logging.CRITICAL)
    seed_everything(2022)
    features = {"user_index": {"source": "", "type": "meta"}, "user_id": category(40), "city": category(6),
                "item_id": category(60, source="item"), "cate_id": category(9, source="item")}
    everything = {**SETTINGS, "model_root": tempfile.gettempdir(), "attention_hidden_units": [8, 5], **settings}
    model = kind(feature_map(features, everything, keys=False), **everything)
    draw = np.random.default_rng(3)
    cates = np.concatenate([[0], draw.integers(1, 9, 59)])

    def batch_of(count: int) -> tuple[Any, Any]:
        length = draw.integers(1, LONGEST + 1, count)
        length[:2] = 1, LONGEST
        real = np.arange(LONGEST) < length[:, None]
        past = draw.integers(1, 60, (count, LONGEST)) * (real[:, ::-1] if before else real)
        item = draw.integers(1, 60, count)
        items = np.concatenate([past, item[:, None]], axis=1).reshape(-1)
        user = draw.integers(1, 40, count)
        given = {"user_index": torch.arange(count), "user_id": torch.tensor(user),
                 "city": torch.tensor(draw.integers(1, 6, count))}
        mask = torch.tensor(past > 0, dtype=torch.float32)
        of_items = {"item_id": torch.tensor(items), "cate_id": torch.tensor(cates[items])}
        return (given, of_items, mask), (item + user) % 3 == 0

    batch, label = batch_of(400)
    steps(model, batch, torch.tensor(label, dtype=torch.float32).view(-1, 1))
    sample, labels = batch_of(200)
    return Trained(model, sample, labels, {"candidate_features": []})


def model_zoo(name: str, mode: str, features: Optional[Mapping[str, Any]] = None, own: Sequence[str] = ("shop",),
              before: bool = False, keys: bool = False, target: Any = None, past: Any = None, **settings: Any) -> Case:
    """A model of model_zoo with these features and settings."""
    target, past = target or [("item_id", "cate_id")], past or [("click_history", "cate_history")]
    prefix = name.lower()
    settings = {f"{prefix}_target_field": target, f"{prefix}_sequence_field": past, **settings}
    if name == "DIEN":
        settings = {"dien_neg_seq_field": [], "attention_activation": "ReLU", **settings}
    settings = {"attention_hidden_units": [8, 5], **settings}
    groups = past if isinstance(past, list) else [past]
    names = [field for group in groups for field in ([group] if isinstance(group, str) else group)]
    names += [field for field in features or () if field.startswith("neg_")]
    return Case(f"{LIBRARY}, model_zoo", f"{name} {mode}", lambda: train_zoo(
        name, features or {**BASE, **PAST}, names, before, keys, settings, own))


def long(kind: Any, mode: str, before: bool = False, **settings: Any) -> Case:
    """A model of LongCTR with these settings."""
    return Case(f"{LIBRARY}, LongCTR", f"{kind.__name__} {mode}", lambda: train_long(kind, before, settings))


TAGS = {"tags": sequence(7, 3, feature_encoder="layers.MaskedAveragePooling()"),
        "words": sequence(9, 3, feature_encoder="layers.MaskedSumPooling()")}
ZOO_CASES = [
    *(model_zoo("DIEN", gru, gru_type=gru) for gru in ("GRU", "AGRU", "AUGRU")),
    *(model_zoo("DIEN", f"{gru}, no softmax", gru_type=gru, use_attention_softmax=False) for gru in ("AGRU", "AUGRU")),
    model_zoo("DIEN", "AUGRU, dot attention", attention_type="dot_attention"),
    model_zoo("DIEN", "AUGRU, dot attention, no softmax, sum pooling", attention_type="dot_attention",
              use_attention_softmax=False, enable_sum_pooling=True),
    *(model_zoo("DIEN", f"AUGRU, attention MLP, {word}", attention_type="din_attention", attention_activation=word)
      for word in ("ReLU", "Dice", "PReLU", "Sigmoid")),
    model_zoo("DIEN", "AUGRU, sum pooling", enable_sum_pooling=True),
    *(model_zoo("DIEN", f"AUGRU, head {word}", dnn_activations=word)
      for word in ("ReLU", "PReLU", "Tanh", "GELU", "LeakyReLU", "ELU", "SiLU")),
    model_zoo("DIEN", "AUGRU, no BatchNorm", batch_norm=False),
    model_zoo("DIEN", "AUGRU, dropout", net_dropout=0.2, attention_dropout=0.1, attention_type="din_attention"),
    model_zoo("DIEN", "AUGRU, names in place of lists", {**BASE, "click_history": PAST["click_history"]},
              own=("shop", "cate_id"), target="item_id", past="click_history"),
    model_zoo("DIEN", "AUGRU, two sequences", target=["item_id", "cate_id"], past=["click_history", "cate_history"]),
    model_zoo("DIEN", "AUGRU, numbers", {"age": NUMBER, **BASE, "price": NUMBER, **PAST}, own=("shop", "price")),
    model_zoo("DIEN", "AUGRU, pooled lists", {**TAGS, **BASE, **PAST}, own=("shop", "tags")),
    model_zoo("DIEN", "AUGRU, an embedding "
                      "feature", {**BASE, "img": {"source": "", "type": "embedding", "pretrain_dim": 5},
                                                      **PAST}, own=("shop", "img")),
    model_zoo("DIEN", "AUGRU, tables of the sequences' own",
              {**BASE, "click_history": sequence(60, LONGEST), "cate_history": sequence(9, LONGEST)}),
    model_zoo("DIEN", "AUGRU, negative sequences without the auxiliary loss", {**BASE, **PAST, **NEGATIVE},
              dien_neg_seq_field=[("neg_click_history", "neg_cate_history")]),
    model_zoo("DIEN", "AUGRU, padding before the events", before=True),
    model_zoo("DIEN", "AUGRU, feature_vocab.json", keys=True),
    model_zoo("DIEN", "AUGRU, regression", task="regression", loss="mse_loss"),
    model_zoo("DIN", "Dice"),
    model_zoo("DIN", "ReLU, softmax", attention_hidden_activations="ReLU", din_use_softmax=True,
              dnn_activations="ReLU"),
    model_zoo("DIN", "Sigmoid after the attention", attention_output_activation="Sigmoid", dnn_activations="ELU"),
    model_zoo("DIN", "two sequences", target=["item_id", "cate_id"], past=["click_history", "cate_history"]),
    model_zoo("DIN", "padding before the events, numbers", {"age": NUMBER, **BASE, **PAST}, before=True),
]
CASES = [
    *(long(LongDIEN, f"{gru}, padding after the events", gru_type=gru) for gru in ("GRU", "AGRU", "AUGRU")),
    long(LongDIEN, "AUGRU, no softmax", use_attention_softmax=False),
    long(LongDIEN, "AUGRU, dot attention", attention_type="dot_attention"),
    long(LongDIEN, "AGRU, attention MLP, sum pooling", gru_type="AGRU", attention_type="din_attention",
         enable_sum_pooling=True, attention_activation="ReLU"),
    long(LongDIEN, "AUGRU, head GELU", dnn_activations="GELU"),
    long(LongDIN, "Dice"),
    long(LongDIN, "padding before the events", before=True),
    long(LongDIN, "softmax, ReLU, Sigmoid after the "
                  "attention", din_use_softmax=True, attention_hidden_activations="ReLU",
         attention_output_activation="Sigmoid", dnn_activations="ReLU"),
    *(ZOO_CASES if ZOO else []),
]
