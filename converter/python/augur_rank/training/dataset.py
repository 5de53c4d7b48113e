"""Samples for training and testing: candidates shown at a moment, with what was clicked before.

A sample does not hold its history. It holds its place among its user's events; the newest `max_length`
events before that place are its history.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..arrays import Array
from .shop import DAYS, Catalogue, EventLog

VALIDATION_FROM = DAYS - 14  # days of the week before the last: validation, to choose the epoch
TEST_FROM = DAYS - 7  # days of the last week: test only


@dataclass(frozen=True)
class Interactions:
    """Clicked items, by user and then by time.

    item: int64 [events]; start: int64 [users + 2], so that user u's events are
    item[start[u]:start[u + 1]] (u counts from 1); category_of: int64 [items + 1].
    """

    item: Array
    start: Array
    category_of: Array


@dataclass(frozen=True)
class Samples:
    """user, end: int64 [n], the history lies before event `end`; item, label: [n, candidates]."""

    user: Array
    end: Array
    item: Array
    label: Array

    def __len__(self) -> int:
        return len(self.user)

    def take(self, rows: Array) -> "Samples":
        """The samples of these rows, int64 [rows], in their order."""
        return Samples(self.user[rows], self.end[rows], self.item[rows], self.label[rows])


@dataclass(frozen=True)
class Batch:
    """user, length: [b]; hist_*: [b, longest], newest last, then zeros; cand_*, label: [b, c].

    next_negative: [b, longest] items that were not the next behaviour (auxiliary loss), or None.
    """

    user: Array
    length: Array
    hist_item: Array
    hist_category: Array
    cand_item: Array
    cand_category: Array
    label: Array
    next_negative: Optional[Array] = None
    next_negative_category: Optional[Array] = None


def from_log(catalogue: Catalogue, log: EventLog) -> tuple[Interactions, Samples, Array]:
    """Returns the clicks, one sample for every page shown, and each sample's day."""
    users = int(log.user.max())
    start = np.searchsorted(log.user, np.arange(users + 2))
    interactions = Interactions(log.clicked_item(), start, catalogue.category_of_item())
    label = np.zeros(log.page.shape, dtype=np.float32)
    label[np.arange(len(label)), log.clicked] = 1
    samples = Samples(log.user, np.arange(len(log.user)), log.page, label)
    return interactions, samples, log.day


def split_by_day(samples: Samples, day: Array) -> tuple[Samples, Samples, Samples]:
    """Training, validation and test samples; the test days come after the training days."""
    train = np.flatnonzero(day < VALIDATION_FROM)
    validation = np.flatnonzero((day >= VALIDATION_FROM) & (day < TEST_FROM))
    test = np.flatnonzero(day >= TEST_FROM)
    return samples.take(train), samples.take(validation), samples.take(test)


def lengths(interactions: Interactions, samples: Samples, max_length: int) -> Array:
    """int64 [samples]: how many events of each history are kept."""
    kept: Array = np.minimum(samples.end - interactions.start[samples.user], max_length)
    return kept


def make_batch(interactions: Interactions, samples: Samples, max_length: int) -> Batch:
    """One batch of these samples, without negatives."""
    length = lengths(interactions, samples, max_length)
    longest = max(1, int(length.max()))
    step = np.arange(longest)
    event = (samples.end - length)[:, None] + step
    real = step < length[:, None]
    hist_item = np.where(real, interactions.item[np.where(real, event, 0)], 0)
    category_of = interactions.category_of
    return Batch(samples.user, length, hist_item, category_of[hist_item], samples.item,
                 category_of[samples.item], samples.label)


def with_negatives(batch: Batch, interactions: Interactions, draw: np.random.Generator) -> Batch:
    """Adds one random item for each step of the history, as the one that was not clicked next."""
    items = len(interactions.category_of) - 1
    negative = draw.integers(1, items + 1, size=batch.hist_item.shape)
    return Batch(batch.user, batch.length, batch.hist_item, batch.hist_category, batch.cand_item,
                 batch.cand_category, batch.label, negative, interactions.category_of[negative])


def thin_candidates(samples: Samples, negatives: int, draw: np.random.Generator) -> Samples:
    """Keeps the click of each sample and `negatives` others, drawn without replacement."""
    order = draw.random(samples.label.shape) - 2 * samples.label  # clicks sort first
    kept = np.argsort(order, axis=1)[:, :1 + negatives]
    return Samples(samples.user, samples.end, np.take_along_axis(samples.item, kept, 1),
                   np.take_along_axis(samples.label, kept, 1))


def batches(interactions: Interactions, samples: Samples, max_length: int, size: int,
            draw: Optional[np.random.Generator] = None) -> Iterator[Batch]:
    """Yields batches: in order, or with `draw` shuffled, histories of like length together."""
    rows = np.arange(len(samples))
    if draw is None:
        chosen = [rows[i:i + size] for i in range(0, len(rows), size)]
    else:
        draw.shuffle(rows)
        length, chosen = lengths(interactions, samples, max_length), []
        for i in range(0, len(rows), size * 16):
            group = rows[i:i + size * 16]
            group = group[np.argsort(length[group], kind="stable")]
            chosen += [group[j:j + size] for j in range(0, len(group), size)]
        draw.shuffle(chosen)
    for batch_rows in chosen:
        yield make_batch(interactions, samples.take(batch_rows), max_length)
