"""Models like those of the DIEN authors' script/model.py, for TensorFlow 1.4 (Python 2.7) to 2.12.

The authors' code is in no package, and has no licence. This is written anew: the same classes, attributes,
placeholders, variables and summaries, and the same mathematics, so that a checkpoint of the authors' code restores into
it and gives their scores. Differences: the sizes are arguments, and the recurrent layers are loops of tf.scan.
"""
from __future__ import division, print_function

import numpy as np
import tensorflow

tf = getattr(getattr(tensorflow, "compat", None), "v1", tensorflow)


def dense(inputs, units, name, reuse=None):
    """tf.layers.dense."""
    with tf.variable_scope(name, reuse=reuse):
        kernel = tf.get_variable("kernel", [inputs.get_shape()[-1], units])
        bias = tf.get_variable("bias", [units], initializer=tf.zeros_initializer())
        if len(inputs.get_shape()) == 2:
            return tf.nn.bias_add(tf.matmul(inputs, kernel), bias, name="BiasAdd")
        return tf.tensordot(inputs, kernel, [[2], [0]]) + bias


def batch_normalization(inputs, name, reuse=None):
    """tf.layers.batch_normalization outside of training: the statistics are as they were made, 0 and 1."""
    size = [inputs.get_shape()[-1]]
    with tf.variable_scope(name, reuse=reuse):
        gamma = tf.get_variable("gamma", size, initializer=tf.ones_initializer())
        beta = tf.get_variable("beta", size, initializer=tf.zeros_initializer())
        mean = tf.get_variable("moving_mean", size, initializer=tf.zeros_initializer(), trainable=False)
        variance = tf.get_variable("moving_variance", size, initializer=tf.ones_initializer(), trainable=False)
    with tf.name_scope(name + "/"):  # the operations' names, too: bn1/batchnorm/mul_1 reads the input
        return tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, 0.001)


def dice(inputs, name):
    """Dice with the statistics of the batch."""
    with tf.variable_scope(name):
        alpha = tf.get_variable("alpha" + name, [inputs.get_shape()[-1]], initializer=tf.zeros_initializer())
        mean = tf.reduce_mean(inputs, 0)
        deviation = tf.sqrt(tf.reduce_mean(tf.square(inputs - mean), 0) + 1e-9)
        share = tf.sigmoid((inputs - mean) / (deviation + 1e-9))
        return alpha * (1.0 - share) * inputs + share * inputs


def prelu(inputs, scope=""):
    """PReLU; without a scope, as the query's."""
    def activate():
        alpha = tf.get_variable("prelu_" + scope, [inputs.get_shape()[-1]], initializer=tf.constant_initializer(0.1))
        return tf.maximum(0.0, inputs) + alpha * tf.minimum(0.0, inputs)
    if not scope:
        return activate()
    with tf.variable_scope(scope):
        return activate()


def recurrent(inputs, lengths, units, scope, inner="gru_cell", attention=None, kind="gru"):
    """A GRU over [rows, T, width]: its states, 0 behind the last event, and the last event's state."""
    width = int(inputs.get_shape()[-1])
    with tf.variable_scope(scope + ("/" + inner if inner else "")):
        with tf.variable_scope("gates"):
            gates = (tf.get_variable("kernel", [width + units, 2 * units]),
                     tf.get_variable("bias", [2 * units], initializer=tf.ones_initializer()))
        with tf.variable_scope("candidate"):
            candidate = (tf.get_variable("kernel", [width + units, units]),
                         tf.get_variable("bias", [units], initializer=tf.zeros_initializer()))
    steps = tf.shape(inputs)[1]
    weights = tf.zeros(tf.shape(inputs)[:2]) if attention is None else attention

    def advance(before, now):
        state = before[0]
        x, a, at = now
        r, u = tf.split(tf.sigmoid(tf.matmul(tf.concat([x, state], 1), gates[0]) + gates[1]), 2, 1)
        new = tf.tanh(tf.matmul(tf.concat([x, r * state], 1), candidate[0]) + candidate[1])
        share = {"gru": u, "agru": 1.0 - a[:, None], "augru": (1.0 - a[:, None]) * u}[kind]
        reached = share * state + (1.0 - share) * new
        real = tf.cast(at < lengths, tf.float32)[:, None]
        return real * reached + (1.0 - real) * state, real * reached

    start = tf.zeros(tf.stack([tf.shape(inputs)[0], units]))
    states, outputs = tf.scan(advance, (tf.transpose(inputs, [1, 0, 2]), tf.transpose(weights), tf.range(steps)),
                              (start, start))
    return tf.transpose(outputs, [1, 0, 2]), states[-1]


