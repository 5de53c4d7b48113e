"""The demo's preset configures without what only tests and benchmarks need; a missing package is named, not fetched."""
import os
import pathlib
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def configure(name, preset, *arguments):
    folder = pathlib.Path(os.environ["AUGUR_WORK"]) / name
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run([os.environ["AUGUR_CMAKE"], "--preset", preset, "-S", str(ROOT), "-B", str(folder), *arguments],
                          cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, " ".join(done.stdout.split()), folder


class Configure(unittest.TestCase):
    def test_the_demo_needs_no_doctest_and_no_google_benchmark(self):
        status, output, folder = configure("demo", "demo", "-DCMAKE_IGNORE_PATH=/usr/include/doctest",
                                           "-DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON",
                                           "-DAUGUR_doctest_INCLUDE_DIR=AUGUR_doctest_INCLUDE_DIR-NOTFOUND",
                                           "-DAUGUR_doctest_SOURCE_DIR=/nowhere")
        self.assertEqual(status, 0, output)
        self.assertTrue((folder / "build.ninja").exists())
        self.assertFalse((folder / "third-party" / "doctest").exists())

    @unittest.skipUnless(pathlib.Path("/etc/debian_version").exists(), "not Debian")
    def test_a_package_that_debian_has_is_asked_for_and_not_fetched(self):
        status, output, _ = configure("no-benchmark", "host", "-DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON",
                                      "-DAUGUR_BUILD_TESTS=OFF")
        self.assertNotEqual(status, 0)
        self.assertIn("apt-get install libbenchmark-dev", output)
        self.assertNotIn("Fetching", output)


if __name__ == "__main__":
    unittest.main()
