"""Trains one member of the family on the synthetic shop and writes its checkpoint.

    python3 -m augur_rank.training.train --kind dien --out dien.safetensors
"""

import argparse
import copy
import dataclasses
import json
import os
import sys
import time
from dataclasses import dataclass
from typing import Callable, Optional

from . import repeatable

if __name__ == "__main__":
    repeatable.restart_with_fixed_kernels("augur_rank.training.train")

import numpy as np
import torch
from torch.nn import functional as F
from torch.nn.utils.clip_grad import clip_grad_norm_

from ..arrays import Array, Json
from ..files import safetensors_file
from . import dataset, metrics, shop
from .dataset import Batch, Interactions, Samples
from .dien import InterestModel, ModelConfig

# name on the command line → (kind of model, trained with the auxiliary loss, reads the history)
VARIANTS: dict[str, tuple[str, bool, bool]] = {
    "blind": ("base", False, False),
    "base": ("base", False, True),
    "din": ("din", False, True),
    "aigru": ("aigru", False, True),
    "agru": ("agru", False, True),
    "augru": ("augru", False, True),
    "dien": ("augru", True, True),
}


@dataclass(frozen=True)
class TrainConfig:
    """How a network is trained."""

    epochs: int = 3
    batch: int = 256
    negatives: int = 3  # of a page's seven, drawn anew in every epoch
    rate: float = 2e-3
    auxiliary: float = 0.05  # the auxiliary loss's weight; chosen on the validation pages
    seed: int = 1


def _tensor(values: Array) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))


def score(model: InterestModel, batch: Batch) -> tuple[torch.Tensor, Optional[torch.Tensor]]:
    """The logits [b, c], and the extractor's states [b, t, H] where there is one."""
    logits, states = model(_tensor(batch.user), _tensor(batch.hist_item), _tensor(batch.hist_category),
                 _tensor(batch.length), _tensor(batch.cand_item), _tensor(batch.cand_category))
    return logits, states


def losses(model: InterestModel, batch: Batch,
           auxiliary: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The click loss, and the weighted auxiliary loss (0 for a model without one)."""
    logits, states = score(model, batch)
    click = F.binary_cross_entropy_with_logits(logits, _tensor(batch.label))
    if not auxiliary:
        return click, torch.zeros(())
    if states is None or batch.next_negative is None or batch.next_negative_category is None:
        raise ValueError("the auxiliary loss needs a network with an interest extractor, and negatives in the batch")
    extra = model.auxiliary_loss(
        states, _tensor(batch.hist_item), _tensor(batch.hist_category), _tensor(batch.length),
        _tensor(batch.next_negative), _tensor(batch.next_negative_category))
    return click, torch.mul(extra, auxiliary)


@torch.no_grad()
def predict(model: InterestModel, interactions: Interactions, samples: Samples) -> Array:
    """The logits [samples, candidates], in float32."""
    model.eval()
    found = [score(model, batch)[0].numpy() for batch in
             dataset.batches(interactions, samples, model.config.max_length, 512)]
    return np.concatenate(found)


def train(model: InterestModel, config: TrainConfig, interactions: Interactions, samples: Samples,
          validation: Samples, say: Callable[[str], None] = print) -> float:
    """Trains in place, keeps the epoch that ranks the validation pages best, returns its AUC."""
    draw = np.random.default_rng(config.seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.rate)
    steps_per_epoch = -(-len(samples) // config.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.rate, total_steps=config.epochs * steps_per_epoch, pct_start=0.1)
    best, best_weights = -1.0, model.state_dict()
    for epoch in range(1, config.epochs + 1):
        model.train()
        begin, sums = time.time(), np.zeros(2)
        thinned = dataset.thin_candidates(samples, config.negatives, draw)
        stream = dataset.batches(interactions, thinned, model.config.max_length, config.batch, draw)
        for step, batch in enumerate(stream, 1):
            if config.auxiliary:
                batch = dataset.with_negatives(batch, interactions, draw)
            click, extra = losses(model, batch, config.auxiliary)
            optimizer.zero_grad()
            (click + extra).backward()
            clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            sums += click.item(), extra.item()
            if step % 100 == 0:
                say(f"  epoch {epoch}  {step:5d}/{steps_per_epoch}  click loss {sums[0] / step:.4f}"
                    f"  auxiliary {sums[1] / step:.4f}  {time.time() - begin:.0f} s")
        found = metrics.auc(predict(model, interactions, validation), validation.label)
        say(f"  epoch {epoch}  validation AUC {found:.4f}")
        if found > best:
            best, best_weights = found, copy.deepcopy(model.state_dict())
    model.load_state_dict(best_weights)
    model.eval()
    return best


def save_checkpoint(path: str, model: InterestModel, metadata: Json) -> None:
    """Writes PATH.safetensors' tensors, and the metadata into it and beside it as .json."""
    text = json.dumps(metadata)
    tensors = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    safetensors_file.save(path, tensors, {"config": text})
    with open(os.path.splitext(path)[0] + ".json", "w", encoding="utf-8") as file:
        file.write(json.dumps(metadata, indent=2) + "\n")


def load_checkpoint(path: str) -> tuple[InterestModel, Json]:
    """The model of a checkpoint that save_checkpoint wrote, ready to score, and its metadata."""
    tensors, stored = safetensors_file.load(path)
    metadata = json.loads(stored["config"])
    fields = {field.name: metadata[field.name] for field in dataclasses.fields(ModelConfig)}
    model = InterestModel(ModelConfig(**{**fields, "head": tuple(fields["head"])}))
    model.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in tensors.items()})
    model.eval()
    return model, metadata


