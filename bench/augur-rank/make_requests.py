#!/usr/bin/env python3
"""Writes random requests for the shop's model (examples/shop), to measure augur-rank with many of them.

    python3 bench/augur-rank/make_requests.py [--count 1000000] [--candidates 10] [--events 5-20] [--seed 1] >requests.jsonl

The same arguments give the same bytes. docs/performance.md has the commands.
"""
import argparse
import pathlib
import random
import sys

CATALOGUE = pathlib.Path(__file__).resolve().parents[2] / "examples/shop/catalogue.tsv"
USERS = 6000


def columns(rows):
    items = ", ".join(f'"{item}"' for item, _ in rows)
    categories = ", ".join(category for _, category in rows)
    return f'{{"item": [{items}], "category": [{categories}]}}'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--candidates", type=int, default=10)
    parser.add_argument("--events", default="5-20", help="how many the history has, at random")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    fewest, most = map(int, options.events.split("-"))
    lines = CATALOGUE.read_text().splitlines()[1:]
    catalogue = [line.split("\t")[:2] for line in lines]
    draw = random.Random(options.seed)
    for number in range(options.count):
        history = draw.choices(catalogue, k=draw.randint(fewest, most))
        candidates = draw.choices(catalogue, k=options.candidates)
        sys.stdout.write(f'{{"id": "r{number}", "features": {{"user": {draw.randint(1, USERS)}}}, '
                         f'"history": {columns(history)}, "candidates": {columns(candidates)}}}\n')


if __name__ == "__main__":
    main()
