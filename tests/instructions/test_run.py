"""Tests of run.py: what it lets pass and what not."""
import os
import pathlib
import subprocess
import sys
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import run  # noqa: E402

RECORD = """# A comment
#   and more of it

[clang-19 cortex-a53] N_NEON
again/mlp/36/50/10                                   900

[gcc-12 Haswell] N_AVX2
again/bilinear/36/50/1                           100,000
again/mlp/36/50/1000                           2,000,000
"""
HOW = "run.py build/host --record"


def counted(factor=1.0, kernels="N_AVX2", leave_out=()):
    counts = run.Counts("gcc-12", "Haswell", kernels)
    for name, count in run.Record(RECORD).sections["gcc-12", "Haswell"].requests.items():
        if name not in leave_out:
            counts.requests[name] = round(count * factor)
    return counts


def compare(counts):
    allowed, lines = run.compare(counts, run.Record(RECORD).sections.get(counts.key), HOW)
    return allowed, "\n".join(lines)


class CompareTest(unittest.TestCase):
    def test_two_percent_more_is_allowed_and_not_more(self):
        allowed, text = compare(counted(1.02))
        self.assertTrue(allowed)
        self.assertEqual(text, "gcc-12 Haswell: 2 requests, +2.0% to +2.0% of the recorded instructions (N_AVX2)")
        self.assertFalse(compare(counted(1.02001))[0])

    def test_a_request_with_three_percent_more_is_named_with_what_to_do(self):
        counts = counted()
        counts.requests["again/mlp/36/50/1000"] = 2060000
        allowed, text = compare(counts)
        self.assertFalse(allowed)
        self.assertEqual(text, "gcc-12 Haswell: again/mlp/36/50/1000: 2,060,000 instructions, +3.0% of the recorded "
                         "2,000,000: more than 2% more\n"
                         "gcc-12 Haswell: change the code, or record what it does now in a commit that says why: "
                         + HOW)

    def test_fewer_instructions_pass_and_ask_for_a_new_record(self):
        allowed, text = compare(counted(0.97))
        self.assertTrue(allowed)
        self.assertIn("-3.0% of the recorded 100,000\n", text)
        self.assertIn("renew the record, so that it keeps what was gained: " + HOW, text)
        self.assertNotIn("renew", compare(counted(0.98))[1])

    def test_other_requests_than_recorded_fail(self):
        allowed, text = compare(counted(leave_out=["again/bilinear/36/50/1"]))
        self.assertFalse(allowed)
        self.assertIn("again/bilinear/36/50/1 is recorded, but there is no such request", text)
        counts = counted()
        counts.requests["new/mlp/36/50/1"] = 1
        allowed, text = compare(counts)
        self.assertFalse(allowed)
        self.assertIn("new/mlp/36/50/1 is not recorded\n", text)
        self.assertIn("record what it does now in a commit that says why: " + HOW, text)

    def test_other_kernels_than_recorded_fail(self):
        allowed, text = compare(counted(kernels="N_SSE2"))
        self.assertFalse(allowed)
        self.assertIn("the kernels 'N_SSE2' ran, those recorded are 'N_AVX2'", text)

    def test_a_compiler_without_a_record_is_skipped(self):
        counts = counted(9)
        counts.compiler = "gcc-99"
        allowed, text = compare(counts)
        self.assertIsNone(allowed)
        self.assertEqual(text, "gcc-99 Haswell: skipped, nothing is recorded for it. To record it: " + HOW)


class RecordTest(unittest.TestCase):
    def test_it_is_written_as_it_was_read(self):
        self.assertEqual(run.Record(RECORD).text(), RECORD)

    def test_a_malformed_line_is_named(self):
        for line in ["again/mlp/36/50/2", "again/mlp/36/50/2 many", "again/mlp/36/50/2 1 2", "again/mlp/36/50/2 12,34",
                     "again/mlp/36/50/2 -1", "[gcc-12] N_AVX2", "[gcc-12 Haswell]", "# too late"]:
            with self.subTest(line), self.assertRaisesRegex(run.Failure, r"recorded\.txt:10: neither"):
                run.Record(RECORD + line + "\n")
        with self.assertRaisesRegex(run.Failure, r"recorded\.txt:10: a second count of again/mlp/36/50/1000"):
            run.Record(RECORD + "again/mlp/36/50/1000 1\n")
        with self.assertRaisesRegex(run.Failure, r"recorded\.txt:10: a second section \[gcc-12 Haswell\]"):
            run.Record(RECORD + "[gcc-12 Haswell] N_AVX2\n")
        with self.assertRaisesRegex(run.Failure, r"recorded\.txt:1: neither"):
            run.Record("again/mlp/36/50/1000 1\n")

    def test_the_record_of_the_repository_is_whole(self):
        sections = run.Record(run.RECORDED.read_text()).sections
        self.assertEqual(set(sections), {("gcc-12", "Haswell"), ("clang-19", "cortex-a53"), ("clang-19", "cortex-a76"),
                                         ("clang-19", "max")})
        everything = set(sections["gcc-12", "Haswell"].requests)
        integers = {name for name in everything if "_int8/" in name}
        self.assertEqual(set(sections["clang-19", "cortex-a53"].requests), everything)
        self.assertEqual(set(sections["clang-19", "cortex-a76"].requests), integers)
        self.assertEqual(set(sections["clang-19", "max"].requests), integers)


class ProgramTest(unittest.TestCase):
    def test_two_runs_count_the_same(self):
        """Whatever the environment: it is not the program's."""
        if not os.environ.get("AUGUR_BUILD"):
            self.skipTest("AUGUR_BUILD does not name the host's build folder")
        build = run.Build(os.environ["AUGUR_BUILD"])
        first = run.count_all([build], [("Haswell", ["int8"])])
        with unittest.mock.patch.dict(os.environ, {"AUGUR_SOMETHING": "x" * 1000}):
            second = run.count_all([build], [("Haswell", ["int8"])])
        self.assertEqual(len(first[0].requests), 22)
        self.assertEqual([counts.text() for counts in first], [counts.text() for counts in second])
        fewer = run.Counts(*first[0].key, first[0].kernels)
        fewer.requests = {name: round(count / 1.03) for name, count in first[0].requests.items()}
        self.assertFalse(run.compare(first[0], fewer, HOW)[0])

    def test_a_folder_without_the_program_is_named(self):
        done = subprocess.run([sys.executable, "-B", run.HERE / "run.py", "/nowhere"], stdout=subprocess.PIPE,
                              text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere/bin/augur-counted-requests is missing", done.stdout)


if __name__ == "__main__":
    unittest.main()
