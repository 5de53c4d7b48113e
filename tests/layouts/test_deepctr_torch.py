"""DeepCTR-Torch's DIEN and DIN through the layout deepctr-torch: every mode, what the file tells, what is refused."""

import numpy as np

import swaps
from deepctr_torch import ATT, EVOLUTION, LIMIT, Mode, case, checkpoint
from harness import LOGIT_TOLERANCE, Case, LayoutTest, Tensors

GRU_TYPES = ("GRU", "AIGRU", "AGRU", "AUGRU")
GROUPS = {"user": "b", "gender": "a", "item": "a", "cate": "b", "brand": "c", "hist_item": "y", "hist_cate": "x"}


def din(**mode) -> Case:
    return case(Mode("DIN", **{"normalised": False, **mode}))


def reordered(tensors: Tensors, tables: list) -> Tensors:
    """With the tables in this order; an .npz keeps it."""
    first = {f"embedding_dict.{name}.weight": tensors[f"embedding_dict.{name}.weight"] for name in tables}
    return {**first, **tensors}


class DeepCtrTorch(LayoutTest):
    def test_gru_types(self):
        for seed, gru_type in enumerate(GRU_TYPES):
            for normalised in (True, False):
                self.check(case(Mode(gru_type, normalised=normalised, seed=10 + seed)))

    def test_attention_activations(self):
        for seed, kind in enumerate(("relu", "sigmoid", "linear", "dice", "prelu")):
            self.check(case(Mode("AUGRU", att=kind, seed=20 + seed)))

    def test_head_activations(self):
        for seed, kind in enumerate(("relu", "sigmoid", "linear", "dice", "prelu")):
            for bn in (False, True):
                self.check(case(Mode("AIGRU", dnn=kind, bn=bn, seed=30 + seed)))

    def test_tables(self):
        self.check(case(Mode("AUGRU", own_history_tables=True, seed=40)))
        self.check(case(Mode("AUGRU", extra=False, seed=41, suffix=".npz")))
        for name in ("bias_ih", "bias_hh"):
            self.check(case(Mode("AUGRU", one_bias=name, seed=42)))

    def test_order_of_the_history_columns(self):
        # The behaviour's fields are swapped in e_t: so are the columns of the extractor's input.
        mode = Mode("AUGRU", seed=43)
        swapped = case(mode)
        straight = case(mode)
        w = straight.tensors["interest_extractor.gru.weight_ih_l0"]
        swapped.tensors["interest_extractor.gru.weight_ih_l0"] = np.hstack([w[:, 4:], w[:, :4]])
        swapped.answers["history_order"] = ["cate", "item"]
        self.convert(swapped)
        self.compare(straight, self.rank(straight.requests))

    def test_table_by_another_name(self):
        renamed = case(Mode("AUGRU", extra=False, seed=44))
        tensors = renamed.tensors
        tensors["embedding_dict.things.weight"] = tensors.pop("embedding_dict.item.weight")
        renamed.answers["sparse"][1] = {"name": "item", "embedding_name": "things"}
        self.convert(renamed)
        self.compare(case(Mode("AUGRU", extra=False, seed=44)), self.rank(renamed.requests))

    def test_training_only(self):
        trained = case(Mode("AUGRU", seed=45))
        trained.beside["interest_extractor.auxiliary_net.linears.0.weight"] = np.ones((3, 12))
        trained.beside["embedding_dict.neg_hist_item.weight"] = np.ones((3, 4))
        report = self.check(trained, layout="auto")
        self.assertEqual([t["name"] for t in report["ignored"]], ["embedding_dict.neg_hist_item.weight"])

    def test_swaps(self):
        augru = case(Mode("AUGRU", dnn="dice", bn=True, seed=50))
        for what in ("extractor_reset", "extractor_polarity", "extractor_gates", "evolution_reset",
                     "evolution_polarity", "evolution_gates", "augru_form", "softmax", "score_scale",
                     "attention_inputs", "difference", "dice_kind", "dice_epsilon", "norm_epsilon",
                     "norm_place"):
            self.check_swap(augru, what, getattr(swaps, what))
        self.check_swap(augru, "shared bias counted once", swaps.bias("input", "evolution"))
        self.check_swap(augru, "slot order", swaps.slots(1, 5))  # user and brand, both of width 3
        self.check_swap(augru, "longest history", swaps.longest(LIMIT - 1))

    def test_swaps_of_other_modes(self):
        agru = case(Mode("AGRU", seed=51))
        for what in ("evolution_reset", "evolution_gates", "softmax"):
            self.check_swap(agru, what, getattr(swaps, what))
        aigru = case(Mode("AIGRU", normalised=False, seed=52))
        for what in ("evolution_reset", "evolution_polarity", "evolution_gates", "softmax"):
            self.check_swap(aigru, what, getattr(swaps, what))
        gru = case(Mode("GRU", seed=53))

        def last_state(description):
            description["stacks"][0].update(result="last_state", attention=None)
        self.check_swap(gru, "last state for attention pooling", last_state)

    def test_modes_that_do_not_fit(self):
        self.refused(case(Mode("AUGRU")), "gru_type GRU was stated", "rnn.*", gru_type="GRU")
        self.refused(case(Mode("GRU")), "gru_type AGRU was stated", gru_type="AGRU")

    def test_biases_tell_agru_from_augru(self):
        for gru_type, other in (("AGRU", "AUGRU"), ("AUGRU", "AGRU")):
            told = case(Mode(gru_type, seed=60))
            self.refused(told, f'"{other}" was stated', f'the checkpoint tells "{gru_type}"', gru_type=other)
            del told.answers["gru_type"]
            self.check(told)
        self.refused(case(Mode("AUGRU", one_bias="bias_hh")), 'the checkpoint tells "AUGRU"', gru_type="AGRU")

    def test_biases_that_do_not_tell(self):
        for gru_type in ("AGRU", "AUGRU"):
            untrained = case(Mode(gru_type, seed=61))
            for part in ("bias_ih", "bias_hh"):
                untrained.tensors[f"{EVOLUTION}.rnn.{part}"] = np.zeros(18, np.float32)
            self.check(untrained)
            self.refused(untrained, '"gru_type": null', gru_type=None)

    def test_questions(self):
        gru = case(Mode("GRU"))
        self.refused(gru, '"att_activation": null', att_activation=None)
        self.refused(gru, '"dnn_activation": null', dnn_activation=None)
        for key in ("gru_type", "sparse", "history_feature_list", "att_weight_normalization", "max_history"):
            self.refused(gru, f'needs "{key}"', **{key: None})
        self.refused(gru, "name that sparse does not have", "shop", history_feature_list=["item", "shop"])
        self.refused(gru, "history_order must hold", history_order=["item"])
        self.refused(gru, "history_order must hold", history_order=["item", "item"])

    def test_activations_that_tensors_tell(self):
        dice = case(Mode("AUGRU", att="dice", dnn="prelu", seed=62))
        dice.answers.update(att_activation="Dice", dnn_activation="PReLU")
        self.check(dice)
        self.refused(dice, '"relu" was stated, but the checkpoint tells "dice"', att_activation="relu")
        self.refused(dice, '"sigmoid" was stated, but the checkpoint tells "prelu"', dnn_activation="sigmoid")
        self.refused(case(Mode("AUGRU")), "'dice' was stated, but", att_activation="dice")
        self.refused(case(Mode("AUGRU")), "'prelu' was stated, but", dnn_activation="prelu")

    def test_spellings_of_the_library(self):
        spelled = case(Mode("AUGRU", att="linear", dnn="leaky_relu", seed=63))
        spelled.answers.update(gru_type="augru", att_activation="Identity", dnn_activation="LeakyReLU")
        self.check(spelled)

    def test_activations_given_as_classes(self):
        for seed, kind in enumerate(("tanh", "gelu", "elu", "silu", "leaky_relu")):
            self.check(case(Mode("AUGRU", att=kind, dnn=kind, bn=seed % 2 == 0, seed=70 + seed)))

    def test_regression(self):
        regression = case(Mode("AUGRU", seed=64))
        regression.answers["task"] = "regression"
        report = self.convert(regression)
        self.assertEqual(report["description"]["output"], {"kind": "identity"})
        for logits, answer in zip(regression.expected(), self.rank(regression.requests)):
            for came in (answer.scores, answer.logits):
                np.testing.assert_array_less(np.abs(came - logits), LOGIT_TOLERANCE * np.maximum(1, np.abs(logits)))

    def test_groups(self):
        for gru_type in ("AUGRU", "DIN"):
            self.check(case(Mode(gru_type, normalised=False, groups=GROUPS, seed=65)))
        grouped = case(Mode("AUGRU", groups=GROUPS, own_history_tables=True, seed=66, suffix=".npz"))
        self.check(grouped)
        self.check_swap(grouped, "order of the query's fields", lambda d: d["stacks"][0]["query"].reverse())
        self.check_swap(grouped, "order of the event's fields", lambda d: d["stacks"][0]["fields"].reverse())

    def test_oldest_events(self):
        oldest = case(Mode("AUGRU", seed=67))
        oldest.answers["truncation"] = "oldest"
        self.convert(oldest)
        newest = case(Mode("AUGRU", seed=67))
        newest.requests = [request for request in newest.requests if len(request["history"]["item"]) > LIMIT]
        answers = self.rank(newest.requests)
        for request in newest.requests:
            for values in request["history"].values():
                del values[LIMIT:]
        self.compare(newest, answers)

    def test_hashes_change_nothing(self):
        hashed = case(Mode("AUGRU", seed=68))
        hashed.answers["sparse"][0] = {"name": "user", "use_hash": True}
        self.check(hashed)
        self.assertIn("use_hash of 'user' changes nothing", self.try_convert(hashed).stderr)

    # ---------------------------------------------------------------------------- the file's order

    def test_columns_in_another_order_than_the_file(self):
        ordered = case(Mode("AUGRU", seed=80, suffix=".npz"))
        self.check(ordered)
        columns = ordered.answers["sparse"]
        self.refused(ordered, "sparse", "'gender', 'user', 'item'", "'user', 'gender', 'item'",
                     "keeps the order of the columns", sparse=[columns[1], columns[0], *columns[2:]])
        self.refused(ordered, "keeps the order of the columns",
                     sparse=[*columns[:2], columns[3], columns[2], columns[4]])

    def test_ascending_order_is_weak_evidence(self):
        ordered = case(Mode("AUGRU", seed=81, suffix=".npz"))
        ordered.tensors = reordered(ordered.tensors, ["brand", "cate", "gender", "item", "user"])
        self.check(ordered)
        done = self.try_convert(ordered)
        self.assertIn("warning: sparse: the tables of the columns as stated are 'user', 'gender'", done.stderr)
        self.assertIn("It is ascending", done.stderr)
        self.refused(ordered, 'needs "sparse"', sparse=None)

    def test_columns_that_the_file_tells(self):
        for gru_type in ("AUGRU", "DIN"):
            told = case(Mode(gru_type, normalised=False, seed=82, suffix=".npz"))
            for request in told.requests:  # without the answer every other column is the user's
                request["features"]["brand"] = 2
                request["candidates"]["brand"] = [2, 2, 2]
            straight = [{**r, "candidates": {k: v for k, v in r["candidates"].items() if k != "brand"}}
                        for r in told.requests]
            del told.answers["sparse"]
            self.convert(told)
            self.compare(told, self.rank(straight))
            self.assertIn("warning: sparse: the columns are taken from the file's order", self.try_convert(told).stderr)
            self.refused(told, '"sparse": null', dense=[])  # the head's width does not fit

    def test_history_that_its_tables_tell(self):
        told = case(Mode("AUGRU", own_history_tables=True, seed=83, suffix=".npz"))
        del told.answers["history_feature_list"]
        self.check(told)
        self.refused(told, "history_order", "'hist_cate', 'hist_item'", "'hist_item', 'hist_cate'",
                     history_order=["cate", "item"])
        columns = ["user", "gender", "item", "cate", "brand", "hist_cate", "hist_item"]
        told.tensors = reordered(told.tensors, columns)
        w = told.tensors["interest_extractor.gru.weight_ih_l0"]
        told.tensors["interest_extractor.gru.weight_ih_l0"] = np.hstack([w[:, 4:], w[:, :4]])
        self.convert(told)
        straight = case(Mode("AUGRU", own_history_tables=True, seed=83, suffix=".npz"))
        self.compare(straight, self.rank(straight.requests))

    def test_history_table_by_another_name(self):
        renamed = case(Mode("AUGRU", own_history_tables=True, seed=84))
        renamed.tensors["embedding_dict.seen.weight"] = renamed.tensors.pop("embedding_dict.hist_item.weight")
        renamed.answers["history_order"] = [{"name": "item", "embedding_name": "seen"}, "cate"]
        self.convert(renamed)
        straight = case(Mode("AUGRU", own_history_tables=True, seed=84))
        self.compare(straight, self.rank(straight.requests))

    def test_head_dice_of_three_axes_is_refused(self):
        dice = case(Mode("AUGRU", dnn="dice"))
        for n in (0, 1):
            name = f"dnn.activation_layers.{n}.alpha"
            dice.tensors[name] = dice.tensors[name].reshape(-1, 1)
        self.refused(dice, "cannot run this model itself")

    # ----------------------------------------------------------------------------------------- DIN

    def test_din(self):
        for seed, kind in enumerate(("dice", "prelu", "relu")):
            for bn in (False, True):
                self.check(din(att=kind, bn=bn, own_history_tables=bn, seed=90 + seed), layout="auto")
        softmax = din(normalised=True, seed=93)
        softmax.requests = [r for r in softmax.requests if r["history"]["item"]]
        self.check(softmax)
        self.assertIn("Scores of empty histories differ", self.try_convert(softmax).stderr)

    def test_din_pools_other_sequences(self):
        for seed, pooling in enumerate(("mean", "sum", "max")):
            self.check(din(genres=pooling, seed=94 + seed))
        for seed, pooling in enumerate(("mean", "sum")):
            counted = din(genres=pooling, genres_length=True, seed=97 + seed)
            self.check(counted)
            counted.answers["varlen"][0]["mask"] = "not_zero"
            self.convert(counted)
            with self.assertRaises(AssertionError):  # id 0 is among the ids
                self.compare(counted, self.rank(counted.requests))
        self.refused(din(genres="max", genres_length=True), "'genres' has the combiner max and a length_name")
        self.refused(din(genres="mean"), "embedding_dict.genres.weight belongs to no column", varlen=None)

    def test_other_sequences_in_another_order_than_the_file(self):
        ordered = din(genres="mean", seed=101, suffix=".npz")
        ordered.tensors["embedding_dict.tags.weight"] = np.ones((3, 2), np.float32)
        w = ordered.tensors["dnn.linears.0.weight"]
        ordered.tensors["dnn.linears.0.weight"] = np.hstack([w[:, :17], np.zeros((9, 2), np.float32), w[:, 17:]])
        varlen = ["genres", "tags"]
        for request in ordered.requests:
            request["features"]["tags"] = [1, 2]
        ordered.answers["varlen"] = varlen
        self.convert(ordered)
        self.refused(ordered, "varlen", "'tags', 'genres'", "keeps the order of the columns", varlen=varlen[::-1])

    def test_swaps_of_din(self):
        pooled = din(att="dice", dnn="dice", genres="mean", seed=99)
        for what in ("softmax", "score_scale", "attention_inputs", "difference", "dice_epsilon"):
            self.check_swap(pooled, what, getattr(swaps, what))
        self.check_swap(pooled, "order of the pooled ids and a column", swaps.slots(4, 5))
        self.check_swap(din(seed=100), "the sum's place in the head", swaps.slots(4, 5))

    def test_din_has_no_gru_type(self):
        self.refused(din(), "gru_type", "nothing in this checkpoint depends on this answer", gru_type="AUGRU")

    # -------------------------------------------------------------------------- what is left out

    def test_columns_that_dien_does_not_read(self):
        multi = case(Mode("AUGRU"))
        multi.beside["embedding_dict.genres.weight"] = np.ones((3, 4))
        report = self.check(multi)
        self.assertEqual([t["name"] for t in report["ignored"]], ["embedding_dict.genres.weight"])
        self.assertIn("embedding_dict.genres.weight is left out", self.try_convert(multi).stderr)
        for answer in ({"varlen": ["genres"]}, {"ignore": ["embedding_dict.genres.weight"]}):
            stated = case(Mode("AUGRU"))
            stated.beside = multi.beside
            stated.answers.update(answer)
            self.check(stated)
            self.assertNotIn("is left out", self.try_convert(stated).stderr)

    def test_unknown_tensors_are_refused(self):
        multi = case(Mode("AUGRU"))
        multi.beside["embedding_bag.genres.weight"] = np.ones((3, 4))
        self.refused(multi, "embedding_bag.genres.weight")

    def test_forgotten_columns_are_refused(self):
        whole = case(Mode("AUGRU"))
        self.refused(whole, "dnn.linears.0.weight", sparse=["user", "gender", "item", "cate"])

    def test_other_models_of_the_library(self):
        for tensor, model in (("cin.conv1ds.0.weight", "xDeepFM"), ("crossnet.kernels", "DCN"),
                              ("linear_model.embedding_dict.item.weight", "DeepFM, WDL or NFM")):
            other = case(Mode("AUGRU"))
            other.tensors = {name: t for name, t in other.tensors.items() if not name.startswith("interest_")}
            other.tensors[tensor] = np.ones((2, 3))
            self.refused(other, f"those of deepctr-torch's {model}, which is not in the model family")
            self.refused(other, f"those of deepctr-torch's {model}", layout="auto")

    def test_nan_is_refused(self):
        broken = case(Mode("AUGRU"), checkpoint(Mode("AUGRU")))
        broken.tensors["dnn.linears.0.weight"][2, 3] = np.nan
        self.refused(broken, "dnn.linears.0.weight", "[2, 3] is NaN")
