"""Layout deepctr-keras: every mode of DeepCTR's DIEN for Keras, against its maths in float64."""

import unittest
from dataclasses import replace
from typing import Any, Dict, List

import numpy as np

import bundle  # noqa: F401  (registers .index)
from deepctr_keras import (LONGEST, PLAIN, ROWS, Model, Reference, answers_of, make_weights)
from harness import LOGIT_TOLERANCE, Case, LayoutTest, Request, lengths_up_to

GRU_TYPES = ("GRU", "AIGRU", "AGRU", "AUGRU")
RICH = Model(
    sparse=(("city", "city"), ("item_id", "item"), ("user", "user"), ("cate", "cate"),
            ("shop", "shop")),
    candidate=("item_id", "cate", "shop", "price", "tags"),
    history=(("cate", "cate"), ("item_id", "item")),
    pooled=(("tags", "tag", "mean"), ("liked", "tag", "sum")),
    dense=(("age", 1), ("price", 1), ("vector", 3)))


def make_requests(model: Model, seed: int) -> List[Request]:
    random = np.random.default_rng(seed)
    candidates = 3

    def ids(table: str, count: int) -> List[int]:
        return random.integers(0, ROWS[table], count).tolist()

    def numbers(width: int) -> Any:
        values = np.round(random.normal(0, 1, width), 3).tolist()
        return values[0] if width == 1 else values

    def columns(of_candidate: bool, make) -> None:
        count = candidates if of_candidate else 1
        for name, table in model.sparse:
            if (name in model.candidate) == of_candidate:
                make(name, ids(table, count))
        for name, table, _ in model.pooled:
            if (name in model.candidate) == of_candidate:
                make(name, [ids(table, int(random.integers(0, 4))) for _ in range(count)])
        for name, width in model.dense:
            if (name in model.candidate) == of_candidate:
                make(name, [numbers(width) for _ in range(count)])

    requests = []
    for length in lengths_up_to(LONGEST):
        request: Request = {"features": {}, "candidates": {},
                            "history": {name: ids(table, length) for name, table in model.history}}
        if model.gru_type == "DIN":  # id 0 of the first column is padding; the others have none
            for name, table in model.history[1:]:
                request["history"][name] = [max(i, 1) for i in request["history"][name]]
        columns(False, lambda name, values: request["features"].update({name: values[0]}))
        columns(True, lambda name, values: request["candidates"].update({name: values}))
        requests.append(request)
    return requests


def make_case(model: Model, seed: int = 1, suffix: str = ".npz") -> Case:
    return Case(name=f"{model.gru_type} {model}", layout="deepctr-keras",
                tensors=make_weights(model, seed), answers=answers_of(model),
                requests=make_requests(model, seed + 100), suffix=suffix, reference=Reference(model))