@torch.no_grad()
def score_request(model: InterestModel, request: Json) -> Array:
    """The logits of one ranking request, in float32; the newest behaviours are kept."""
    model.eval()
    kept = {name: values[-model.config.max_length:] for name, values in request["history"].items()}
    length = len(kept["item"])
    history = [torch.tensor([kept[name] or [0]]) for name in ("item", "category")]
    candidates = [torch.tensor([request["candidates"][name]]) for name in ("item", "category")]
    logits, _ = model(torch.tensor([request["features"]["user"]]), *history,
                      torch.tensor([length]), *candidates)
    scores: Array = logits[0].numpy()
    return scores


def train_variant(name: str, config: TrainConfig, shop_config: shop.ShopConfig,
                  interactions: Interactions, splits: tuple[Samples, Samples, Samples],
                  say: Callable[[str], None] = print) -> tuple[InterestModel, Json]:
    """Trains the named variant; returns the model and the metadata of its checkpoint."""
    kind, with_auxiliary, reads_history = VARIANTS[name]
    training, validation, test = splits
    torch.manual_seed(config.seed)
    model = InterestModel(ModelConfig(
        kind, shop_config.users, len(interactions.category_of) - 1,
        int(interactions.category_of.max()), reads_history=reads_history))
    settings = config if with_auxiliary else dataclasses.replace(config, auxiliary=0.0)
    begin = time.time()
    validation_auc = train(model, settings, interactions, training, validation, say)
    logits = predict(model, interactions, test)
    metadata = {
        "name": name, **model.config.as_dict(), "dataset": "shop",
        "training": dataclasses.asdict(settings), "validation_auc": round(validation_auc, 6),
        "test_auc": round(metrics.auc(logits, test.label), 6),
        "test_first_is_clicked": round(metrics.first_is_clicked(logits, test.label), 6),
    }
    say(f"{name}: test AUC {metadata['test_auc']:.4f}, the click came first in "
        f"{metadata['test_first_is_clicked']:.1%} of the pages; {time.time() - begin:.0f} s")
    return model, metadata


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="augur_rank.training.train", description=__doc__)
    parser.add_argument("--kind", choices=VARIANTS, required=True)
    parser.add_argument("--out", required=True,
                        help="the .safetensors to write; a .json goes beside it")
    parser.add_argument("--epochs", type=int, default=TrainConfig.epochs)
    parser.add_argument("--batch", type=int, default=TrainConfig.batch)
    parser.add_argument("--rate", type=float, default=TrainConfig.rate)
    parser.add_argument("--auxiliary", type=float, default=TrainConfig.auxiliary,
                        help="the weight of dien's auxiliary loss (default %(default)s)")
    parser.add_argument("--seed", type=int, default=TrainConfig.seed)
    parser.add_argument("--users", type=int, default=shop.ShopConfig.users)
    options = parser.parse_args()
    repeatable.use_one_thread()
    shop_config = shop.ShopConfig(users=options.users)
    catalogue = shop.make_catalogue(shop_config)
    log = shop.make_events(catalogue, shop_config)
    interactions, samples, day = dataset.from_log(catalogue, log)
    config = TrainConfig(epochs=options.epochs, batch=options.batch, rate=options.rate,
                         auxiliary=options.auxiliary, seed=options.seed)

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    model, metadata = train_variant(options.kind, config, shop_config, interactions,
                                    dataset.split_by_day(samples, day), say)
    save_checkpoint(options.out, model, metadata)
    return 0


if __name__ == "__main__":
    sys.exit(main())
