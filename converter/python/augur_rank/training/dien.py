"""The DIEN family in PyTorch: BaseModel, DIN, AIGRU, AGRU, AUGRU; DIEN is AUGRU with its auxiliary
loss (Zhou et al., arXiv 1809.03672; DIN: arXiv 1706.06978).

Shapes: b users, c candidates of each, t steps of history (real steps first, then padding), E the
width of an item's and its category's embeddings together, H of the hidden states.
"""

from dataclasses import asdict, dataclass
from typing import Optional

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..arrays import Json

KINDS = ("base", "din", "aigru", "agru", "augru")


@dataclass(frozen=True)
class ModelConfig:
    """One network: its kind (KINDS), the numbers of rows of its tables, and its widths."""

    kind: str
    users: int
    items: int
    categories: int
    embedding: int = 18
    hidden: int = 36
    head: tuple[int, int] = (200, 80)
    max_length: int = 50
    reads_history: bool = True  # False: BaseModel whose pooled history keeps weights of 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind {self.kind!r}; expected one of {', '.join(KINDS)}")
        if not self.reads_history and self.kind != "base":
            raise ValueError("only BaseModel can do without its history")

    def as_dict(self) -> Json:
        """The members by name, as they go into a checkpoint's metadata."""
        return asdict(self)


