"""The compared network as a TorchScript module, restructured by hand for one user."""

import numpy as np
import torch
from torch import Tensor, nn

from network import HEAD, Config, Weights, attention_parts


class Ranker(nn.Module):
    def __init__(self, config: Config, weights: Weights):
        super().__init__()
        hidden = config.hidden
        self.hidden, self.mlp = hidden, config.attention == "mlp"
        for name, value in weights.items():
            self._add(name.replace(".", "_"), value)
        self.gru = nn.GRU(hidden, hidden)
        with torch.no_grad():
            for ours, theirs in (("w_ih", "weight_ih_l0"), ("w_hh", "weight_hh_l0"),
                                 ("b_ih", "bias_ih_l0"), ("b_hh", "bias_hh_l0")):
                getattr(self.gru, theirs).copy_(torch.from_numpy(weights["gru." + ours]))
        query, key, product = attention_parts(weights) if self.mlp else [np.zeros((1, 1), "f4")] * 3
        for name, value in (("query", query), ("key", key), ("product", product)):
            self._add(name, value)
        if not self.mlp:
            for name in ("att1_bias", "att2_weight", "att2_bias", "att3_weight", "att3_bias"):
                self._add(name, np.zeros(1, "f4"))
        else:
            self._add("att_W", np.zeros((1, 1), "f4"))
        assert len(HEAD) == 3

    def _add(self, name: str, value: np.ndarray) -> None:
        self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(value)))

    def forward(self, user: Tensor, history_item: Tensor, history_category: Tensor, item: Tensor,
                category: Tensor) -> Tensor:
        behaviours = torch.cat([self.item_emb[history_item], self.cate_emb[history_category]], 1)
        candidates = torch.cat([self.item_emb[item], self.cate_emb[category]], 1)
        states = self.gru(behaviours.unsqueeze(1))[0].squeeze(1)
        if self.mlp:
            x = (candidates @ self.query.t()).unsqueeze(1) + (states @ self.key.t() + self.att1_bias)
            x = x + (candidates.unsqueeze(1) * states) @ self.product.t()
            x = torch.sigmoid(torch.sigmoid(x) @ self.att2_weight.t() + self.att2_bias)
            scores = (x @ self.att3_weight.t() + self.att3_bias).squeeze(2)
        else:
            scores = candidates @ self.att_W.t() @ states.t()
        attention = torch.softmax(scores, 1)

        projections = states @ self.evolve_w_ih.t() + self.evolve_b
        recurrent = self.evolve_w_hh.t()
        state = torch.zeros_like(candidates)
        for t in range(projections.shape[0]):
            product = state @ recurrent
            p = projections[t]
            gates = torch.sigmoid(product[:, :2 * self.hidden] + p[:2 * self.hidden])
            c = torch.tanh(p[2 * self.hidden:] +
                           gates[:, self.hidden:] * product[:, 2 * self.hidden:])
            state = torch.lerp(state, c, attention[:, t:t + 1] * gates[:, :self.hidden])

        count = candidates.shape[0]
        x = torch.cat([self.user_emb[user].expand(count, -1), candidates,
                       behaviours.sum(0, keepdim=True).expand(count, -1), state], 1)
        x = torch.prelu(x @ self.fc1_weight.t() + self.fc1_bias, self.act1_alpha)
        x = torch.prelu(x @ self.fc2_weight.t() + self.fc2_bias, self.act2_alpha)
        return (x @ self.fc3_weight.t() + self.fc3_bias).squeeze(1)


def save(config: Config, weights: Weights, path: str) -> None:
    module = torch.jit.script(Ranker(config, weights).eval())
    torch.jit.freeze(module).save(path)
