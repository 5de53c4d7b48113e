"""RecBole: the four kinds of DIEN, and DIN, with each kind of field that its datasets have."""

import contextlib
import io
import logging
import os
import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from case import Case, Trained
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.data.interaction import Interaction
from recbole.utils import get_model, get_trainer, init_seed

LIBRARY = "RecBole 1.2.1"
LONGEST = 8
USERS, ITEMS = 50, 45
np.long = np.int64  # RecBole 1.2.1 writes np.long, which NumPy 1.24 to 1.26 do not have


def words(draw: np.random.Generator, most: int, count: int) -> str:
    """Some words, as a token_seq field has them."""
    return " ".join(f"w{int(one)}" for one in draw.integers(0, count, int(draw.integers(1, most + 1))))


def field(name: str, draw: np.random.Generator, at: int) -> str:
    """What user or item number `at` has in a field."""
    if TYPES[name] == "token_seq":
        return words(draw, 3, 6 if name == "hobbies" else 9)
    return {"age": f"{at % 5}", "income": f"{at * 37 % 11 / 11:.3f}", "brand": f"b{at % 7}",
            "price": f"{at * 29 % 13 / 13:.3f}"}[name]


TYPES = {"age": "token", "hobbies": "token_seq", "income": "float",
         "brand": "token", "words": "token_seq", "price": "float"}


def write_dataset(folder: str, users: tuple[str, ...], items: tuple[str, ...]) -> None:
    """RecBole's atomic files: who has looked at what, users and items."""
    draw = np.random.default_rng(3)
    os.makedirs(f"{folder}/made")
    with open(f"{folder}/made/made.inter", "w", encoding="utf-8") as file:
        file.write("user_id:token\titem_id:token\trating:float\ttimestamp:float\n")
        for user in range(USERS):
            for time in range(int(draw.integers(6, 12))):
                item = (user * 7 + time) % ITEMS if (user + time) % 3 == 0 else int(draw.integers(0, ITEMS))
                file.write(f"u{user}\ti{item}\t{draw.integers(1, 6)}\t{time + user}\n")
    for what, key, count, names in (("user", "user_id", USERS, users), ("item", "item_id", ITEMS, items)):
        if names:
            with open(f"{folder}/made/made.{what}", "w", encoding="utf-8") as file:
                file.write("\t".join([f"{key}:token", *(f"{name}:{TYPES[name]}" for name in names)]) + "\n")
                for at in range(count):
                    file.write("\t".join([f"{key[0]}{at}", *(field(name, draw, at) for name in names)]) + "\n")


def train(kind: str, users: tuple[str, ...], items: tuple[str, ...], settings: Mapping[str, Any]) -> Trained:
    """A model that RecBole's Trainer trained, and an Interaction of random rows."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        write_dataset(folder, users, items)
        columns = {"inter": ["user_id", "item_id", "rating", "timestamp"]}
        columns.update({what: [f"{what}_id", *names] for what, names in (("user", users), ("item", items)) if names})
        config = Config(model=kind, dataset="made", config_dict={
            "data_path": folder, "load_col": columns, "checkpoint_dir": folder, "MAX_ITEM_LIST_LENGTH": LONGEST,
            "embedding_size": 4, "mlp_hidden_size": [12, 6], "dropout_prob": 0.0, "numerical_features": [],
            "epochs": 5, "train_batch_size": 128, "learning_rate": 0.03, "use_gpu": False, "worker": 0,
            "eval_args": {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": "uni10"},
            "state": "CRITICAL", "show_progress": False, **settings})
        init_seed(5, True)
        dataset = create_dataset(config)
        seen, validation, _ = data_preparation(config, dataset)
        model = get_model(kind)(config, seen._dataset)
        get_trainer(config["MODEL_TYPE"], kind)(config, model).fit(seen, validation, saved=False, show_progress=False)
    draw = np.random.default_rng(1)
    rows = 200
    length = draw.integers(1, LONGEST + 1, rows)
    length[:3] = 1, 2, LONGEST
    real = np.arange(LONGEST) < length[:, None]
    user, item = draw.integers(1, dataset.num("user_id"), rows), draw.integers(1, dataset.num("item_id"), rows)
    past = draw.integers(1, dataset.num("item_id"), (2, rows, LONGEST)) * real
    batch = {model.USER_ID: user, model.POS_ITEM_ID: item, model.ITEM_SEQ: past[0], model.ITEM_SEQ_LEN: length,
             config["NEG_PREFIX"] + model.ITEM_SEQ: past[1]}
    return Trained(model, Interaction({name: torch.tensor(values) for name, values in batch.items()}),
                   (user + item) % 3 == 0)


def case(kind: str, mode: str, users: tuple[str, ...] = (), items: tuple[str, ...] = (), **settings: Any) -> Case:
    """A model with these fields beside the ids, and these settings."""
    return Case(LIBRARY, f"{kind} {mode}", lambda: train(kind, users, items, settings))


CASES = [
    *(case("DIEN", gru, gru_type=gru) for gru in ("GRU", "AIGRU", "AGRU", "AUGRU")),
    case("DIEN", "AUGRU, token fields", ("age",), ("brand",), gru_type="AUGRU"),
    *(case("DIEN", f"{gru}, token_seq fields, {pooling}", ("hobbies", "age"), ("words", "brand"), gru_type=gru,
           pooling_mode=pooling) for gru, pooling in (("AUGRU", "mean"), ("AIGRU", "sum"), ("GRU", "max"))),
    case("DIEN", "AUGRU, float fields that the model does not "
                 "read", ("income", "age"), ("price", "brand"), gru_type="AUGRU"),
    *(case("DIEN", f"{gru}, a float field of "
                   "items", ("age",), ("price", "brand"), gru_type=gru, numerical_features=["price"])
      for gru in ("GRU", "AIGRU", "AGRU", "AUGRU")),
    case("DIEN", "AUGRU, float fields of users and of items", ("income",), ("price", "brand"), gru_type="AUGRU",
         numerical_features=["income", "price"]),
    case("DIEN", "AUGRU, a discretized float field", ("age",), ("price", "brand"), gru_type="AUGRU",
         numerical_features=["price"], discretization={"price": {"method": "ED", "bucket": 4}}),
    case("DIEN", "AUGRU, dropout, three layers", gru_type="AUGRU", dropout_prob=0.2, mlp_hidden_size=[16, 8, 4]),
    case("DIN", "ids alone"),
    case("DIN", "token and token_seq fields", ("age", "hobbies"), ("words", "brand")),
    case("DIN", "a float field of items", ("age",), ("price", "brand"), numerical_features=["price"]),
    case("DIN", "token_seq fields, max", (), ("words",), pooling_mode="max"),
]
