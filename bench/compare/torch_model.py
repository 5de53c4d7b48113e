"""The compared network in PyTorch: Plain as the training code has it, Restructured by hand for one user."""

from __future__ import annotations

import numpy as np
import torch
from network import HEAD, Array, Config, attention_parts, head_parts, random_weights
from torch import Tensor, nn
from torch.nn.functional import linear


class Network(nn.Module):
    """The weights, and what both forms share. Buffers are called as in network.random_weights()."""

    att_W: Tensor
    att1_bias: Tensor
    att2_weight: Tensor
    att2_bias: Tensor
    att3_weight: Tensor
    att3_bias: Tensor
    evolve_w_ih: Tensor
    evolve_w_hh: Tensor
    evolve_b: Tensor
    fc1_weight: Tensor
    fc1_bias: Tensor

    def __init__(self, config: Config, slope: bool = True):
        """`slope`: whether PReLU may be an operator of its own."""
        super().__init__()
        self.config, self.hidden, self.mlp, self.slope = config, config.hidden, config.attention == "mlp", slope
        weights = random_weights(config)
        for name, value in weights.items():
            if not name.endswith("_emb") and not name.startswith("gru."):
                self.add(name.replace(".", "_"), value)
        self.gru = nn.GRU(config.hidden, config.hidden)
        with torch.no_grad():
            for ours, theirs in (("w_ih", "weight_ih_l0"), ("w_hh", "weight_hh_l0"), ("b_ih", "bias_ih_l0"),
                                 ("b_hh", "bias_hh_l0")):
                getattr(self.gru, theirs).copy_(torch.from_numpy(weights["gru." + ours]))
        self.eval()

    def add(self, name: str, value: Array) -> None:
        """A constant."""
        self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(value)))

    def prelu(self, x: Tensor, layer: int) -> Tensor:
        """The activation after a layer of the head."""
        alpha = getattr(self, f"act{layer}_alpha")
        return torch.prelu(x, alpha) if self.slope else torch.relu(x) - alpha * torch.relu(-x)

    def finish(self, x: Tensor) -> Tensor:
        """The head after its first product."""
        for layer in range(2, len(HEAD) + 1):
            x = linear(self.prelu(x, layer - 1), getattr(self, f"fc{layer}_weight"), getattr(self, f"fc{layer}_bias"))
        return torch.sigmoid(x)


class Plain(Network):
    """hist [N, T, D], cand [N, D], user [N, 18] -> [N, 1]"""

    def forward(self, hist: Tensor, cand: Tensor, user: Tensor) -> Tensor:
        """Everything for every candidate."""
        hidden, steps = self.hidden, self.config.steps
        states = self.gru(hist.transpose(0, 1))[0].transpose(0, 1)
        if self.mlp:
            query = cand.unsqueeze(1).expand(-1, steps, -1)
            x = torch.cat([query, states, query - states, query * states], 2)
            for layer in (1, 2):
                x = torch.sigmoid(linear(x, getattr(self, f"att{layer}_weight"), getattr(self, f"att{layer}_bias")))
            scores = linear(x, self.att3_weight, self.att3_bias)
        else:
            scores = (states * linear(cand, self.att_W).unsqueeze(1)).sum(2, keepdim=True)
        attention = torch.softmax(scores, 1)
        state = torch.zeros_like(cand)
        for t in range(steps):
            x = linear(states[:, t], self.evolve_w_ih, self.evolve_b)
            g = linear(state, self.evolve_w_hh)
            gates = torch.sigmoid(x[:, :2 * hidden] + g[:, :2 * hidden])
            u, r = gates[:, :hidden] * attention[:, t], gates[:, hidden:]
            c = torch.tanh(x[:, 2 * hidden:] + r * g[:, 2 * hidden:])
            state = (1 - u) * state + u * c
        x = torch.cat([user, cand, hist.sum(1), state], 1)
        return self.finish(linear(x, self.fc1_weight, self.fc1_bias))


class Restructured(Network):
    """hist [T, D], cand [N, D], user [1, 18] -> [N, 1]"""

    query: Tensor
    key: Tensor
    product: Tensor
    head_shared: Tensor
    head_own: Tensor
    recurrent_gates: Tensor
    recurrent_c: Tensor
    gates_t: Tensor
    c_t: Tensor

    def __init__(self, config: Config, slope: bool = True):
        super().__init__(config, slope)
        weights = random_weights(config)
        if self.mlp:
            for name, value in zip(("query", "key", "product"), attention_parts(weights)):
                self.add(name, value)
        for name, value in zip(("head_shared", "head_own"), head_parts(weights, self.hidden)):
            self.add(name, value)
        gates, c = np.split(weights["evolve.w_hh"], [2 * self.hidden])
        self.add("recurrent_gates", gates)
        self.add("recurrent_c", c)
        self.add("gates_t", gates.T)
        self.add("c_t", c.T)

    def scores(self, states: Tensor, cand: Tensor) -> Tensor:
        """[T, H], [N, D] -> [T, N]"""
        if not self.mlp:
            return torch.mm(states, linear(cand, self.att_W).t())
        steps, count = states.shape[0], cand.shape[0]
        x = linear((states.unsqueeze(1) * cand).view(steps * count, self.hidden), self.product).view(steps, count, -1)
        x = x + linear(states, self.key, self.att1_bias).unsqueeze(1) + linear(cand, self.query)
        x = torch.sigmoid(linear(torch.sigmoid(x).view(steps * count, -1), self.att2_weight, self.att2_bias))
        scores: Tensor = linear(x, self.att3_weight, self.att3_bias).view(steps, count)
        return scores

    def projections(self, states: Tensor) -> Tensor:
        """[T, H] -> [T, 3H]"""
        return linear(states, self.evolve_w_ih, self.evolve_b)

    def evolve(self, x: Tensor, attention: Tensor, state: Tensor) -> Tensor:
        """Projections [T, 3H], attention [T, N] and the state before -> the state after."""
        hidden = self.hidden
        for t in range(x.shape[0]):
            gates = torch.sigmoid(torch.addmm(x[t, :2 * hidden], state, self.gates_t))
            c = torch.tanh(torch.addcmul(x[t, 2 * hidden:], gates[:, hidden:], torch.mm(state, self.c_t)))
            state = torch.lerp(state, c, attention[t].unsqueeze(1) * gates[:, :hidden])
        return state

    def head(self, hist: Tensor, cand: Tensor, user: Tensor, state: Tensor) -> Tensor:
        """[N, 1]"""
        row = linear(torch.cat([user, hist.sum(0, keepdim=True)], 1), self.head_shared, self.fc1_bias)
        return self.finish(linear(torch.cat([cand, state], 1), self.head_own) + row)

    def forward(self, hist: Tensor, cand: Tensor, user: Tensor) -> Tensor:
        """The user's part once."""
        states = self.gru(hist.unsqueeze(1))[0].squeeze(1)
        attention = torch.softmax(self.scores(states, cand), 0)
        state = self.evolve(self.projections(states), attention, torch.zeros_like(cand))
        return self.head(hist, cand, user, state)