class Modes(LayoutTest):
    def test_every_gru_type_with_and_without_normalisation(self) -> None:
        for number, gru_type in enumerate(GRU_TYPES):
            for normalise in (True, False):
                with self.subTest(gru_type, normalise=normalise):
                    self.check(make_case(Model(gru_type, normalise), seed=number), layout="auto")

    def test_every_activation(self) -> None:
        for number, activation in enumerate(("dice", "prelu", *PLAIN)):
            with self.subTest(activation):
                attention = "relu" if activation == "prelu" else activation
                self.check(make_case(Model("AUGRU", att_activation=attention,
                                           dnn_activation=activation), seed=10 + number))

    def test_batch_norm_in_the_head(self) -> None:
        for activation in ("relu", "dice"):
            with self.subTest(activation):
                self.check(make_case(Model("AIGRU", use_bn=True, dnn_activation=activation), seed=20))

    def test_networks_of_other_depths(self) -> None:
        for units in ((), (7,), (8, 7, 6, 5)):
            with self.subTest(units=units):
                self.check(make_case(Model("AGRU", att_units=units, dnn_units=units), seed=21))

    def test_names_that_keras_has_numbered(self) -> None:
        # From 9 on, counting and spelling order differ: dice_9, dice_10.
        for first in (1, 9):
            with self.subTest(first=first):
                self.check(make_case(Model("AUGRU", dnn_activation="dice", use_bn=True,
                                           first_number=first), seed=22))

    def test_other_features_in_their_order(self) -> None:
        for gru_type in GRU_TYPES:
            with self.subTest(gru_type):
                self.check(make_case(replace(RICH, gru_type=gru_type, pooled=RICH.pooled[:1]),
                                     seed=23))

    def test_a_table_shared_by_a_bag_and_one_kept_apart(self) -> None:
        shared = replace(RICH, pooled=(("tags", "tag", "sum"), ("liked", "item", "mean")))
        self.check(make_case(shared, seed=24))
        apart = replace(Model("AUGRU"), history=(("item", "other_item"), ("cate", "cate")))
        self.check(make_case(apart, seed=25))

    def test_the_auxiliary_network_is_left_out(self) -> None:
        case = make_case(Model("AUGRU", negative_sampling=True), seed=26)
        report = self.check(case)
        self.assertEqual(report["description"]["ignore"], ["dnn_1/*"])


    def test_din(self) -> None:
        for number, normalise in enumerate((False, True)):
            for model in (Model("DIN", normalise), replace(RICH, gru_type="DIN", normalise=normalise),
                          Model("DIN", normalise, dnn_activation="dice", use_bn=True)):
                case = make_case(model, seed=60 + number)
                if normalise:  # of an empty history the library's softmax weighs padding
                    case = replace(case, requests=[r for r in case.requests if any(
                        any(step) for step in zip(*r["history"].values()))])
                report = self.check(case, layout="auto")
                self.assertEqual(report["description"]["stacks"][0]["mask"],
                                 {"non_zero": model.history[0][0]})

    def test_din_with_bags_whose_padding_is_0(self) -> None:
        self.check(make_case(replace(RICH, gru_type="DIN", normalise=False, has_length=False), seed=63))

    def test_pooling_by_maximum(self) -> None:
        for gru_type in ("AIGRU", "DIN"):
            bags = (("tags", "tag", "max"), ("liked", "shop", "max"))
            self.check(make_case(replace(RICH, gru_type=gru_type, normalise=False, pooled=bags), seed=64))

    def test_groups(self) -> None:
        groups = {"city": "b", "user": "b", "item_id": "c", "hist_cate": "b", "liked": "b"}
        for gru_type in ("AUGRU", "DIN"):
            model = replace(RICH, gru_type=gru_type, normalise=False, groups=groups,
                            sparse=(*RICH.sparse[1:], RICH.sparse[0]))
            self.check(make_case(model, seed=65))
        query = replace(Model("GRU"), sparse=(("item", "item"), ("user", "user"), ("cate", "cate")),
                        groups={"user": "b", "cate": "b"})
        self.check(make_case(query, seed=66))

    def test_regression(self) -> None:
        for gru_type in ("GRU", "DIN"):
            case = make_case(Model(gru_type, normalise=False), seed=67)
            case.answers["task"] = "regression"
            report = self.convert(case)
            self.assertEqual(report["description"]["output"], {"kind": "identity"})
            for logits, answer in zip(case.expected(), self.rank(case.requests)):
                for came in (answer.scores, answer.logits):
                    np.testing.assert_array_less(
                        np.abs(came - logits), LOGIT_TOLERANCE * np.maximum(1, np.abs(logits)))

    def test_spellings_of_the_library(self) -> None:
        case = make_case(Model("AUGRU", dnn_activation="silu"), seed=68)
        for answers in ({"gru_type": "augru", "att_activation": "Dice", "dnn_activation": "swish"},
                        {"dnn_activation": "SiLU"}):
            self.check(replace(case, answers={**case.answers, **answers}))
        case = make_case(Model("GRU", dnn_activation="leaky_relu"), seed=69)
        self.check(replace(case, answers={**case.answers, "dnn_activation": "LeakyReLU"}))

    def test_the_oldest_events(self) -> None:
        case = make_case(Model("AUGRU"), seed=70)
        case.answers["truncation"] = "oldest"
        shorter = [{**r, "history": {n: ids[:LONGEST] for n, ids in r["history"].items()}}
                   for r in case.requests]
        self.convert(case)
        self.compare(replace(case, requests=shorter), self.rank(case.requests))

    def test_tables_of_negative_samples_are_left_out(self) -> None:
        for auxiliary in (True, False):
            model = Model("AUGRU", negative_sampling=auxiliary, own_negatives=True)
            report = self.check(make_case(model, seed=71))
            self.assertIn("sparse_seq_emb_neg_hist_item/embeddings:0",
                          report["description"]["ignore"])

    def test_the_second_model_of_a_process(self) -> None:
        for suffix, colon in ((".npz", ":0"), (".index", "")):
            model = replace(RICH, gru_type="AIGRU", second=True, first_number=2, colon=colon)
            self.check(make_case(model, seed=72, suffix=suffix))


