"""Finds visitors for the demo: a clear interest, then three behaviours that change it.

The visitor, the department that follows and the three behaviours are chosen by a search. So this shows
what evolution of interest looks like; it does not show how well a model ranks, which is measured on the
test pages.
"""

from typing import Callable

from ..arrays import Array, Json
from .dataset import Interactions, Samples
from .request_file import make_request
from .shop import Catalogue, Draws
from .words import DEPARTMENTS

TOP = 10
PER_CATEGORY = 4
Scorer = Callable[[Json], Array]


def _department(catalogue: Catalogue, item: int) -> int:
    return catalogue.category(catalogue.item(item).category).department


def _share_of_top(catalogue: Catalogue, request: Json, score: Scorer, department: int) -> int:
    items, scores = request["candidates"]["item"], score(request)
    best = sorted(range(len(items)), key=lambda i: (-scores[i], i))[:TOP]
    return sum(_department(catalogue, items[i]) == department for i in best)


def _candidates(catalogue: Catalogue, draws: Draws, known: set[int]) -> list[int]:
    """A few items of every category, none of which the visitor has clicked."""
    chosen: list[int] = []
    for category in range(1, len(catalogue.categories) + 1):
        shelf = [i for i, item in enumerate(catalogue.items, 1)
                 if item.category == category and i not in known]
        draws.shuffle(shelf)
        chosen += shelf[:PER_CATEGORY]
    draws.shuffle(chosen)
    return chosen


def _new_behaviours(catalogue: Catalogue, draws: Draws, department: int, style: int) -> list[int]:
    """Two looks at the first category of the department's journey, then one at the next category."""
    def shelf(stage: int) -> list[int]:
        return [i for i, item in enumerate(catalogue.items, 1)
                if catalogue.category(item.category).department == department
                and catalogue.category(item.category).stage == stage and item.style == style]

    first, second = shelf(0), shelf(1)
    draws.shuffle(first)
    draws.shuffle(second)
    return first[:2] + second[:1]


def find(catalogue: Catalogue, interactions: Interactions, samples: Samples, score: Scorer,
         count: int, seed: int) -> list[tuple[Json, Json]]:
    """Returns (request before, request after) for `count` visitors of different departments.

    `samples` are moments at which the visitor's history ends. Of the first 150 whose last six
    behaviours lie in one department, those are taken whose ranking changes the most.
    """
    draws, found, seen = Draws(seed), [], set()
    for user, end in zip(samples.user, samples.end):
        history = [int(i) for i in interactions.item[interactions.start[user]:end]]
        if user in seen or not 14 <= len(history) <= 24:
            continue
        now = _department(catalogue, history[-1])
        if any(_department(catalogue, item) != now for item in history[-6:]):
            continue
        seen.add(user)
        visited = {_department(catalogue, item) for item in history}
        unknown = [d for d in range(len(DEPARTMENTS)) if d not in visited]
        if len(visited) < 2 or not unknown:
            continue
        following = unknown[draws.below(len(unknown))]
        added = _new_behaviours(catalogue, draws, following, catalogue.item(history[-1]).style)
        candidates = _candidates(catalogue, draws, set(history + added))
        before = make_request("before", user, history, candidates, interactions.category_of)
        after = make_request("after", user, history + added, candidates, interactions.category_of)
        change = (_share_of_top(catalogue, before, score, now)
                  + _share_of_top(catalogue, after, score, following))
        found.append((-change, int(user), now, following, before, after))
        if len(found) == 150:
            break
    chosen: list[tuple[Json, Json]] = []
    used: set[int] = set()
    for _, _, now, following, before, after in sorted(found, key=lambda row: row[:4]):
        if len(chosen) < count and now not in used and following not in used:
            used |= {now, following}
            name = f"{DEPARTMENTS[now].name}-then-{DEPARTMENTS[following].name}"
            name = name.lower().replace(" ", "-")
            chosen.append(({**before, "id": f"{name}.before"}, {**after, "id": f"{name}.after"}))
    return chosen