def attend(query, facts, mask, tag, projected=True):
    """The attention's weights [rows, T]."""
    if projected:
        query = prelu(dense(query, int(facts.get_shape()[-1]), "f1" + tag))
    queries = tf.tile(query[:, None, :], [1, tf.shape(facts)[1], 1])
    queries.set_shape([None, None, int(facts.get_shape()[-1])])
    together = tf.concat([queries, facts, queries - facts, queries * facts], -1)
    hidden = tf.nn.sigmoid(dense(together, 80, "f1_att" + tag))
    hidden = tf.nn.sigmoid(dense(hidden, 40, "f2_att" + tag))
    scores = dense(hidden, 1, "f3_att" + tag)[:, :, 0]
    return tf.nn.softmax(tf.where(mask > 0, scores, tf.ones_like(scores) * (-2.0 ** 32 + 1)))


class Model(object):
    """The placeholders and the embeddings."""

    HEAD = (200, 80)

    def __init__(self, n_uid, n_mid, n_cat, embedding_dim, hidden_size, attention_size=None, use_negsampling=False):
        ids = lambda rank, name: tf.placeholder(tf.int32, [None] * rank, name=name)  # noqa: E731
        with tf.name_scope("Inputs"):
            self.mid_his_batch_ph, self.cat_his_batch_ph = ids(2, "mid_his_batch_ph"), ids(2, "cat_his_batch_ph")
            self.uid_batch_ph = ids(1, "uid_batch_ph")
            self.mid_batch_ph, self.cat_batch_ph = ids(1, "mid_batch_ph"), ids(1, "cat_batch_ph")
            self.mask = tf.placeholder(tf.float32, [None, None], name="mask")
            self.seq_len_ph = ids(1, "seq_len_ph")
            self.target_ph = tf.placeholder(tf.float32, [None, None], name="target_ph")
            self.lr = tf.placeholder(tf.float64, [])
            self.use_negsampling = use_negsampling
            if use_negsampling:
                self.noclk_mid_batch_ph = ids(3, "noclk_mid_batch_ph")
                self.noclk_cat_batch_ph = ids(3, "noclk_cat_batch_ph")
        self.hidden_size = hidden_size
        users, items, categories = (tf.get_variable(name, [rows, embedding_dim],
                                                    initializer=tf.random_normal_initializer(0, 0.3))
                                    for name, rows in (("uid_embedding_var", n_uid), ("mid_embedding_var", n_mid),
                                                       ("cat_embedding_var", n_cat)))
        self.uid_batch_embedded = tf.nn.embedding_lookup(users, self.uid_batch_ph)

        def event(mid, cat):
            return tf.concat([tf.nn.embedding_lookup(items, mid), tf.nn.embedding_lookup(categories, cat)], -1)
        self.item_eb = event(self.mid_batch_ph, self.cat_batch_ph)
        self.item_his_eb = event(self.mid_his_batch_ph, self.cat_his_batch_ph)
        self.item_his_eb_sum = tf.reduce_sum(self.item_his_eb, 1)
        self.aux_loss = 0.0
        if use_negsampling:
            self.noclk_item_his_eb = event(self.noclk_mid_batch_ph[:, :, 0], self.noclk_cat_batch_ph[:, :, 0])

    def build_fcn_net(self, parts, use_dice=False):
        """The head and the loss."""
        x = batch_normalization(tf.concat(parts, 1), "bn1")
        for at, units in enumerate(self.HEAD):
            n = str(at + 1)
            x = dense(x, units, "f" + n)
            x = dice(x, "dice_" + n) if use_dice else prelu(x, "prelu" + n)
        self.y_hat = tf.nn.softmax(dense(x, 2, "f3")) + 0.00000001
        self.loss = -tf.reduce_mean(tf.log(self.y_hat) * self.target_ph) + self.aux_loss
        self.optimizer = tf.train.AdamOptimizer(learning_rate=self.lr).minimize(self.loss)

    def head_parts(self, *state):
        """The head's input since the code's second version."""
        return [self.uid_batch_embedded, self.item_eb, self.item_his_eb_sum,
                self.item_eb * self.item_his_eb_sum] + list(state)

    def extract(self):
        """The first GRU's states."""
        states, _ = recurrent(self.item_his_eb, self.seq_len_ph, self.hidden_size, "gru1")
        with tf.name_scope("rnn_1"):
            tf.summary.histogram("GRU_outputs", states)
        return states

    def attention_over(self, states):
        """The weights [rows, T]."""
        weights = attend(self.item_eb, states, self.mask, "1_1")
        with tf.name_scope("Attention_layer_1"):
            tf.summary.histogram("alpha_outputs", weights)
        return weights

    def evolve(self, kind, inner):
        """The three models whose second GRU reads the attention."""
        states = self.extract()
        if self.use_negsampling:
            self.add_auxiliary_loss(states)
        weights = self.attention_over(states)
        inputs = states * weights[:, :, None] if kind == "gru" else states
        _, final = recurrent(inputs, self.seq_len_ph, self.hidden_size, "gru2", inner, weights, kind)
        with tf.name_scope("rnn_2"):
            tf.summary.histogram("GRU2_Final_State", final)
        self.build_fcn_net(self.head_parts(final), use_dice=True)

    def add_auxiliary_loss(self, states):
        """Whether the next event follows from a state, against a negative sample."""
        def clicked(events, reuse):
            x = batch_normalization(tf.concat([states[:, :-1], events[:, 1:]], -1), "bn1gru", reuse)
            for n, units in (("1", 100), ("2", 50)):
                x = tf.nn.sigmoid(dense(x, units, "f" + n + "gru", reuse))
            return (tf.nn.softmax(dense(x, 2, "f3gru", reuse)) + 0.00000001)[:, :, 0]
        loss = -tf.log(clicked(self.item_his_eb, None)) - tf.log(1.0 - clicked(self.noclk_item_his_eb, True))
        self.aux_loss = tf.reduce_mean(loss * self.mask[:, 1:])

    def feed(self, batch):
        """prepare_data's arrays by their placeholders."""
        names = ("uid_batch_ph", "mid_batch_ph", "cat_batch_ph", "mid_his_batch_ph", "cat_his_batch_ph", "mask",
                 "target_ph",
                 "seq_len_ph", "noclk_mid_batch_ph", "noclk_cat_batch_ph")
        return {getattr(self, name): array for name, array in zip(names, batch) if hasattr(self, name)}


