"""Makes everything in examples/shop: the catalogue, trained checkpoints, requests and answers.

    python3 -m augur_rank.training.make_shop --out examples/shop

The same command gives the same files again, bit for bit (see repeatable.py for the conditions).
"""

import argparse
import functools
import hashlib
import json
import os
import sys

from . import repeatable

if __name__ == "__main__":
    repeatable.restart_with_fixed_kernels("augur_rank.training.make_shop")

import numpy as np

from ..arrays import Array, Json
from ..files import safetensors_file
from . import dataset, metrics, reference, request_file, shop, showcase, train
from .dataset import Interactions, Samples
from .dien import InterestModel
from .words import DEPARTMENTS

MODELS = ("dien", "base", "blind")
MAX_LENGTH = 50
TEST_PAGES = 2000
FILES = sorted(
    ["catalogue.tsv", "categories.tsv", "check.requests.jsonl", "item_keys.txt", "results.json",
     "showcase.requests.jsonl", "test.labels.jsonl", "test.requests.jsonl"]
    + [f"{name}.{kind}" for name in MODELS for kind in ("json", "safetensors")]
    + [f"{group}.{name}.expected.jsonl" for name in MODELS for group in ("check", "showcase")])
CHECK_LENGTHS = (0, 1, 2, 3, 5, 8, 13, 21, 34, 48, 49, 50)
LONGER_THAN_KEPT = 57
CHECK_CANDIDATES = 12
# PyTorch's float32 against NumPy's float64, per logit: more than this means different formulas.
FLOAT32_TOLERANCE = 1e-4


def write_catalogue(folder: str, catalogue: shop.Catalogue) -> None:
    """Writes the tables that people and programs read, and the keys of the model's rows."""
    with open(os.path.join(folder, "categories.tsv"), "w", encoding="utf-8") as file:
        file.write("category\tdepartment\tname\n")
        for index, category in enumerate(catalogue.categories, 1):
            department = DEPARTMENTS[category.department].name
            file.write(f"{index}\t{department}\t{category.name}\n")
    with open(os.path.join(folder, "catalogue.tsv"), "w", encoding="utf-8") as file:
        file.write("item\tcategory\tprice\tname\n")
        for item in catalogue.items:
            file.write(f"{item.key}\t{item.category}\t{item.price}\t{item.name}\n")
    with open(os.path.join(folder, "item_keys.txt"), "w", encoding="utf-8") as file:
        for row, key in catalogue.keys().items():
            file.write(f"{key}\t{row}\n")


def choose_test_pages(test: Samples, draws: shop.Draws, count: int) -> Samples:
    """`count` pages, drawn at random, in their order."""
    rows = list(range(len(test)))
    draws.shuffle(rows)
    return test.take(np.array(sorted(rows[:count])))


def make_check_requests(interactions: Interactions, draws: shop.Draws) -> list[Json]:
    """Random items and users; every interesting length of history; one unknown user."""
    users, items = len(interactions.start) - 2, len(interactions.category_of) - 1
    requests = []
    for index, length in enumerate(CHECK_LENGTHS * 2 + (LONGER_THAN_KEPT,)):
        user = 0 if index == len(CHECK_LENGTHS) - 1 else 1 + draws.below(users)
        history = [1 + draws.below(items) for _ in range(length)]
        candidates = [1 + draws.below(items) for _ in range(CHECK_CANDIDATES)]
        requests.append(request_file.make_request(f"c{index}", user, history, candidates,
                                                  interactions.category_of))
    return requests


def answer(name: str, weights: dict[str, Array], requests: list[Json]) -> list[Json]:
    """The float64 logits of each request, by the reference."""
    kind = train.VARIANTS[name][0]
    return [{"id": request["id"], "logits": [round(x, 12) for x in reference.forward(
        kind, weights, request, MAX_LENGTH)]} for request in requests]


