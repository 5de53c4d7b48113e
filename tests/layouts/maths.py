"""Formulas that several libraries share, in float64. Notation: x the step's input, h the state, a the
attention. Cells have letters: P the paper (arXiv 1809.03672), C the authors' TensorFlow code
(github.com/mouna99/dien, utils.py), G torch.nn.GRU, A the AUGRU of the torch ports.
"""

from typing import Optional, Sequence

import numpy as np

Array = np.ndarray


def sigmoid(x: Array) -> Array:
    # Uses the smaller of exp(x) and exp(-x), which cannot overflow.
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def softmax(scores: Array) -> Array:
    """The softmax of a vector; an empty one gives an empty one."""
    if scores.size == 0:
        return scores
    e = np.exp(scores - scores.max())
    return e / e.sum()


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def prelu(x: Array, alpha: Array) -> Array:
    return np.where(x > 0, x, alpha * x)


def batch_norm(x: Array, mean: Array, variance: Array, gamma: Optional[Array],
               beta: Optional[Array], epsilon: float) -> Array:
    """With running statistics, as in evaluation."""
    y = (x - mean) / np.sqrt(variance + epsilon)
    if gamma is not None:
        y = y * gamma
    return y if beta is None else y + beta


def dice(x: Array, normalised: Array, alpha: Array) -> Array:
    """p x + alpha (1 - p) x, p = sigmoid(x as BatchNorm normalises it)."""
    p = sigmoid(normalised)
    return p * x + alpha * (1 - p) * x


def torch_gru_step(x: Array, h: Array, w: Array, u: Array, b: Array, d: Array) -> Array:
    """Cell G. Rows of w, u, b, d: r, z, n. pytorch.org/docs/stable/generated/torch.nn.GRU.html"""
    i_r, i_z, i_n = np.split(w @ x + b, 3)
    h_r, h_z, h_n = np.split(u @ h + d, 3)
    r = sigmoid(i_r + h_r)
    z = sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return (1 - z) * n + z * h


def torch_gru(inputs: Sequence[Array], tensors: dict, name: str) -> Array:
    """All states of a one-layer torch.nn.GRU, one row a step."""
    w, u, b, d = (tensors[f"{name}.{part}_l0"]
                  for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    h = np.zeros(u.shape[1])
    states = []
    for x in inputs:
        h = torch_gru_step(x, h, w, u, b, d)
        states.append(h)
    return np.array(states).reshape(len(states), u.shape[1])


def pair_input(query: Array, key: Array) -> Array:
    """The input of an attention MLP of the DIN kind, for a query and one behaviour."""
    return np.concatenate([query, key, query - key, query * key])
