"""The DIEN authors' models, trained for some steps. Python 2.7 and later; TensorFlow 1.4 to 2.12.

MODES lists (mode, train); train() returns (model, session, sample, labels), with the session's graph as the default
one.
"""
from __future__ import division, print_function

import json
import os

import numpy as np
import tensorflow

from . import dien_tf1_graph as graph
from . import rows

tf = graph.tf
LIBRARY = "Models like the DIEN authors', TensorFlow %s" % tensorflow.__version__
LIBRARIES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "layouts", "libraries")
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


def authors_own(equal):
    """The DIEN that the authors' code trained and saved (tests/layouts/libraries), and its scores of one batch."""
    tag, folder = "equal" if equal else "mixed", os.path.join(LIBRARIES, "dien-tf1")

    def lines(name):
        with open(os.path.join(folder, name)) as file:
            return [json.loads(line) for line in file]

    def train():
        tf.reset_default_graph()
        model = graph.Model_DIN_V2_Gru_Vec_attGru_Neg(30, 60, 9, 4, 8)
        session = tf.Session()
        session.run(tf.global_variables_initializer())
        saved = [one for one in tf.global_variables() if "Adam" not in one.name and "_power" not in one.name]
        tf.train.Saver(saved).restore(session, os.path.join(folder, "DIEN"))
        taken = [(request["features"]["user"], item, category, request["history"]["item"],
                  request["history"]["category"])
                 for request in lines(tag + ".requests.jsonl")
                 for item, category in zip(request["candidates"]["item"], request["candidates"]["category"])]
        sample = graph.prepare(taken, [[1, 0]] * len(taken))
        theirs = [score for line in lines(tag + ".scores.jsonl") for score in line["scores"]]
        difference = np.abs(session.run(model.y_hat, model.feed(sample))[:, 0] - theirs).max()
        assert difference < 3e-7, "these are not the authors' scores: they differ by %g" % difference
        return model, session, sample, None
    return "DIEN as the authors' own code saved it, %s" % ("histories of one length" if equal
                                                           else "padded histories"), train


MODES = [mode(kind, equal) for kind in graph.MODELS for equal in (True, False)] + [authors_own(True),
                                                                                   authors_own(False)]
