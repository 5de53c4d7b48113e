"""The format of benchmarks: its page, what checks it, and how scores are compared (scripts/bench_json.py)."""
import copy
import json
import pathlib
import re
import struct
import subprocess
import tempfile
import unittest

from phone import BUILD, MODEL, ROOT
import bench_json

PAGE = (ROOT / "docs/benchmark-json.md").read_text(encoding="utf-8")


def example():
    """The page's example."""
    return json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])


def members(value):
    """The names of all members, however deep."""
    if isinstance(value, list):
        return set().union(*map(members, value)) if value else set()
    return set(value).union(*map(members, value.values())) if isinstance(value, dict) else set()


def names_of(kind):
    """The names that the checker knows."""
    if isinstance(kind, bench_json.List):
        return names_of(kind.of)
    if isinstance(kind, bench_json.Object):
        both = {**kind.needed, **kind.optional}
        return set(both).union(*map(names_of, both.values()))
    return set()


def digest(scores):
    """The bits of docs/benchmark-json.md, written anew."""
    bits = 0xcbf29ce484222325
    for byte in b"".join(struct.pack("<f", score) for score in scores):
        bits = (bits ^ byte) * 0x100000001b3 % 2 ** 64
    return f"{bits:016x}"


class Page(unittest.TestCase):
    def test_the_example_is_right(self):
        bench_json.check(example(), "example")

    def test_every_member_is_on_the_page_and_in_the_example(self):
        prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
        words = set(re.findall(r"[A-Za-z0-9_-]+", " ".join(re.findall(r"`([^`]+)`", prose))))
        known = names_of(bench_json.DOCUMENT)
        self.assertGreater(len(known), 50)
        self.assertEqual(known - words, set())
        self.assertEqual(members(example()) - known, set())
        self.assertEqual(known - members(example()) - {"emulator", "low_power"}, set())
        for value in bench_json.PROGRAMS + bench_json.ANDROID_THERMAL + bench_json.APPLE_THERMAL + bench_json.SOURCES:
            self.assertIn(value, words)

    def test_augur_bench_prints_the_format(self):
        done = subprocess.run([BUILD / "bin/augur-bench", MODEL, "--seconds", "0", "--json"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=True, text=True)
        document = json.loads(done.stdout)
        bench_json.check(document, "augur-bench")
        self.assertEqual(members(document) - names_of(bench_json.DOCUMENT), set())
        samples = [struct.unpack("<f", struct.pack("<f", score))[0]
                   for score in document["runs"][0]["cases"][1]["scores"]["samples"]]
        self.assertEqual(len(samples), 10)
        self.assertEqual(digest(samples), document["runs"][0]["cases"][1]["scores"]["bits"])
        self.assertAlmostEqual(sum(samples), document["runs"][0]["cases"][1]["scores"]["sum"], places=12)
        weighted = sum(score * (i % 17) / 16 for i, score in enumerate(samples))
        self.assertAlmostEqual(weighted, document["runs"][0]["cases"][1]["scores"]["weighted_sum"], places=12)


# A change of the example, as the path of a member and its new value (None: it goes away), and what the message says.
WRONG = [
    (["format"], "other", 'x: format: expected one of "augur-benchmark"; came "other"'),
    (["version"], 2, "x: version: expected one of 1; came 2"),
    (["version"], True, "x: version: expected one of 1; came true"),
    (["program"], "bench", "x: program: expected one of"),
    (["augur"], "0.6", "x: augur: expected a version such as 0.6.0"),
    (["seed"], -1, "x: seed: expected a whole number from 0 on, came -1"),
    (["seed"], 1.5, "x: seed: expected a whole number"),
    (["device"], None, "x: device: is missing"),
    (["device"], "phone", 'x: device: expected an object, came "phone"'),
    (["device", "system"], "", "x: device.system: expected a name"),
    (["device", "emulator"], 1, "x: device.emulator: expected one of true, false; came 1"),
    (["device", "core_kinds", 0, "cores"], [], "x: device.core_kinds[0].cores: expected a list of 1 at least"),
    (["model", "id"], "9F" * 32, "x: model.id: expected 64 hexadecimal digits"),
    (["runs"], [], "x: runs: expected a list of 1 at least"),
    (["runs", 0, "pace_ms"], -1, "x: runs[0].pace_ms: expected a number from 0 on, came -1"),
    (["runs", 0, "first_of_process", "rank_us"], None, "x: runs[0].first_of_process.rank_us: is missing"),
    (["runs", 0, "before", "thermal"], "warm", "x: runs[0].before.thermal: expected one of"),
    (["runs", 0, "after", "battery"], {"percent": 101}, "x: runs[0].after.battery.percent: expected a number from 0 to 100"),
    (["runs", 0, "before", "clocks", 0, "core"], None, "x: runs[0].before.clocks[0].core: is missing"),
    (["runs", 0, "cases"], {}, "x: runs[0].cases: expected a list"),
    (["runs", 0, "cases", 0, "threads"], 0, "x: runs[0].cases[0].threads: expected a whole number from 1 on"),
    (["runs", 0, "cases", 0, "append_and_rank"], None, "x: runs[0].cases[0].append_and_rank: is missing"),
    (["runs", 0, "cases", 0, "rank", "p99_us"], "1", 'x: runs[0].cases[0].rank.p99_us: expected a number from 0 on, came "1"'),
    (["runs", 0, "cases", 0, "rank", "calls"], 0, "x: runs[0].cases[0].rank.calls: expected a whole number from 1 on"),
    (["runs", 0, "cases", 0, "rank", "min_us"], 2000.0, "x: runs[0].cases[0].rank: expected min_us <= p50_us"),
    (["runs", 0, "cases", 0, "append_and_rank", "p90_us"], 1600.0, "x: runs[0].cases[0].append_and_rank: expected min_us"),
    (["runs", 0, "cases", 0, "scores", "bits"], "8594", "x: runs[0].cases[0].scores.bits: expected 16 hexadecimal digits"),
    (["runs", 0, "cases", 0, "scores", "count"], 99, "x: runs[0].cases[0].scores: expected 100 scores and 16 samples"),
    (["runs", 0, "cases", 0, "scores", "samples"], [0.5], "16 samples, came 100 and 1"),
]


class Checks(unittest.TestCase):
    def test_what_is_wrong_is_named(self):
        for path, value, expected in WRONG:
            with self.subTest(path=path, value=value):
                document = example()
                place = document
                for step in path[:-1]:
                    place = place[step]
                if value is None:
                    del place[path[-1]]
                else:
                    place[path[-1]] = value
                with self.assertRaises(bench_json.FormatError) as caught:
                    bench_json.check(document, "x")
                self.assertIn(expected, str(caught.exception))

    def test_members_that_are_not_known_are_ignored(self):
        document = example()
        document["later"] = document["runs"][0]["later"] = 1
        bench_json.check(document, "x")

    def test_without_history_nothing_is_appended(self):
        document = example()
        document["runs"][0]["cases"][0]["history"] = 0
        del document["runs"][0]["cases"][0]["append_and_rank"]
        bench_json.check(document, "x")


class Files(unittest.TestCase):
    def load(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "file"
            path.write_bytes(text.encode("utf-8"))
            return bench_json.load(str(path))

    def refused(self, text, expected):
        with self.assertRaises(bench_json.FormatError) as caught:
            self.load(text)
        self.assertIn(expected, str(caught.exception))

    def test_a_file_of_json(self):
        self.assertEqual(self.load(json.dumps(example())), [example()])
        self.assertEqual(self.load("\ufeff\n" + json.dumps(example()) + "\n" + json.dumps(example())), [example()] * 2)

    def test_a_log_with_two_benchmarks(self):
        lines = []
        for _ in range(2):
            lines += ["11-28 22:00:00.000  1234  1250 I System.out: " + bench_json.MARK + line
                      for line in json.dumps(example(), indent=1).split("\n")]
            lines += ["11-28 22:00:01.000  1234  1250 I another: { \"words\": 1", "", "done: }"]
        for end in ("\n", "\r\n"):
            self.assertEqual(self.load(end.join(["--------- beginning of main"] + lines)), [example()] * 2)

    def test_what_is_no_benchmark(self):
        self.refused("", "came neither (docs/benchmark-json.md)")
        self.refused("all tests passed\n", 'expected the JSON of a benchmark, or a log with lines "augur-benchmark: ..."')
        self.refused("{", "document 1 is no JSON: ")
        self.refused(json.dumps(example()) + " and more", "document 2 is no JSON: ")
        self.refused(json.dumps(example()) + " {}", ", document 2: format: is missing")
        broken = example()
        broken["runs"][0]["cases"][0]["scores"]["sum"] = float("nan")
        self.refused(json.dumps(broken), "NaN is no number of JSON")
        self.refused('{"runs": ' + "[" * 100000, "document 1 is no JSON: it is nested too deeply")
        broken = example()
        broken["device"]["model"] = "Pi\ud800xel"
        self.refused(json.dumps(broken), 'device.model: expected text, came "Pi\\ud800xel"')
        with self.assertRaisesRegex(bench_json.FormatError, "^/none/x.json: cannot be read: No such file"):
            bench_json.load("/none/x.json")


class Comparisons(unittest.TestCase):
    def setUp(self):
        self.case = example()["runs"][0]["cases"][0]
        self.other = copy.deepcopy(self.case)
        self.other["scores"]["bits"] = "0" * 16

    def compare(self, tolerance=1e-6):
        return bench_json.compare(self.case, self.other, tolerance)

    def test_the_same_bits(self):
        self.other["scores"]["bits"] = self.case["scores"]["bits"]
        self.assertEqual(self.compare(), (True, True, 0.0))

    def test_each_part_counts(self):
        self.assertEqual(self.compare(), (False, True, 0.0))
        for name, change in (("sum", 1e-4), ("weighted_sum", 1e-4)):
            for factor, within in ((0.9, True), (1.1, False), (-1.1, False)):
                with self.subTest(name=name, factor=factor):
                    self.other = copy.deepcopy(self.case)
                    self.other["scores"]["bits"] = "0" * 16
                    self.other["scores"][name] += factor * change
                    found = self.compare()
                    self.assertEqual((found.same, found.within), (False, within))
                    self.assertAlmostEqual(found.difference, abs(factor) * 1e-6, places=9)
        for index in (0, 15):
            self.setUp()
            self.other["scores"]["samples"][index] += 2e-6
            self.assertFalse(self.compare().within)
            self.assertTrue(self.compare(1e-3).within)

    def test_inputs_decide_what_can_be_compared(self):
        document = example()
        key = bench_json.inputs_of(document, self.case)
        for name in ("history", "candidates"):
            self.assertNotEqual(key, bench_json.inputs_of(document, {**self.case, name: 7}))
        self.assertEqual(key, bench_json.inputs_of(document, {**self.case, "threads": 4}))
        document["seed"] = 2
        self.assertNotEqual(key, bench_json.inputs_of(document, self.case))


if __name__ == "__main__":
    unittest.main()
