"""The compared network as a model description for augur-convert."""

from __future__ import annotations

from typing import Any

from network import ATTENTION_UNITS, HEAD, Config


def description(config: Config) -> dict[str, Any]:
    """What augur-convert --model takes, for the names of network.random_weights()."""
    def prelu(layer: int) -> dict[str, str]:
        return {"kind": "prelu", "alpha": f"act{layer}.alpha"}

    fields = [{"name": "item", "kind": "id", "table": "item"},
              {"name": "category", "kind": "id", "table": "category"}]
    if config.attention == "bilinear":
        attention: dict[str, Any] = {"kind": "bilinear", "weight": "att.W", "axes": ["key", "query"]}
    else:
        last = len(ATTENTION_UNITS)
        attention = {
            "kind": "mlp",
            "input": ["q", "k", "q-k", "q*k"],
            "layers": [{"weight": f"att{n}.weight", "bias": f"att{n}.bias",
                        "activation": "none" if n == last else "sigmoid"}
                       for n in range(1, last + 1)],
        }
    attention.update({"query_projection": None, "score_scale": 1, "softmax": True})
    return {
        "format": 1, "name": config.name,
        "orientation": "out_in",
        "tables": [{"name": name, "weights": f"{tensor}_emb", "out_of_table": "error",
                    "padding_row": 0}
                   for name, tensor in (("user", "user"), ("item", "item"), ("category", "cate"))],
        "features": [{"name": "user", "kind": "id", "table": "user"}],
        "candidate": fields,
        "stacks": [{
            "name": "history",
            "fields": fields,
            "max_history": config.steps,
            "mask": "length",
            "query": ["item", "category"],
            "extractor": [{
                "gates": ["r", "u", "c"], "update_gate": "share_of_state", "reset": "after_product",
                "input": "gru.w_ih", "recurrent": "gru.w_hh",
                "bias": {"input": "gru.b_ih", "recurrent": "gru.b_hh"},
            }],
            "attention": attention,
            "result": "evolution",
            "evolution": {
                "kind": "augru", "form": "scale", "gates": ["u", "r", "c"],
                "update_gate": "share_of_candidate", "reset": "after_product",
                "input": "evolve.w_ih", "recurrent": "evolve.w_hh",
                "bias": {"input": "evolve.b", "recurrent": None},
            },
        }],
        "head": {
            "input": [{"feature": "user"}, {"query": "history"},
                      {"pooled": "history", "pooling": "sum", "padding": "masked"},
                      {"result": "history"}],
            "layers": [{"weight": f"fc{n}.weight", "bias": f"fc{n}.bias",
                        "activation": "none" if n == len(HEAD) else prelu(n)}
                       for n in range(1, len(HEAD) + 1)],
        },
        "output": {"kind": "sigmoid"},
    }
