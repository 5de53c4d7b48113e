"""torch-rechub's DIEN through the layout torch-rechub: every mode, what is told apart, what is refused."""

import numpy as np

import swaps
from harness import LayoutTest
from torch_rechub import DIM, LIMIT, Mode, case


class TorchRechub(LayoutTest):
    def test_modes(self):
        seed = 10
        for stacks in (1, 2):
            for own in (False, True):
                for padding_idx in (False, True):
                    for pooling in ("mean", "sum"):
                        self.check(case(Mode(stacks, own, padding_idx, pooling, seed=seed)), layout="auto")
                        seed += 1
        for dims in ((7,), (9, 7, 5)):
            self.check(case(Mode(dims=dims, seed=40)))

    def test_table_of_another_feature(self):
        # The history shares a table that is neither its own nor its target's.
        shared = case(Mode(seed=41))
        own = case(Mode(own_history_tables=True, seed=41))
        tables = "embedding.embed_dict"
        shared.tensors[f"{tables}.things.weight"] = own.tensors[f"{tables}.hist_item.weight"]
        own.tensors = {**shared.tensors, f"{tables}.hist_item.weight": shared.tensors[f"{tables}.things.weight"]}
        shared.answers["history_features"] = [{"name": "hist_item", "shared_with": "things"}]
        self.convert(shared)
        self.compare(own, self.rank(own.requests))

    def test_swaps(self):
        augru = case(Mode(seed=50))
        for what in ("extractor_reset", "extractor_polarity", "extractor_gates", "evolution_reset",
                     "evolution_polarity", "evolution_gates", "augru_form", "softmax", "score_scale",
                     "bilinear_axes", "dice_epsilon", "dice_kind", "norm_epsilon", "norm_place"):
            self.check_swap(augru, what, getattr(swaps, what))
        self.check_swap(augru, "padding counted", swaps.mask("length"))
        self.check_swap(augru, "slot order", swaps.slots(0, 1))
        self.check_swap(augru, "longest history", swaps.longest(LIMIT - 1))

        def other_orientation(description):
            description["stacks"][0]["evolution"]["orientation"] = "out_in"
        self.check_swap(augru, "W x for x W", other_orientation)

        def zero_counts(description):
            for field in description["candidate"]:
                if field["kind"] == "ids":
                    field["skip_zero"] = False
        self.check_swap(augru, "zeros counted in a mean", zero_counts)
        two = case(Mode(2, seed=51))

        def crossed(description):
            first, second = description["stacks"]
            first["query"], second["query"] = second["query"], first["query"]
        self.check_swap(two, "each stack meets the other's target", crossed)

    def test_broken_attention_is_refused(self):
        old = case(Mode(seed=60))
        old.tensors["interest_evolving_layers.0.augru_cell.Wa"] = old.tensors.pop("interest_evolving_layers.0.Wa")
        for layout in ("auto", "torch-rechub"):
            self.refused(old, "softmax over an axis of size 1", "random state", layout=layout)

    def test_din_and_dense_are_refused(self):
        din = case(Mode(seed=61))
        din.tensors = {name: t for name, t in din.tensors.items() if not name.startswith("interest_")}
        din.tensors["attention_layers.0.attention.mlp.0.weight"] = np.ones((3, 4 * DIM))
        self.refused(din, "a DIN", layout="auto")
        self.refused(case(Mode(seed=62)), "DenseFeature price", "cannot run",
                     features=["user", {"name": "price", "kind": "dense"}])

    def test_questions(self):
        augru = case(Mode(2, seed=63))
        for key in ("history_features", "target_features", "features", "max_history"):
            self.refused(augru, f'needs "{key}"', **{key: None})
        self.refused(augru, "another number of names", history_features=["hist_item"])
        self.refused(augru, "a name for each of history_features", target_features=["item"])
        self.refused(augru, "the head's input", features=["user", "city"])
