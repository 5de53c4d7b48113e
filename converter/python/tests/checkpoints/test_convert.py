"""python3 -m augur_rank convert: what is passed on, what is loaded here, and how it ends."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path
from typing import Any

import numpy as np

from augur_rank import built
from augur_rank.checkpoints import load_checkpoint
from augur_rank.errors import AugurError

from .support import BUNDLE, InAFolder

LIBRARIES = BUNDLE.parents[1]
PACKAGE = Path(__file__).resolve().parents[2]
TORCH = LIBRARIES / "deepctr-torch" / "legacy.pt"
# Stands for the built command: writes down its arguments, keeps the weights, and does as the test says.
FAKE = """#!/bin/sh
printf '%s\\n' "$@" > "$AUGUR_FAKE/arguments"
[ "$1" = --weights ] && [ -f "$2" ] && cp "$2" "$AUGUR_FAKE/weights.safetensors"
echo "it runs"
echo "it warns" >&2
[ -z "$AUGUR_FAKE_TRAP" ] || trap 'echo stopped > "$AUGUR_FAKE/stopped"; exit 9' TERM
touch "$AUGUR_FAKE/started"
eval "$AUGUR_FAKE_END"
"""


class Front(InAFolder):
    def setUp(self) -> None:
        super().setUp()
        (self.folder / "bin").mkdir()
        command = self.write("bin/augur-convert", FAKE.encode())
        command.chmod(0o755)
        (self.folder / "tmp").mkdir()

    def start(self, *arguments: Any, end: str = "true", trap: str = "") -> "subprocess.Popen[str]":
        environment = {**os.environ, "AUGUR_BUILD": str(self.folder), "AUGUR_FAKE": str(self.folder),
                       "AUGUR_FAKE_END": end, "AUGUR_FAKE_TRAP": trap, "TMPDIR": str(self.folder / "tmp"),
                       "PYTHONPATH": str(PACKAGE)}
        return subprocess.Popen([sys.executable, "-m", "augur_rank", "convert", *map(str, arguments)], text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=environment)

    def run_it(self, *arguments: Any, status: int = 0, **options: Any) -> tuple[list[str], str, str]:
        """The arguments that the built command got (none if it was not started), and what was printed."""
        process = self.start(*arguments, **options)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, status, err)
        self.assertEqual(os.listdir(self.folder / "tmp"), [], "a temporary file is left")
        noted = self.folder / "arguments"
        got = noted.read_text().splitlines() if noted.exists() else []
        noted.unlink(missing_ok=True)
        return got, out, err

    # ------------------------------------------------------------------------------ passed on

    def test_what_the_command_reads_is_passed_on(self) -> None:
        np.savez(self.folder / "w.npz", a=np.ones(1))
        variables = BUNDLE / "variables" / "variables"
        for weights in (LIBRARIES / "deepctr-torch" / "dien.safetensors", self.folder / "w.npz", "nothing.pt"):
            for given in (["--weights", weights], [f"--weights={weights}"]):
                got, out, err = self.run_it(*given, "--out", "m.augur", "--set", "a=b c")
                self.assertEqual(got, [*map(str, given), "--out", "m.augur", "--set", "a=b c"])
                self.assertEqual((out, err), ("it runs\n", "it warns\n"))
        got, _, _ = self.run_it("--weights", f"{variables}.index", "--list-tensors")
        self.assertEqual(got, ["--weights", str(variables), "--list-tensors"])
        for arguments in (["--list-layouts"], ["--explain-layout", "recbole"], []):
            self.assertEqual(self.run_it(*arguments)[0], arguments or [""])

    def test_the_status_is_the_command_s(self) -> None:
        for weights in (LIBRARIES / "deepctr-torch" / "dien.safetensors", TORCH):
            for status in (1, 2, 7):
                self.run_it("--weights", weights, status=status, end=f"exit {status}")
            self.run_it("--weights", weights, status=-signal.SIGSEGV, end="kill -SEGV $$")

    # ------------------------------------------------------------------------------ loaded here

    def test_other_kinds_are_handed_over(self) -> None:
        got, out, err = self.run_it("--layout", "auto", f"--weights={TORCH}", "--out", "m.augur")
        self.assertEqual(got[:2], ["--layout", "auto"])
        self.assertEqual(got[3:], ["--out", "m.augur"])
        self.assertTrue(got[2].startswith(f"--weights={self.folder}/tmp/"))
        self.assertEqual((out, err), ("it runs\n", "it warns\n"))
        self.run_it("--weights", TORCH)
        handed = load_checkpoint(self.folder / "weights.safetensors")
        self.check(handed, load_checkpoint(TORCH).tensors)
        self.assertTrue(handed.ordered)
        header = (self.folder / "weights.safetensors").read_bytes()[8:]
        self.assertIn(json.dumps(json.dumps({"file": str(TORCH)}))[1:-1].encode(), header)

    def test_what_the_file_tells_is_handed_over_and_said(self) -> None:
        weights = LIBRARIES / "recbole-pth" / "DIEN.pth"
        _, _, err = self.run_it("--weights", weights)
        self.assertIn(f"augur-convert: {weights}: RecBole's configuration in this file answers: gru_type is", err)
        handed = load_checkpoint(self.folder / "weights.safetensors")
        self.assertEqual((handed.layout, handed.answers["gru_type"]), ("recbole", "AUGRU"))

    def test_keys_and_averages(self) -> None:
        import torch
        weights = self.folder / "w.pt"
        torch.save({"model": {"a": torch.zeros(1)}, "ema": {"a": torch.ones(1)}}, weights)
        got, _, err = self.run_it("--weights", weights, status=1)
        self.assertEqual((got, "--average ema" in err), ([], True))
        for option, value in (("--average", 1), ("--key", 1)):
            got, _, _ = self.run_it("--weights", weights, option, "ema", "--dry-run")
            self.assertEqual(got[2:], ["--dry-run"])
            self.check(load_checkpoint(self.folder / "weights.safetensors"), {"a": [value]})

    def test_parts_and_tables_with_keys(self) -> None:
        weights = self.folder / "w.npz"
        np.savez(weights, **{"t/part_0": np.ones((1, 2)), "t/part_1": np.ones((3, 2)), "e-keys": np.array([70, 9]),
                             "e-values": np.ones((2, 2))})
        got, _, err = self.run_it("--weights", weights)
        self.assertIn("--vocabulary", got)
        self.assertTrue(got[got.index("--vocabulary") + 1].startswith("e="))
        self.assertIn("variables in parts are joined", err)
        handed = load_checkpoint(self.folder / "weights.safetensors")
        self.assertEqual({name: tensor.shape for name, tensor in handed.tensors.items()}, {"t": (4, 2), "e": (2, 2)})

    # ---------------------------------------------------------------------------- what is refused

    def test_an_output_that_is_the_checkpoint(self) -> None:
        for arguments in (["--out", TORCH], [f"--report={TORCH}"], ["--sidecar", f"item={TORCH}"]):
            got, _, err = self.run_it("--weights", TORCH, *arguments, status=2)
            self.assertEqual(got, [])
            self.assertIn("is the file of --weights", err)

    def test_wrong_usage(self) -> None:
        for arguments, words in ((["--key"], "--key needs a value"), (["--key", "a", "--key=b"], "given twice")):
            self.assertIn(words, self.run_it("--weights", TORCH, *arguments, status=2)[2])

    def test_damaged_files_are_refused_in_one_line(self) -> None:
        for name, content in (("w.pt", b"PK\x03\x04..."), ("w.h5", b"x"), ("w.keras", b"PK\x03\x04")):
            path = self.write(name, content)
            got, out, err = self.run_it("--weights", path, status=1)
            self.assertEqual((got, out, err.count("\n")), ([], "", 1))
            self.assertTrue(err.startswith(f"augur-convert: {path}: "), err)
        np.savez(self.folder / "d.npz", **{"augur.json": np.zeros(1, np.uint8)})
        self.assertIn("augur_rank.export(", self.run_it("--weights", self.folder / "d.npz", status=1)[2])

    def test_names_do_not_move_the_cursor(self) -> None:
        path = self.write("a\x1b[2J.pt", b"x")
        self.assertIn("a\\x1b[2J.pt: cannot be read", self.run_it("--weights", path, status=1)[2])

    def test_without_the_command_the_error_says_how_to_get_it(self) -> None:
        (self.folder / "bin" / "augur-convert").unlink()
        for weights in (TORCH, LIBRARIES / "deepctr-torch" / "dien.safetensors"):
            self.assertIn("install the package augur-rank", self.run_it("--weights", weights, status=1)[2])

    # ------------------------------------------------------------------------------------ signals

    def wait_until_started(self) -> None:
        for _ in range(600):
            if (self.folder / "started").exists():
                return
            time.sleep(0.05)
        self.fail("the command did not start")

    def test_signals_end_the_command_and_leave_nothing(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            process = self.start("--weights", TORCH, end="exec sleep 60")
            self.wait_until_started()
            process.send_signal(number)
            process.communicate(timeout=30)
            self.assertEqual(process.returncode, -number)
            self.assertEqual(os.listdir(self.folder / "tmp"), [])
            (self.folder / "started").unlink()

    def test_the_command_cleans_up_after_a_signal(self) -> None:
        process = self.start("--weights", TORCH, end="while true; do sleep 0.05; done", trap="yes")
        self.wait_until_started()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, -signal.SIGTERM)
        self.assertTrue((self.folder / "stopped").exists())


class Built(InAFolder):
    """With the built command itself."""

    def setUp(self) -> None:
        super().setUp()
        try:
            self.command = built.command("augur-convert")
        except AugurError as error:
            self.skipTest(str(error))

    def package(self, *arguments: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([sys.executable, "-m", "augur_rank", *map(str, arguments)], capture_output=True,
                              text=True, timeout=60, env={**os.environ, "PYTHONPATH": str(PACKAGE)}, check=False)

    def test_the_command_that_augur_convert_prints_converts(self) -> None:
        out = self.folder / "with space" / "m.augur"
        out.parent.mkdir()
        answers = LIBRARIES / "deepctr-torch" / "answers.json"
        given = ["--weights", str(TORCH), "--layout", "auto", "--model", str(answers), "--out", str(out)]
        done = subprocess.run([self.command, *given], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("pip install .", done.stderr)
        printed = shlex.split(done.stderr.splitlines()[-1])
        self.assertEqual(printed, ["python3", "-m", "augur_rank", "convert", *given])
        done = self.package(*printed[3:])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(out.exists())

    def test_messages_name_the_user_s_file(self) -> None:
        done = self.package("convert", "--weights", TORCH, "--layout", "recbole", "--out", self.folder / "m.augur")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"augur-convert: {TORCH}: not a checkpoint of the layout recbole", done.stderr)
        self.assertNotIn("tensors.safetensors", done.stderr)

    def test_questions_are_asked_through_it(self) -> None:
        questions = self.folder / "questions.json"
        done = self.package("convert", "--weights", TORCH, "--layout", "auto", "--ask", questions)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("gru_type", json.loads(questions.read_text()).keys() | {"gru_type"})
        self.assertEqual(json.loads(questions.read_text())["layout"], "deepctr-torch")

    def test_what_the_file_tells_is_not_asked_and_compared(self) -> None:
        questions, out = self.folder / "questions.json", self.folder / "m.augur"
        given = ["--weights", BUNDLE, "--layout", "auto"]
        done = self.package("convert", *given, "--ask", questions)
        self.assertEqual(done.returncode, 0, done.stderr)
        asked = json.loads(questions.read_text())
        self.assertEqual(asked["layout"], "deepctr-keras")
        self.assertFalse({"max_history", "dnn_activation", "task"} & set(asked))
        self.assertIn("its keras_metadata.pb", asked["?sparse"]["told_by"])  # to say whose each column is
        for answer, words in (("max_history=9", "9 was stated, but the checkpoint tells 8"),
                              ("dnn_activation=elu", '"elu" was stated, but the checkpoint tells "relu"'),
                              ('sparse=["item", "user", "gender", "cate"]', '"item" was stated'),
                              ("task=regression", "its keras_metadata.pb")):
            done = self.package("convert", *given, "--set", answer, "--out", out)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)
        done = self.package("convert", *given, "--set", "max_history=8", "--set", "dnn_activation=ReLU",
                            "--candidate-features", "gender,score", "--out", out, "--report", self.folder / "r.json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("are taken for features of the user", done.stderr)
        candidate = json.loads((self.folder / "r.json").read_text())["description"]["candidate"]
        self.assertEqual({field["name"] for field in candidate}, {"gender", "item", "cate", "score"})
        done = self.package("convert", *given, "--candidate-features", "shop", "--out", out)
        self.assertIn("the model has no feature 'shop'; it has user, gender", done.stderr)

    def test_keys_of_a_table_are_given_by_its_tensor(self) -> None:
        answers = LIBRARIES / "deepctr-torch" / "answers.json"
        tensors = load_checkpoint(TORCH).tensors
        name = "embedding_dict.user.weight"
        rows = len(tensors[name])
        weights = self.folder / "w.npz"
        np.savez(weights, **{f"{one}-values" if one == name else one: tensor for one, tensor in tensors.items()},
                 **{f"{name}-keys": np.arange(rows) * 1000})
        done = self.package("convert", "--weights", weights, "--layout", "deepctr-torch", "--model", answers, "--out",
                            self.folder / "m.augur")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"user {rows} integer keys", done.stdout)

    def test_help_tells_of_its_own_options(self) -> None:
        done = self.package("convert", "--help")
        self.assertEqual(done.returncode, 0)
        for words in ("--list-tensors", "--key PLACE", "--average NAME", "SavedModel"):
            self.assertIn(words, done.stdout)

    def test_subcommands(self) -> None:
        done = self.package("rank", "--version")
        self.assertEqual((done.returncode, done.stdout.split()[0]), (0, "augur-rank"))
        self.assertEqual(self.package().returncode, 2)
        self.assertEqual(self.package("--help").returncode, 0)
        script = Path(self.package("dump-script", "--path").stdout.strip())
        self.assertEqual(script.name, "augur_dump.py")
        self.assertEqual(self.package("dump-script").stdout, script.read_text())


if __name__ == "__main__":
    unittest.main()