def compare_with_torch(model: InterestModel, requests: list[Json], answers: list[Json]) -> float:
    """The largest difference of a logit; raises ValueError when the formulas differ."""
    worst = 0.0
    for request, expected in zip(requests, answers):
        found = train.score_request(model, request)
        worst = max(worst, float(np.max(np.abs(found - np.array(expected["logits"])))))
    if worst > FLOAT32_TOLERANCE:
        raise ValueError(f"PyTorch and the float64 reference differ by {worst:.3g} in a logit")
    return worst


def write_sums(folder: str) -> None:
    """Writes SHA256SUMS of FILES."""
    with open(os.path.join(folder, "SHA256SUMS"), "w", encoding="utf-8") as file:
        for name in FILES:
            with open(os.path.join(folder, name), "rb") as asset:
                file.write(f"{hashlib.sha256(asset.read()).hexdigest()}  {name}\n")


def say(text: str) -> None:
    """Prints to standard error at once."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="augur_rank.training.make_shop",
                                     description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--out", required=True, help="the folder to write to")
    parser.add_argument("--reuse", action="store_true",
                        help="keep the checkpoints that are there, make the rest again")
    parser.add_argument("--epochs", type=int, default=train.TrainConfig.epochs)
    options = parser.parse_args()
    repeatable.use_one_thread()
    os.makedirs(options.out, exist_ok=True)

    def path(name: str) -> str:
        return os.path.join(options.out, name)

    config = shop.ShopConfig()
    catalogue = shop.make_catalogue(config)
    log = shop.make_events(catalogue, config)
    interactions, samples, day = dataset.from_log(catalogue, log)
    splits = dataset.split_by_day(samples, day)
    draws = shop.Draws(config.seed + 2)
    pages = choose_test_pages(splits[2], draws, TEST_PAGES)
    checks = make_check_requests(interactions, draws)
    write_catalogue(options.out, catalogue)
    keys = catalogue.keys()
    requests = request_file.from_samples(interactions, pages, MAX_LENGTH, "p")
    request_file.write(path("test.requests.jsonl"), request_file.with_items(requests, keys))
    request_file.write(path("test.labels.jsonl"), request_file.labels_of(pages, "p"))
    request_file.write(path("check.requests.jsonl"), request_file.with_items(checks, keys))
    say(f"{len(log.user)} clicks of {config.users} visitors on {len(catalogue.items)} items")

    best_possible = metrics.auc(log.chance[day >= dataset.TEST_FROM], splits[2].label)
    results: Json = {"shown_pages": len(log.user), "test_pages_all": len(splits[2]),
               "test_pages_here": len(pages),
               "auc_knowing_the_hidden_interest": round(best_possible, 6), "models": {}}
    shown: list[Json] = []
    for name in MODELS:
        checkpoint = path(f"{name}.safetensors")
        if options.reuse and os.path.exists(checkpoint):
            model, metadata = train.load_checkpoint(checkpoint)
        else:
            model, metadata = train.train_variant(
                name, train.TrainConfig(epochs=options.epochs), config, interactions, splits, say)
            train.save_checkpoint(checkpoint, model, metadata)
        if not shown:  # the first model, DIEN, chooses
            for pair in showcase.find(catalogue, interactions, splits[2],
                                      functools.partial(train.score_request, model),
                                      count=3, seed=config.seed + 3):
                shown += pair
            request_file.write(path("showcase.requests.jsonl"),
                               request_file.with_items(shown, keys))
        weights, _ = safetensors_file.load(checkpoint)
        for group, asked in (("check", checks), ("showcase", shown)):
            answers = answer(name, weights, asked)
            say(f"{name}: float32 and float64 differ by at most "
                f"{compare_with_torch(model, asked, answers):.1e} on {group}")
            request_file.write(path(f"{group}.{name}.expected.jsonl"), answers)
        logits = train.predict(model, interactions, pages)
        results["models"][name] = {
            "auc_all_test_pages": metadata["test_auc"],
            "auc": round(metrics.auc(logits, pages.label), 6),
            "first_is_clicked": round(metrics.first_is_clicked(logits, pages.label), 6)}
    with open(path("results.json"), "w", encoding="utf-8") as file:
        file.write(json.dumps(results, indent=2) + "\n")
    write_sums(options.out)
    say(json.dumps(results, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
