"""What CMake does if something is missing: the demo needs no packages of tests and benchmarks; messages name the rest."""
import os
import pathlib
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def configure(name, preset, *arguments, **environment):
    folder = pathlib.Path(os.environ["AUGUR_WORK"]) / name
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run([os.environ["AUGUR_CMAKE"], "--preset", preset, "-S", str(ROOT), "-B", str(folder), *arguments],
                          cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, **environment})
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
    def test_a_missing_package_of_debian_is_named_and_not_fetched(self):
        status, output, _ = configure("no-benchmark", "host", "-DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON",
                                      "-DAUGUR_BUILD_TESTS=OFF")
        self.assertNotEqual(status, 0)
        self.assertIn("apt-get install libbenchmark-dev", output)
        self.assertNotIn("Fetching", output)

    @unittest.skipUnless(pathlib.Path("/etc/debian_version").exists(), "not Debian")
    def test_a_linker_that_cannot_merge_the_static_library_is_named_with_what_is_needed(self):
        arguments = ["-DAUGUR_RELOCATABLE_LINKER=/bin/cat", "-DAUGUR_BUILD_TESTS=OFF", "-DAUGUR_BUILD_BENCH=OFF"]
        status, output, _ = configure("no-linker", "host", *arguments)
        self.assertNotEqual(status, 0)
        self.assertIn("Tried: /bin/cat (cat (GNU coreutils)", output)
        self.assertIn("lld 19", output)
        status, output, _ = configure("no-linker", "host", *arguments, "-DAUGUR_ISOLATE_SYMBOLS=OFF")
        self.assertEqual(status, 0, output)

    @unittest.skipUnless(pathlib.Path("/etc/debian_version").exists(), "not Debian")
    def test_a_wheel_without_compilers_names_all_packages_at_once(self):
        status, output, _ = configure("no-compiler", "demo", "-DAUGUR_WHEEL=ON", PATH="/nonexistent", CC="", CXX="")
        self.assertNotEqual(status, 0)
        self.assertIn("this is missing: a compiler for C++ (c++, g++, clang++), a compiler for C (cc, gcc, clang), flatc.",
                      output)
        self.assertIn("apt-get install g++ flatbuffers-compiler and run pip again", output)
        # As pip has it: scikit-build-core sets both to those that Python was built with.
        _, output, _ = configure("no-compiler", "demo", "-DAUGUR_WHEEL=ON", CC="nowhere-gcc -pthread", CXX="nowhere-g++")
        self.assertIn("this is missing: a compiler for C++ (nowhere-g++), a compiler for C (nowhere-gcc).", output)


if __name__ == "__main__":
    unittest.main()
