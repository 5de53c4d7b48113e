"""DeepCTR's DIEN and DIN for Keras 2: a trained model of every mode that the library can run. Python 3.7 and later.

MODES lists (mode, train); train() returns (model, sample, labels, candidate_features), and leaves TensorFlow's graph
and session as they have to be for the export. The graph mode is switched on by importing this, as DeepCTR's own example
does, unless EAGER_DIN is in the environment: in eager mode the library can run its DIN alone.
"""
import os
import tempfile
import warnings

import numpy as np
import tensorflow as tf

from . import rows

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
warnings.filterwarnings("ignore")
EAGER = bool(os.environ.get("EAGER_DIN"))
tf1 = tf.compat.v1
if not EAGER:
    tf1.disable_eager_execution()
tf1.logging.set_verbosity("ERROR")
from tensorflow.python.ops import array_ops  # noqa: E402

if not hasattr(array_ops, "stack"):  # moved in TensorFlow 2.12; deepctr 0.9.4 looks for it here
    from tensorflow.python.ops import array_ops_stack
    array_ops.stack, array_ops.unstack = array_ops_stack.stack, array_ops_stack.unstack
from deepctr.feature_column import DenseFeat, SparseFeat, VarLenSparseFeat, get_feature_names  # noqa: E402
from deepctr.models import DIEN, DIN  # noqa: E402

LIBRARY = "DeepCTR 0.9.4, TensorFlow %s" % tf.__version__
WIDTHS = {"user": 6, "gender": 4, "item": 6, "cate": 4, "shop": 5, "genres": 4}
LAYERS = tf.keras.layers


def sparse(name, **more):
    """A SparseFeat whose embeddings begin large enough to matter."""
    of = name.replace("neg_", "").replace("hist_", "")
    large = tf.keras.initializers.RandomNormal(0, 0.4, 3)
    return SparseFeat(name, rows.ROWS[of], WIDTHS[of], embeddings_initializer=large, **more)


def past(names, prefix="hist_", tables=None, **more):
    """The history's columns; tables: a name for each, None for a table of its own, by default the candidate's."""
    tables = names if tables is None else tables
    return [VarLenSparseFeat(sparse(prefix + name, embedding_name=table or prefix + name, **more), rows.LONGEST,
                             length_name="seq_length") for name, table in zip(names, tables)]


def bag(combiner="mean", length="genres_length", **more):
    """A list of ids beside the history."""
    return VarLenSparseFeat(sparse("genres", **more), 4, combiner=combiner, length_name=length)


BOTH = ["item", "cate"]


def simple(**more):
    """A user, and items with their categories; `more` is for the columns of items, the history's among them."""
    return [sparse("user"), sparse("item", **more), sparse("cate")] + past(["item"], **more) + past(["cate"])


def base():
    """With a dense value."""
    return [sparse("user"), sparse("gender")] + simple()[1:3] + [DenseFeat("score", 1)] + past(BOTH)


def rich(combiner="mean"):
    """Columns in no order, a bag, dense values of the user and of the candidate."""
    return [DenseFeat("score", 1), sparse("gender"), sparse("cate"), sparse("user"), sparse("shop"), sparse("item"),
            DenseFeat("image", 3), DenseFeat("price", 1), bag(combiner)] + past(BOTH)


def grouped():
    """The query's order is not the head's: each has its groups in the order of their first columns."""
    return [sparse("user", group_name="a"), sparse("item", group_name="b"), sparse("gender", group_name="b"),
            sparse("cate", group_name="a")] + past(BOTH)


def fresh():
    """A new graph and session."""
    tf.keras.backend.clear_session()
    if not EAGER:
        tf1.reset_default_graph()
        tf1.keras.backend.set_session(tf1.Session(config=tf1.ConfigProto(
            intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)))
    tf1.set_random_seed(3)


def vocabulary_file():
    """50 keys with rows in another order; the others are unknown."""
    path = os.path.join(tempfile.mkdtemp(), "items.csv")
    with open(path, "w") as file:
        file.writelines("%d,%d\n" % (key % 59 + 1, key) for key in range(50))
    return path


def mode(name, columns=base, history=BOTH, kind=DIEN, own=(), text=(), twice=False, shortest=0, **arguments):
    """One entry of MODES."""
    def train():
        fresh()
        chosen = columns()
        sizes = dict(dnn_hidden_units=(12, 6))
        sizes["att_hidden_units" if kind is DIEN else "att_hidden_size"] = (8, 5)
        for _ in range(2 if twice else 1):
            model = kind(chosen, history, **dict(sizes, **arguments))
        if not EAGER:
            tf1.keras.backend.get_session().run(tf1.tables_initializer())
        adam = getattr(tf.keras.optimizers, "legacy", tf.keras.optimizers).Adam
        regression = arguments.get("task") == "regression"
        model.compile(adam(0.01), "mse" if regression else "binary_crossentropy")
        draw = np.random.RandomState(5)
        names = get_feature_names(chosen)

        def taken(count):
            found, labels = rows.columns(draw, count, shortest)
            for name in text:
                found[name] = np.array([b"k%d" % one if one else b"0" for one in found[name].reshape(-1)],
                                       dtype=object).reshape(found[name].shape)
            return {one: found[one] for one in names}, labels
        seen, clicks = taken(500)
        model.fit(seen, clicks, batch_size=64, epochs=3, verbose=0)
        sample, labels = taken(200)
        if kind is DIEN:
            turned = model.predict(rows.reversed_histories(sample), batch_size=200)
            difference = np.abs(turned - model.predict(sample, batch_size=200)).max()
            assert difference > 1e-3, "the scores do not depend on the order of the events: %g" % difference
        return model, sample, None if regression else labels, list(own)
    return name, train


