"""DeepCTR-Torch: the four kinds of DIEN, and DIN, with each choice that the constructors have."""

import contextlib
import io
from typing import Any

import numpy as np
import torch
from case import Case, Trained
from deepctr_torch.inputs import DenseFeat, SparseFeat, VarLenSparseFeat
from deepctr_torch.models import DIEN, DIN

LIBRARY = "DeepCTR-Torch 0.3.0"
LONGEST = 8


def rows(draw: np.random.Generator, count: int, shortest: int = 0) -> dict[str, Any]:
    """Random rows of all features; histories of every length, padded behind."""
    length = draw.integers(shortest, LONGEST + 1, count)
    length[:3] = shortest, 1, LONGEST
    real = np.arange(LONGEST) < length[:, None]
    found: dict[str, Any] = {"seq_length": length}
    found["price"], found["pay_score"] = draw.normal(size=count), draw.normal(size=(count, 3))
    for name, size in (("user", 40), ("gender", 3), ("item", 60), ("cate", 9), ("brand", 5)):
        found[name] = draw.integers(0, size, count)
    for name, size in (("item", 60), ("cate", 9)):
        found[f"hist_{name}"] = draw.integers(1, size, (count, LONGEST)) * real
        found[f"neg_hist_{name}"] = draw.integers(1, size, (count, LONGEST)) * real
    found["genres"] = draw.integers(0, 7, (count, 3))
    found["tags"] = draw.integers(0, 7, (count, 3))
    found["tags_length"] = draw.integers(1, 4, count)
    return found


def columns_of(*, two: bool = True, share: bool = True, dense: bool = True, neg: bool = False, reorder: bool = False,
               table: str = "item", groups: bool = False, varlen: bool = False, combiner: str = "mean") -> list[Any]:
    """The feature columns of one model."""
    group = {"user": "people", "gender": "people", "item": "things", "cate": "things", "brand": "things"}

    def sparse(name: str, size: int, width: int, embedding: str = "") -> SparseFeat:
        last = name.split("_")[-1]
        named = {"group_name": group[last]} if groups else {}
        return SparseFeat(name, size, width, embedding_name=embedding or name, **named)

    def past(prefix: str) -> list[Any]:
        made = [sparse(f"{prefix}item", 60, 6, table if share else "")]
        if two:
            made.append(sparse(f"{prefix}cate", 9, 4, "cate" if share else ""))
        made = [VarLenSparseFeat(one, LONGEST, length_name="seq_length") for one in made]
        return made[::-1] if reorder else made

    found = [sparse("user", 40, 4), sparse("gender", 3, 4), sparse("item", 60, 6, table), sparse("cate", 9, 4),
             sparse("brand", 5, 3)]
    if groups:
        found[1], found[2] = found[2], found[1]  # so that a group is not side by side as it stands
    if dense:
        found += [DenseFeat("price", 1), DenseFeat("pay_score", 3)]
    found += past("hist_")
    if neg:
        found += past("neg_hist_")
    if varlen:
        found.append(VarLenSparseFeat(SparseFeat("genres", 7, 4), 3, combiner=combiner))
        if combiner != "max":
            found.append(VarLenSparseFeat(SparseFeat("tags", 7, 4), 3, combiner=combiner, length_name="tags_length"))
    return found


def train(kind: Any, columns: list[Any], own: list[str], *, two: bool = True, task: str = "binary", shortest: int = 0,
          **named: Any) -> Trained:
    """A model that was trained for some epochs, and rows that it has not seen."""
    draw = np.random.default_rng(7)
    with contextlib.redirect_stdout(io.StringIO()):
        model = kind(columns, ["item", "cate"] if two else ["item"], task=task, init_std=0.3, dnn_hidden_units=(12, 6),
                     **named)
        for layer in model.dnn.linears:  # DIN begins with weights of 1e-4, and would need long
            torch.nn.init.normal_(layer.weight, std=0.6)
        seen = rows(draw, 400, shortest)
        label = ((seen["item"] + seen["hist_item"].sum(1) + seen["user"]) % 3 == 0).astype(np.float32)
        loss = "binary_crossentropy" if task == "binary" else "mse"
        model.compile(torch.optim.Adam(model.parameters(), 0.01), loss, metrics=[])
        model.fit({name: seen[name] for name in model.feature_index}, label, batch_size=64, epochs=4, verbose=0)
    sample = rows(draw, 200, shortest)
    labels = ((sample["item"] + sample["hist_item"].sum(1) + sample["user"]) % 3 == 0).astype(np.float32)
    return Trained(model, {name: sample[name] for name in model.feature_index}, labels if task == "binary" else None,
                   {"candidate_features": own})


