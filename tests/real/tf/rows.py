"""Random rows of all features that the models of this folder have. Python 2.7 to 3.14."""
from __future__ import division, print_function

import numpy as np

LONGEST = 8
ROWS = {"user": 40, "gender": 3, "item": 60, "cate": 9, "shop": 7, "genres": 9}
CATEGORY = np.random.RandomState(7).randint(1, ROWS["cate"], ROWS["item"])


def columns(draw, count, shortest=0):
    """Each column by its name; histories of every length, padded behind with 0. And clicks, by the latest events."""
    length = draw.randint(shortest, LONGEST + 1, count)
    length[:3] = shortest, 1, LONGEST
    real = np.arange(LONGEST) < length[:, None]
    found = {"seq_length": length.astype(np.int32), "score": draw.normal(size=count), "price": draw.normal(size=count),
             "image": draw.normal(size=(count, 3))}
    for name in ("user", "gender", "item", "shop"):
        found[name] = draw.randint(0 if name in ("user", "gender") else 1, ROWS[name], count)
    past, unclicked = (draw.randint(1, ROWS["item"], (count, LONGEST)) for _ in range(2))
    found["cate"] = CATEGORY[found["item"]]
    for prefix, items in (("hist_", past), ("neg_hist_", unclicked)):
        found[prefix + "item"], found[prefix + "cate"] = items * real, CATEGORY[items] * real
        found[prefix + "shop"] = draw.randint(1, ROWS["shop"], (count, LONGEST)) * real
    genres = draw.randint(1, 5, count)
    found["genres"] = draw.randint(1, ROWS["genres"], (count, 4)) * (np.arange(4) < genres[:, None])
    found["genres_length"] = genres.astype(np.int32)
    late = np.arange(LONGEST) >= length[:, None] - 2
    same = (found["hist_cate"] == found["cate"][:, None]) * np.where(late, 2.0, 0.4)
    chance = 1 / (1 + np.exp(-(2 * same.sum(1) - 1 + 0.8 * (found["user"] % 3 - 1) + found["score"])))
    return found, (draw.uniform(size=count) < chance).astype(np.float32)


def reversed_histories(found):
    """The same rows with the events of each history in the opposite order."""
    turned = dict(found)
    for name in found:
        if name.startswith("hist_"):
            turned[name] = found[name].copy()
            for row, length in enumerate(found["seq_length"]):
                turned[name][row, :length] = found[name][row, :length][::-1]
    return turned
