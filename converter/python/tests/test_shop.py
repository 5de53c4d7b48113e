"""The synthetic shop: deterministic, in range, and such that the order of clicks tells something."""

import random
import unittest

import numpy as np

from augur_rank.training import dataset, metrics, shop

SMALL = shop.ShopConfig(users=120)


class ShopTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.catalogue = shop.make_catalogue(SMALL)
        cls.log = shop.make_events(cls.catalogue, SMALL)

    def test_one_seed_makes_one_shop(self):
        self.assertEqual(self.catalogue, shop.make_catalogue(SMALL))
        again = shop.make_events(self.catalogue, SMALL)
        for name in ("user", "day", "page", "clicked", "chance"):
            np.testing.assert_array_equal(getattr(self.log, name), getattr(again, name))

    def test_another_seed_makes_another(self):
        other = shop.ShopConfig(users=120, seed=SMALL.seed + 1)
        self.assertNotEqual(self.catalogue, shop.make_catalogue(other))
        log = shop.make_events(self.catalogue, other)
        self.assertNotEqual(self.log.page[:20].tolist(), log.page[:20].tolist())

    def test_does_not_touch_the_global_generators(self):
        random.seed(4)
        expected = random.random()
        random.seed(4)
        shop.make_events(self.catalogue, shop.ShopConfig(users=2))
        self.assertEqual(random.random(), expected)

    def test_the_random_stream_is_the_one_the_assets_were_made_with(self):
        draws = shop.Draws(1809)
        self.assertEqual([draws.below(1000) for _ in range(6)], [754, 978, 548, 953, 112, 324])

    def test_names_are_unique_and_short_enough_for_a_terminal(self):
        names = [item.name for item in self.catalogue.items]
        self.assertEqual(len(set(names)), len(names))
        self.assertLessEqual(max(map(len, names)), 50)

    def test_too_many_items_for_the_words_are_refused(self):
        with self.assertRaisesRegex(ValueError, "not enough names"):
            shop.make_catalogue(shop.ShopConfig(items_per_category=1000))

    def test_pages_are_in_range_and_hold_each_item_once(self):
        log = self.log
        self.assertGreaterEqual(log.page.min(), 1)
        self.assertLessEqual(log.page.max(), len(self.catalogue.items))
        self.assertTrue(all(len(set(page)) == shop.PAGE_SIZE for page in log.page.tolist()))
        self.assertTrue(((log.clicked >= 0) & (log.clicked < shop.PAGE_SIZE)).all())
        np.testing.assert_allclose(log.chance.sum(axis=1), 1)

    def test_events_are_ordered_by_user_then_day(self):
        order = self.log.user * shop.DAYS + self.log.day
        self.assertTrue((np.diff(order) >= 0).all())

    def test_the_last_click_tells_more_than_the_whole_history(self):
        """A rule of thumb that reads only the newest click beats one that counts all clicks."""
        interactions, samples, _ = dataset.from_log(self.catalogue, self.log)
        samples = samples.take(np.flatnonzero(dataset.lengths(interactions, samples, 50) >= 10))
        department = np.array([-1] + [self.catalogue.category(i.category).department
                                      for i in self.catalogue.items])
        batch = dataset.make_batch(interactions, samples, 50)
        seen = department[batch.hist_item]
        shown = department[batch.cand_item]
        newest = seen[np.arange(len(seen)), batch.length - 1]
        by_newest = (shown == newest[:, None]).astype(float)
        by_count = (seen[:, None, :] == shown[:, :, None]).mean(axis=2)
        newest_auc = metrics.auc(by_newest, samples.label)
        self.assertGreater(newest_auc, metrics.auc(by_count, samples.label) + 0.05)
        self.assertGreater(newest_auc, 0.6)


class DatasetTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        catalogue = shop.make_catalogue(SMALL)
        log = shop.make_events(catalogue, SMALL)
        cls.interactions, cls.samples, cls.day = dataset.from_log(catalogue, log)

    def test_a_history_holds_what_the_user_clicked_before(self):
        samples, interactions = self.samples, self.interactions
        rows = np.array([0, 1, 40, len(samples) - 1])
        batch = dataset.make_batch(interactions, samples.take(rows), 5)
        for i, row in enumerate(rows):
            user = samples.user[row]
            clicks = [int(samples.item[r][samples.label[r] > 0][0]) for r in range(row)
                      if samples.user[r] == user][-5:]
            self.assertEqual(batch.hist_item[i, :batch.length[i]].tolist(), clicks)
            self.assertTrue((batch.hist_item[i, batch.length[i]:] == 0).all())

    def test_tests_lie_later_than_training(self):
        training, validation, test = dataset.split_by_day(self.samples, self.day)
        self.assertEqual(len(training) + len(validation) + len(test), len(self.samples))
        day_of = dict(zip(self.samples.end.tolist(), self.day.tolist()))
        latest = [max(day_of[e] for e in part.end.tolist()) for part in (training, validation)]
        earliest = [min(day_of[e] for e in part.end.tolist()) for part in (validation, test)]
        self.assertLess(latest[0], earliest[0])
        self.assertLess(latest[1], earliest[1])

    def test_thinning_keeps_the_click(self):
        thin = dataset.thin_candidates(self.samples, 3, np.random.default_rng(0))
        self.assertEqual(thin.item.shape, (len(self.samples), 4))
        np.testing.assert_array_equal(thin.item[:, 0], self.samples.item[self.samples.label > 0])
        self.assertTrue((thin.label.sum(axis=1) == 1).all())

    def test_shuffled_batches_hold_every_sample_once(self):
        draw = np.random.default_rng(3)
        found = [batch.cand_item for batch in
                 dataset.batches(self.interactions, self.samples, 50, 64, draw)]
        found = np.concatenate(found)
        self.assertEqual(sorted(map(tuple, found.tolist())),
                         sorted(map(tuple, self.samples.item.tolist())))
        self.assertNotEqual(found.tolist(), self.samples.item.tolist())


class MetricsTest(unittest.TestCase):
    def test_auc_counts_pairs(self):
        draw = np.random.default_rng(1)
        scores, labels = draw.integers(0, 9, 80), draw.integers(0, 2, 80)
        pairs = [(p > n) + 0.5 * (p == n) for p in scores[labels == 1] for n in scores[labels == 0]]
        self.assertAlmostEqual(metrics.auc(scores, labels), np.mean(pairs), places=12)

    def test_auc_needs_both_classes(self):
        with self.assertRaises(ValueError):
            metrics.auc(np.array([1.0, 2.0]), np.array([1, 1]))


if __name__ == "__main__":
    unittest.main()
