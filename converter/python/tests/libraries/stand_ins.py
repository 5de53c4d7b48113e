"""Objects in the place of the libraries' models: the attributes of the real ones, around checkpoints that these wrote.

The libraries are no part of the quick tests (tests/real has them). A stand-in has the tensors of a checkpoint of
tests/layouts/libraries, and its forward pass gives the library's own scores, in the order of the rows.
"""

import json
from collections import OrderedDict, namedtuple
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from augur_rank.files import safetensors_file

LIBRARIES = Path(__file__).resolve().parents[4] / "tests" / "layouts" / "libraries"
LONGEST = 8


def rows_of(folder: str, history: str = "") -> dict[str, np.ndarray]:
    """A row for each candidate of the requests, as the library's input; histories are called history + name."""
    rows: dict[str, list[Any]] = {}
    for line in (LIBRARIES / folder / "requests.jsonl").read_text().splitlines():
        request = json.loads(line)
        past = request["history"]
        if past and isinstance(next(iter(past.values())), dict):
            past = {name: values for stack in past.values() for name, values in stack.items()}
        for at in range(len(next(iter(request["candidates"].values())))):
            row = {**request["features"], "seq_length": len(next(iter(past.values()))),
                   **{name: values[at] for name, values in request["candidates"].items()}}
            row.update({history + name: values + [0] * (LONGEST - len(values)) for name, values in past.items()})
            for name in ("tags", "genres"):
                if name in row:
                    row[name] = row[name] + [0] * (LONGEST - len(row[name]))
            for name, value in row.items():
                rows.setdefault(name, []).append(value)
    return {name: np.array(values) for name, values in rows.items()}


def scores_of(folder: str) -> torch.Tensor:
    lines = (LIBRARIES / folder / "scores.jsonl").read_text().splitlines()
    return torch.tensor([score for line in lines for score in json.loads(line)["scores"]], dtype=torch.float64)


class Echo(nn.Module):
    """Gives back what it is given, or a fixed value; hooks see both."""

    def __init__(self, gives: Any = None):
        super().__init__()
        self.gives = gives

    def forward(self, *inputs: Any) -> Any:
        return inputs[0] if self.gives is None else self.gives


class StandIn(nn.Module):
    """A module whose state dict is a checkpoint's."""

    def __init__(self, folder: str, file: str = "dien.safetensors"):
        super().__init__()
        self.anchor = nn.Parameter(torch.zeros(1))  # tells the device
        tensors, _ = safetensors_file.load(str(LIBRARIES / folder / file))
        self._tensors = {name: torch.from_numpy(np.array(value)) for name, value in tensors.items()}
        self.scores = scores_of(folder)

    def state_dict(self, *_: Any, **__: Any) -> Any:
        return OrderedDict(self._tensors)

    @property
    def logits(self) -> torch.Tensor:
        return torch.log(self.scores) - torch.log1p(-self.scores)


def of_library(kind: type, name: str, module: str) -> type:
    """The class under the name that the library's has."""
    return type(name, (kind,), {"__module__": module})


def activation(name: str) -> nn.Module:
    made: nn.Module = type(name, (nn.Module,), {"forward": lambda self, x: x})()
    return made


SparseFeat = namedtuple("SparseFeat", "name vocabulary_size embedding_dim use_hash dtype embedding_name group_name")
DenseFeat = namedtuple("DenseFeat", "name dimension dtype")
VarLenSparseFeat = namedtuple(
    "VarLenSparseFeat", "name maxlen combiner length_name embedding_name group_name use_hash")


def sparse(name: str) -> SparseFeat:
    return SparseFeat(name, 9, 4, False, "int32", name, "default_group")


def past(name: str, table: str) -> VarLenSparseFeat:
    return VarLenSparseFeat(name, LONGEST, "mean", "seq_length", table, "default_group", False)


class _DeepctrAttention(nn.Module):
    weight_normalization, return_score = True, False

    def __init__(self) -> None:
        super().__init__()
        self.local_att = SimpleNamespace(dnn=SimpleNamespace(activation_layers=[activation("ReLU")]))

    def forward(self, query: torch.Tensor, keys: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(keys), 1, keys.shape[1] if self.return_score else keys.shape[2])


