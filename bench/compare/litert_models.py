"""LiteRT's models, by TensorFlow's converter; N is fixed in each.

plain      history and user are tiled, the recurrences are while loops (as Keras has them)
while      restructured, a while loop of single steps
unrolled   restructured, all steps after each other
chunks     restructured, a while loop of up to CHUNK unrolled steps: a loop copies its inputs and its TensorArray each
           time, and much longer bodies are slower again

int8 is the converter's dynamic-range quantisation.
"""

from __future__ import annotations

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from contenders import Contender, chunk_of  # noqa: E402
from network import HEAD, USER_WIDTH, Array, attention_parts, head_parts, random_weights  # noqa: E402

CHUNK = 25


def make(contender: Contender, path: str) -> None:
    """Writes the contender's model."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    graph = Graph(contender)
    steps, hidden, count = contender.config.steps, contender.config.hidden, contender.candidates
    shapes = {"hist": [steps, hidden], "cand": [count, hidden], "user": [1, USER_WIDTH]}
    if contender.plain:
        shapes.update(hist=[count, steps, hidden], user=[count, USER_WIDTH])
    function = tf.function(graph.scores, input_signature=[tf.TensorSpec(shapes[n], name=n) for n in shapes])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()])
    if contender.kind == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with open(path, "wb") as file:
        file.write(converter.convert())


def _prelu(x: tf.Tensor, alpha: Array) -> tf.Tensor:
    return tf.nn.relu(x) - alpha * tf.nn.relu(-x)  # which the converter makes PRELU of


class Graph:
    """The network in TensorFlow.

    Loops read their inputs by tf.gather(x, t): after x[t] a tensor's size is not known to LiteRT, and XNNPACK does not
    take the loop's body.
    """

    def __init__(self, contender: Contender):
        config = contender.config
        self.form, self.attention = contender.form.name, config.attention
        self.steps, self.hidden, self.count = config.steps, config.hidden, contender.candidates
        self.chunk = chunk_of(config.steps, CHUNK)
        self.weights = random_weights(config)
        # The extractor's gates: the candidate state's share, reset, candidate; so its step is the AUGRU's without a.
        r, z, n = (slice(k * self.hidden, (k + 1) * self.hidden) for k in range(3))
        self.gru = {name: np.concatenate([-self.weights["gru." + name][z], self.weights["gru." + name][r],
                                          self.weights["gru." + name][n]]) for name in ("w_ih", "w_hh", "b_ih", "b_hh")}

    def linear(self, x: tf.Tensor, weight: Array, bias: Array | None = None) -> tf.Tensor:
        """Multiplies with the transpose of a weight [outputs, inputs]."""
        product = tf.matmul(x, tf.constant(np.ascontiguousarray(weight.T)))
        return product if bias is None else product + tf.constant(bias)

    def gru_step(self, x: tf.Tensor, h: tf.Tensor) -> tf.Tensor:
        """One step of the extractor."""
        hidden = self.hidden
        g = self.linear(h, self.gru["w_hh"], self.gru["b_hh"])
        gates = tf.sigmoid(x[:, :2 * hidden] + g[:, :2 * hidden])
        c = tf.tanh(x[:, 2 * hidden:] + gates[:, hidden:] * g[:, 2 * hidden:])
        return h + gates[:, :hidden] * (c - h)

    def augru_step(self, x: tf.Tensor, h: tf.Tensor, a: tf.Tensor) -> tf.Tensor:
        """One step of the evolution."""
        hidden = self.hidden
        g = self.linear(h, self.weights["evolve.w_hh"])
        gates = tf.sigmoid(x[:, :2 * hidden] + g[:, :2 * hidden])
        c = tf.tanh(x[:, 2 * hidden:] + gates[:, hidden:] * g[:, 2 * hidden:])
        return h + (gates[:, :hidden] * a) * (c - h)

    def extract(self, x: tf.Tensor, batch: int) -> tf.Tensor:
        """[T, B, 3H] -> [T, B, H]"""
        hidden, steps = self.hidden, self.steps
        h = tf.zeros([batch, hidden])
        if self.form == "unrolled":
            return tf.reshape(tf.concat(self.extract_some(x, h, steps), 0), [steps, 1, hidden])
        chunk = self.chunk if self.form == "chunks" else 1
        states = tf.TensorArray(tf.float32, steps // chunk, element_shape=[chunk * batch, hidden])
        parts = tf.reshape(x, [steps // chunk, chunk, batch, 3 * hidden]) if chunk > 1 else x

        def body(t: tf.Tensor, h: tf.Tensor, states: tf.TensorArray) -> tuple[tf.Tensor, ...]:
            part = tf.gather(parts, t)
            found = self.extract_some(part, h, chunk) if chunk > 1 else [self.gru_step(part, h)]
            return t + 1, found[-1], states.write(t, tf.concat(found, 0) if chunk > 1 else found[0])

        *_, states = tf.while_loop(lambda t, *_: t < steps // chunk, body, [0, h, states], parallel_iterations=1)
        return tf.reshape(states.stack(), [steps, batch, hidden])

    def extract_some(self, x: tf.Tensor, h: tf.Tensor, steps: int) -> list[tf.Tensor]:
        """The states of unrolled steps."""
        states = []
        for part in tf.unstack(x, steps, axis=0):
            h = self.gru_step(part, h)
            states.append(h)
        return states

    def evolve(self, x: tf.Tensor, attention: tf.Tensor) -> tf.Tensor:
        """[T, B, 3H], [T, N] -> the last state [N, H]"""
        hidden, steps, count = self.hidden, self.steps, self.count
        h = tf.zeros([count, hidden])
        attention = tf.reshape(attention, [steps, count, 1])
        if self.form == "unrolled":
            return self.evolve_some(x, attention, h, steps)
        if self.form == "chunks":
            chunk = self.chunk
            parts = tf.reshape(x, [steps // chunk, chunk, 1, 3 * hidden])
            shares = tf.reshape(attention, [steps // chunk, chunk, count, 1])
            _, h = tf.while_loop(lambda t, h: t < steps // chunk,
                                 lambda t, h: (t + 1, self.evolve_some(tf.gather(parts, t), tf.gather(shares, t), h,
                                                                       chunk)), [0, h], parallel_iterations=1)
        else:
            _, h = tf.while_loop(lambda t, h: t < steps,
                                 lambda t, h: (t + 1, self.augru_step(tf.gather(x, t), h, tf.gather(attention, t))),
                                 [0, h], parallel_iterations=1)
        return h

    def evolve_some(self, x: tf.Tensor, attention: tf.Tensor, h: tf.Tensor, steps: int) -> tf.Tensor:
        """The state after unrolled steps."""
        for part, a in zip(tf.unstack(x, steps, axis=0), tf.unstack(attention, steps, axis=0)):
            h = self.augru_step(part, h, a)
        return h

    def attend(self, states: tf.Tensor, cand: tf.Tensor, plain: bool) -> tf.Tensor:
        """The attention [T, N] of states [T, B, H]."""
        w, hidden, steps, count = self.weights, self.hidden, self.steps, self.count
        if self.attention == "bilinear" and plain:
            scores = tf.reduce_sum(states * self.linear(cand, w["att.W"])[None], 2)
        elif self.attention == "bilinear":
            scores = tf.matmul(self.linear(states[:, 0], w["att.W"].T), cand, transpose_b=True)
        else:
            if plain:
                query = tf.tile(cand[None], [steps, 1, 1])
                x = tf.concat([query, states, query - states, query * states], 2)
                x = self.linear(tf.reshape(x, [steps * count, 4 * hidden]), w["att1.weight"], w["att1.bias"])
            else:
                query, key, product = attention_parts(w)
                keys = self.linear(states[:, 0], key, w["att1.bias"])[:, None]
                x = self.linear(tf.reshape(states * cand[None], [steps * count, hidden]), product)
                x = tf.reshape(x, [steps, count, -1]) + keys + self.linear(cand, query)[None]
                x = tf.reshape(x, [steps * count, product.shape[0]])
            x = tf.sigmoid(self.linear(tf.sigmoid(x), w["att2.weight"], w["att2.bias"]))
            scores = tf.reshape(self.linear(x, w["att3.weight"], w["att3.bias"]), [steps, count])
        return tf.transpose(tf.nn.softmax(tf.transpose(scores)))

    def scores(self, hist: tf.Tensor, cand: tf.Tensor, user: tf.Tensor) -> tf.Tensor:
        """The whole network."""
        w, hidden, steps, count = self.weights, self.hidden, self.steps, self.count
        plain = self.form == "plain"
        batch = count if plain else 1
        x = self.linear(tf.reshape(hist, [batch * steps, hidden]), self.gru["w_ih"], self.gru["b_ih"])
        x = tf.transpose(tf.reshape(x, [count, steps, 3 * hidden]), [1, 0, 2]) if plain else x[:, None]
        states = self.extract(x, batch)
        attention = self.attend(states, cand, plain)
        x = self.linear(tf.reshape(states, [steps * batch, hidden]), w["evolve.w_ih"], w["evolve.b"])
        h = self.evolve(tf.reshape(x, [steps, batch, 3 * hidden]), attention)
        if plain:
            x = self.linear(tf.concat([user, cand, tf.reduce_sum(hist, 1), h], 1), w["fc1.weight"], w["fc1.bias"])
        else:
            shared, own = head_parts(w, hidden)
            row = tf.concat([user, tf.reduce_sum(hist, 0, keepdims=True)], 1)
            x = self.linear(tf.concat([cand, h], 1), own) + self.linear(row, shared, w["fc1.bias"])
        for layer in range(2, len(HEAD) + 1):
            x = self.linear(_prelu(x, w[f"act{layer - 1}.alpha"]), w[f"fc{layer}.weight"], w[f"fc{layer}.bias"])
        return tf.sigmoid(x)