class Dice(nn.Module):
    """p = σ of the batch-normalised x; p·x + (1−p)·α·x (DIN, section 5.3)."""

    def __init__(self, width: int):
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(width))
        self.bn = nn.BatchNorm1d(width, eps=1e-8, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        """x [rows, width] → the same shape."""
        p = torch.sigmoid(self.bn(x))
        activated: Tensor = p * x + (1 - p) * self.alpha * x
        return activated


class PRelu(nn.Module):
    """x where it is positive, else α·x, with one α for each unit."""

    def __init__(self, width: int):
        super().__init__()
        self.alpha = nn.Parameter(torch.full((width,), 0.25))

    def forward(self, x: Tensor) -> Tensor:
        """x [..., width] → the same shape."""
        activated: Tensor = torch.where(torch.gt(x, 0), x, self.alpha * x)
        return activated


class BilinearAttention(nn.Module):
    """a_t = softmax over the real steps of h_t W e_a (equation 12)."""

    def __init__(self, hidden: int, width: int):
        super().__init__()
        self.W = nn.Parameter(torch.empty(hidden, width))
        nn.init.xavier_uniform_(self.W)

    def forward(self, states: Tensor, candidates: Tensor, real: Tensor) -> Tensor:
        """states [b,t,H], candidates [b,c,E], real [b,t] → [b,c,t], 0 where there is no step."""
        scores = (candidates @ self.W.t()) @ states.transpose(1, 2)
        real = real[:, None, :]
        weights: Tensor = torch.softmax(scores.masked_fill(~real, -1e9), dim=2) * real
        return weights


class Evolution(nn.Module):
    """AIGRU, AGRU or AUGRU (equations 13 to 16). Rows of the weights: u, r, c; AGRU: r, c."""

    def __init__(self, kind: str, hidden: int):
        super().__init__()
        self.kind, self.hidden = kind, hidden
        gates = 2 if kind == "agru" else 3
        self.w_ih = nn.Parameter(torch.empty(gates * hidden, hidden))
        self.w_hh = nn.Parameter(torch.empty(gates * hidden, hidden))
        self.b = nn.Parameter(torch.zeros(gates * hidden))
        for weight in (self.w_ih, self.w_hh):
            nn.init.uniform_(weight, -hidden ** -0.5, hidden ** -0.5)

    def forward(self, states: Tensor, attention: Tensor, real: Tensor) -> Tensor:
        """states [b,t,H], attention [b,c,t], real [b,t] → the final state [b,c,H]."""
        h = self.hidden
        inputs = F.linear(states, self.w_ih)  # AIGRU: W (a h) = a (W h)
        state: Tensor = states.new_zeros(attention.shape[0], attention.shape[1], h)
        # unbind and split, not indexing: their gradients are assembled once, not in every step.
        steps = zip(inputs.unbind(1), attention.unbind(2), real.unbind(1))
        for x, a, is_real in steps:
            x, a = x[:, None], a[..., None]
            x = (a * x if self.kind == "aigru" else x) + self.b
            x_gates, x_c = x.split([self.w_hh.shape[0] - h, h], dim=-1)
            k_gates, k_c = F.linear(state, self.w_hh).split([self.w_hh.shape[0] - h, h], dim=-1)
            gates = torch.sigmoid(x_gates + k_gates)
            if self.kind == "agru":
                update, reset = a, gates
            else:
                update, reset = gates.split(h, dim=-1)
            if self.kind == "augru":
                update = a * update
            changed = torch.lerp(state, torch.tanh(x_c + reset * k_c), update.expand_as(state))
            state = torch.where(is_real[:, None, None], changed, state)
        return state


class InterestModel(nn.Module):
    """One member of the family. The names of its parameters are those of its checkpoints."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        width = 2 * config.embedding
        for name, rows in (("user", config.users), ("item", config.items),
                           ("cate", config.categories)):
            table = nn.Embedding(rows + 1, config.embedding, padding_idx=0)
            nn.init.normal_(table.weight, std=0.05)
            with torch.no_grad():
                table.weight[0] = 0
            self.add_module(f"{name}_emb", table)
        head_in = config.embedding + 2 * width  # user, candidate, pooled history
        if config.kind == "din":
            self.att1, self.att2 = nn.Linear(4 * width, 80), nn.Linear(80, 40)
            self.att3 = nn.Linear(40, 1)
            self.att_act1, self.att_act2 = PRelu(80), PRelu(40)
            head_in += width
        elif config.kind != "base":
            if config.hidden != width:
                raise ValueError("the auxiliary loss needs hidden = 2 · embedding")
            self.gru = nn.GRU(width, config.hidden, batch_first=True)
            self.att = BilinearAttention(config.hidden, width)
            self.evolve = Evolution(config.kind, config.hidden)
            head_in += config.hidden
        self.fc1, self.act1 = nn.Linear(head_in, config.head[0]), Dice(config.head[0])
        self.fc2, self.act2 = nn.Linear(*config.head), Dice(config.head[1])
        self.fc3 = nn.Linear(config.head[1], 1)
        if not config.reads_history:
            with torch.no_grad():
                self.fc1.weight[:, -width:] = 0  # see forward: their gradient stays 0

    def embed(self, item: Tensor, category: Tensor) -> Tensor:
        """Rows [...] of items and of their categories → their embeddings [..., E]."""
        return torch.cat([self.item_emb(item), self.cate_emb(category)], dim=-1)

    def _din_pool(self, candidates: Tensor, history: Tensor, real: Tensor) -> Tensor:
        b, c, width = candidates.shape
        q = candidates[:, :, None, :].expand(b, c, history.shape[1], width)
        k = history[:, None].expand_as(q)
        x = self.att_act1(self.att1(torch.cat([q, k, q - k, q * k], dim=-1)))
        score = self.att3(self.att_act2(self.att2(x))).squeeze(-1)
        pooled: Tensor = (score * real[:, None]) @ history
        return pooled

    def forward(self, user: Tensor, hist_item: Tensor, hist_category: Tensor, length: Tensor,
                cand_item: Tensor, cand_category: Tensor) -> tuple[Tensor, Optional[Tensor]]:
        """Returns the logits [b,c], and the extractor's states [b,t,H] where there is one."""
        config = self.config
        real = torch.arange(hist_item.shape[1]) < length[:, None]
        candidates = self.embed(cand_item, cand_category)
        history = self.embed(hist_item, hist_category) * real[..., None]
        per_user = [self.user_emb(user)]
        pooled = history.sum(dim=1)
        # A zero input gives its weights no gradient, so they stay 0 as they were initialised.
        per_user.append(pooled if config.reads_history else torch.zeros_like(pooled))
        per_user = [x[:, None].expand(-1, cand_item.shape[1], -1) for x in per_user]
        parts = [per_user[0], candidates, per_user[1]]
        states = None
        if config.kind == "din":
            parts.append(self._din_pool(candidates, history, real))
        elif config.kind != "base":
            states, _ = self.gru(history)
            parts.append(self.evolve(states, self.att(states, candidates, real), real))
        x = torch.cat(parts, dim=-1).flatten(0, 1)
        x = self.act1(self.fc1(x))
        x = self.act2(self.fc2(x))
        return self.fc3(x).view(cand_item.shape), states

    def auxiliary_loss(self, states: Tensor, hist_item: Tensor, hist_category: Tensor,
                       length: Tensor, negative: Tensor, negative_category: Tensor) -> Tensor:
        """−log σ(h_t·e_{t+1}) − log(1 − σ(h_t·n_{t+1})), the mean over t + 1 < length (eq. 6)."""
        before = states[:, :-1]
        clicked = (before * self.embed(hist_item, hist_category)[:, 1:]).sum(-1)
        other = (before * self.embed(negative, negative_category)[:, 1:]).sum(-1)
        known = (torch.arange(1, hist_item.shape[1]) < length[:, None]).to(states.dtype)
        loss = F.softplus(-clicked) + F.softplus(other)
        mean: Tensor = (loss * known).sum() / known.sum().clamp(min=1)
        return mean
