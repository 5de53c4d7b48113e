"""Tests of the functions in scripts/common.sh, of the packages that the scripts install, and of their options."""
import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def shell(commands, timeout=60):
    """Reads common.sh and runs commands, with a log of their own, as a script of scripts/ would."""
    with tempfile.TemporaryDirectory() as folder:
        script = (f'. "{ROOT}/scripts/common.sh"\nAUGUR_LOG={folder}/log\n: >"$AUGUR_LOG"\n{commands}\n')
        return subprocess.run(["sh", "-c", script, str(ROOT / "scripts/x.sh")], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, timeout=timeout)


class Packages(unittest.TestCase):
    def test_every_group_that_a_script_names_exists(self):
        groups = set()
        for path in ROOT.glob("**/*.sh"):
            if "build" in path.relative_to(ROOT).parts[:1]:
                continue
            for line in re.findall(r'augur_install_packages ([a-z ]+)|groups="(?:\$groups )?([a-z ]+)"', path.read_text()):
                groups.update(" ".join(line).split())
        self.assertIn("fresh", groups)
        for group in sorted(groups):
            done = shell(f"augur_packages_of {group}")
            self.assertEqual(done.returncode, 0, group)
            self.assertTrue(done.stdout.split(), group)

    def test_the_demo_asks_for_no_package_of_the_tests(self):
        self.assertIn("augur_install_packages build ||", (ROOT / "scripts/demo.sh").read_text())
        packages = shell("augur_packages_of build").stdout.split()
        self.assertNotIn("doctest-dev", packages)
        self.assertIn("ninja-build", packages)

    def test_every_pinned_package_of_debian_is_in_a_group(self):
        wanted = set(shell("augur_packages_of build; augur_packages_of test").stdout.split())
        for line in (ROOT / "toolchains/third-party/pins.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                package = line.split()[6]
                self.assertLessEqual({*package.split(",")} - {"-"}, wanted, line)


class Phase(unittest.TestCase):
    def test_prints_its_label_and_its_progress(self):
        done = shell("AUGUR_PROGRESS=1; work() { echo '[3/17] a'; sleep 2.5; echo '[17/17] b'; }; augur_phase building work")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"  building +3 of 17, [0-9] s\n")
        self.assertRegex(done.stdout, r"  building +ok +[0-9]+ s\n$")

    def test_prints_the_progress_of_a_build_within_a_build(self):
        with tempfile.NamedTemporaryFile("w") as log:
            log.write("[40/90] x\n")
            log.flush()
            done = shell(f"AUGUR_PROGRESS=1; work() {{ echo '-- Building x 1 for y (once; log: {log.name})'; sleep 2.5; }}\n"
                         "augur_phase configuring work")
        self.assertIn("40 of 90", done.stdout)

    def test_counts_packages_and_tests(self):
        for log, far in {"87 newly installed\nGet:1 a\nGet:2 b\n": "2 of 87 packages fetched",
                         "2 newly installed\nGet:1 a\nUnpacking a\nSetting up a\n": "1 of 2 packages set up",
                         " 12/80 Test  #3: x .. Passed\n": "12 of 80 tests", "nothing\n": ""}.items():
            done = subprocess.run(["awk", "-f", str(ROOT / "scripts/progress.awk")], input=log, stdout=subprocess.PIPE,
                                  text=True)
            self.assertEqual(done.stdout.strip(), far)

    def test_a_failing_command_shows_the_end_of_its_log_and_keeps_its_variables(self):
        done = shell("work() { mark=set; echo why; return 3; }; augur_phase broken work; echo \"status $? $mark\"")
        self.assertRegex(done.stdout, r"broken +FAILED")
        self.assertIn("why", done.stdout)
        self.assertIn("status 1 set", done.stdout)

    def test_no_process_keeps_the_output_open_after_the_end(self):
        begin = time.monotonic()
        shell("AUGUR_PROGRESS=1000; augur_phase quick true")
        self.assertLess(time.monotonic() - begin, 20)

    def test_prints_the_progress_of_a_script_within_a_script(self):
        done = shell("AUGUR_PROGRESS=1; work() { echo '  building it      15 of 158, 31 s'; printf '  building it   '; sleep 1.5; }\n"
                     "augur_phase fresh work")
        self.assertRegex(done.stdout, r"  fresh +building it 15 of 158, [0-9] s\n")


class Environment(unittest.TestCase):
    def test_it_is_made_once_for_each_content_and_again_after_an_interruption(self):
        with tempfile.TemporaryDirectory() as folder:
            requirements = pathlib.Path(folder) / "some.txt"
            make = f"AUGUR_CACHE={folder}; export AUGUR_CACHE; augur_python_environment {requirements}"
            requirements.write_text("# nothing\n")
            first = shell(make).stdout.splitlines()
            python = pathlib.Path(first[-1])
            self.assertTrue(first[0].startswith("making the Python environment"), first)
            self.assertEqual(python.parents[2], pathlib.Path(folder) / "python")
            said = subprocess.run([python, "-c", "import sys; print(sys.prefix)"], stdout=subprocess.PIPE, text=True).stdout
            self.assertEqual(pathlib.Path(said.strip()), python.parents[1])
            self.assertEqual(shell(make).stdout.splitlines(), [str(python)])
            (python.parents[1] / "complete").unlink()
            self.assertEqual(len(shell(make).stdout.splitlines()), len(first))
            requirements.write_text("no-such-package-of-augur==1 --hash=sha256:" + "0" * 64 + "\n")
            refused = shell(f"PIP_NO_INDEX=1; export PIP_NO_INDEX; {make}")
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn(f"The packages of {requirements} could not be installed", refused.stdout)


class Ccache(unittest.TestCase):
    def test_a_launcher_that_is_set_stays(self):
        done = shell('CMAKE_CXX_COMPILER_LAUNCHER=mine; augur_use_ccache; echo "$CMAKE_CXX_COMPILER_LAUNCHER"')
        self.assertEqual(done.stdout.strip(), "mine")


class Scripts(unittest.TestCase):
    def test_test_sh_names_its_parts_and_refuses_others(self):
        listed = subprocess.run(["sh", "scripts/test.sh", "--list"], cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout
        for part in ["fresh", "host", "asan", "python", "wheel", "lint"]:
            self.assertRegex(listed, rf"(?m)^  {part} ")
        self.assertEqual(subprocess.run(["sh", "scripts/test.sh", "--only", "none"], cwd=ROOT, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE).returncode, 2)

    def test_scripts_are_skipped_with_a_reason_where_no_chroot_is_possible(self):
        for script in ("fresh.sh", "wheel-chroots.sh"):
            with self.subTest(script):
                self.check_skipped(script)

    def check_skipped(self, script):
        with tempfile.TemporaryDirectory() as folder:
            stub = pathlib.Path(folder) / "unshare"
            stub.write_text("#!/bin/sh\nexit 1\n")
            stub.chmod(0o755)
            done = subprocess.run(["sh", f"scripts/{script}"], cwd=ROOT, stdout=subprocess.PIPE, text=True,
                                  env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "AUGUR_CACHE": folder})
        self.assertEqual(done.returncode, 77)
        self.assertRegex(done.stdout.splitlines()[-1], "needs root|is not installed|not allowed here")


if __name__ == "__main__":
    unittest.main()
