"""FuxiCTR's DIEN and DIN through the layout fuxictr: every mode, what is told apart, what is refused."""

import json

import numpy as np

import swaps
from fuxictr import DIM, LIMIT, ROWS, SILENT, Mode, case
from harness import LOGIT_TOLERANCE, LayoutTest


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
        for seed, kind in enumerate(("dice", "prelu", *SILENT)):
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

    def test_biases_tell_agru_from_augru(self):
        for kind, other in (("AUGRU", "AGRU"), ("AGRU", "AUGRU")):
            one = case(Mode(kind, seed=97))
            x2h, h2h = (one.tensors[f"evolving_modules.0.gru_cell.{part}.bias"]
                        for part in ("x2h", "h2h"))
            units = len(x2h) // 3
            # Biases begin with 0; AGRU does not read those of the update gate.
            x2h[:units] = x2h[:units] if kind == "AUGRU" else 0
            h2h[:units] = x2h[:units]
            self.refused(one, "gru_type", f'tells "{kind}"', gru_type=other)
            del one.answers["gru_type"]
            self.check(one)

    def test_shared_tables_must_be_the_same(self):
        apart = case(Mode("AUGRU", seed=98))
        self.refused(apart, "share_embedding", "are different",
                     share_embedding=[{"name": "shop_id", "with": "user_id"}])
        self.refused(apart, "share_embedding", "no table of 'street'",
                     share_embedding=[{"name": "street", "with": "town"}])

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
        # The padding row is 0 in FuxiCTR; here it is not, so that a test notices when it is counted.
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

    def test_questions(self):
        augru = case(Mode("AUGRU", "din", att="relu", seed=96))
        self.refused(augru, '"gru_type": null', gru_type=None)
        self.refused(augru, "gru_type GRU was stated", gru_type="GRU")
        self.refused(augru, "use_attention_softmax", use_attention_softmax=None)
        self.refused(augru, '"attention_activation": null', attention_activation=None)
        self.refused(augru, '"dnn_activations": null', dnn_activations=None)
        self.refused(augru, '"dien_sequence_field": null', dien_sequence_field=None)
        self.refused(augru, "another number of stacks", dien_target_field=[["item_id", "cate_id"], ["shop_id"]])
        self.refused(augru, "features must name", features=["user_id"])
        # Sum pooling widens the head: a wrong answer does not fit.
        self.refused(augru, "the head's input", enable_sum_pooling=True)
        later = case(Mode("AUGRU", later=True, seed=97))
        self.refused(later, "leave dien_sequence_field out", dien_sequence_field=[["clicks"]])

    # --------------------------------------------------------------------------- padding and the window

    def test_padding_before(self):
        for seed, gru_type in enumerate(("GRU", "AGRU", "AUGRU")):
            for attention in ("bilinear", "din"):
                self.check(case(Mode(gru_type, attention, padding="pre", sum_pooling=seed == 1, seed=100 + seed)))
        raw = case(Mode("AUGRU", normalised=False, stacks=2, padding="pre", seed=103))
        report = self.check(raw)
        self.assertEqual(report["description"]["stacks"][0]["window"],
                         {"length": LIMIT, "padding": "before", "reads": "first_events", "evolves": "first_events"})

        def post(description):
            for stack in description["stacks"]:
                del stack["window"]
        self.check_swap(raw, "padding after", post)

    def test_padding_after_keeps_the_oldest(self):
        augru = case(Mode("AUGRU", seed=104))
        self.check(augru)

        def newest(description):
            description["stacks"][0]["truncation"] = "newest"
        self.check_swap(augru, "the newest events", newest)

    def test_padding_is_asked_for(self):
        self.refused(case(Mode("AUGRU", seed=105)), '"padding": null', padding=None)
        self.refused(case(Mode("AUGRU", seed=105)), "padding_idx = 0 required", padding_idx=3)

    def test_long_ctr_pads_to_the_batch(self):
        self.check(case(Mode("AUGRU", later=True, padding="pre", window=LIMIT + 2, seed=106)))
        long = case(Mode("AUGRU", later=True, padding="pre", seed=107))
        self.refused(long, '"padded_length": null', "a score depends on its batch")
        self.refused(long, "less than max_history", padded_length=LIMIT - 1)
        # Padding does not matter to a DIN, nor to a DIEN with padding at the end.
        self.check(case(Mode("DIN", later=True, padding="pre", seed=108)))
        self.refused(case(Mode("AUGRU", later=True, seed=109)), "padded_length", padded_length=LIMIT)

    # ----------------------------------------------------------------------------- DIN and other models

    def test_din(self):
        seed = 110
        for padding in ("post", "pre"):
            for normalised in (True, False):
                for stacks in (1, 2):
                    self.check(case(Mode("DIN", normalised=normalised, stacks=stacks, padding=padding, seed=seed)),
                               layout="auto")
                    seed += 1
        for kind in ("prelu", "gelu"):
            self.check(case(Mode("DIN", "old", att=kind, dropout=True, norm="once", seed=seed)), layout="auto")
        self.check(case(Mode("DIN", output="sigmoid", normalised=False, seed=seed)))
        self.check(case(Mode("DIN", later=True, seed=seed)), layout="auto")
        mute = case(Mode("DIN", seed=seed))
        for name in [n for n in mute.tensors if n.startswith("attention_layers.") and n.endswith(".bias")]:
            del mute.tensors[name]
        self.refused(mute, "attention_layers.0", "is missing: no layer gives the output")

    def test_questions_about_a_din(self):
        din = case(Mode("DIN", att="relu", seed=120))
        self.refused(din, '"din_use_softmax": null', din_use_softmax=None)
        self.refused(din, '"attention_hidden_activations": null', attention_hidden_activations=None)
        self.refused(din, '"din_sequence_field": null', din_sequence_field=None)
        features = din.answers["features"]
        self.refused(din, "side by side", features=[f for f in features if f != "clicks"])
        self.refused(din, "side by side", features=[features[4], *features[:4], *features[5:]])
        self.refused(din, "features must name", features=["user_id"])
        self.refused(din, "gru_type", gru_type="AUGRU")

    def test_other_models_are_named(self):
        for name, tensor in (("BST", "transformer_encoders.0.transformer_blocks.0.attention.in_proj_weight"),
                             ("DMIN", "multi_interest_extractor.0.layer_norm.weight"),
                             ("SIM", "dnn_aux.mlp.0.weight"), ("SDIM", "powers_of_two"),
                             ("ETA", "random_rotations"), ("TWIN", "long_attention.W_h.weight")):
            other = case(Mode("AUGRU", seed=121))
            other.tensors = {n: t for n, t in other.tensors.items() if "_modules" not in n}
            other.tensors[tensor] = np.ones((3, 4), np.float32)
            self.refused(other, f"fuxictr's {name}, which is not in the model family", layout="auto")

    # --------------------------------------------------------------------- words, outputs, kinds of fields

    def test_words_of_the_library(self):
        words = {"relu": "ReLU", "gelu": "GELU", "elu": "ELU", "silu": "SiLU", "leaky_relu": "LeakyReLU",
                 "tanh": "Tanh", "sigmoid": "Sigmoid", "none": "Identity"}
        for kind, word in words.items():
            given = case(Mode("AUGRU", dnn=kind, seed=130))
            given.answers["dnn_activations"] = word
            self.check(given)
        dice = case(Mode("AUGRU", dnn="dice", seed=131))
        dice.answers["dnn_activations"] = "Dice"
        dice.answers["gru_type"] = "augru"
        self.check(dice)
        self.refused(dice, '"prelu" was stated, but the checkpoint tells "dice"', dnn_activations="PReLU")

    def test_regression(self):
        regression = case(Mode("AUGRU", seed=132))
        regression.answers["task"] = "regression"
        report = self.convert(regression)
        self.assertEqual(report["description"]["output"], {"kind": "identity"})
        for logits, answer in zip(regression.expected(), self.rank(regression.requests)):
            np.testing.assert_allclose(answer.scores, logits, atol=LOGIT_TOLERANCE * 4)

    def test_plain_lists_of_fields(self):
        flat = case(Mode("AUGRU", stacks=1, seed=133))
        flat.answers["dien_target_field"] = ["item_id", "cate_id"]
        flat.answers["dien_sequence_field"] = ["clicks", "click_cates"]
        self.check(flat)  # one stack: the names are its fields
        flat = case(Mode("AUGRU", stacks=2, seed=134))
        flat.answers["dien_target_field"][1] = "shop_id"
        flat.answers["dien_sequence_field"][1] = "carts"
        self.check(flat)
        self.refused(flat, "another number of stacks", dien_target_field="item_id")

    def test_vectors(self):
        for later in (False, True):
            self.check(case(Mode("AUGRU", vector=True, later=later, seed=135)))
        self.check(case(Mode("DIN", vector=True, seed=136)))

    def test_tables_of_negatives_are_left_out(self):
        negatives = case(Mode("AUGRU", seed=137))
        negatives.beside = {f"embedding_layer.embedding_layers.{name}.weight": np.ones((4, DIM), np.float32)
                            for name in ("neg_clicks", "unclicked")}
        negatives.answers["dien_neg_seq_field"] = ["unclicked"]
        self.check(negatives)
        self.refused(negatives, "unclicked", dien_neg_seq_field=None)

    # ---------------------------------------------------------------------------- the file's order

    def test_features_in_another_order_than_the_file(self):
        din = case(Mode("DIN", seed=140, suffix=".npz"))
        self.check(din)
        features = din.answers["features"]
        swapped = [*features[:-2], features[-1], features[-2]]
        self.refused(din, "features", "'price', 'shop_id'", "'shop_id', 'price'", "keeps the order of the feature map",
                     features=swapped)
        # DIEN goes by the order of its input, which the feature map gives where its own loader makes it.
        dien = case(Mode("AUGRU", seed=141, suffix=".npz"))
        self.assertNotIn("warning: features", self.try_convert(dien).stderr)
        features = dien.answers["features"]
        dien.answers["features"] = [*features[:-2], features[-1], features[-2]]
        done = self.try_convert(dien)
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ("warning: features", "'price', 'shop_id'", "'shop_id', 'price'"):
            self.assertIn(words, done.stderr)

    # ------------------------------------------------------------------------------- feature_map.json

    def with_map(self, mode, **changed):
        """A case that answers by its feature map, and the map; `changed` are settings of single features."""
        mapped, order = case(mode), [name for name, _ in mode.features]
        pairs = {name: target for group, names in zip(mode.sequences, mode.targets)
                 for name, target in zip(group, names)}
        order += [name for name in pairs if name not in order and not mode.later]
        order += [name for name in mode.targets[0] if mode.later]
        kinds, features = dict(mode.features), []
        for name in order:
            kind = "sequence" if name in pairs and not mode.later else kinds.get(name, "categorical")
            spec = {"source": "item" if mode.later and name in pairs else "", "type": kind}
            if kind in ("mean", "sum"):
                encoder = {"mean": "layers.MaskedAveragePooling()", "sum": "layers.MaskedSumPooling()"}[kind]
                spec.update(type="sequence", feature_encoder=encoder, max_len=4)
            if name in pairs and not mode.later:
                spec.update(max_len=LIMIT)
                if mode.shared:
                    spec.update(share_embedding=pairs[name])
            if spec["type"] in ("categorical", "sequence"):
                spec.update(vocab_size=ROWS[name], padding_idx=0)
            features.append({name: {**spec, **changed.get(name, {})}})
        features.append({"user_index": {"source": "", "type": "meta"}})
        path = self.folder / "feature_map.json"
        path.write_text(json.dumps({"dataset_id": "tiny", "labels": ["clk"], "features": features}))
        for answer in ("features", "share_embedding") + (() if mode.later else ("max_history",)):
            mapped.answers.pop(answer, None)
        own = [name for name in ("tags", "price", "shop_id") if name in kinds]
        mapped.answers.update(feature_map=str(path), candidate_features=own)
        return mapped

    def test_feature_map(self):
        for mode in (Mode("AUGRU", seed=150), Mode("AUGRU", shared=True, padding="pre", seed=151),
                     Mode("DIN", stacks=2, seed=152), Mode("AUGRU", later=True, vector=True, seed=153)):
            self.check(self.with_map(mode))
        report = self.check(self.with_map(Mode("AUGRU", shared=True, seed=151)))
        self.assertNotIn("clicks", [t["name"] for t in report["description"]["tables"]])
        # What agrees may stand beside it.
        both = self.with_map(Mode("AUGRU", seed=150))
        both.answers.update(max_history=LIMIT, features=case(Mode("AUGRU", seed=150)).answers["features"])
        self.check(both)

    def test_what_contradicts_the_feature_map(self):
        mode = Mode("AUGRU", seed=154)
        mapped, features = self.with_map(mode), case(mode).answers["features"]
        self.refused(mapped, "max_history", "7 was stated", "feature_map.json", "is 5", max_history=7)
        self.refused(mapped, "as stated are", "feature_map.json has", features=features[1:])
        self.refused(mapped, "as stated are user_id (categorical), age (categorical)", "age (numeric)",
                     features=["user_id", "age", *features[2:]])
        self.refused(mapped, "has no feature", "did you mean 'price'", candidate_features=["prise"])
        self.refused(mapped, "has no sequence 'wishes'", dien_sequence_field=[["clicks", "wishes"]])
        shared = self.with_map(Mode("AUGRU", shared=True, seed=151))
        self.refused(shared, "share the table of shop_id, but", "feature_map.json has item_id",
                     share_embedding=[{"name": "clicks", "with": "shop_id"}])

    def test_feature_maps_of_other_models(self):
        mode = Mode("AUGRU", seed=155)
        self.refused(self.with_map(mode, item_id={"vocab_size": 26}), "item_id has vocab_size 26",
                     "has 25 rows", "another training")
        self.refused(self.with_map(mode, clicks={"padding_idx": 3}), "clicks has padding_idx 3")
        self.refused(self.with_map(mode, tags={"feature_encoder": "layers.MyPooling()"}), "MyPooling",
                     "features[3].tags.feature_encoder")
        self.refused(self.with_map(mode, tags={"type": "text"}), "'text' is not one of")
        self.refused(self.with_map(mode, tags={"pretrained_emb": "x.npz"}), "pretrained embeddings")
        mapped = self.with_map(mode)
        self.refused(mapped, "nowhere.json", feature_map=str(self.folder / "nowhere.json"))
        (self.folder / "feature_map.json").write_text('{"features": [{"a": {}}, 3], "features": []}')
        self.refused(mapped, "features", "twice")
        (self.folder / "feature_map.json").write_text("[]")
        self.refused(mapped, "feature_map.json")

    def test_feature_map_in_another_order_than_the_file(self):
        mapped = self.with_map(Mode("DIN", seed=156, suffix=".npz"))
        self.check(mapped)
        path = self.folder / "feature_map.json"
        written = json.loads(path.read_text())
        written["features"].insert(0, written["features"].pop(1))
        path.write_text(json.dumps(written))
        self.refused(mapped, "feature_map", "keeps the order of the feature map")
