"""Runs the demo and checks what it prints: figures, the change of the ranking, widths, colours, errors.

    demo_test.py AUGUR_DEMO AUGUR_CONVERT SHOP MODELS      MODELS is a folder to write to
"""

import json
import os
import pty
import re
import subprocess
import sys
import unittest

DEMO, CONVERT, SHOP, MODELS = sys.argv[1:5]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def environment(**settings):
    kept = {k: v for k, v in os.environ.items()
            if k not in ("COLUMNS", "NO_COLOR", "TERM") and k != "LANG" and not k.startswith("LC_")}
    return {**kept, **settings}


def run(*arguments, **settings):
    """Standard output is a pipe."""
    done = subprocess.run([DEMO, *arguments], env=environment(**settings), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def run_in_terminal(*arguments, **settings):
    """Standard output is a terminal."""
    ours, its = pty.openpty()
    with subprocess.Popen([DEMO, *arguments], env=environment(**settings), stdout=its,
                          stdin=subprocess.DEVNULL) as process:
        os.close(its)
        output = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux's way of telling the end
                break
            if not piece:
                break
            output += piece
        os.close(ours)
    return process.returncode, output.decode().replace("\r\n", "\n")


def widest(text):
    return max(len(line) for line in ESCAPE.sub("", text).split("\n"))


class DemoTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.makedirs(MODELS, exist_ok=True)
        for name, kind in (("dien", "dien"), ("base", "base"), ("blind", "base")):
            subprocess.run([CONVERT, "--weights", f"{SHOP}/{name}.safetensors", "--layout",
                            "augur-reference", "--set", f"kind={kind}", "--set", "max_history=50",
                            "--vocabulary", f"item={SHOP}/item_keys.txt", "--out", f"{MODELS}/{name}.augur"],
                           check=True, stdout=subprocess.DEVNULL)

    def test_story_and_figures(self):
        status, text, errors = run(MODELS, "--shop", SHOP, LC_ALL="C.UTF-8")
        self.assertEqual((status, errors), (0, ""))
        self.assertNotIn("\x1b", text)
        self.assertLessEqual(widest(text), 80)

        moves = [(int(was), int(now)) for was, now
                 in re.findall(r"^ +(\d+) → +(\d+)  ", text, re.MULTILINE)]
        first = [now for _, now in moves[:8]]
        self.assertEqual(first, list(range(1, 9)), "the second ranking begins with its best")
        self.assertNotEqual([was for was, _ in moves[:8]], first, "nothing has moved")
        fallen = moves[8:]
        self.assertEqual([was for was, _ in fallen], [1, 2, 3])
        self.assertTrue(any(now > was for was, now in fallen))

        with open(f"{SHOP}/results.json", encoding="utf-8") as file:
            expected = json.load(file)["models"]
        shown = {}
        for label, name in (("no history", "blind"), ("BaseModel", "base"), ("DIEN", "dien")):
            found = re.findall(rf"^ +{label} +[a-z].* (0\.\d{{4}}) .* (\d+)%$", text, re.MULTILINE)
            self.assertEqual(len(found), 1, label)
            shown[name] = float(found[0][0])
            self.assertAlmostEqual(shown[name], expected[name]["auc"], delta=6e-5)
            self.assertAlmostEqual(float(found[0][1]) / 100, expected[name]["first_is_clicked"],
                                   delta=0.0056)
        self.assertGreater(shown["dien"], shown["base"])
        self.assertGreater(shown["base"], shown["blind"])

        size = os.path.getsize(f"{MODELS}/dien.augur")
        self.assertRegex(text, rf"model file +{size / 1e3:.1f} KB")

    def test_plain_where_colour_and_utf8_are_unwanted(self):
        status, text = run_in_terminal(MODELS, "--shop", SHOP, "--visitor", "2", LC_ALL="C",
                                       TERM="xterm", NO_COLOR="1", COLUMNS="200")
        self.assertEqual(status, 0)
        self.assertTrue(text.isascii())
        self.assertNotIn("\x1b", text)
        self.assertLessEqual(widest(text), 100)
        self.assertGreater(widest(text), 80)

    def test_colour_in_a_terminal(self):
        status, text = run_in_terminal(MODELS, "--shop", SHOP, "--visitor", "3", LC_ALL="C.UTF-8",
                                       TERM="xterm", COLUMNS="90")
        self.assertEqual(status, 0)
        self.assertRegex(text, ESCAPE)
        self.assertLessEqual(widest(text), 90)

    def test_wrong_usage(self):
        self.assertEqual(run()[0], 2)
        self.assertEqual(run(MODELS, "--visitor", "0")[0], 2)
        status, text, _ = run("--help")
        self.assertEqual(status, 0)
        self.assertIn("--visitor", text)

    def test_errors_name_the_culprit(self):
        for arguments, culprit in (
                ((MODELS, "--shop", SHOP, "--visitor", "9"),
                 "showcase.requests.jsonl: there is no visitor 9, the last one is 3"),
                ((MODELS, "--shop", MODELS), "categories.tsv"),
                ((SHOP, "--shop", SHOP), "dien.augur")):
            status, text, errors = run(*arguments)
            self.assertEqual((status, text), (1, ""), arguments)
            self.assertTrue(errors.startswith("augur-demo: "), errors)
            self.assertIn(culprit, errors)

    def test_numbers_that_overflow_name_the_request(self):
        models = os.path.join(MODELS, "overflowing")
        os.makedirs(models, exist_ok=True)
        subprocess.run([CONVERT, "--weights", f"{SHOP}/dien.safetensors", "--layout", "augur-reference",
                        "--set", "kind=dien", "--set", "max_history=50",
                        "--vocabulary", f"item={SHOP}/item_keys.txt",
                        "--set", 'calibration={"scale": 3e38, "offset": 0}', "--out", f"{models}/dien.augur"],
                       check=True, stdout=subprocess.DEVNULL)
        status, _, errors = run(models, "--shop", SHOP)
        self.assertEqual(status, 1)
        self.assertRegex(errors, r"showcase\.requests\.jsonl:1: request '.*': candidate \d+: .*\(not finite\)")

    def test_damaged_catalogue(self):
        shop = os.path.join(MODELS, "damaged-shop")
        os.makedirs(shop, exist_ok=True)
        tables = {"categories.tsv": "category\tdepartment\tname\n1\tCamping\tTents\n",
                  "catalogue.tsv": "item\tcategory\tprice\tname\n1\t1\t10\tTent\n"}
        for file, table, culprit in (
                ("categories.tsv", "id,name\n", "categories.tsv: expected the columns"),
                ("catalogue.tsv", "item\tcategory\tprice\tname\n1\t1\n", "catalogue.tsv:2"),
                ("catalogue.tsv", "item\tcategory\tprice\tname\nx\tx\t1\tA\n", "'category'"),
                ("catalogue.tsv", "item\tcategory\tprice\tname\nx\t1\t1\tA\nx\t1\t1\tA\n", "item 'x'"),
                ("catalogue.tsv", "item\tcategory\tprice\tname\n1\t7\t1\tA\n", "category 7")):
            for name, text in {**tables, file: table}.items():
                with open(os.path.join(shop, name), "w", encoding="utf-8") as out:
                    out.write(text)
            status, _, errors = run(MODELS, "--shop", shop)
            self.assertEqual(status, 1)
            self.assertIn(culprit, errors)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
