"""torch-rechub: DIEN and DIN, with each kind of feature that they take."""

import contextlib
import io
import tempfile
from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import torch
from case import Case, Trained
from torch_rechub.basic.features import DenseFeature, SequenceFeature, SparseFeature
from torch_rechub.models.ranking import DIEN, DIN
from torch_rechub.trainers import CTRTrainer
from torch_rechub.utils.data import DataGenerator

LIBRARY = "torch-rechub 0.9.0"
LONGEST, WIDTH = 8, 4


def history_of(prefix: str, shared: Sequence[Optional[str]], padding: Optional[int]) -> list[Any]:
    """One sequence of items, and one of categories if there are two entries in `shared`."""
    names = zip((("item", 60), ("cate", 9)), shared)
    return [SequenceFeature(f"{prefix}{name}", size, WIDTH, pooling="concat", shared_with=table, padding_idx=padding)
            for (name, size), table in names]


def rows(features: Sequence[Any], count: int, draw: np.random.Generator, before: bool, shortest: int) -> dict[str, Any]:
    """Random rows of these features; histories of every length."""
    length = draw.integers(shortest, LONGEST + 1, count)
    length[:3] = shortest, 1, LONGEST
    real = np.arange(LONGEST) < length[:, None]
    real = real[:, ::-1] if before else real
    found: dict[str, Any] = {}
    for one in features:
        if isinstance(one, DenseFeature):
            shape = (count,) if one.embed_dim == 1 else (count, one.embed_dim)
            found[one.name] = draw.normal(size=shape).astype(np.float32)
        elif isinstance(one, SparseFeature):
            found[one.name] = draw.integers(1, one.vocab_size, count)
        elif one.pooling == "concat":
            found[one.name] = draw.integers(1, one.vocab_size, (count, LONGEST)) * real
        else:
            found[one.name] = draw.integers(0, one.vocab_size, (count, 3))
    return found


def train(kind: Any, *, two: bool = True, tags: Optional[str] = None, dense: bool = False, before: bool = False,
          own_tables: bool = False, padding: Optional[int] = 0, dims: Sequence[int] = (12, 6), shortest: int = 0,
          attention: Optional[dict[str, Any]] = None, own: Sequence[str] = ()) -> Trained:
    """A model that CTRTrainer trained (DIN: Adam, as CTRTrainer does), and rows that it has not seen."""
    torch.manual_seed(7)
    draw = np.random.default_rng(5)
    features: list[Any] = [SparseFeature("user", 40, WIDTH)]
    if dense:
        features += [DenseFeature("age"), DenseFeature("taste", 3)]
    if tags:
        features.append(SequenceFeature("tags", 8, WIDTH, pooling=tags, padding_idx=0))
    features.append(SparseFeature("city", 6, WIDTH))
    targets = [SparseFeature("item", 60, WIDTH, padding_idx=0)]
    targets += [SparseFeature("cate", 9, WIDTH, padding_idx=0)] if two else []
    if kind is DIEN:
        targets.append(SparseFeature("shop", 8, WIDTH))
    count = 2 if two else 1
    history = history_of("hist_", [None, None][:count] if own_tables else ["item", "cate"][:count], padding)
    negatives = history_of("neg_", ["hist_item", "hist_cate"][:count] if own_tables else ["item", "cate"][:count], 0)
    head = {"dims": list(dims), "dropout": 0.1}
    if kind is DIEN:
        model = DIEN(features, history, negatives, targets, head)
    else:
        model = DIN(features, history, targets, head, attention_mlp_params=attention or {"dims": [6]})
    for table in model.embedding.embed_dict.values():
        torch.nn.init.normal_(table.weight, std=0.3)
        if table.padding_idx is not None:
            torch.nn.init.zeros_(table.weight[table.padding_idx])
    everything = [*features, *history, *targets, *(negatives if kind is DIEN else [])]
    seen = rows(everything, 500, draw, before, shortest)
    label = ((seen["item"] + seen["hist_item"].sum(1) + seen["user"]) % 3 == 0).astype(np.float32)
    silent = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
    with tempfile.TemporaryDirectory() as folder, silent[0], silent[1]:
        loader, validation, _ = DataGenerator(seen, label).generate_dataloader(split_ratio=[0.8, 0.1], batch_size=64)
        trainer = CTRTrainer(model, optimizer_params={"lr": 0.02}, n_epoch=3, earlystop_patience=10, device="cpu",
                             model_path=folder, loss_mode=kind is not DIEN)
        trainer.fit(loader, validation)
    sample = rows(everything, 200, draw, before, shortest)
    labels = (sample["item"] + sample["hist_item"].sum(1) + sample["user"]) % 3 == 0
    return Trained(model, {name: torch.tensor(values) for name, values in sample.items()}, labels,
                   {"candidate_features": list(own)})


def dien(mode: str, **named: Any) -> Case:
    """A DIEN with these arguments of train."""
    return Case(LIBRARY, f"DIEN {mode}", lambda: train(DIEN, **named))


def din(mode: str, **named: Any) -> Case:
    """A DIN with these arguments of train."""
    return Case(LIBRARY, f"DIN {mode}", lambda: train(DIN, **named))


CASES = [
    dien("two history features"),
    dien("one history feature", two=False),
    dien("tags, mean", tags="mean"),
    dien("tags of each candidate, sum", tags="sum", own=("tags",)),
    dien("tables of the history's own", own_tables=True),
    dien("dense features", dense=True),
    dien("dense features of each candidate", dense=True, two=False, own=("age", "taste")),
    dien("padding before the events", two=False, before=True),
    dien("padding before the events, two history features", before=True),
    dien("no padding_idx", two=False, padding=None),
    dien("three layers", dims=(16, 8, 4)),
    din("Dice", attention={"dims": [6]}),
    din("Dice, softmax", attention={"dims": [6], "use_softmax": True}),
    *(din(word, attention={"dims": [8, 4], "activation": word}) for word in ("relu", "sigmoid", "prelu", "leakyrelu")),
    din("padding before the events", before=True),
    din("tables of the history's own, tags", own_tables=True, tags="mean", own=("tags",)),
    din("one history feature", two=False),
]