class Model_DNN(Model):  # noqa: N801
    def __init__(self, *sizes):
        Model.__init__(self, *sizes)
        self.build_fcn_net([self.uid_batch_embedded, self.item_eb, self.item_his_eb_sum])


class Model_PNN(Model):  # noqa: N801
    def __init__(self, *sizes):
        Model.__init__(self, *sizes)
        self.build_fcn_net(self.head_parts())


class Model_DIN(Model):  # noqa: N801
    def __init__(self, *sizes):
        Model.__init__(self, *sizes)
        weights = attend(self.item_eb, self.item_his_eb, self.mask, "null", projected=False)
        result = tf.reduce_sum(self.item_his_eb * weights[:, :, None], 1)
        with tf.name_scope("Attention_layer"):
            tf.summary.histogram("att_fea", result)
        self.build_fcn_net(self.head_parts(result), use_dice=True)


class Model_DIN_V2_Gru_Gru_att(Model):  # noqa: N801
    def __init__(self, *sizes):
        Model.__init__(self, *sizes)
        states, _ = recurrent(self.extract(), self.seq_len_ph, self.hidden_size, "gru2")
        with tf.name_scope("rnn_2"):
            tf.summary.histogram("GRU2_outputs", states)
        weights = attend(self.item_eb, states, self.mask, "1_1")
        result = tf.reduce_sum(states * weights[:, :, None], 1)
        with tf.name_scope("Attention_layer_1"):
            tf.summary.histogram("att_fea", result)
        self.build_fcn_net(self.head_parts(result), use_dice=True)


class Model_DIN_V2_Gru_att_Gru(Model):  # noqa: N801
    def __init__(self, *sizes):
        Model.__init__(self, *sizes)
        self.evolve("gru", "gru_cell")


class Model_DIN_V2_Gru_QA_attGru(Model):  # noqa: N801
    def __init__(self, *sizes):
        Model.__init__(self, *sizes)
        self.evolve("agru", "")


class Model_DIN_V2_Gru_Vec_attGru(Model):  # noqa: N801
    def __init__(self, *sizes):
        Model.__init__(self, *sizes)
        self.evolve("augru", "")


class Model_DIN_V2_Gru_Vec_attGru_Neg(Model):  # noqa: N801
    def __init__(self, *sizes):
        Model.__init__(self, *(sizes + (True,)))
        self.evolve("augru", "")


MODELS = (Model_DNN, Model_PNN, Model_DIN, Model_DIN_V2_Gru_Gru_att, Model_DIN_V2_Gru_att_Gru,
          Model_DIN_V2_Gru_QA_attGru,
          Model_DIN_V2_Gru_Vec_attGru, Model_DIN_V2_Gru_Vec_attGru_Neg)


def prepare(rows, targets, negatives=5):
    """As prepare_data(..., return_neg=True) of script/train.py, of its second version.

    rows: (uid, mid, cat, mids, cats) each; a row's negative samples are its own events, which only training reads.
    """
    lengths = np.array([len(row[3]) for row in rows])
    past = np.zeros((2, len(rows), lengths.max()), np.int64)
    mask = np.zeros((len(rows), lengths.max()), np.float32)
    for at, (_, _, _, mids, cats) in enumerate(rows):
        past[0, at, :len(mids)], past[1, at, :len(cats)] = mids, cats
        mask[at, :len(mids)] = 1
    first = [np.array([row[column] for row in rows]) for column in range(3)]
    unclicked = [np.repeat(np.roll(one, 1, 0)[:, :, None], negatives, 2) for one in past]
    return tuple(first) + (past[0], past[1], mask, np.array(targets, np.float32), lengths) + tuple(unclicked)
