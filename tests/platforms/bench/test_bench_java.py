"""The Android test's measuring classes (platforms/android/src/androidTest), on this machine's JVM.

Needs a JDK, what toolchains/stand-in/jvm.sh fetches, and a build with augur_jni and augur-bench.
"""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

from phone import BUILD, ROOT
import bench_json

ANDROID = ROOT / "platforms/android"
MODELS = ["format1", "format2", "format3", "format3_functions", "format4"]  # every kind of field, shared columns
JAVA = pathlib.Path(os.environ["JAVA_HOME"]) / "bin" if os.environ.get("JAVA_HOME") else pathlib.Path("")


def sources(*folders):
    return [str(path) for folder in folders for path in sorted(pathlib.Path(folder).rglob("*.java"))]


def split_mix(seed):
    """splitmix64 as docs/benchmark-json.md describes it."""
    state = seed
    while True:
        state = (state + 0x9e3779b97f4a7c15) % 2 ** 64
        z = state
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 % 2 ** 64
        z = (z ^ z >> 27) * 0x94d049bb133111eb % 2 ** 64
        yield z ^ z >> 31


def jars():
    """The folder with the framework's classes and JUnit, or why it is not there."""
    if shutil.which(JAVA / "javac") is None:
        raise unittest.SkipTest("javac is missing")
    done = subprocess.run(["sh", ROOT / "toolchains/stand-in/jvm.sh"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise unittest.SkipTest(done.stderr.strip().splitlines()[-1])
    return pathlib.Path(done.stdout.strip())


class OnTheJvm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        framework = jars()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.classes = folder.name
        # The framework's and JUnit's real classes; all warnings are errors.
        done = subprocess.run(
            [JAVA / "javac", "--release", "8", "-Xlint:all,-options", "-Werror", "-encoding", "UTF-8", "-d", cls.classes, "-cp",
             ":".join(map(str, [framework / "android.jar", *framework.glob("junit-4*.jar")])),
             *sources(ANDROID / "annotations", ANDROID / "src/main/java", ANDROID / "src/androidTest/java",
                      pathlib.Path(__file__).parent / "java")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
        if done.returncode != 0:
            raise AssertionError(done.stdout)

    def java(self, name, *arguments, log=False):
        environment = {name: value for name, value in os.environ.items() if name != "AUGUR_BENCHMARK_LOG"}
        if log:
            environment["AUGUR_BENCHMARK_LOG"] = "1"
        done = subprocess.run(
            [JAVA / "java", "-XX:TieredStopAtLevel=1", f"-Djava.library.path={BUILD}/lib", "-cp", self.classes,
             f"dev.augur.bench.{name}", *map(str, arguments)], env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, encoding="utf-8", timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_scores_have_the_bits_of_augur_bench(self):
        for name in MODELS:
            with self.subTest(model=name):
                model = ROOT / f"tests/golden/{name}.augur"
                mine = json.loads(self.java("Benchmark", model, "1,20,50", "2,99", "3", "1"))
                bench_json.check(mine, name)
                self.assertEqual(mine["program"], "jvm")
                done = subprocess.run([BUILD / "bin/augur-bench", model, "--candidates", "1,20,50", "--history", "2,99", "--calls",
                                       "1", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
                theirs = json.loads(done.stdout)
                for same in ("model", "seed", "augur", "version", "format"):
                    self.assertEqual(mine[same], theirs[same])
                keys = ("history", "candidates", "threads", "session_bytes")
                expected = [({key: case[key] for key in keys}, case["scores"]["bits"]) for case in theirs["runs"][0]["cases"]]
                self.assertEqual([run["pace_ms"] for run in mine["runs"]], [1, 0])
                for run in mine["runs"]:
                    self.assertEqual([({key: case[key] for key in keys}, case["scores"]["bits"]) for case in run["cases"]],
                                     expected)
                    for case, other in zip(run["cases"], theirs["runs"][0]["cases"]):
                        self.assertEqual(case["rank"]["calls"], 3)
                        found = bench_json.compare({"scores": {**case["scores"], "bits": "0" * 16}}, other, 1e-12)
                        self.assertTrue(found.within, found)

    def test_a_log_is_read_as_the_json(self):
        model = ROOT / "tests/golden/format4.augur"
        text = self.java("Benchmark", model, "5", "3", "2", "1", log=True)
        for line in text.splitlines():
            self.assertTrue(line.startswith(bench_json.MARK))
            self.assertLessEqual(len(line.encode()), 1000)
        self.assertEqual(text.splitlines()[0], bench_json.MARK + "{")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "logcat.txt"
            path.write_text("--------- beginning of main\n" + "".join(
                f"11-28 22:00:00.123  4321  4350 I AugurBenchmark: {line}\n" for line in text.splitlines()))
            document, = bench_json.load(str(path))
        self.assertEqual(document["runs"][0]["cases"][0]["candidates"], 5)
        self.assertGreater(document["runs"][0]["memory"]["resident_growth_bytes"], 0)

    def test_times_numbers_and_texts(self):
        lines = [line.split(" ", 1) for line in self.java("TimingCheck").splitlines()]
        found = dict(lines)
        self.assertEqual([value for name, value in lines if name == "percentile"],
                         ["0.0 1.0", "0.5 100.0", "0.9 180.0", "0.99 198.0", "1.0 200.0"])
        self.assertEqual(found["single"], "7.0")
        self.assertEqual((found["called"], found["calls"]), ("14", "12"))  # two for warming up
        self.assertGreaterEqual(float(found["paced_ms"]), 13 * 4)
        self.assertLess(float(found["p50_us"]), 4000)
        self.assertLess(float(found["back_to_back_ms"]), 1000)
        random = split_mix(1)
        self.assertEqual([value for name, value in lines if name == "next"], [f"{next(random):x}" for _ in range(4)])
        self.assertEqual([value for name, value in lines if name == "below"], [str(next(random) % 1000003) for _ in range(4)])
        self.assertEqual(struct.pack("<f", float(found["unit"])), struct.pack("<f", (next(random) >> 40) * 2.0 ** -24))
        self.assertEqual(json.loads(found["json"]), "a\"\\\n\u0001é😀")


if __name__ == "__main__":
    unittest.main()
