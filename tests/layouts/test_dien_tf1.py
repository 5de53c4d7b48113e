"""Layout dien-tf1: every model of the authors' code, against its maths in float64."""

import json
import unittest
from dataclasses import replace
from typing import Any, Dict, List

import numpy as np

import bundle  # noqa: F401  (registers .index)
from dien_tf1 import (CATEGORIES, ITEMS, KINDS, LONGEST, POOLING, RECURRENT, USERS, Reference,
                      make_weights)
from harness import Case, LayoutTest, Request, lengths_up_to

# What a user must state where two models have the same tensors.
AMBIGUOUS = RECURRENT


def make_requests(seed: int) -> List[Request]:
    random = np.random.default_rng(seed)

    def events(count: int) -> Dict[str, List[int]]:
        return {"item": random.integers(0, ITEMS, count).tolist(),
                "category": random.integers(0, CATEGORIES, count).tolist()}

    return [{"features": {"user": int(random.integers(0, USERS))}, "history": events(length),
             "candidates": events(3)} for length in lengths_up_to(LONGEST)]


def make_case(kind: str, seed: int = 1, scope: str = "authors", head: str = "current",
              padded_to: int = 0, suffix: str = ".index", **options: Any) -> Case:
    answers: Dict[str, Any] = {"max_history": LONGEST, "history_sum": "masked"}
    if kind in AMBIGUOUS:
        answers["kind"] = kind
    if head != "current":
        answers["head"] = head
    if padded_to:
        answers.update(history_sum="padded", padded_length=padded_to)
    return Case(name=f"{kind} {scope} {head}", layout="dien-tf1",
                tensors=make_weights(kind, seed, scope, head, **options), answers=answers,
                requests=make_requests(seed + 100), suffix=suffix,
                reference=Reference(kind, scope, head, padded_to or None))


def stack(description: Dict[str, Any]) -> Dict[str, Any]:
    return description["stacks"][0]


class Models(LayoutTest):
    def test_every_model_with_the_sum_masked(self) -> None:
        for number, kind in enumerate(KINDS):
            with self.subTest(kind):
                self.check(make_case(kind, seed=number))

    def test_every_model_with_the_sum_padded(self) -> None:
        for number, kind in enumerate(KINDS):
            with self.subTest(kind):
                self.check(make_case(kind, seed=10 + number, padded_to=LONGEST + number % 2))

    def test_scopes_of_forks(self) -> None:
        for scope in ("first", "scoped"):
            for kind in ("base", "din", "gru", "augru"):
                with self.subTest(f"{scope} {kind}"):
                    case = make_case(kind, seed=20, scope=scope)
                    self.check(case, layout="auto")

    def test_the_first_version_of_the_head(self) -> None:
        for kind in KINDS:
            if kind == "pnn":  # the same in both versions
                continue
            with self.subTest(kind):
                self.check(make_case(kind, seed=30, head="first"))

    def test_statistics_of_bn1_are_used_if_a_fork_trained_them(self) -> None:
        self.check(make_case("augru", seed=40, trained_norm=True))

    def test_other_containers_than_a_bundle(self) -> None:
        for suffix in (".npz", ".safetensors"):
            with self.subTest(suffix):
                self.check(make_case("agru", seed=41, suffix=suffix))

    def test_the_auxiliary_network_makes_it_dien(self) -> None:
        case = make_case("augru", seed=42, scope="scoped")
        vector = np.ones(3, np.float32)
        case = replace(case, beside={
            "dien/aux_loss/aux_net/f1gru/kernel": vector, "dien/aux_loss/aux_net/bn1gru/gamma": vector,
            "dien/fcn/Metrics/beta1_power": vector, "mid_embedding_var/Adam": vector,
            "dien/fcn/dien/gru2/gates/kernel/Adam_1": vector})
        self.check(replace(case, answers={**case.answers, "kind": "dien"}))
        del case.answers["kind"]
        report = self.check(case, layout="auto")
        self.assertEqual(report["description"]["name"], "augru")


class Dice(LayoutTest):
    """Dice by the statistics of the batch, which every recurrent model of the authors has."""

    def test_it_is_refused_without_data(self) -> None:
        for kind in ("din", "augru"):
            self.refused(make_case(kind, use_dice=True), "the batch that is being scored",
                         "only with statistics measured on data")

    def test_it_is_measured_on_data(self) -> None:
        if "--calibrate" not in self.run_command(self.convert_command, "--help").stdout:
            self.skipTest("augur-convert has no --calibrate")
        for number, kind in enumerate(("din",) + RECURRENT):
            with self.subTest(kind):
                case = make_case(kind, seed=60 + number, scope="scoped", use_dice=True)
                data = [request for seed in range(4) for request in make_requests(seed)]
                case.reference.measure({name: np.float64(tensor) for name, tensor
                                        in case.tensors.items()}, data)
                self.convert_calibrated(case, data)
                self.compare(case, self.rank(case.requests))

    def convert_calibrated(self, case: Case, data: List[Request]) -> None:
        requests, answers = self.folder / "data.jsonl", self.folder / "answers.json"
        requests.write_text("".join(json.dumps({"id": str(number), **request}) + "\n"
                                    for number, request in enumerate(data)))
        answers.write_text(json.dumps(case.answers))
        done = self.run_command(
            self.convert_command, "--weights", self.write(case), "--layout", case.layout,
            "--model", answers, "--calibrate", requests, "--out", self.folder / "model.augur")
        self.assertEqual(done.returncode, 0, f"{case.name}: {done.stderr}")


