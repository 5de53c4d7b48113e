"""DeepCTR-Torch's DIEN through the layout deepctr-torch: every mode, what is told apart, what is refused."""

import numpy as np

import swaps
from deepctr_torch import ATT, EVOLUTION, LIMIT, Mode, case, checkpoint
from harness import LayoutTest

GRU_TYPES = ("GRU", "AIGRU", "AGRU", "AUGRU")


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
        self.check(case(Mode("AUGRU", one_bias=True, seed=42)))

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

    def test_questions(self):
        augru = case(Mode("AUGRU"))
        self.refused(augru, '"att_activation": null', att_activation=None)
        self.refused(augru, '"dnn_activation": null', dnn_activation=None)
        for key in ("gru_type", "sparse", "history_feature_list", "att_weight_normalization", "max_history"):
            self.refused(augru, f'needs "{key}"', **{key: None})
        self.refused(augru, "name that sparse does not have", history_feature_list=["item", "shop"])
        self.refused(augru, "history_order must hold", history_order=["item"])

    def test_head_dice_of_three_axes_is_refused(self):
        dice = case(Mode("AUGRU", dnn="dice"))
        for n in (0, 1):
            name = f"dnn.activation_layers.{n}.alpha"
            dice.tensors[name] = dice.tensors[name].reshape(-1, 1)
        self.refused(dice, "cannot run this model itself")

    def test_din_is_refused(self):
        din = case(Mode("AUGRU"))
        din.tensors = {name.replace(ATT, "attention.local_att"): tensor
                       for name, tensor in din.tensors.items()
                       if "interest_extractor" not in name and EVOLUTION not in name}
        self.refused(din, "a DIN", "no sequence network")
        self.refused(din, "a DIN", layout="auto")

    def test_unknown_tensors_are_refused(self):
        multi = case(Mode("AUGRU"))
        multi.beside["embedding_dict.genres.weight"] = np.ones((3, 4))
        self.refused(multi, "embedding_dict.genres.weight")
        multi.answers["ignore"] = ["embedding_dict.genres.weight"]
        self.check(multi)

    def test_nan_is_refused(self):
        broken = case(Mode("AUGRU"), checkpoint(Mode("AUGRU")))
        broken.tensors["dnn.linears.0.weight"][2, 3] = np.nan
        self.refused(broken, "dnn.linears.0.weight", "[2, 3] is NaN")
