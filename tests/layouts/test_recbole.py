"""RecBole's DIEN through the layout recbole: every mode, what is told apart, what is refused."""

import numpy as np

import swaps
from harness import LayoutTest
from recbole import ATT, LIMIT, RNN, SEQ_TABLES, TABLES, Mode, case


class RecBole(LayoutTest):
    def test_gru_types(self):
        for seed, gru_type in enumerate(("GRU", "AIGRU", "AGRU", "AUGRU")):
            for normalised in (True, False):
                for extra in (False, True):
                    self.check(case(Mode(gru_type, normalised, extra, seed=10 + seed)), layout="auto")

    def test_sizes_and_pooling(self):
        self.check(case(Mode("AUGRU", layers=(8, 6, 5), seed=20)))
        self.check(case(Mode("AUGRU", layers=(8,), seed=21)))
        for pooling in ("mean", "sum"):
            self.check(case(Mode("AUGRU", extra=True, pooling=pooling, seed=22)))

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
        for key in ("gru_type", "softmax", "max_history"):
            self.refused(augru, f'needs "{key}"', **{key: None})
        self.refused(augru, "gru_type GRU was stated", gru_type="GRU")
        self.refused(augru, '"pooling_mode": null', pooling_mode=None)
        self.refused(augru, "pooling_mode max is not", pooling_mode="max")
        self.refused(augru, "another number of token_seq fields", user_fields=["user_id"])
        fields = augru.answers["item_fields"]
        self.refused(augru, "rows is needed", item_fields=["item_id", *fields[1:]])
        self.refused(augru, "add up to 30", "do not belong together",
                     item_fields=[{"name": "item_id", "rows": 24}, *fields[1:]])

    def test_what_cannot_be_converted(self):
        early = case(Mode("AUGRU", seed=41))
        for kind in ("user", "item"):
            early.beside[f"other.{kind}"] = early.tensors.pop(f"{TABLES}.{kind}.embedding.weight")
        self.refused(early, "the embedding tables are missing", layout="auto")
        floats = case(Mode("AUGRU", seed=42))
        floats.beside["embedding_layer.float_embedding_table.item.embedding.weight"] = np.ones((1, 3))
        self.refused(floats, "float fields")
        din = case(Mode("GRU", seed=43))
        din.tensors = {name.replace(ATT, "attention").replace("dnn_predict_layer", "dnn_predict_layers"): t
                       for name, t in din.tensors.items() if "interset" not in name and RNN not in name}
        self.refused(din, "a DIN", layout="auto")
        self.assertNotIn(f"{SEQ_TABLES}.user.0.weight", din.tensors)