class Refusals(LayoutTest):
    def test_models_with_the_same_tensors_are_asked_for(self) -> None:
        for kind in RECURRENT:
            case = make_case(kind)
            if kind in ("agru", "augru"):  # not trained
                (name,) = (name for name in case.tensors if name.endswith("gru2/gates/bias"))
                case.tensors[name][:] = 1
            self.refused(case, '"kind": null', "cannot tell gru from aigru", kind=None)

    def test_a_trained_cell_tells_its_kind(self) -> None:
        for kind, other in (("agru", "augru"), ("augru", "agru")):
            case = make_case(kind)
            self.refused(case, f"{other} was stated, but the checkpoint tells {kind}: the biases of the update gate",
                         kind=other)
            del case.answers["kind"]
            self.check(case)

    def test_a_kind_that_does_not_fit(self) -> None:
        self.refused(make_case("gru"), "kind augru was stated, but", kind="augru")
        self.refused(make_case("base"), "kind pnn was stated, but", kind="pnn")
        self.refused(make_case("augru"), "kind din was stated, but", kind="din")

    def test_a_model_that_has_no_auxiliary_network(self) -> None:
        network = {"f1gru/kernel": np.ones((3, 2), np.float32)}
        self.refused(replace(make_case("agru"), beside=network),
                     "agru was stated, but the checkpoint holds an auxiliary network", "kind=dien")
        for kind in ("base", "din", "gru", "aigru"):
            self.refused(replace(make_case(kind), beside=network), "DIEN alone has")

    def test_the_names_of_train_py(self) -> None:
        for kind, model_type in (("gru", "DIN-V2-gru-gru-att"), ("aigru", "DIN-V2-gru-att-gru"),
                                 ("agru", "DIN-V2-gru-qa-attGru"), ("base", "DNN"), ("pnn", "PNN"),
                                 ("augru", "DIN-V2-gru-vec-attGru"), ("augru", "DIEN")):
            with self.subTest(model_type):
                case = make_case(kind, seed=43)
                self.check(replace(case, answers={**case.answers, "kind": model_type}))

    def test_the_sum_must_be_chosen(self) -> None:
        case = make_case("augru")
        self.refused(case, '"history_sum"', "depends on who else is in the batch", history_sum=None)
        self.refused(case, '"padded_length": null', history_sum="padded")
        self.refused(case, "is shorter than the longest history", history_sum="padded",
                     padded_length=LONGEST - 1)

    def test_the_other_order_of_the_head_is_seen_by_its_width(self) -> None:
        self.refused(make_case("augru", head="first"), "--set head=first", "x-deeplearning", head=None)
        self.refused(make_case("augru"), "'f1/kernel': the head takes 32 numbers", head="first")

    def test_x_deeplearning(self) -> None:
        case = make_case("augru", head="first")
        self.refused(case, "statistics of the batch being scored", head="x-deeplearning")
        inside = {f"tf_model/{name}" if "embedding" not in name else name: tensor
                  for name, tensor in case.tensors.items()}
        self.refused(replace(case, tensors=inside), "x-deeplearning's DIEN", "training=True")

    def test_wide_and_deep(self) -> None:
        case = make_case("base")
        self.refused(replace(case, beside={"f_fm/kernel": np.ones((3, 2), np.float32)}), "WideDeep")
        self.refused(case, "second, linear head", kind="wide")

    def test_a_layer_without_a_known_activation(self) -> None:
        case = make_case("augru")
        del case.tensors["prelu2/prelu_prelu2"]
        self.refused(case, "f2 has no activation that is known", "alphadice_2")
        case = make_case("augru")
        del case.tensors["prelu_"]
        self.refused(case, "projection (f11_1) has no PReLU")

    def test_a_missing_second_gru(self) -> None:
        case = make_case("augru")
        tensors = {name: tensor for name, tensor in case.tensors.items() if "gru2" not in name}
        self.refused(replace(case, tensors=tensors), "there is gru1, but neither")

    def test_vocabularies_that_do_not_fit(self) -> None:
        case = make_case("augru")
        case.tensors["cat_embedding_var"] = np.ones((CATEGORIES, 9), np.float32)
        self.refused(case, "the head takes")

    def test_a_tensor_that_no_model_of_the_layout_has(self) -> None:
        case = replace(make_case("din"), beside={"f1gru_extra/kernel": np.ones(3, np.float32)})
        self.refused(case, "does not know the tensors 'f1gru_extra/kernel'")
        self.check(replace(case, answers={**case.answers, "ignore": ["f1gru_extra/*"]}))