def dien(mode: str, own: tuple[str, ...] = ("brand", "price"), columns: Any = None, **named: Any) -> Case:
    """A DIEN with these columns and arguments."""
    chosen = {"two": True, **(columns or {})}
    own = tuple(name for name in own if name != "price" or chosen.get("dense", True))
    extra = () if chosen["two"] else ("cate",)
    return Case(LIBRARY, f"DIEN {mode}", lambda: train(
        DIEN, columns_of(**chosen), [*own, *extra], two=chosen["two"], att_hidden_units=(8, 5), **named))


def din(mode: str, columns: Any = None, own: tuple[str, ...] = ("brand", "price"), **named: Any) -> Case:
    """A DIN with these columns and arguments. Its softmax gives row 0 to an empty history, so that none is empty."""
    shortest = 1 if named.get("att_weight_normalization") else 0
    return Case(LIBRARY, f"DIN {mode}", lambda: train(
        DIN, columns_of(**(columns or {})), list(own), shortest=shortest, att_hidden_size=(8, 5), **named))


CASES = [
    *(dien(f"{gru}, {'softmax' if softmax else 'no softmax'}", gru_type=gru, att_weight_normalization=softmax)
      for gru in ("GRU", "AIGRU", "AGRU", "AUGRU") for softmax in (True, False)),
    *(dien(f"{gru}, auxiliary loss", columns={"neg": True}, gru_type=gru, use_negsampling=True)
      for gru in ("GRU", "AIGRU", "AGRU", "AUGRU")),
    *(dien(f"{gru}, BatchNorm", gru_type=gru, use_bn=True) for gru in ("GRU", "AIGRU", "AGRU", "AUGRU")),
    *(dien(f"AUGRU, attention {word}", gru_type="AUGRU", att_activation=word)
      for word in ("sigmoid", "linear", "relu", "prelu", "dice")),
    *(dien("AUGRU, head "
           f"{word}", gru_type="AUGRU", dnn_activation=word) for word in ("sigmoid", "linear", "relu", "prelu")),
    *(dien(f"AUGRU, {kind.__name__} (a class of torch.nn)", gru_type="AUGRU", att_activation=kind, dnn_activation=kind)
      for kind in (torch.nn.Tanh, torch.nn.GELU, torch.nn.ELU, torch.nn.SiLU, torch.nn.LeakyReLU)),
    dien("AUGRU, one history feature", columns={"two": False}, gru_type="AUGRU"),
    dien("AUGRU, tables of the history's own", columns={"share": False}, gru_type="AUGRU"),
    dien("AUGRU, tables of the history's own, auxiliary loss", columns={"share": False, "neg": True}, gru_type="AUGRU",
         use_negsampling=True),
    dien("AUGRU, embedding_name", columns={"table": "goods_id"}, gru_type="AUGRU"),
    dien("AUGRU, history columns in another order", columns={"reorder": True}, gru_type="AUGRU"),
    dien("AUGRU, group_name", columns={"groups": True}, gru_type="AUGRU"),
    dien("AUGRU, no dense features", columns={"dense": False}, gru_type="AUGRU"),
    dien("AUGRU, a list beside the history, which DIEN does not read", columns={"varlen": True}, gru_type="AUGRU"),
    dien("AUGRU, every feature each "
         "candidate's", own=("user", "gender", "brand", "price", "pay_score"), gru_type="AUGRU"),
    dien("AUGRU, regression", gru_type="AUGRU", task="regression"),
    dien("GRU, PReLU, BatchNorm, auxiliary loss", columns={"neg": True}, gru_type="GRU", att_activation="prelu",
         dnn_activation="prelu", use_bn=True, use_negsampling=True),
    dien("AGRU, Dice, no softmax, dropout", gru_type="AGRU", att_activation="dice", att_weight_normalization=False,
         dnn_dropout=0.2),
    *(din(f"{word}, {'softmax' if softmax else 'no softmax'}", att_activation=word, att_weight_normalization=softmax)
      for word in ("Dice", "relu", "sigmoid") for softmax in (True, False)),
    din("BatchNorm, PReLU", dnn_use_bn=True, dnn_activation="prelu"),
    din("tables of the history's own", columns={"share": False}),
    din("group_name", columns={"groups": True}),
    *(din(f"lists, {word}", columns={"varlen": True, "combiner": word}, own=("brand", "price", "genres"))
      for word in ("mean", "sum", "max")),
    din("regression", task="regression"),
]
