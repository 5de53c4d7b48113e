"""Single changes of a description that must change scores, for LayoutTest.check_swap. Each function takes the
description and changes it, in behaviour sequence (stack) 0 unless it says otherwise.
"""

from typing import Any, Callable, Dict

Description = Dict[str, Any]
Swap = Callable[[Description], None]


def _flip(node: Dict[str, Any], key: str, one: Any, other: Any) -> None:
    node[key] = other if node[key] == one else one


def extractor_reset(d: Description) -> None:
    _flip(d["stacks"][0]["extractor"][0], "reset", "after_product", "before_product")


def extractor_polarity(d: Description) -> None:
    _flip(d["stacks"][0]["extractor"][0], "update_gate", "share_of_state", "share_of_candidate")


def extractor_gates(d: Description) -> None:
    gates = d["stacks"][0]["extractor"][0]["gates"]
    r, u = gates.index("r"), gates.index("u")
    gates[r], gates[u] = "u", "r"


def evolution_reset(d: Description) -> None:
    _flip(d["stacks"][0]["evolution"], "reset", "after_product", "before_product")


def evolution_polarity(d: Description) -> None:
    _flip(d["stacks"][0]["evolution"], "update_gate", "share_of_state", "share_of_candidate")


def evolution_gates(d: Description) -> None:
    gates = d["stacks"][0]["evolution"]["gates"]
    first, second = gates.index("r"), gates.index("u" if "u" in gates else "c")
    gates[first], gates[second] = gates[second], gates[first]


def augru_form(d: Description) -> None:
    _flip(d["stacks"][0]["evolution"], "form", "scale", "lift")


def softmax(d: Description) -> None:
    attention = d["stacks"][0]["attention"]
    attention["softmax"] = not attention["softmax"]


def score_scale(d: Description) -> None:
    attention = d["stacks"][0]["attention"]
    attention["score_scale"] = 0.5 if attention["score_scale"] == 1 else 1


def attention_inputs(d: Description) -> None:
    inputs = d["stacks"][0]["attention"]["input"]
    inputs[0], inputs[1] = inputs[1], inputs[0]


def difference(d: Description) -> None:
    inputs = d["stacks"][0]["attention"]["input"]
    inputs[inputs.index("q-k")] = "k-q"


def bilinear_axes(d: Description) -> None:
    d["stacks"][0]["attention"]["axes"].reverse()


def bias(key: str, cell: str) -> Swap:
    """Leaves one of a cell's two biases out."""
    def swap(d: Description) -> None:
        stack = d["stacks"][0]
        (stack["extractor"][0] if cell == "extractor" else stack[cell])["bias"][key] = None
    return swap


def slots(first: int, second: int) -> Swap:
    """Two slots of the head's input, equally wide, change places."""
    def swap(d: Description) -> None:
        head = d["head"]["input"]
        head[first], head[second] = head[second], head[first]
    return swap


def dice_kind(d: Description) -> None:
    """The head's first Dice becomes a PReLU with the same alpha."""
    layer = d["head"]["layers"][0]
    layer["activation"] = {"kind": "prelu", "alpha": layer["activation"]["alpha"]}


def dice_epsilon(d: Description) -> None:
    """An epsilon of a hundredth, which no library uses."""
    d["head"]["layers"][0]["activation"]["epsilon"] = 1e-2


def norm_epsilon(d: Description) -> None:
    d["head"]["layers"][0]["batch_norm"]["epsilon"] = 1e-2


def norm_place(d: Description) -> None:
    _flip(d["head"]["layers"][0]["batch_norm"], "place", "before_activation", "after_activation")


def head_activation(d: Description) -> None:
    _flip(d["head"]["layers"][0], "activation", "tanh", "none")


def padding(length: int) -> Swap:
    """Pooled sums count padding up to a length."""
    def swap(d: Description) -> None:
        changed = 0
        for slot in d["head"]["input"]:
            for source in slot.get("product", [slot]):
                if "pooled" in source:
                    source["padding"] = {"to_length": length}
                    changed += 1
        assert changed > 0
    return swap


def mask(rule: Any) -> Swap:
    def swap(d: Description) -> None:
        d["stacks"][0]["mask"] = rule
    return swap


def longest(length: int) -> Swap:
    def swap(d: Description) -> None:
        d["stacks"][0]["max_history"] = length
    return swap
