"""The DIEN authors' models, trained for some steps. Python 2.7 and later; TensorFlow 1.4 to 2.12.

MODES lists (mode, train); train() returns (model, session, sample, labels), with the session's graph as the default
one.
"""
from __future__ import division, print_function

import numpy as np
import tensorflow

from . import dien_tf1_graph as graph
from . import rows

tf = graph.tf
LIBRARY = "Models like the DIEN authors', TensorFlow %s" % tensorflow.__version__
if tensorflow.__version__[0] == "2":
    tf.disable_eager_execution()


def batch_of(draw, count, equal):
    """A batch as prepare_data makes it; equal: all histories have five events."""
    found, clicks = rows.columns(draw, count, 5 if equal else 1)
    lengths = [5 if equal else int(one) for one in found["seq_length"]]
    taken = [(found["user"][at], found["item"][at], found["cate"][at], found["hist_item"][at][:lengths[at]],
              found["hist_cate"][at][:lengths[at]]) for at in range(count)]
    return graph.prepare(taken, np.stack([clicks, 1 - clicks], 1))


def mode(kind, equal):
    """One entry of MODES."""
    def train():
        tf.reset_default_graph()
        tf.set_random_seed(3)
        model = kind(rows.ROWS["user"], rows.ROWS["item"], rows.ROWS["cate"], 4, 8)
        session = tf.Session()
        session.run(tf.global_variables_initializer())
        draw = np.random.RandomState(5)
        for _ in range(60):
            feed = model.feed(batch_of(draw, 64, equal))
            feed[model.lr] = 0.01
            session.run(model.optimizer, feed)
        sample = batch_of(draw, 150, equal)
        return model, session, sample if equal else model.feed(sample), None
    return "%s, %s" % (kind.__name__, "histories of one length" if equal else "padded histories"), train


MODES = [mode(kind, equal) for kind in graph.MODELS for equal in (True, False)]