def dien(name, *arguments, **more):
    """A DIEN of gru_type AUGRU, unless it is given."""
    more.setdefault("gru_type", "AUGRU")
    return mode("DIEN " + name, *arguments, **more)


def din(name, *arguments, **more):
    """A DIN."""
    return mode("DIN " + name, *arguments, kind=DIN, **more)


HASHED = dict(use_hash=True)
SINCE_2 = ("gelu", "swish") if tf.__version__[0] == "2" else ()  # names that TensorFlow 1 does not have
DINS = [
    din("scores as weights"),
    din("softmax, sigmoid in the attention, Dice in the head", rich, own=("shop", "price"), shortest=1,
        att_weight_normalization=True, att_activation="sigmoid", dnn_activation="dice"),
    din("PReLU, regression", dnn_activation=LAYERS.PReLU, task="regression"),
    din("BatchNorm, a bag without a length", lambda: simple() + [bag(length=None)], dnn_use_bn=True),
    din("hashed columns", lambda: [sparse("user")] + simple(**HASHED)[1:] + [bag("sum", None, **HASHED)]),
    din("hashed strings", lambda: simple(use_hash=True, dtype="string"), text=("item", "hist_item")),
    din("group_name", grouped),
]
MODES = DINS if EAGER else [
    *(dien("%s, %s" % (gru, "softmax" if softmax else "no softmax"), gru_type=gru, att_weight_normalization=softmax)
      for gru in ("GRU", "AIGRU", "AGRU", "AUGRU") for softmax in (True, False)),
    *(dien("AUGRU, attention %s" % word, att_activation=word)
      for word in ("sigmoid", "relu", "tanh", "linear", "elu") + SINCE_2),
    *(dien("GRU, head %s" % word, gru_type="GRU", dnn_activation=word)
      for word in ("sigmoid", "tanh", "linear", "elu", "dice") + SINCE_2),
    *(dien("AIGRU, head %s (a class of Keras)" % one.__name__, gru_type="AIGRU", dnn_activation=one)
      for one in (LAYERS.PReLU, LAYERS.LeakyReLU, LAYERS.ReLU, LAYERS.ELU)),
    dien("GRU, BatchNorm", gru_type="GRU", use_bn=True),
    dien("AUGRU, BatchNorm, Dice, auxiliary loss", lambda: base() + past(BOTH, "neg_hist_"), use_negsampling=True,
         use_bn=True, dnn_activation="dice"),
    dien("AUGRU, auxiliary loss with tables of its own", lambda: base() + past(BOTH, "neg_hist_", [None, None]),
         use_negsampling=True),
    dien("GRU, no hidden layers", gru_type="GRU", dnn_hidden_units=(), att_hidden_units=()),
    dien("AIGRU, one hidden layer each, dropout", gru_type="AIGRU", dnn_hidden_units=(9,), att_hidden_units=(7,),
         dnn_dropout=0.3),
    *(dien("AIGRU, all kinds of columns, a bag by %s" % word, lambda word=word: rich(word), own=("shop", "price"),
           gru_type="AIGRU") for word in ("mean", "sum", "max")),
    dien("AUGRU, a bag with a table of the history's",
         lambda: [bag(embedding_name="cate")._replace(sparsefeat=sparse("cate")._replace(name="genres"))] + simple()),
    dien("AUGRU, embedding_name", lambda: [
        sparse("user"), sparse("item", embedding_name="goods"), sparse("cate", embedding_name="kind"),
        *past(BOTH, tables=["goods", "kind"])]),
    dien("AIGRU, tables of the history's own", lambda: simple()[:3] + past(BOTH, tables=[None, None]),
         gru_type="AIGRU"),
    dien("AUGRU, three history features in another order",
         lambda: simple()[:3] + [sparse("shop")] + past(["cate", "shop", "item"]), ["item", "cate", "shop"]),
    dien("GRU, one history feature", lambda: [sparse("user"), sparse("item")] + past(["item"]), ["item"],
         gru_type="GRU"),
    dien("AUGRU, group_name", grouped),
    dien("AUGRU, group_name of the history", lambda: simple()[:3] + [sparse("shop")] + past(["item"], group_name="z") +
         past(["cate"], group_name="y") + past(["shop"], group_name="z"), ["item", "cate", "shop"]),
    dien("GRU, hashed columns", lambda: [sparse("user")] + simple(**HASHED)[1:] + [bag("sum", **HASHED)],
         gru_type="GRU"),
    dien("AUGRU, hashed strings", lambda: simple(use_hash=True, dtype="string"), text=("item", "hist_item")),
    dien("AUGRU, hashed 64-bit ids", lambda: simple(use_hash=True, dtype="int64")),
    dien("AUGRU, vocabulary_path", lambda: simple(use_hash=True, vocabulary_path=vocabulary_file())),
    dien("AUGRU, transform_fn", lambda: base()[:4] + [DenseFeat("score", 1, transform_fn=lambda x: (x - 0.5) * 2)] +
         base()[5:]),
    dien("GRU, regression", gru_type="GRU", task="regression"),
    dien("AIGRU, the second model of its process", gru_type="AIGRU", twice=True),
] + DINS
