"""The programs for a simulator: augur-bench, augur-rank and the runtime's tests.

AUGUR_IOS_PROGRAMS names the bin folder of a build; without it the test is skipped.
"""
import os
import pathlib
import unittest

import macho

LIBRARIES = {"/usr/lib/libSystem.B.dylib", "/usr/lib/libc++.1.dylib"}
MINIMUM = {"arm64": "14.0", "x86_64": "13.0"}


class Programs(unittest.TestCase):
    def test_programs_for_a_simulator(self):
        if not os.environ.get("AUGUR_IOS_PROGRAMS"):
            self.skipTest("AUGUR_IOS_PROGRAMS does not name a bin folder (target augur_phone_programs)")
        folder = pathlib.Path(os.environ["AUGUR_IOS_PROGRAMS"])
        programs = sorted(path for path in folder.iterdir() if path.is_file())
        names = {path.name for path in programs}
        self.assertLessEqual({"augur-bench", "augur-rank", "runtime_kernels_test"}, names)
        for path in programs:
            with self.subTest(program=path.name):
                image, = macho.read(path.read_bytes())
                self.assertEqual((image.file_type, image.platform), ("executable", "ios-simulator"))
                self.assertEqual(image.minimum, MINIMUM[image.architecture])
                self.assertIn("PIE", image.flags)
                self.assertLessEqual(set(image.loads), LIBRARIES)
                self.assertEqual(image.signature, "valid" if image.architecture == "arm64" else "")


if __name__ == "__main__":
    unittest.main()
