"""A synthetic shop with a fixed seed: its catalogue, and visitors whose interests drift.

Each visitor has an *interest of the moment*: a category within a department, a style and a price
level. It persists, moves on to the complement (tent, then sleeping bag, then stove), or switches
at once to another department that the visitor likes. Before each click the shop shows a page of
items, taken from the category of the moment, from what the visitor liked at other times and from
what sells well. So long-term taste explains little of which item is clicked. The interest of the
moment explains it, and only the order of the earlier clicks shows that interest.

All randomness comes from random.Random.random(), whose stream Python guarantees for a seed, and
all arithmetic is + - * / on doubles: the log is the same, bit for bit, on every machine.
"""

import random
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array
from .words import DEPARTMENTS, MODEL_NAMES

PAGE_SIZE = 8
DAYS = 90
STYLES = 4
PRICE_LEVELS = 3


@dataclass(frozen=True)
class ShopConfig:
    """Sizes and behaviour of the shop. Probabilities are per click."""

    seed: int = 1809
    users: int = 6000
    items_per_category: int = 110
    shortest: int = 12  # clicks of a visitor over all days
    longest: int = 80
    switch: float = 0.11  # a sudden switch of department
    complement: float = 0.30  # the next category of the same journey
    restyle: float = 0.08
    reprice: float = 0.10


@dataclass(frozen=True)
class Item:
    """One product of the catalogue."""

    key: str  # the shop's own name of it, which requests use: "tents-17"
    name: str
    category: int  # 1-based id
    style: int
    price_level: int
    price: int


@dataclass(frozen=True)
class Category:
    """A kind of product, and its place in the journey of its department."""

    name: str
    department: int  # 0-based
    stage: int  # its place in the department's journey


@dataclass(frozen=True)
class Catalogue:
    """Lists indexed by id - 1; id 0 is padding."""

    items: tuple[Item, ...]
    categories: tuple[Category, ...]

    def item(self, item_id: int) -> Item:
        """The item with this id, from 1."""
        return self.items[item_id - 1]

    def category(self, category_id: int) -> Category:
        """The category with this id, from 1."""
        return self.categories[category_id - 1]

    def category_of_item(self) -> Array:
        """int64 [items + 1], 0 at the padding row."""
        return np.array([0] + [item.category for item in self.items], dtype=np.int64)

    def keys(self) -> dict[int, str]:
        """Each item's key by its id, which is the row of the model's table."""
        return {row: item.key for row, item in enumerate(self.items, 1)}


@dataclass(frozen=True)
class EventLog:
    """One row per click, ordered by user, then by time.

    user, day: int64 [events]; page: int64 [events, PAGE_SIZE] item ids; clicked: int64 [events],
    the column of the page; chance: float64 [events, PAGE_SIZE], the probability with which each
    item of the page was clicked, given the visitor's hidden interest (an upper bound for models).
    """

    user: Array
    day: Array
    page: Array
    clicked: Array
    chance: Array

    def clicked_item(self) -> Array:
        """int64 [events]: the id of the item that was clicked."""
        clicked: Array = self.page[np.arange(len(self.page)), self.clicked]
        return clicked


