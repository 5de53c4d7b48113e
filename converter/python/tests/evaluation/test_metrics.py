"""The metrics against the same by brute force, over all pairs, all permutations and plain loops, with ties."""

import itertools
import math
import unittest

import numpy as np

from augur_rank.evaluation import metrics


def pairs_auc(scores, labels):
    """The share of pairs in the right order."""
    clicked, others = [s for s, y in zip(scores, labels) if y], [s for s, y in zip(scores, labels) if not y]
    pairs = [(a > b) + 0.5 * (a == b) for a in clicked for b in others]
    return sum(pairs) / len(pairs) if pairs else math.nan


def dcg(labels, k):
    return sum(label / math.log2(place + 2) for place, label in enumerate(labels[:k]))


def permuted_ndcg(scores, labels, k):
    """The mean over all orders that sort the scores."""
    ideal = dcg(sorted(labels, reverse=True), k)
    if not ideal:
        return math.nan
    found = []
    for order in itertools.permutations(range(len(scores))):
        if all(scores[a] >= scores[b] for a, b in zip(order, order[1:])):
            found.append(dcg([labels[at] for at in order], k) / ideal)
    return sum(found) / len(found)


def cases(count):
    """(scores with many ties, labels, sorted groups of 0 to 6 candidates), some groups with labels of one kind."""
    for seed in range(count):
        rng = np.random.default_rng(seed)
        sizes = rng.integers(0, 7, 12)
        groups = np.repeat(np.arange(12), sizes)
        scores = (rng.integers(0, 4, groups.size) / 4).astype(np.float32) - 0.5
        labels = rng.integers(0, 2, groups.size).astype(float)
        yield scores, labels, groups


class AgainstBruteForce(unittest.TestCase):
    def test_auc(self):
        for scores, labels, _ in cases(30):
            self.assertAlmostEqual(metrics.area_under_curve(scores, labels), pairs_auc(scores, labels), places=12)
        for labels in ([], [1], [0, 0], [1, 1]):
            self.assertTrue(math.isnan(metrics.area_under_curve(np.zeros(len(labels)), np.array(labels))))
        self.assertTrue(math.isnan(metrics.area_under_curve(np.array([1, np.nan]), np.array([1, 0]))))

    def test_grouped_auc(self):
        for scores, labels, groups in cases(30):
            shuffled = np.random.default_rng(1).permutation(groups.size)
            found = metrics.grouped_auc(scores[shuffled], labels[shuffled], groups[shuffled])
            areas = {
                group: pairs_auc(scores[groups == group], labels[groups == group]) for group in set(groups.tolist())
            }
            usable = {group: area for group, area in areas.items() if not math.isnan(area)}
            weights = [int((groups == group).sum()) for group in usable]
            self.assertAlmostEqual(found.value, np.average(list(usable.values()), weights=weights), places=12)
            self.assertEqual((found.groups, found.left_out), (len(usable), len(areas) - len(usable)))
        for labels, left_out in (([], 0), ([1, 1], 1)):
            found = metrics.grouped_auc(np.zeros(len(labels)), np.array(labels), np.zeros(len(labels), int))
            self.assertTrue(math.isnan(found.value))
            self.assertEqual((found.groups, found.left_out), (0, left_out))

    def test_ndcg(self):
        for scores, labels, groups in cases(12):
            for k in (1, 2, 3, 10):
                found = metrics.ndcg(scores, labels, groups, k)
                for group in range(found.size):
                    own = groups == group
                    expected = permuted_ndcg(scores[own].tolist(), labels[own].tolist(), k)
                    np.testing.assert_allclose(found[group], expected, atol=1e-12)
        self.assertEqual(metrics.ndcg(np.empty(0), np.empty(0), np.empty(0, int), 5).shape, (0,))

    def test_ndcg_of_more_places_than_there_are(self):
        scores, labels, requests = np.array([1.0, 3.0, 2.0]), np.array([0, 0, 1]), np.array([0, 0, 0])
        for k in (3, 10**12):  # beyond what an array of k discounts could be
            self.assertAlmostEqual(metrics.ndcg(scores, labels, requests, k)[0], 1 / np.log2(3))

    def test_log_loss(self):
        rng = np.random.default_rng(2)
        logits, labels = rng.normal(0, 3, 50), rng.integers(0, 2, 50)
        chance = 1 / (1 + np.exp(-logits))
        expected = -np.mean(np.where(labels, np.log(chance), np.log(1 - chance)))
        self.assertAlmostEqual(metrics.log_loss(logits, labels), expected, places=12)
        self.assertAlmostEqual(metrics.log_loss(np.array([1000.0, -1000.0]), np.array([0, 1])), 1000)
        self.assertTrue(math.isnan(metrics.log_loss(np.empty(0), np.empty(0))))

    def test_calibration(self):
        rng = np.random.default_rng(3)
        scores, labels = rng.random(1000), rng.integers(0, 2, 1000)
        found = metrics.calibration(scores, labels, 8)
        order = np.argsort(scores)
        expected = 0
        for at, part in enumerate(np.split(order, 8)):
            self.assertEqual(found.counts[at], 125)
            self.assertAlmostEqual(found.mean_scores[at], scores[part].mean(), places=12)
            self.assertAlmostEqual(found.click_rates[at], labels[part].mean(), places=12)
            expected += abs(scores[part].mean() - labels[part].mean()) / 8
        self.assertAlmostEqual(found.error, expected, places=12)

    def test_equal_scores_are_in_one_bin(self):
        for scores, labels, _ in cases(20):
            found = metrics.calibration(scores, labels, 6)
            self.assertEqual(found.counts.sum(), scores.size)
            self.assertTrue(np.all(np.diff(found.mean_scores) > 0))
            self.assertAlmostEqual(np.sum(found.counts * found.click_rates), labels.sum(), places=9)
        one = metrics.calibration(np.full(9, 0.25), np.array([1, 0, 0] * 3), 10)
        self.assertEqual((one.counts.tolist(), one.mean_scores.tolist()), ([9], [0.25]))
        self.assertAlmostEqual(one.error, 1 / 3 - 0.25)
        self.assertEqual(metrics.calibration(np.empty(0), np.empty(0), 3).counts.size, 0)

    def test_the_area_below_the_roc_curve_is_the_auc(self):
        for scores, labels, _ in cases(20):
            others, clicked = metrics.roc_curve(scores, labels)
            steps = np.diff(others) * (clicked[1:] + clicked[:-1]) / 2
            self.assertAlmostEqual(float(steps.sum()), metrics.area_under_curve(scores, labels), places=12)
            self.assertEqual((others[0], clicked[0], others[-1], clicked[-1]), (0, 0, 1, 1))

    def test_top_agreement(self):
        for first, _, groups in cases(20):
            other = np.random.default_rng(9).integers(0, 4, groups.size).astype(np.float32)
            shares = []
            for group in range(12):
                own = np.flatnonzero(groups == group)
                if own.size > 3:
                    best = [set(sorted(own, key=lambda at, s=scores: (-s[at], at))[:3]) for scores in (first, other)]
                    shares.append(len(best[0] & best[1]) / 3)
            self.assertAlmostEqual(metrics.top_agreement(first, other, groups, 3), np.mean(shares), places=12)
        self.assertTrue(math.isnan(metrics.top_agreement(np.ones(3), np.ones(3), np.array([0, 0, 1]), 3)))
        self.assertTrue(math.isnan(metrics.top_agreement(np.empty(0), np.empty(0), np.empty(0, int), 3)))


if __name__ == "__main__":
    unittest.main()