class Swaps(LayoutTest):
    """One changed choice of the description must change scores."""

    def test_the_cells(self) -> None:
        augru, agru = make_case("augru", seed=50), make_case("agru", seed=51)
        aigru = make_case("aigru", seed=52)

        def set_in(part: str, key: str, value: Any):
            def edit(description: Dict[str, Any]) -> None:
                place = stack(description)[part]
                (place[0] if isinstance(place, list) else place)[key] = value
            return edit

        for part in ("extractor", "evolution"):
            self.check_swap(augru, "reset position", set_in(part, "reset", "after_product"))
            self.check_swap(augru, "polarity", set_in(part, "update_gate", "share_of_candidate"))
            self.check_swap(augru, "gate order", set_in(part, "gates", ["u", "r", "c"]))
            self.check_swap(agru, "reset position", set_in(part, "reset", "after_product"))
            self.check_swap(aigru, "reset position", set_in(part, "reset", "after_product"))
        self.check_swap(augru, "AUGRU's form", set_in("evolution", "form", "scale"))
        self.check_swap(agru, "gate order", set_in("evolution", "gates", ["u", "r", "c"]))

    def test_the_kind_of_evolution(self) -> None:
        def change(kind: str, remove: str = "", **keys: str):
            def edit(description: Dict[str, Any]) -> None:
                evolution = stack(description)["evolution"]
                evolution.pop(remove, None)
                evolution.update(kind=kind, **keys)
            return edit

        augru, aigru = make_case("augru", seed=53), make_case("aigru", seed=54)
        self.check_swap(augru, "AIGRU", change("aigru", "form"))
        self.check_swap(aigru, "AUGRU", change("augru", form="lift"))
        self.check_swap(make_case("agru", seed=55), "AUGRU",
                        change("augru", form="lift", update_gate="share_of_state"))

    def test_the_attention(self) -> None:
        for kind in ("din", "gru", "aigru", "agru", "augru"):
            case = make_case(kind, seed=56)

            def edit(description: Dict[str, Any], key: str, value: Any) -> None:
                stack(description)["attention"][key] = value

            self.check_swap(case, "no softmax", lambda d: edit(d, "softmax", False))
            self.check_swap(case, "another scale", lambda d: edit(d, "score_scale", 0.5))
            self.check_swap(case, "k - q", lambda d: edit(d, "input", ["q", "k", "k-q", "q*k"]))
            self.check_swap(case, "order", lambda d: edit(d, "input", ["k", "q", "q-k", "q*k"]))
        self.check_swap(
            make_case("augru", seed=57), "the projection's PReLU",
            lambda d: stack(d)["attention"]["query_projection"].update(activation="relu"))

    def test_the_history_sum(self) -> None:
        for kind in ("base", "augru"):
            case = make_case(kind, seed=58)
            padded = make_case(kind, seed=58, padded_to=LONGEST)

            def set_padding(description: Dict[str, Any], value: Any) -> None:
                if kind in POOLING:
                    stack(description)["result"]["padding"] = value
                    return
                for slot in description["head"]["input"]:
                    for source in slot.get("product", [slot]):
                        if "pooled" in source:
                            source["padding"] = value

            self.check_swap(case, "padded", lambda d: set_padding(d, {"to_length": LONGEST}))
            self.check_swap(padded, "masked", lambda d: set_padding(d, "masked"))
            self.check_swap(padded, "one step more",
                            lambda d: set_padding(d, {"to_length": LONGEST + 1}))

    def test_the_head(self) -> None:
        case = make_case("augru", seed=59)

        def change_slots(description: Dict[str, Any]) -> None:
            slots = description["head"]["input"]  # sum and product are equally wide
            slots[2], slots[3] = slots[3], slots[2]

        def norm(description: Dict[str, Any]) -> Dict[str, Any]:
            return description["head"]["layers"][0]["batch_norm"]

        self.check_swap(case, "order of the slots", change_slots)
        self.check_swap(case, "bn1's epsilon", lambda d: norm(d).update(epsilon=0.5))
        self.check_swap(case, "category before item", lambda d: stack(d)["fields"].reverse())
        self.check_swap(case, "category before item", lambda d: stack(d)["query"].reverse())
        self.check_swap(case, "the click's column",
                        lambda d: d["output"].update(click_column=1))
        self.check_swap(case, "the activation",
                        lambda d: d["head"]["layers"][0].update(activation="relu"))


if __name__ == "__main__":
    unittest.main()
