"""TF1's GRUCell and the authors' attention cells: cell C, in float64. Kernels are [inputs, outputs].

tensorflow/python/ops/rnn_cell_impl.py (GRUCell) and mouna99/dien, script/utils.py (QAAttGRUCell, VecAttGRUCell):

    [r, u] = sigmoid([x; h] K_g + b_g)     c = tanh([x; r h] K_c + b_c)
    GRU    h' = u h + (1 - u) c
    AGRU   h' = (1 - a) h + a c
    AUGRU  u' = (1 - a) u,  h' = u' h + (1 - u') c
"""

from typing import Callable, Optional, Sequence

import numpy as np

from harness import Tensors, Weights
from maths import Array, sigmoid


def add_cell(weights: Weights, name: str, units: int, inputs: int, colon: str = "", kind: str = "gru") -> None:
    """The four tensors of a cell; `colon` ends the names in Keras files. An AGRU does not train its update gate."""
    for part, columns in (("gates", 2 * units), ("candidate", units)):
        scale = 1.2 / np.sqrt(inputs + units)
        weights.normal(f"{name}/{part}/kernel{colon}", inputs + units, columns, scale=scale)
        weights.normal(f"{name}/{part}/bias{colon}", columns)
    if kind == "agru":
        weights.tensors[f"{name}/gates/bias{colon}"][units:] = 1


def run_cell(inputs: Sequence[Array], tensors: Tensors, name: str, kind: str = "gru",
             attention: Optional[Array] = None, colon: str = "") -> Array:
    """All states, one row a step. `kind` is gru, agru or augru."""
    kernel, bias, candidate_kernel, state_bias = (
        tensors[f"{name}/{part}{colon}"]
        for part in ("gates/kernel", "gates/bias", "candidate/kernel", "candidate/bias"))
    h = np.zeros(candidate_kernel.shape[1])
    states = []
    for t, x in enumerate(inputs):
        r, u = np.split(sigmoid(np.concatenate([x, h]) @ kernel + bias), 2)
        c = np.tanh(np.concatenate([x, r * h]) @ candidate_kernel + state_bias)
        if kind == "agru":
            h = (1 - attention[t]) * h + attention[t] * c
        else:
            if kind == "augru":
                u = (1 - attention[t]) * u
            h = u * h + (1 - u) * c
        states.append(h)
    return np.array(states).reshape(len(states), h.size)


def last_state(states: Array) -> Array:
    """Zeros where there was no step."""
    return states[-1] if len(states) else np.zeros(states.shape[1])


def dense(x: Array, tensors: Tensors, name: str,
          activation: Callable[[Array], Array] = lambda x: x) -> Array:
    """tf.layers.dense: x K + b."""
    return activation(x @ tensors[f"{name}/kernel"] + tensors[f"{name}/bias"])
