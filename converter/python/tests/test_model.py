"""The PyTorch family against the float64 reference, its losses, its checkpoints, its training."""

import json
import os
import tempfile
import unittest

import numpy as np
import torch

from augur_rank.files import safetensors_file
from augur_rank.training import dataset, reference, request_file, shop, train
from augur_rank.training.dien import KINDS, InterestModel, ModelConfig

USERS, ITEMS, CATEGORIES = 40, 90, 7
ROOT = os.environ.get("AUGUR_TEST_DATA", "")


def make_model(kind: str, seed: int = 3, **options) -> InterestModel:
    """Random weights, and statistics and slopes as if it had been trained."""
    torch.manual_seed(seed)
    model = InterestModel(ModelConfig(kind, USERS, ITEMS, CATEGORIES, **options))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("alpha"):
                parameter.uniform_(-0.3, 0.5)
            elif name.endswith("emb.weight"):
                parameter[1:].normal_(std=0.5)
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.uniform_(-0.2, 0.2)
            elif name.endswith("running_var"):
                buffer.uniform_(0.2, 2)
    return model.eval()


def make_requests(lengths, candidates: int = 5, seed: int = 1):
    draw = np.random.default_rng(seed)
    category_of = np.concatenate([[0], draw.integers(1, CATEGORIES + 1, ITEMS)])
    return [request_file.make_request(
        f"r{i}", draw.integers(0, USERS + 1), draw.integers(1, ITEMS + 1, length),
        draw.integers(1, ITEMS + 1, candidates), category_of) for i, length in enumerate(lengths)]


def weights_of(model: InterestModel):
    return {name: tensor.numpy() for name, tensor in model.state_dict().items()}


class ForwardTest(unittest.TestCase):
    def test_every_kind_equals_the_float64_reference(self):
        for kind in KINDS:
            model = make_model(kind)
            for request in make_requests((0, 1, 2, 7, 49, 50, 61)):
                with self.subTest(kind=kind, length=len(request["history"]["item"])):
                    expected = reference.forward(kind, weights_of(model), request, 50)
                    np.testing.assert_allclose(train.score_request(model, request), expected,
                                               rtol=2e-5, atol=2e-5)

    def test_float64_leaves_only_rounding(self):
        for kind in KINDS:
            model = make_model(kind).double()
            for request in make_requests((0, 3, 20)):
                with self.subTest(kind=kind, length=len(request["history"]["item"])):
                    expected = reference.forward(kind, weights_of(model), request, 50)
                    np.testing.assert_allclose(train.score_request(model, request), expected,
                                               rtol=1e-11, atol=1e-11)

    def test_padding_and_other_rows_do_not_matter(self):
        requests = make_requests((0, 4, 9, 30))
        for kind in KINDS:
            model = make_model(kind).double()
            alone = [train.score_request(model, request) for request in requests]

            def padded(name, longest=33):
                return torch.tensor([r["history"][name] + [0] * (longest - len(r["history"][name]))
                                     for r in requests])

            with torch.no_grad():
                together, _ = model(
                    torch.tensor([r["features"]["user"] for r in requests]), padded("item"),
                    padded("category"), torch.tensor([len(r["history"]["item"]) for r in requests]),
                    torch.tensor([r["candidates"]["item"] for r in requests]),
                    torch.tensor([r["candidates"]["category"] for r in requests]))
            np.testing.assert_allclose(together.numpy(), np.array(alone), rtol=1e-12, atol=1e-12)

    def test_the_order_of_the_history_matters_to_recurrent_kinds_alone(self):
        request = make_requests((12,))[0]
        turned = json.loads(json.dumps(request))
        for values in turned["history"].values():
            values.reverse()
        for kind in KINDS:
            model = make_model(kind).double()
            change = np.abs(train.score_request(model, request)
                            - train.score_request(model, turned)).max()
            if kind in ("base", "din"):
                self.assertLess(change, 1e-12, kind)
            else:
                self.assertGreater(change, 1e-4, kind)

    def test_configurations_that_make_no_sense_are_refused(self):
        for options in ({"kind": "lstm"}, {"kind": "din", "reads_history": False},
                        {"kind": "augru", "hidden": 20}):
            with self.assertRaises(ValueError):
                InterestModel(ModelConfig(users=2, items=2, categories=2, **options))


