"""RecBole's DIEN and DIN through the layout recbole: every mode, what is told apart, what is refused."""

import numpy as np

import swaps
from harness import LayoutTest
from recbole import FLOATS, LIMIT, RNN, SEQ_TABLES, TABLES, Mode, case


def replaced(case, **answers):
    case.answers.update(answers)
    return case


def numbers_of(part):
    """Where a description names the embedding of a number: slices of the float fields' tables of one row."""
    if isinstance(part, dict):
        if FLOATS in str(part.get("tensor")) and part["rows"][1] - part["rows"][0] == 1:
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from numbers_of(inner)


class RecBole(LayoutTest):
    def test_gru_types(self):
        for seed, gru_type in enumerate(("GRU", "AIGRU", "AGRU", "AUGRU")):
            for normalised in (True, False):
                for extra in (False, True):
                    self.check(case(Mode(gru_type, normalised, extra, seed=10 + seed)), layout="auto")

    def test_sizes_and_pooling(self):
        self.check(case(Mode("AUGRU", layers=(8, 6, 5), seed=20)))
        self.check(case(Mode("AUGRU", layers=(8,), seed=21)))
        for pooling in ("mean", "sum", "max"):
            self.check(case(Mode("AUGRU", extra=True, pooling=pooling, seed=22)))

    def test_spellings(self):
        self.check(replaced(case(Mode("AUGRU", seed=23)), gru_type="augru"))
        self.check(replaced(case(Mode("GRU", extra=True, seed=24)), gru_type="gru", pooling_mode="Mean"))

    # ------------------------------------------------------------------------------- float fields

    def test_float_fields(self):
        for seed, gru_type in enumerate(("GRU", "AIGRU", "AGRU", "AUGRU", "DIN")):
            for extra in (False, True):
                self.check(case(Mode(gru_type, extra=extra, floats=True, seed=50 + seed)), layout="auto")

    def test_swaps_of_float_fields(self):
        def other_row(description):
            for weights in numbers_of(description):
                weights["rows"] = [row - 1 for row in weights["rows"]]

        for gru_type in ("AUGRU", "DIN"):
            floats = case(Mode(gru_type, floats=True, pooling="max", seed=55))
            self.check(floats)
            self.check_swap(floats, "row 0 of a number's two rows", other_row)

        def plain_square(description):
            head = description["head"]["layers"][0]["weight"]["concat"]
            head[2]["matmul"][1] = head[0]["matmul"][1]
        self.check_swap(floats, "the number's embedding not squared in a product", plain_square)

    def test_float_fields_that_do_not_fit(self):
        floats = case(Mode("AUGRU", floats=True, seed=56))
        price, marks, size, item = floats.answers["item_fields"]
        refused = lambda *words, items: self.refused(floats, *words, item_fields=items)
        refused("'marks'", "lists of numbers are not in the model family", items=[price, {**marks, "discretized": False},
                                                                                  size, item])
        refused("the float fields of item_fields add up to 9, but the checkpoint's table has 7", "a float field has 2 rows",
                items=[price, marks, {**size, "rows": 7}, item])
        refused("rows is needed for every float field",
                items=[price, marks, {"name": "size", "kind": "float", "discretized": True}, item])
        refused("item_fields has 0 float fields, but the checkpoint has a table of them", items=[marks, item])
        refused("item_fields has 0 float_seq fields, but the checkpoint has tables for 1", items=[price, size, item])
        refused("discretises float and float_seq fields alone", items=[price, marks, size, {**item, "discretized": True}])
        plain = case(Mode("AUGRU", seed=57))
        self.refused(plain, "user_fields has 1 float fields, but the checkpoint has no table of them",
                     user_fields=["user_id", {"name": "income", "kind": "float"}])

    def test_several_float_fields_are_warned_of(self):
        floats = case(Mode("AUGRU", floats=True, seed=58))
        done = self.try_convert(floats)
        self.assertIn("warning: item_fields has several float fields. RecBole 1.2 fails on them", done.stderr)
        self.assertNotIn("warning: user_fields", done.stderr)

    def test_float_fields_of_early_releases(self):
        """One row a field, and another name of the tensor."""
        for gru_type in ("GRU", "DIN"):
            floats = case(Mode(gru_type, floats=True, seed=59))
            price, marks, _, item = floats.answers["item_fields"]
            early = case(Mode(gru_type, floats=True, seed=59))
            table = early.tensors.pop(f"{FLOATS}.item.embedding.weight")
            early.tensors[f"{FLOATS}.item.weight"] = np.array([table[1], table[2 + 3]])  # size is 3 everywhere, or 1
            early.answers["item_fields"] = [marks, price, {"name": "size", "kind": "float"}, item]
            for request in floats.requests:
                for part in ("history", "candidates"):
                    request[part]["size"] = [3] * len(request[part]["size"])
            numbers = [{**r, **{part: {**r[part], "size": [1] * len(r[part]["size"])} for part in ("history", "candidates")}}
                       for r in floats.requests]
            self.convert(early)
            self.compare(floats, self.rank(numbers))
            self.refused(early, "item_fields has 1 float fields, but", "has rows for 2", item_fields=[marks, price, item])
            self.refused(early, "'size' of item_fields is discretized", "discretise nothing",
                         item_fields=[marks, price, {"name": "size", "kind": "float", "discretized": True}, item])

    # ------------------------------------------------------------------------ what the file tells

    def test_cell_that_its_biases_tell(self):
        for gru_type, other, words in (("AGRU", "AUGRU", "are 0 in the rows of the update gate and not elsewhere"),
                                       ("AUGRU", "AGRU", "are not 0 in the rows of the update gate")):
            told = case(Mode(gru_type, seed=60))
            self.check(replaced(told, gru_type=gru_type))
            self.refused(told, "gru_type", other, gru_type, words, gru_type=other)
            self.refused(told, "gru_type GRU was stated", gru_type="GRU")
            untrained = case(Mode(gru_type, seed=61))
            for bias in ("ih", "hh"):
                untrained.tensors[f"{RNN}.rnn.bias_{bias}"][:] = 0
            self.refused(untrained, '"gru_type": null')
            self.check(replaced(untrained, gru_type=gru_type))

    def test_number_of_fields(self):
        extra = case(Mode("AUGRU", extra=True, seed=62))
        self.refused(extra, "item_fields has 2 fields", "9 wide together", "3 each: the model has 3",
                     item_fields=[{"name": "item_id", "rows": 31}, {"name": "words", "kind": "token_seq"}])
        self.refused(extra, "user_fields has 2 fields", "9 wide together", "3 each: the model has 3",
                     user_fields=["user_id", {"name": "hobbies", "kind": "token_seq"}])
        headless = case(Mode("AUGRU", seed=64))
        for name in [n for n in headless.tensors if n.startswith("dnn_mlp_layers.") and n.endswith(".bias")]:
            del headless.tensors[name]
        self.refused(headless, "the head dnn_mlp_layers.mlp_layers.*.bias is missing")
        self.refused(case(Mode("AUGRU", seed=63)), "add up to 24", "has 25",
                     item_fields=[{"name": "item_id", "rows": 24}])
        fields = extra.answers["item_fields"]
        self.refused(extra, "'words' of item_fields has 7 rows", "token_seq_embedding_table.item.0.weight has 8",
                     item_fields=[*fields[:2], {**fields[2], "rows": 7}])

    # ---------------------------------------------------------------------------------------- DIN

    def test_din(self):
        for extra in (False, True):
            for layers in ((7, 5), (8,)):
                self.check(case(Mode("DIN", extra=extra, layers=layers, seed=70)), layout="auto")
        for pooling in ("sum", "max"):
            self.check(case(Mode("DIN", extra=True, pooling=pooling, seed=71)))

    def test_swaps_of_din(self):
        din = case(Mode("DIN", extra=True, seed=72))
        for what in ("softmax", "score_scale", "attention_inputs", "difference", "norm_epsilon", "head_activation",
                     "norm_place"):
            self.check_swap(din, what, getattr(swaps, what))
        self.check_swap(din, "slot order", swaps.slots(0, 1))

    def test_din_leaves_the_users_tables_out(self):
        report = self.check(case(Mode("DIN", extra=True, floats=True, seed=73)))
        self.assertEqual(sorted(t["name"] for t in report["ignored"] if "num_batches" not in t["name"]),
                         [f"{FLOATS}.user.embedding.weight", f"{TABLES}.user.embedding.weight", f"{SEQ_TABLES}.user.0.weight"])

    def test_din_asks_nothing_of_dien(self):
        din = case(Mode("DIN", seed=74))
        for answer in ({"gru_type": "AUGRU"}, {"softmax": False}, {"user_fields": ["user_id"]}):
            self.refused(din, *answer, "nothing in this checkpoint depends on this answer", **answer)

    def test_swaps(self):
        augru = case(Mode("AUGRU", extra=True, seed=30))
        for what in ("extractor_reset", "extractor_polarity", "extractor_gates", "evolution_reset",
                     "evolution_polarity", "evolution_gates", "augru_form", "softmax", "score_scale",
                     "attention_inputs", "difference", "norm_epsilon", "head_activation", "norm_place"):
            self.check_swap(augru, what, getattr(swaps, what))
        self.check_swap(augru, "slot order", swaps.slots(0, 1))
        self.check_swap(augru, "longest history", swaps.longest(LIMIT - 1))

        def spans(description):
            for table in description["tables"]:
                if table["name"] == "item.brand":
                    table["weights"]["rows"] = [i - 1 for i in table["weights"]["rows"]]
        self.check_swap(augru, "another part of the fields' table", spans)

        def pooling(description):
            for field in description["stacks"][0]["fields"] + description["candidate"]:
                if field["kind"] == "ids":
                    field["pooling"] = "sum"
        self.check_swap(augru, "sum for mean", pooling)

    def test_swaps_of_other_modes(self):
        agru = case(Mode("AGRU", seed=31))
        for what in ("evolution_reset", "evolution_gates", "score_scale"):
            self.check_swap(agru, what, getattr(swaps, what))
        aigru = case(Mode("AIGRU", False, seed=32))
        for what in ("evolution_reset", "evolution_polarity", "evolution_gates", "score_scale"):
            self.check_swap(aigru, what, getattr(swaps, what))
        gru = case(Mode("GRU", seed=33))

        def last_state(description):
            description["stacks"][0].update(result="last_state", attention=None)
        self.check_swap(gru, "last state for attention pooling", last_state)

    def test_questions(self):
        augru = case(Mode("AUGRU", extra=True, seed=40))
        for key in ("softmax", "max_history"):
            self.refused(augru, f'needs "{key}"', **{key: None})
        for gru_type in ("GRU", "AIGRU"):
            self.refused(case(Mode(gru_type, seed=41)), 'needs "gru_type"', gru_type=None)
        self.refused(augru, '"pooling_mode": null', pooling_mode=None)
        self.refused(case(Mode("AUGRU", seed=42)), "pooling_mode", "nothing in this checkpoint depends",
                     pooling_mode="max")
        self.refused(augru, "user_fields has 0 token_seq fields, but the checkpoint has tables for 1", user_fields=["user_id"])
        fields = augru.answers["item_fields"]
        self.refused(augru, "rows is needed", item_fields=["item_id", *fields[1:]])
        self.refused(augru, "add up to 30", "do not belong together",
                     item_fields=[{"name": "item_id", "rows": 24}, *fields[1:]])

    def test_what_cannot_be_converted(self):
        early = case(Mode("AUGRU", seed=41))
        for kind in ("user", "item"):
            early.beside[f"other.{kind}"] = early.tensors.pop(f"{TABLES}.{kind}.embedding.weight")
        self.refused(early, "the embedding tables are missing", layout="auto")

    # ------------------------------------------------------------------- other models of RecBole

    def other(self, *names):
        """A checkpoint of these tensors alone."""
        foreign = case(Mode("AUGRU", seed=43))
        foreign.tensors = {name: np.ones((2, 3)) for name in names}
        return foreign

    def test_other_models_of_the_library(self):
        items, transformer = "item_embedding.weight", "trm_encoder.layer.0.multi_head_attention.query.weight"
        attentive = (items, "position_embedding.weight", transformer, "LayerNorm.weight")
        gru = ("gru_layers.weight_ih_l0", "gru_layers.weight_hh_l0", "dense.weight", "dense.bias")
        narm = ("gru.weight_ih_l0", "gru.weight_hh_l0", "a_1.weight", "a_2.weight", "v_t.weight", "b.weight")
        context = ("token_embedding_table.embedding.weight",
                   "first_order_linear.token_embedding_table.embedding.weight", "first_order_linear.bias")
        for model, names in (("SASRec", attentive),
                             ("BERT4Rec", (*attentive, "output_ffn.weight", "output_ln.weight", "output_bias")),
                             ("GRU4Rec", (items, *gru)), ("NARM", (items, *narm)),
                             ("DeepFM or WideDeep",
                              (*context, "mlp_layers.mlp_layers.1.weight", "deep_predict_layer.weight")),
                             ("context-aware model", context)):
            other = self.other(*names)
            self.refused(other, f"those of recbole's {model}, which is not in the model family")
            self.refused(other, f"those of recbole's {model}, which", layout="auto")

    def test_models_of_nobody_are_not_claimed(self):
        """Names that models of one's own have too."""
        for names in (("item_embedding.weight", "gru.weight_ih_l0", "dense.weight", "dense.bias"),
                      ("item_embedding.weight", "gru_layers.weight_ih_l0", "gru_layers.weight_hh_l0", "dense.weight",
                       "dense.bias", "user_embedding.weight"),
                      ("item_embedding.weight", "position_embedding.weight", "encoder.layer.0.attention.query.weight"),
                      ("token_embedding_table.embedding.weight", "position_embedding_table.weight")):
            self.refused(self.other(*names), "its tensors are those of no layout that is known", layout="auto")
