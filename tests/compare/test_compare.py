"""bench/compare without other runtimes: a small race of Augur alone, its table and its chart."""

import json
import os
import sys
import tempfile
import unittest
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "bench", "compare"))

import make_models  # noqa: E402
import prepare  # noqa: E402
import race  # noqa: E402
import report  # noqa: E402
from contenders import ENGINES, FORMS, chunk_of, contenders_of  # noqa: E402

OPTIONS = race.Options(rounds=2, requests=1, least_seconds=0, most_seconds=0.01, real_time=False)


class RaceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        prepare.WORK, prepare.BUILD = folder.name, os.environ["AUGUR_BUILD_FOLDER"]

    def measure(self, case):
        prepared = prepare.Prepared(engines=["augur"])
        prepare.models(prepared, [case])
        config, counts = make_models.parse_case(case)
        cell = race.race(prepared, config, counts[0], OPTIONS, 1)
        self.assertEqual(prepared.left_out, [])
        return cell

    def test_scores_are_those_of_float64(self):
        for case in ("mlp-36-5:3", "bilinear-12-5:1"):
            cell = self.measure(case)
            by_kind = {c["kind"]: c for c in cell["contenders"]}
            self.assertLess(by_kind["f32"]["worst_score_error"], 1e-6, case)
            self.assertLess(by_kind["int8"]["worst_score_error"], 1e-2, case)
            self.assertGreater(by_kind["int8"]["worst_score_error"], 1e-6, case)
            for contender in cell["contenders"]:
                self.assertEqual(len(contender["rounds_us"]), 2)
                self.assertGreater(contender["median_us"], cell["bound_us"][contender["kind"]] / 2)
                self.assertGreaterEqual(contender["requests"], 2 * 3)

    def test_a_contender_that_does_not_start_is_left_out(self):
        prepared = prepare.Prepared(engines=["augur"])
        prepare.models(prepared, ["mlp-12-5:1"])
        config, _ = make_models.parse_case("mlp-12-5:1")
        model = contenders_of(config, 1, ["augur"])[1].model
        with open(os.path.join(prepare.WORK, "models", model), "w", encoding="utf-8") as file:
            file.write("no model")
        cell = race.race(prepared, config, 1, OPTIONS, 1)
        self.assertEqual([c["name"] for c in cell["contenders"]], ["Augur f32"])
        self.assertIn("Augur int8, mlp-12-5, N=1: did not start", prepared.left_out[0])


class ContendersTest(unittest.TestCase):
    def test_models_have_names_of_their_own(self):
        config, _ = make_models.parse_case("mlp-36-100:1")
        for engine in ENGINES:
            names = [c.model for c in contenders_of(config, 10, [engine]) if c.model]
            self.assertEqual(len(names), len(set(names)), names)

    def test_versions_are_pinned(self):
        for engine in ENGINES.values():
            if engine.package:
                self.assertRegex(prepare.version(engine), r"^\d", engine.key)
        self.assertEqual({form.engine for form in FORMS}, set(ENGINES))

    def test_chunks_divide_the_steps(self):
        self.assertEqual([chunk_of(steps, 25) for steps in (1000, 100, 30, 7, 29)], [25, 25, 15, 7, 1])

    def test_cases(self):
        config, counts = make_models.parse_case("bilinear-128-100:1,500")
        self.assertEqual((config.attention, config.hidden, config.steps, counts), ("bilinear", 128, 100, [1, 500]))
        for wrong in ("mlp-36:1", "mlp-36-100", "gru-36-100:1"):
            with self.assertRaises(ValueError):
                make_models.parse_case(wrong)


class ReportTest(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(HERE, "results.json"), encoding="utf-8") as file:
            self.results = json.load(file)

    def test_table(self):
        table = report.table(self.results)
        self.assertIn("| Augur f32 | 100 (0.50 of the bound) | 1 000 (0.80 of the bound) |", table)
        # The fastest restructured form counts, and the ratio is the median of the rounds' ratios.
        self.assertIn("| LiteRT 2.3.0 f32 | 250 (2.50 ×, unrolled) | 1 900 (1.90 ×, unrolled) |", table)
        self.assertIn("| the best plain export | 900 (9.0 ×, LiteRT) | - |", table)
        self.assertIn("before the best other, f32** | 2.50 × LiteRT f32 | 1.90 × LiteRT f32 |", table)
        self.assertIn("before the best other, int8 or f32** | 5.00 × LiteRT f32 | 4.00 × LiteRT int8 |", table)
        self.assertIn("- MNN 3.6.1: not installed", table)
        self.assertIn("| LiteRT, C API | 8 039 416 |", table)

    def test_chart(self):
        root = xml.etree.ElementTree.fromstring(report.chart(self.results))
        texts = [element.text for element in root.iter() if element.tag.endswith("text")]
        self.assertIn("mlp, H = 36, T = 100, N = 1", texts)
        self.assertEqual(texts.count("Augur int8"), 2)
        rectangles = [e for e in root.iter() if e.tag.endswith("rect") and e.get("fill-opacity")]
        self.assertEqual(len(rectangles), 9)


if __name__ == "__main__":
    unittest.main()