class AuxiliaryLossTest(unittest.TestCase):
    def setUp(self):
        self.model = make_model("augru").double()
        draw = torch.Generator().manual_seed(5)
        self.items = torch.randint(1, ITEMS + 1, (3, 6), generator=draw)
        self.categories = torch.randint(1, CATEGORIES + 1, (3, 6), generator=draw)
        self.negatives = torch.randint(1, ITEMS + 1, (3, 6), generator=draw)
        self.lengths = torch.tensor([6, 2, 1])
        self.states = torch.randn(3, 6, 36, generator=draw, dtype=torch.float64, requires_grad=True)

    def loss(self):
        return self.model.auxiliary_loss(self.states, self.items, self.categories, self.lengths,
                                         self.negatives, self.categories)

    def test_equals_the_formula(self):
        def log_sigmoid(x):
            return np.log(1 / (1 + np.exp(-x)))

        terms = []
        items = self.model.item_emb.weight.detach().numpy()
        categories = self.model.cate_emb.weight.detach().numpy()
        states = self.states.detach().numpy()
        for b, length in enumerate(self.lengths.tolist()):
            for t in range(length - 1):
                category = categories[self.categories[b, t + 1]]
                clicked = np.concatenate([items[self.items[b, t + 1]], category])
                other = np.concatenate([items[self.negatives[b, t + 1]], category])
                terms.append(-log_sigmoid(states[b, t] @ clicked)
                             - log_sigmoid(-(states[b, t] @ other)))
        self.assertEqual(len(terms), 6)
        self.assertAlmostEqual(self.loss().item(), np.mean(terms), places=12)

    def test_gradient_reaches_only_the_states_before_a_known_step(self):
        self.loss().backward()
        touched = self.states.grad.abs().sum(-1) > 0
        self.assertEqual(touched.tolist(),
                         [[True] * 5 + [False], [True] + [False] * 5, [False] * 6])

    def test_nothing_to_predict_is_no_loss(self):
        self.lengths = torch.tensor([1, 0, 1])
        self.assertEqual(self.loss().item(), 0)

    def test_it_trains_the_extractor(self):
        model = make_model("augru")
        _, states = model(torch.tensor([1, 2, 3]), self.items, self.categories, self.lengths,
                          self.items[:, :2], self.categories[:, :2])
        model.auxiliary_loss(states, self.items, self.categories, self.lengths, self.negatives,
                             self.categories).backward()
        self.assertGreater(model.gru.weight_hh_l0.grad.abs().max().item(), 0)
        self.assertGreater(model.item_emb.weight.grad.abs().max().item(), 0)
        self.assertIsNone(model.fc1.weight.grad)


class TrainingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop_config = shop.ShopConfig(users=60)
        catalogue = shop.make_catalogue(cls.shop_config)
        cls.interactions, samples, day = dataset.from_log(
            catalogue, shop.make_events(catalogue, cls.shop_config))
        cls.splits = dataset.split_by_day(samples, day)

    def run_variant(self, name, epochs=1):
        config = train.TrainConfig(epochs=epochs, batch=64, rate=5e-3)
        return train.train_variant(name, config, self.shop_config, self.interactions, self.splits,
                                   lambda text: None)

    def test_both_losses_fall(self):
        torch.manual_seed(0)
        model = InterestModel(ModelConfig("augru", 60, 3080, 28))
        optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
        rows = self.splits[0].take(np.arange(0, 1024, 8))
        batch = dataset.with_negatives(dataset.make_batch(self.interactions, rows, 20),
                                       self.interactions, np.random.default_rng(0))
        found = []
        for _ in range(15):
            click, extra = train.losses(model, batch, 1.0)
            optimizer.zero_grad()
            (click + extra).backward()
            optimizer.step()
            found.append((click.item(), extra.item()))
        self.assertLess(found[-1][0], found[0][0] - 0.05)
        self.assertLess(found[-1][1], found[0][1] - 0.05)

    def test_the_same_seed_trains_the_same_weights(self):
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            (first, _), (second, _) = self.run_variant("dien"), self.run_variant("dien")
        finally:
            torch.set_num_threads(threads)
        for name, tensor in first.state_dict().items():
            self.assertTrue(torch.equal(tensor, second.state_dict()[name]), name)

    def test_the_padding_rows_stay_zero(self):
        model, _ = self.run_variant("dien")
        for table in (model.user_emb, model.item_emb, model.cate_emb):
            self.assertEqual(table.weight[0].abs().max().item(), 0)

    def test_blind_ignores_the_history_exactly(self):
        model, metadata = self.run_variant("blind")
        weights = weights_of(model)
        self.assertEqual(np.abs(weights["fc1.weight"][:, -36:]).max(), 0)
        draw = np.random.default_rng(2)
        request = request_file.make_request("r", 3, draw.integers(1, 3081, 9), [1, 2, 3],
                                            self.interactions.category_of)
        without = {**request, "history": {"item": [], "category": []}}
        np.testing.assert_array_equal(train.score_request(model, request),
                                      train.score_request(model, without))
        self.assertEqual(reference.forward("base", weights, request, 50),
                         reference.forward("base", weights, without, 50))
        self.assertFalse(metadata["reads_history"])

    def test_a_checkpoint_comes_back(self):
        model, metadata = self.run_variant("agru")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "m.safetensors")
            train.save_checkpoint(path, model, metadata)
            again, stored = train.load_checkpoint(path)
            with open(os.path.join(folder, "m.json"), encoding="utf-8") as file:
                self.assertEqual(json.load(file), json.loads(json.dumps(metadata)))
        self.assertEqual(stored, json.loads(json.dumps(metadata)))
        for name, tensor in model.state_dict().items():
            self.assertTrue(torch.equal(tensor, again.state_dict()[name]), name)


class SafetensorsTest(unittest.TestCase):
    def test_malformed_files_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "m.safetensors")
            safetensors_file.save(path, {"a": np.arange(6, dtype=np.float32).reshape(2, 3)}, {})
            with open(path, "rb") as file:
                whole = file.read()
            for damaged in (whole[:4], whole[:-1], b"\xff" * 8 + whole[8:]):
                with open(path, "wb") as file:
                    file.write(damaged)
                with self.assertRaises(ValueError):
                    safetensors_file.load(path)


@unittest.skipUnless(ROOT, "AUGUR_TEST_DATA names no folder of trained checkpoints")
class RealDataTest(unittest.TestCase):
    """The reference equals the answers that came with checkpoints trained elsewhere."""

    def test_reference_equals_the_given_answers(self):
        for name in ("base", "din", "aigru", "agru", "augru", "dien"):
            golden = os.path.join(ROOT, "golden", f"beauty_T50_{name}")
            weights, _ = safetensors_file.load(
                os.path.join(ROOT, "checkpoints", f"beauty_T50_{name}.safetensors"))
            kind = "augru" if name == "dien" else name
            expected = request_file.read(golden + ".expected.jsonl")
            for request, answer in zip(request_file.read(golden + ".requests.jsonl"), expected):
                found = reference.forward(kind, weights, request, 50)
                np.testing.assert_allclose(found, answer["logits"], rtol=0, atol=2e-9,
                                           err_msg=f"{name} {request['id']}")


if __name__ == "__main__":
    unittest.main()