class Refusals(LayoutTest):
    def test_numbered_variables_of_another_table(self) -> None:
        model = Model("AUGRU", second=True)
        case = make_case(model)
        # sparse_emb_user_1 is the layer of a table user_1, which is stated too.
        other = [*case.answers["sparse"], "user_1"]
        self.refused(case, 'no embedding layer of the table "user"', sparse=other)
        again = {"sparse_emb_user_2/embeddings:0": np.ones((ROWS["user"], 3), np.float32)}
        self.refused(replace(case, beside=again), 'the table "user" has several embedding layers',
                     "sparse_emb_user_2")

    def test_combinations_that_deepctr_cannot_train(self) -> None:
        case = make_case(Model("AUGRU", negative_sampling=True))
        self.refused(case, "gru_type", '"AGRU" was stated', "auxiliary network", gru_type="AGRU")
        case = make_case(Model("AIGRU", negative_sampling=True))
        self.refused(case, "no DIEN of DeepCTR has both", gru_type="AIGRU")
        self.refused(make_case(Model("AUGRU")), "gru2/gates: AGRU or AUGRU", gru_type="AIGRU")
        self.refused(make_case(Model("GRU")), "gru2/gru_cell: GRU or AIGRU", gru_type="AUGRU")
        bags = replace(RICH, gru_type="GRU", has_length=False)
        self.refused(make_case(bags), "cannot run it without one")

    def test_other_models_of_the_library(self) -> None:
        tensors = make_case(Model("DIN")).tensors
        transformer = {"transformer/query:0": np.ones((4, 4), np.float32)}
        bst = replace(make_case(Model("DIN")), tensors={**tensors, **transformer})
        self.refused(bst, "deepctr-keras's BST", layout="auto")
        lstm = {"bi_lstm/forward_lstm/kernel:0": np.ones((4, 4), np.float32)}
        self.refused(replace(bst, beside=lstm), "deepctr-keras's DSIN", layout="auto")

    def test_what_the_weights_cannot_tell_is_asked(self) -> None:
        case = make_case(Model("AUGRU"))
        case.tensors["gru2/gates/bias:0"][:] = 1  # Keras trains neither cell
        self.refused(case, '"gru_type"', gru_type=None)
        self.refused(case, '"att_weight_normalization"', att_weight_normalization=None)
        self.refused(case, '"sparse"', sparse=None)
        self.refused(case, '"dnn_activation": null', dnn_activation=None)

    def test_a_trained_cell_tells_its_kind(self) -> None:
        for gru_type, other in (("AGRU", "AUGRU"), ("AUGRU", "AGRU")):
            case = make_case(Model(gru_type))
            self.refused(case, f'"{other}" was stated', f'tells "{gru_type}"', "biases of the update gate",
                         gru_type=other)
            del case.answers["gru_type"]
            self.check(case)

    def test_answers_that_do_not_fit(self) -> None:
        case = make_case(Model("AUGRU"))
        self.refused(case, "att_activation", "tells \"dice\"", att_activation="relu")
        self.refused(case, "holds no dice_alpha", dnn_activation="dice")
        self.refused(case, 'history names "city"', history=[{"name": "city"}])
        self.refused(case, 'no embedding layer of the table "city"',
                     sparse=[*case.answers["sparse"], {"name": "city"}])
        self.refused(case, "the head's input", sparse=list(case.answers["sparse"][1:]))

    def test_a_feature_that_was_forgotten(self) -> None:
        case = make_case(replace(RICH, pooled=()))
        del case.answers["dense"]
        self.refused(case, "the head's input")

    def test_what_is_not_in_the_family(self) -> None:
        case = make_case(Model("GRU"))
        slopes = {"attention_sequence_pooling_layer/local_activation_unit/dnn/p_re_lu/alpha:0":
                  np.ones((LONGEST, 10), np.float32)}
        self.refused(replace(case, beside=slopes), "PReLU in the attention", "position")

    def test_weights_that_keras_did_not_save(self) -> None:
        case = make_case(Model("AUGRU"))
        tensors = {name: tensor for name, tensor in case.tensors.items() if "gru2" not in name}
        self.refused(replace(case, tensors=tensors), "behind Keras' back", "tf.compat.v1.train.Saver")

    def test_layers_that_are_numbered_instead_of_named(self) -> None:
        end = "/.ATTRIBUTES/VARIABLE_VALUE"
        tensors = {f"layer_with_weights-3/local_att/kernel{end}": np.ones((5, 1), np.float32),
                   f"layer_with_weights-0/embeddings{end}": np.ones((5, 3), np.float32)}
        self.refused(replace(make_case(Model("GRU")), tensors=tensors), "numbers its layers",
                     layout="auto")


