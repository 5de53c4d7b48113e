"""The table of several devices (scripts/bench-table.py), and what phones answer (scripts/bench_android.py)."""
import copy
import importlib
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from phone import BATTERY, SCRIPTS
from test_bench_json import example
import bench_android

bench_table = importlib.import_module("bench-table")


def rows_of(text):
    """The cells of both tables' rows, without the headers."""
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows if row[0] not in ("device", "---")]


class Tables(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def table(self, *documents, options=()):
        """The exit status, the output and the errors of the program on these documents."""
        paths = []
        for index, document in enumerate(documents):
            paths.append(self.folder / f"{index}.json")
            paths[-1].write_text(json.dumps(document))
        done = subprocess.run([sys.executable, "-B", SCRIPTS / "bench-table.py", *paths, *options], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def reference(self, document):
        path = self.folder / "reference"
        path.write_text(json.dumps(document))
        return "--reference", path

    def test_every_number_is_in_its_column(self):
        status, out, err = self.table(example())
        self.assertEqual((status, err), (0, ""))
        self.assertIn("Model: dien (9f1c2b0a...). Scores are compared with those of Google Pixel 8, the first of the files.", out)
        device, ranking = rows_of(out)
        self.assertEqual(dict(zip(bench_table.DEVICE_HEADER, device)), {
            "device": "Google Pixel 8", "SoC": "Tensor G3", "system": "Android 14 (API 34)", "ABI": "arm64-v8a",
            "cores": "4 little 1.70 GHz", "power": "80%, usb, 30.1 °C", "Augur": "0.6.0", "first open": "412 µs",
            "first create": "90.1 µs", "first rank": "1.31 ms", "memory": "1.05 MB"})
        self.assertEqual(dict(zip(bench_table.RANK_HEADER, ranking)), {
            "device": "Google Pixel 8", "cores": "little", "pace": "100 ms", "events": "50", "candidates": "100",
            "threads": "1", "min": "900 µs", "p50": "1.01 ms", "p90": "1.2 ms", "p99": "1.4 ms",
            "append + rank p50": "1.09 ms", "new user": "1.19 ms", "session": "102.4 KB",
            "scores": "the others' reference", "remarks": "-"})
        self.assertEqual((len(device), len(ranking)), (len(bench_table.DEVICE_HEADER), len(bench_table.RANK_HEADER)))

    def test_one_row_for_each_device_run_and_case(self):
        document = example()
        run = document["runs"][0]
        run["cases"].append({**copy.deepcopy(run["cases"][0]), "threads": 2})
        document["runs"].append({**copy.deepcopy(run), "pace_ms": 0, "core_kind": "big", "sessions": 3})
        other = example()
        other["device"] = {"system": "iOS", "system_version": "17.2", "model": "iPhone15,2", "cores": 6}
        del other["runs"][0]["core_kind"], other["runs"][0]["memory"], other["runs"][0]["before"]
        status, out, err = self.table(document, other)
        self.assertEqual((status, err), (0, ""))
        rows = rows_of(out)
        self.assertEqual([row[0] for row in rows], ["Google Pixel 8", "iPhone15,2"] + 4 * ["Google Pixel 8"] + ["iPhone15,2"])
        self.assertEqual([row[1:3] + row[5:6] for row in rows[2:]],
                         [["little", "100 ms", "1"], ["little", "100 ms", "2"], ["big", "none", "1 in 3 sessions"],
                          ["big", "none", "2 in 3 sessions"], ["any", "100 ms", "1"]])
        self.assertEqual(rows[1][2:6] + rows[1][10:], ["iOS 17.2", "-", "6 cores", "-", "-"])
        self.assertEqual([row[13] for row in rows[2:]], ["the others' reference"] + 4 * ["same bits"])

    def test_two_phones_of_one_model_have_numbers(self):
        rows = rows_of(self.table(example(), example())[1])
        self.assertEqual([row[0] for row in rows], ["Google Pixel 8 (1)", "Google Pixel 8 (2)"] * 2)

    def test_scores_are_compared_with_the_reference(self):
        reference = example()
        case = reference["runs"][0]["cases"][0]
        case["scores"]["bits"] = "0" * 16
        case["scores"]["samples"][3] += 5e-7
        status, out, err = self.table(example(), options=self.reference(reference))
        self.assertEqual((status, err), (0, ""))
        self.assertIn("Scores are compared with those of the reference.", out)
        self.assertEqual(rows_of(out)[1][13], "within 1e-06 (5.0e-07)")
        case["scores"]["samples"][3] += 5e-4
        status, out, err = self.table(example(), options=self.reference(reference))
        self.assertEqual(status, 1)
        self.assertEqual(rows_of(out)[1][13], "**DIFFER by 5.0e-04**")
        self.assertIn("the scores of 1 cases differ by more than 1e-06", err)
        status, out, err = self.table(example(), options=(*self.reference(reference), "--tolerance", "1e-3"))
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(rows_of(out)[1][13], "within 0.001 (5.0e-04)")
        reference["seed"] = 2
        status, out, err = self.table(example(), options=self.reference(reference))
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(rows_of(out)[1][13], "not compared")

    def test_remarks(self):
        document = example()
        run = document["runs"][0]
        run["after"] = {"thermal": "severe", "low_power": True}
        self.assertEqual(rows_of(self.table(document)[1])[1][14], "hot after: severe, power saver")
        run["after"] = {"thermal": "light", "clocks": [{"core": 0, "khz": 1200000}, {"core": 7, "khz": 1704000}]}
        self.assertEqual(rows_of(self.table(document)[1])[1][14], "-")  # at a pace, clocks are low
        run["pace_ms"] = 0
        self.assertEqual(rows_of(self.table(document)[1])[1][14], "clock 1.20 of 1.70 GHz")
        run["after"]["clocks"][0]["khz"] = 1400000
        self.assertEqual(rows_of(self.table(document)[1])[1][14], "-")

    def test_a_name_cannot_break_the_table(self):
        document = example()
        document["device"]["model"] = "Pi|xel\n8"
        out = self.table(document)[1]
        self.assertIn("| Google Pi\\|xel 8 |", out)
        document["device"]["model"] = "Pixel\r\x1b[2J\u20288"
        out = self.table(document)[1]
        self.assertIn("| Google Pixel  [2J 8 |", out)

    def test_a_wrong_file_is_named(self):
        document = example()
        del document["runs"][0]["cases"]
        status, out, err = self.table(example(), document)
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err, f"bench-table.py: {self.folder}/1.json: runs[0].cases: is missing\n")
        status, _, err = self.table(example(), options=("--reference", "/none"))
        self.assertEqual((status, err), (1, "bench-table.py: /none: cannot be read: No such file or directory\n"))

    def test_units(self):
        times = {0.25: "0.25 µs", 9.994: "9.99 µs", 999.4: "999 µs", 999.6: "1 ms", 12345: "12.3 ms", 999600: "1 s"}
        self.assertEqual({value: bench_table.time_text(value) for value in times}, times)
        sizes = {0: "0.0 KB", 1049: "1.0 KB", 999940: "999.9 KB", 999960: "1.00 MB"}
        self.assertEqual({value: bench_table.bytes_text(value) for value in sizes}, sizes)


class Answers(unittest.TestCase):
    def clocks(self, *lines):
        return "\r\n".join(f"clock|{line}" for line in lines)

    def test_kinds_of_cores(self):
        two = self.clocks("0|1800|a|1|", "1|1800|a|1|1", "10|2400|a|1|1", "2|2400|a|1|1")
        self.assertEqual(bench_android.core_kinds(two), [{"name": "little", "cores": [0, 1], "max_khz": 1800},
                                                         {"name": "big", "cores": [2, 10], "max_khz": 2400}])
        names = [kind["name"] for kind in bench_android.core_kinds(self.clocks("0|3|||", "1|1|||", "2|2|||"))]
        self.assertEqual(names, ["little", "middle", "big"])
        four = bench_android.core_kinds(self.clocks(*(f"{core}|{core + 1}|||" for core in range(4))))
        self.assertEqual([kind["name"] for kind in four], ["kind1", "kind2", "kind3", "kind4"])
        one = bench_android.core_kinds(self.clocks("0|5|||", "1|5|||"))
        self.assertEqual(one, [{"name": "all", "cores": [0, 1], "max_khz": 5}])
        unknown = bench_android.core_kinds(self.clocks("0|||||", "1||||"))
        self.assertEqual(unknown, [{"name": "all", "cores": [1], "max_khz": 0}])
        self.assertEqual(bench_android.core_kinds(self.clocks("0|5|||", "1||||", "2|9|||0")),
                         [{"name": "all", "cores": [0], "max_khz": 5}])
        self.assertEqual(bench_android.core_kinds("clock|*||||\nsh: nothing"), [])

    def test_battery(self):
        def found(text):
            return bench_android.battery("== battery\n" + text)
        self.assertEqual(found(BATTERY), {"percent": 80, "source": "usb", "celsius": 30.1})
        self.assertEqual(found(BATTERY.replace("USB powered: true", "USB powered: false"))["source"], "battery")
        self.assertEqual(found(BATTERY.replace("AC powered: false", "AC powered: true"))["source"], "ac")
        self.assertEqual(found("  scale: 200\n  level: 50\n"), {"percent": 25})
        self.assertEqual(found("  temperature: -50\n  level: full\n"), {"celsius": -5})
        self.assertEqual(found("Can't find service: battery"), {})

    def test_thermal_status(self):
        def found(text):
            return bench_android.thermal("== battery\nThermal Status: 1\n== thermal\n" + text)
        self.assertEqual(found("IsStatusOverride: false\r\nThermal Status: 3\r\n"), "severe")
        self.assertEqual(found("Thermal Status: 6"), "shutdown")
        self.assertIsNone(found("Thermal Status: 7"))
        self.assertIsNone(found("Can't find service: thermalservice"))

    def test_zones_and_saver(self):
        text = "zone|skin|31500\nzone|old|42\nzone||1\nzone|none|\nzone|broken|-273000\n== saver\n1\n"
        found = bench_android.conditions(text)
        self.assertEqual(found["zones"], [{"type": "skin", "celsius": 31.5}, {"type": "old", "celsius": 42}])
        self.assertIs(found["low_power"], True)
        self.assertNotIn("low_power", bench_android.conditions("== saver\nnull\n"))
        self.assertEqual(bench_android.conditions(""), {})

    def test_properties(self):
        known = bench_android.properties("[ro.a]: [b c]\r\n[ro.d]: []\r\nnothing\r\n[ro.e]: [[f]]\r\n")
        self.assertEqual(known, {"ro.a": "b c", "ro.d": "", "ro.e": "[f]"})
        device = bench_android.device_of({"ro.board.platform": "msm8998", "ro.kernel.qemu": "1", "ro.build.version.sdk": "x"}, [], [])
        self.assertEqual(device, {"system": "Android", "soc": "msm8998", "emulator": True})


if __name__ == "__main__":
    unittest.main()