class Draws:
    """Random choices that use only random()."""

    def __init__(self, seed: int):
        self.random = random.Random(seed).random

    def below(self, n: int) -> int:
        """A number from 0 to n - 1."""
        return int(self.random() * n)

    def between(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return low + self.below(high - low + 1)

    def shuffle(self, values: list[Any]) -> None:
        """Puts the list into a random order, in place."""
        for i in range(len(values) - 1, 0, -1):
            j = self.below(i + 1)
            values[i], values[j] = values[j], values[i]

    def weighted(self, weights: list[float]) -> int:
        """An index, each with a probability in proportion to its weight."""
        rest = self.random() * sum(weights)
        for i, weight in enumerate(weights):
            rest -= weight
            if rest < 0:
                return i
        return len(weights) - 1


def make_catalogue(config: ShopConfig) -> Catalogue:
    """The shop's items and categories; the seed decides their names, prices and order."""
    draws = Draws(config.seed)
    categories, items = [], []
    for department_index, department in enumerate(DEPARTMENTS):
        for stage, words in enumerate(department.categories):
            categories.append(Category(words.name, department_index, stage))
            models = list(MODEL_NAMES[department.models])
            if config.items_per_category > len(models) * len(words.kinds):
                raise ValueError(
                    f"{words.name}: not enough names for {config.items_per_category} items")
            draws.shuffle(models)
            for i in range(config.items_per_category):
                kind = words.kinds[i % len(words.kinds)]
                style, level = draws.below(STYLES), draws.below(PRICE_LEVELS)
                label = f"{department.styles[style]} {kind}".strip()
                name = f"{label[0].upper()}{label[1:]} '{models[i // len(words.kinds)]}'"
                share = (level + draws.random()) / PRICE_LEVELS
                price = words.lowest_price + int(share * (words.highest_price - words.lowest_price))
                key = f"{words.name.lower().replace(' ', '-')}-{i + 1}"
                items.append(Item(key, name, len(categories), style, level, price))
    draws.shuffle(items)  # so that an item's id says nothing about its category
    return Catalogue(tuple(items), tuple(categories))


@dataclass
class _Interest:
    department: int
    stage: int
    style: int
    price_level: int


class _Visitor:
    """A visitor's lasting taste, and the interest of the moment that drifts around it."""

    def __init__(self, draws: Draws, config: ShopConfig):
        self.draws, self.config = draws, config
        departments = list(range(len(DEPARTMENTS)))
        draws.shuffle(departments)
        self.favourites = departments[: draws.between(2, 4)]
        self.style, self.price_level = draws.below(STYLES), draws.below(PRICE_LEVELS)
        self.interest = _Interest(0, 0, 0, 0)
        self._enter(self.favourites[0])

    def _enter(self, department: int) -> None:
        draws = self.draws
        stage = 0 if draws.random() < 0.6 else draws.below(4)
        style = self.style if draws.random() < 0.5 else draws.below(STYLES)
        level = self.price_level if draws.random() < 0.5 else draws.below(PRICE_LEVELS)
        self.interest = _Interest(department, stage, style, level)

    def _switch(self) -> None:
        choices = self.favourites if self.draws.random() < 0.85 else range(len(DEPARTMENTS))
        others = [d for d in choices if d != self.interest.department]
        self._enter(others[self.draws.below(len(others))])

    def drift(self) -> None:
        draws, config, interest = self.draws, self.config, self.interest
        draw = draws.random()
        if draw < config.switch:
            self._switch()
        elif draw < config.switch + config.complement:
            if interest.stage == 3:
                self._switch()  # the journey is complete
            else:
                interest.stage += 1
        if draws.random() < config.restyle:
            interest.style = draws.below(STYLES)
        if draws.random() < config.reprice:
            step = 1 if draws.random() < 0.5 else -1
            interest.price_level = min(max(interest.price_level + step, 0), PRICE_LEVELS - 1)


class _Shelf:
    """Which items are where, and how well each sells."""

    def __init__(self, catalogue: Catalogue, draws: Draws):
        self.by_place: dict[tuple[int, int], list[int]] = {}
        for item_id, item in enumerate(catalogue.items, start=1):
            category = catalogue.category(item.category)
            self.by_place.setdefault((category.department, category.stage), []).append(item_id)
        self.appeal = [0.0] + [0.6 + 0.8 * draws.random() for _ in catalogue.items]

    def draw(self, draws: Draws, place: tuple[int, int]) -> int:
        items = self.by_place[place]
        spread = draws.random()
        return items[int(spread * spread * len(items))]  # the first items of a shelf are shown most


def _show_page(draws: Draws, shelf: _Shelf, visitor: _Visitor) -> list[int]:
    now = visitor.interest
    places = [(now.department, now.stage), (now.department, now.stage),
              (now.department, draws.below(4))]
    for _ in range(3):
        places.append((visitor.favourites[draws.below(len(visitor.favourites))], draws.below(4)))
    for _ in range(2):
        places.append((draws.below(len(DEPARTMENTS)), draws.below(4)))
    page: list[int] = []
    for place in places:
        item = shelf.draw(draws, place)
        while item in page:
            item = shelf.draw(draws, place)
        page.append(item)
    draws.shuffle(page)
    return page


def _click_weight(item: Item, category: Category, interest: _Interest) -> float:
    weight = 1.0
    if category.department == interest.department:
        ahead = category.stage - interest.stage
        weight *= 40.0 if ahead == 0 else 5.0 if ahead == 1 else 2.0
    if item.style == interest.style:
        weight *= 3.0
    return weight / (1 + abs(item.price_level - interest.price_level))


def make_events(catalogue: Catalogue, config: ShopConfig) -> EventLog:
    """The clicks of all visitors over all days."""
    draws = Draws(config.seed + 1)
    shelf = _Shelf(catalogue, draws)
    users, days, pages, clicks, chances = [], [], [], [], []
    for user in range(1, config.users + 1):
        visitor = _Visitor(draws, config)
        count = draws.between(config.shortest, config.longest)
        for day in sorted(draws.below(DAYS) for _ in range(count)):
            visitor.drift()
            page = _show_page(draws, shelf, visitor)
            weights = []
            for item_id in page:
                item = catalogue.item(item_id)
                match = _click_weight(item, catalogue.category(item.category), visitor.interest)
                weights.append(match * shelf.appeal[item_id])
            total = sum(weights)
            users.append(user)
            days.append(day)
            pages.append(page)
            clicks.append(draws.weighted(weights))
            chances.append([weight / total for weight in weights])
    return EventLog(np.array(users, dtype=np.int64), np.array(days, dtype=np.int64),
                    np.array(pages, dtype=np.int64), np.array(clicks, dtype=np.int64),
                    np.array(chances, dtype=np.float64))
