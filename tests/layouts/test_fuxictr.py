"""FuxiCTR's DIEN through the layout fuxictr: every mode, what is told apart, what is refused."""

import numpy as np

import swaps
from fuxictr import DIM, LIMIT, Mode, case
from harness import LayoutTest


class FuxiCtr(LayoutTest):
    def test_gru_types_and_attentions(self):
        self.check(case(Mode("GRU", seed=10)))
        seed = 11
        for gru_type in ("AGRU", "AUGRU"):
            for attention in ("bilinear", "dot", "din"):
                for normalised in (True, False):
                    self.check(case(Mode(gru_type, attention, normalised, seed=seed)))
                    seed += 1

    def test_attention_activations(self):
        for seed, kind in enumerate(("dice", "prelu", "relu", "sigmoid", "tanh", "none")):
            self.check(case(Mode("AUGRU", "din", att=kind, dropout=seed % 2 == 1, seed=30 + seed)))

    def test_heads(self):
        seed = 40
        for kind in ("dice", "prelu", "relu", "sigmoid", "tanh", "none"):
            for norm in ("each", "once", "none"):
                self.check(case(Mode("AUGRU", dnn=kind, norm=norm, dropout=seed % 2 == 1, seed=seed)))
                seed += 1

    def test_stacks_sums_and_versions(self):
        seed = 60
        for later in (False, True):
            for sum_pooling in (False, True):
                for stacks in (1,) if later else (1, 2):
                    for gru_type in ("GRU", "AUGRU"):
                        self.check(case(Mode(gru_type, sum_pooling=sum_pooling, stacks=stacks,
                                             later=later, seed=seed)), layout="auto")
                        seed += 1

    def test_shared_tables(self):
        report = self.check(case(Mode("AUGRU", shared=True, seed=80)))
        self.assertEqual([t["name"] for t in report["description"]["tables"]],
                         ["item_id", "cate_id", "user_id", "tags", "words", "shop_id"])

    def test_swaps(self):
        augru = case(Mode("AUGRU", dnn="dice", sum_pooling=True, seed=90))
        for what in ("extractor_reset", "extractor_polarity", "extractor_gates", "evolution_reset",
                     "evolution_polarity", "evolution_gates", "augru_form", "softmax", "score_scale",
                     "bilinear_axes", "dice_kind", "dice_epsilon", "norm_epsilon", "norm_place"):
            self.check_swap(augru, what, getattr(swaps, what))
        self.check_swap(augru, "padding counted", swaps.mask("length"))
        self.check_swap(augru, "slot order", swaps.slots(0, 1))
        self.check_swap(augru, "longest history", swaps.longest(LIMIT - 1))

        def without_zero(description):
            for field in description["features"] + description["candidate"]:
                if field["name"] == "tags":
                    field["skip_zero"] = False
        self.check_swap(augru, "zeros counted in a mean", without_zero)

        def projection(description):
            for slot in description["head"]["input"]:
                if slot.get("feature") == "age":
                    slot["projection"] = slot["projection"].replace(".age.", ".price.")
        self.check_swap(augru, "another number's embedding", projection)

    def test_swaps_of_pooled_sums(self):
        # The padding row is zero in FuxiCTR; where it is not, counting it must be seen.
        augru = case(Mode("AUGRU", sum_pooling=True, seed=91))
        for name in ("clicks", "click_cates"):
            augru.tensors[f"embedding_layer.embedding_layers.{name}.weight"][0] = 0.3
        self.check_swap(augru, "padding counted in sums", swaps.padding(LIMIT + 2))

    def test_swaps_of_other_modes(self):
        din = case(Mode("AGRU", "din", seed=92))
        for what in ("attention_inputs", "difference", "evolution_gates", "evolution_reset"):
            self.check_swap(din, what, getattr(swaps, what))
        later = case(Mode("AUGRU", later=True, seed=93))

        def state_first(description):
            head = description["head"]["input"]
            head.insert(0, head.pop())
        self.check_swap(later, "state before the features", state_first)

    def test_what_cannot_run_is_refused(self):
        aigru = case(Mode("AUGRU", seed=94))
        self.refused(aigru, "AIGRU", "cannot be run", gru_type="AIGRU")
        for n in ("x2h", "h2h"):
            for part in ("weight", "bias"):
                tensor = aigru.tensors.pop(f"evolving_modules.0.gru_cell.{n}.{part}")
                name = {"x2h": "ih", "h2h": "hh"}[n]
                aigru.tensors[f"evolving_modules.0.{part}_{name}_l0"] = tensor
        self.refused(aigru, "AIGRU", "the shapes do not fit", layout="auto", gru_type=None)
        din = case(Mode("AUGRU", seed=95))
        din.tensors = {name: tensor for name, tensor in din.tensors.items() if "_modules" not in name}
        din.tensors["attention_layers.0.attention.mlp.0.weight"] = np.ones((3, 4 * DIM))
        self.refused(din, "a DIN", layout="auto")

    def test_questions(self):
        augru = case(Mode("AUGRU", "din", att="relu", seed=96))
        self.refused(augru, '"gru_type": null', gru_type=None)
        self.refused(augru, "gru_type GRU was stated", gru_type="GRU")
        self.refused(augru, "use_attention_softmax", use_attention_softmax=None)
        self.refused(augru, '"attention_activation": null', attention_activation=None)
        self.refused(augru, '"dnn_activations": null', dnn_activations=None)
        self.refused(augru, '"dien_sequence_field": null', dien_sequence_field=None)
        self.refused(augru, "another number of stacks", dien_target_field=[["item_id"], ["cate_id"]])
        self.refused(augru, "features must name", features=["user_id"])
        # Sum pooling widens the head: a wrong answer does not fit.
        self.refused(augru, "the head's input", enable_sum_pooling=True)
        later = case(Mode("AUGRU", later=True, seed=97))
        self.refused(later, "leave dien_sequence_field out", dien_sequence_field=[["clicks"]])