class _DeepctrEvolution(nn.Module):
    gru_type = "AUGRU"

    def __init__(self) -> None:
        super().__init__()
        self.attention = _DeepctrAttention()

    def forward(self, query: torch.Tensor, keys: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        self.attention(query[lengths > 0].unsqueeze(1), keys, lengths[lengths > 0])
        return torch.zeros(len(query), 10)


class _DeepctrTorch(StandIn):
    def __init__(self) -> None:
        super().__init__("deepctr-torch")
        self.item_features = ["item", "cate"]
        self.dnn_feature_columns = [
            sparse("user"), sparse("gender"), sparse("item"), sparse("cate"), sparse("brand"),
            DenseFeat("price", 1, "float32"), DenseFeat("pay_score", 3, "float32"), past("hist_item", "item"),
            past("hist_cate", "cate")]
        self.feature_index, at = OrderedDict(), 0
        for column in self.dnn_feature_columns:
            width = getattr(column, "maxlen", getattr(column, "dimension", 1))
            self.feature_index[column.name] = at, at + width
            at += width
            if getattr(column, "length_name", None) and "seq_length" not in self.feature_index:
                self.feature_index["seq_length"] = at, at + 1
                at += 1
        self.interest_extractor = nn.Module()
        self.interest_extractor.gru = Echo()
        self.interest_evolution = _DeepctrEvolution()
        self.dnn = Echo()
        self.dnn.activation_layers = [activation("ReLU")]
        self.linear = Echo(self.logits[:, None])
        self.out = SimpleNamespace(task="binary", use_bias=True, bias=torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert not self.training
        begin, _ = self.feature_index["seq_length"]
        lengths = x[:, begin].long()
        keys = torch.zeros(int((lengths > 0).sum()), LONGEST, 10)
        self.interest_extractor.gru(pack_padded_sequence(keys, lengths[lengths > 0], True, False))
        self.interest_evolution(torch.zeros(len(x), 10), keys, lengths)
        self.linear(self.dnn(torch.zeros(len(x), 29)))
        return self.scores[:, None]


def deepctr_torch() -> nn.Module:
    made: nn.Module = of_library(_DeepctrTorch, "DIEN", "deepctr_torch.models.dien")()
    return made


class Interaction:
    """RecBole's batch."""

    def __init__(self, interaction: dict[str, Any]):
        self.interaction = {name: torch.as_tensor(values) for name, values in interaction.items()}

    def __getitem__(self, at: Any) -> Any:
        """A column by its name; rows by their numbers."""
        if isinstance(at, str):
            return self.interaction[at]
        return Interaction({name: values[at] for name, values in self.interaction.items()})

    def to(self, _: Any) -> "Interaction":
        return self


class _RecboleAttention(nn.Module):
    softmax_stag, return_seq_weight = True, True

    def forward(self, query: torch.Tensor, keys: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(keys), 1, keys.shape[1])


class _Recbole(StandIn):
    USER_ID, POS_ITEM_ID, ITEM_SEQ, ITEM_SEQ_LEN = "user_id", "item_id", "item_id_list", "item_length"
    NEG_ITEM_SEQ, LABEL_FIELD = "neg_item_id_list", "label"
    gru, pooling_mode, max_seq_length = "AUGRU", "mean", LONGEST

    def __init__(self) -> None:
        super().__init__("recbole")
        token = SimpleNamespace(value="token")
        users, items = {"user_id": torch.arange(51)}, {"item_id": torch.arange(46)}
        self.user_feat, self.item_feat = Interaction(users), Interaction(items)
        self.embedding_layer = SimpleNamespace(dataset=SimpleNamespace(
            config={"numerical_features": [], "discretization": None}, field2type={"user_id": token, "item_id": token},
            num={"user_id": 51, "item_id": 46}.get,
            field2id_token={"user_id": np.array(["[PAD]", *(f"u{at}" for at in range(50))]),
                            "item_id": np.array(["[PAD]", *(f"i{at}" for at in range(45))])}))
        self.interset_extractor = nn.Module()
        self.interset_extractor.gru = Echo()
        self.interest_evolution = Echo()
        self.interest_evolution.attention_layer = _RecboleAttention()
        self.dnn_mlp_layers, self.dnn_predict_layer = Echo(), Echo(self.logits)

    def predict(self, batch: Interaction) -> torch.Tensor:
        assert not self.training
        lengths = batch["item_length"]
        keys = torch.zeros(len(lengths), LONGEST, 4)
        self.interset_extractor.gru(pack_padded_sequence(keys, lengths, True, False))
        self.interest_evolution.attention_layer(torch.zeros(len(lengths), 4), keys, lengths)
        self.interest_evolution(torch.zeros(len(lengths), 4))
        self.dnn_predict_layer(self.dnn_mlp_layers(torch.zeros(len(lengths), 12)))
        return self.scores[:len(lengths)]


def recbole() -> nn.Module:
    made: nn.Module = of_library(_Recbole, "DIEN", "recbole.model.sequential_recommender.dien")()
    return made


def _feature(kind: str, name: str, shared_with: Any = None, pooling: Any = None, padding_idx: Any = None) -> Any:
    made = type(kind, (), {})()
    made.__dict__.update(name=name, shared_with=shared_with, pooling=pooling, padding_idx=padding_idx, embed_dim=4)
    return made


class _Augru(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.augru_cell = Echo()

    def forward(self, x: torch.Tensor, item: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        for _ in range(LONGEST):
            self.augru_cell(x[:, 0], x[:, 0], x[:, 0, :1])
        return x, x[:, -1]


class _TorchRechub(StandIn):
    def __init__(self) -> None:
        super().__init__("torch-rechub")
        self.features = [_feature("SparseFeature", "user"), _feature("SequenceFeature", "tags", None, "mean", 0),
                         _feature("SparseFeature", "city")]
        self.history_features = [_feature("SequenceFeature", "hist_item", "item", "concat", 0),
                                 _feature("SequenceFeature", "hist_cate", "cate", "concat", 0)]
        self.neg_history_features: list[Any] = []
        self.target_features = [_feature("SparseFeature", "item", padding_idx=0),
                                _feature("SparseFeature", "cate", padding_idx=0), _feature("SparseFeature", "shop")]
        self.interest_extractor_layers = nn.ModuleList([Echo(), Echo()])
        self.interest_evolving_layers = nn.ModuleList([_Augru(), _Augru()])
        self.mlp = Echo(self.logits)

    def forward(self, x: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        assert not self.training
        for at, feature in enumerate(self.history_features):
            lengths = (x[feature.name] != 0).sum(1)
            keys, lengths = torch.zeros(int((lengths > 0).sum()), LONGEST, 4), lengths[lengths > 0]
            self.interest_extractor_layers[at](pack_padded_sequence(keys, lengths, True, False))
            self.interest_evolving_layers[at](keys, keys[:, 0], lengths)
        self.mlp(torch.zeros(len(self.scores), 32))
        return self.scores, torch.zeros(())


def torch_rechub() -> nn.Module:
    made: nn.Module = of_library(_TorchRechub, "DIEN", "torch_rechub.models.ranking.dien")()
    return made


class _Fuxictr(StandIn):
    dien_target_field, dien_sequence_field = [("item_id", "cate_id")], [("click_history", "cate_history")]
    dien_neg_seq_field: list[Any] = []
    gru_type, enable_sum_pooling = "AUGRU", False

    def __init__(self, folder: Any, sources: bool) -> None:
        super().__init__("fuxictr")
        document = json.loads((LIBRARIES / "fuxictr" / "feature_map.json").read_text())
        features = OrderedDict(item for feature in document["features"] for item in feature.items())
        if sources:
            for name, spec in features.items():
                spec["source"] = "item" if name in ("price", "shop") else "user"
        self.feature_map = SimpleNamespace(features=features, labels=["clk"], data_dir=folder)
        self.embedding_layer = SimpleNamespace(embedding_layers={})
        self.extraction_modules = nn.ModuleList([Echo(("states", "last"))])
        cell = nn.Module()
        cell.gru_cell = type("AUGRUCell", (nn.Module,), {})()
        cell.forward = lambda packed, scores: (packed, torch.zeros(len(scores), 8))  # type: ignore[method-assign]
        self.evolving_modules = nn.ModuleList([cell])
        unit = Echo()
        unit.attention_type, unit.use_attention_softmax = "bilinear_attention", True
        self.attention_modules = nn.ModuleList([unit])
        self.dnn = Echo()
        linear = type("Linear", (Echo,), {})
        self.dnn.mlp = nn.Sequential(linear(), type("Dice", (Echo,), {})(), linear(self.logits[:, None]))
        self.output_activation = nn.Sigmoid()

    def forward(self, x: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        assert not self.training and list(x) == list(self.feature_map.features)
        lengths = (x["click_history"] > 0).sum(1)
        keys, some = torch.zeros(int((lengths > 0).sum()), LONGEST, 8), lengths[lengths > 0]
        self.extraction_modules[0](pack_padded_sequence(keys, some, True, False))
        self.attention_modules[0](keys, keys[:, 0], some)
        self.evolving_modules[0](keys, keys)
        self.dnn(torch.zeros(len(lengths), 26))
        self.dnn.mlp(torch.zeros(len(lengths), 26))
        return {"y_pred": self.scores[:, None]}


def fuxictr(folder: Any = None, sources: bool = False) -> nn.Module:
    base = of_library(_Fuxictr, "BaseModel", "fuxictr.pytorch.models.rank_model")
    made: nn.Module = of_library(base, "DIEN", "src.DIEN")(folder, sources)
    return made