class Swaps(LayoutTest):
    """One changed choice of the description must change scores."""

    def test_the_cells(self) -> None:
        def set_in(part: str, key: str, value: Any):
            def edit(description: Dict[str, Any]) -> None:
                place = description["stacks"][0][part]
                (place[-1] if isinstance(place, list) else place)[key] = value
            return edit

        for gru_type in GRU_TYPES:
            case = make_case(Model(gru_type), seed=50)
            for part in ("extractor",) if gru_type == "GRU" else ("extractor", "evolution"):
                self.check_swap(case, "reset position", set_in(part, "reset", "after_product"))
                self.check_swap(case, "gate order", set_in(part, "gates", ["u", "r", "c"]))
                if part == "extractor" or gru_type != "AGRU":
                    self.check_swap(case, "polarity",
                                    set_in(part, "update_gate", "share_of_candidate"))
        augru = make_case(Model("AUGRU"), seed=51)
        self.check_swap(augru, "AUGRU's form", set_in("evolution", "form", "scale"))
        unbounded = make_case(Model("AUGRU", normalise=False), seed=51)
        self.check_swap(unbounded, "AUGRU's form", set_in("evolution", "form", "scale"))

    def test_the_attention(self) -> None:
        def set_to(key: str, value: Any):
            return lambda d: d["stacks"][0]["attention"].update({key: value})

        for gru_type in GRU_TYPES:
            for normalise in (True, False):
                case = make_case(Model(gru_type, normalise), seed=52)
                self.check_swap(case, "softmax", set_to("softmax", not normalise))
                self.check_swap(case, "score scale", set_to("score_scale", 0.5))
                self.check_swap(case, "k - q", set_to("input", ["q", "k", "k-q", "q*k"]))

    def test_dice(self) -> None:
        case = make_case(Model("AUGRU", dnn_activation="dice"), seed=53)

        def attention(description: Dict[str, Any]) -> Dict[str, Any]:
            return description["stacks"][0]["attention"]["layers"][0]["activation"]

        def head(description: Dict[str, Any]) -> Dict[str, Any]:
            return description["head"]["layers"][0]["activation"]

        for place in (attention, head):
            self.check_swap(case, "epsilon", lambda d, p=place: p(d).update(epsilon=0.5))

            def rowwise(description: Dict[str, Any], p=place) -> None:
                part = p(description)
                for key in ("mean", "variance", "gamma", "beta"):
                    del part[key]
                part.update(kind="dice_rowwise", alpha=0.1)

            self.check_swap(case, "row-wise", rowwise)
        self.check_swap(case, "PReLU", lambda d: d["head"]["layers"][0].update(
            activation={"kind": "prelu", "alpha": head(d)["alpha"]}))

    def test_the_head(self) -> None:
        case = make_case(replace(RICH, pooled=RICH.pooled[:1]), seed=54)

        def turn(first: int, second: int):
            def edit(description: Dict[str, Any]) -> None:
                slots = description["head"]["input"]
                slots[first], slots[second] = slots[second], slots[first]
            return edit

        slots = self.convert(case)["description"]["head"]["input"]
        self.assertEqual(slots, [
            {"feature": "city"}, {"candidate": "item_id"}, {"feature": "user"}, {"candidate": "cate"},
            {"candidate": "shop"}, {"candidate": "tags"}, {"result": "history"}, {"feature": "age"},
            {"candidate": "price"}, {"feature": "vector"}])
        self.check_swap(case, "city and shop", turn(0, 4))
        self.check_swap(case, "user and cate", turn(2, 3))
        self.check_swap(case, "state earlier", turn(5, 6))
        self.check_swap(case, "age and price", turn(7, 8))
        self.check_swap(case, "the bag's pooling", lambda d: next(
            f for f in d["candidate"] if f["name"] == "tags").update(pooling="sum"))
        self.check_swap(case, "the bag's zeros", lambda d: next(
            f for f in d["candidate"] if f["name"] == "tags").update(skip_zero=True))
        self.check_swap(case, "no global_bias", lambda d: d["head"]["layers"][-1].update(bias=None))

        def fields_turned(description: Dict[str, Any]) -> None:
            description["stacks"][0]["fields"].reverse()

        self.check_swap(case, "the order of the history's columns", fields_turned)

    def test_batch_norm(self) -> None:
        case = make_case(Model("AIGRU", use_bn=True), seed=55)
        self.check_swap(case, "epsilon",
                        lambda d: d["head"]["layers"][0]["batch_norm"].update(epsilon=0.3))
        self.check_swap(case, "place", lambda d: d["head"]["layers"][0]["batch_norm"].update(
            place="after_activation"))


if __name__ == "__main__":
    unittest.main()
