"""torch-rechub's DIEN and DIN through the layout torch-rechub: every mode, what is told apart, what is refused."""

import numpy as np

import swaps
from harness import LayoutTest
from torch_rechub import DIM, LIMIT, Mode, case


class TorchRechub(LayoutTest):
    def test_modes(self):
        seed = 10
        for stacks in (1, 2):
            for own in (False, True):
                for padding_idx in (-1, 0):
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
        augru = case(Mode(seed=50, trained_padding=True))
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

    def test_dense_features_stand_behind_the_sparse_ones(self):
        for stacks in (1, 2):
            self.check(case(Mode(stacks, dense=True, seed=62)))
        self.check_swap(case(Mode(dense=True, seed=62)), "slot order", swaps.slots(-1, -3))
        self.refused(case(Mode(dense=True, seed=62)), "the head's input", features=["user", "city"])

    def test_padding_before_the_events(self):
        for seed, (stacks, padding_idx) in enumerate(((1, 0), (2, 0), (1, 3), (1, -1))):
            for trained in (False, True):
                self.check(case(Mode(stacks, padding_idx=padding_idx, padding="before",
                                     trained_padding=trained, seed=100 + seed)))
        before = case(Mode(padding="before", trained_padding=True, seed=104))

        def no_window(description):
            description["stacks"][0]["window"] = None
        self.check_swap(before, "padding after the events", no_window)

        def evolves_events(description):
            description["stacks"][0]["window"]["evolves"] = "first_events"
        self.check_swap(before, "the evolution reads all rows", evolves_events)
        before.answers["padding"] = "pre"
        self.check(before)
        self.refused(before, 'needs "padding"', padding=None)

    def test_padding_idx_of_another_row(self):
        for seed, pooling in enumerate(("mean", "sum")):
            for trained in (False, True):
                self.check(case(Mode(padding_idx=3, pooling=pooling, trained_padding=trained, seed=110 + seed)))
        three = case(Mode(padding_idx=3, trained_padding=True, seed=112))
        self.check_swap(three, "0 for 3", swaps.mask({"non_zero": "hist_item"}))
        self.refused(three, "a row of the history's table, or -1", padding_idx=-2)
        tags = {"name": "tags", "kind": "mean", "of": "candidate", "padding_idx": 2, "shared_with": "item"}
        self.refused(three, "padding_idx 3 and 2", features=["user", tags, "city"], ignore=["*tags*"])

    def test_padding_rows_that_contradict_the_answer_are_named(self):
        told = case(Mode(own_history_tables=True, seed=114))
        self.assertNotIn("padding_idx of", self.try_convert(told).stderr)
        for padding_idx, why in ((3, "3 was stated, but that row of its table is not 0"),
                                 (-1, "but row 0 of its table is 0")):
            told.answers["padding_idx"] = padding_idx
            done = self.try_convert(told)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("padding_idx of hist_item: ", done.stderr)
            self.assertIn(why, done.stderr)
        told.answers.update(padding_idx=0, features=["user", {"name": "tags", "kind": "mean", "of": "candidate",
                                                              "padding_idx": -1}, "city"])
        self.assertIn("padding_idx of tags", self.try_convert(told).stderr)

    def test_without_padding_idx_the_whole_row_is_events(self):
        for padding in ("after", "before"):
            none = case(Mode(padding_idx=-1, padding=padding, seed=120))
            self.check(none)

            def no_window(description):
                description["stacks"][0]["window"] = None
            self.check_swap(none, "padding masked", no_window)

    def test_truncation_keeps_the_oldest(self):
        oldest = case(Mode(truncation="oldest", seed=125))
        self.check(oldest)
        oldest.answers["truncation"] = "post"
        self.check(oldest)

    def test_pooling_that_the_library_lacks_is_refused(self):
        for pooling, why in (("max", "raises ValueError"), ("concat", "a row for each id")):
            self.refused(case(Mode(seed=63)), f"pooling '{pooling}'", why,
                         features=["user", {"name": "tags", "kind": pooling, "of": "candidate"}, "city"])

    def test_din(self):
        seed = 70
        for use_softmax in (False, True):
            for stacks in (1, 2):
                for trained in (False, True):
                    self.check(case(Mode(stacks, din=True, use_softmax=use_softmax, trained_padding=trained,
                                         padding_idx=3 if stacks == 2 else 0, seed=seed)), layout="auto")
                    seed += 1
        self.check(case(Mode(din=True, padding_idx=-1, use_softmax=True, seed=seed)))
        self.check(case(Mode(din=True, own_history_tables=True, att_dims=(6, 5), seed=seed)))
        self.check(case(Mode(din=True, att_dims=(), seed=seed)))

    def test_activations_of_dins_attention(self):
        for seed, kind in enumerate(("prelu", "relu", "sigmoid", "leakyrelu", "Tanh", "GELU", "ELU", "SiLU",
                                     "Identity")):
            self.check(case(Mode(din=True, att=kind, att_dims=(6, 5), seed=90 + seed)))
        told = case(Mode(din=True, seed=99))
        self.refused(told, "relu", ".2.alpha is there", att_activation="relu")
        told.answers["att_activation"] = "Dice"
        self.check(told)
        untold = case(Mode(din=True, att="relu", seed=99))
        self.refused(untold, 'needs "att_activation"', att_activation=None)
        self.refused(untold, "none of its tensors", att_activation="prelu")
        self.refused(untold, "no activation of the family", att_activation="softmax")

    def test_swaps_of_din(self):
        din = case(Mode(din=True, use_softmax=True, trained_padding=True, seed=98))
        for what in ("softmax", "attention_inputs", "difference"):
            self.check_swap(din, what, getattr(swaps, what))

        def no_window(description):
            description["stacks"][0]["window"] = None
        self.check_swap(din, "padding masked", no_window)

    def test_din_that_the_library_cannot_run_is_refused(self):
        din = case(Mode(din=True, seed=61))
        self.refused(din, "DenseFeature price", "cannot run", features=["user", {"name": "price", "kind": "dense"}])
        self.refused(din, 'needs "use_softmax"', use_softmax=None)
        self.refused(din, "padding", padding="before")

    def test_heads_that_the_library_cannot_make_are_refused(self):
        relu = case(Mode(seed=64))
        relu.tensors = {name: t for name, t in relu.tensors.items() if not name.endswith(".alpha")}
        self.refused(relu, "fix Dice")
        headless = case(Mode(seed=64))
        headless.tensors = {name: t for name, t in headless.tensors.items() if not name.startswith("mlp.mlp.8.")}
        self.refused(headless, "output_layer=False")

    def test_file_order_is_that_of_the_features(self):
        told = case(Mode(own_history_tables=True, seed=130, suffix=".npz"))
        self.check(told)
        features = told.answers["features"]
        self.refused(told, "in the file their order is", "'user', 'tags', 'city'", features=features[::-1])
        self.refused(told, "in the file their order is", target_features=["item", "shop", "cate"])
        ascending = case(Mode(seed=131, suffix=".npz"))
        ascending.tensors = dict(sorted(ascending.tensors.items()))
        done = self.try_convert(ascending)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("It is ascending", done.stderr)

    def test_tables_of_negative_histories_are_left_out(self):
        negative = case(Mode(own_history_tables=True, seed=132))
        negative.beside = {"embedding.embed_dict.neg_item.weight": np.ones((25, DIM))}
        self.check(negative)
        negative.beside["embedding.embed_dict.neg_cate.weight"] = np.ones((7, DIM))
        self.refused(negative, "belongs to no feature that was stated")
        din = case(Mode(din=True, seed=132))
        din.beside = {"embedding.embed_dict.neg_item.weight": np.ones((25, DIM))}
        self.refused(din, "neg_item")

    def test_embeddings_of_unlike_dimensions_are_refused(self):
        unlike = case(Mode(seed=133))
        name = "embedding.embed_dict.city.weight"
        unlike.tensors[name] = np.ones((6, DIM + 1))
        self.refused(unlike, "cannot put together", "city")

    def test_other_models_of_the_library(self):
        table = {"embedding.embed_dict.user.weight": np.ones((3, 2))}
        for tensor, model in (("transformer_layers.layers.0.self_attn.in_proj_weight", "BST"),
                              ("linear.fc.weight", "DeepFM or WideDeep"), ("cn.w.0.weight", "DCN"),
                              ("interacting_layers.0.W_q.weight", "AutoInt")):
            other = case(Mode(seed=134))
            other.tensors = {**table, "mlp.mlp.0.weight": np.ones((1, 2)), tensor: np.ones((3, 2))}
            self.refused(other, model, layout="auto")

    def test_questions(self):
        augru = case(Mode(2, seed=63))
        for key in ("history_features", "target_features", "features", "max_history"):
            self.refused(augru, f'needs "{key}"', **{key: None})
        self.refused(augru, "another number of names", history_features=["hist_item"])
        self.refused(augru, "a name for each of history_features", target_features=["item"])
        self.refused(augru, "the head's input", features=["user", "city"], ignore=["*tags*"])
        self.refused(augru, "raises ValueError without features", features=[])
