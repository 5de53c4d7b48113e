"""What augur-convert prints about the layouts, and how it recognises the layout of a checkpoint."""

import numpy as np

import deepctr_torch
import fuxictr
import recbole
import torch_rechub
from harness import Case, LayoutTest

LIBRARIES = {
    "deepctr-torch": lambda: deepctr_torch.case(deepctr_torch.Mode("AUGRU")),
    "fuxictr": lambda: fuxictr.case(fuxictr.Mode("AUGRU")),
    "recbole": lambda: recbole.case(recbole.Mode("AUGRU")),
    "torch-rechub": lambda: torch_rechub.case(torch_rechub.Mode()),
}


class Commands(LayoutTest):
    def test_list_layouts(self):
        done = self.run_command(self.convert_command, "--list-layouts")
        self.assertEqual(done.returncode, 0)
        listed = [line.split()[0] for line in done.stdout.splitlines() if line.strip()]
        for name in (*LIBRARIES, "augur-reference"):
            self.assertIn(name, listed)

    def test_explain_layout(self):
        for name, make in LIBRARIES.items():
            done = self.run_command(self.convert_command, "--explain-layout", name)
            self.assertEqual(done.returncode, 0, done.stderr)
            for words in ("What it assumes", "Recognised by", "What it asks", "max_history"):
                self.assertIn(words, done.stdout)
            for question in make().answers:
                self.assertIn(question, done.stdout, name)
        done = self.run_command(self.convert_command, "--explain-layout", "recbol")
        self.assertEqual(done.returncode, 1)
        self.assertIn("did you mean 'recbole'", done.stderr)

    def test_each_is_recognised_as_its_own(self):
        for name, make in LIBRARIES.items():
            done = self.try_convert(make(), layout="auto")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"layout {name}, recognised by ", done.stderr)
            for other in LIBRARIES:
                if other != name:
                    self.refused(make(), f"not a checkpoint of the layout {other}", "recognised by",
                                 layout=other)

    def test_none_and_several(self):
        made_up = Case("made up", "auto", {"encoder.weight": np.ones((3, 3))}, {}, [], None)
        self.refused(made_up, "no layout that is known", "--list-layouts")
        both = LIBRARIES["deepctr-torch"]()
        both.beside = LIBRARIES["torch-rechub"]().tensors
        self.refused(both, "fit several layouts", "deepctr-torch (by ", "torch-rechub (by ", "--layout",
                     layout="auto")

    def test_vocabularies(self):
        for name, make in LIBRARIES.items():
            tables = self.convert(make())["description"]["tables"]
            case = make()
            first = tables[0]["name"]
            rows = len(case.tensors[tables[0]["weights"]])
            self.assertNotEqual(rows, 77)
            self.refused(case, "not 77", "do not belong together",
                         vocabularies=[{"table": first, "rows": 77}])
            self.refused(case, "no table 'nothing'", first, vocabularies=[{"table": "nothing", "rows": 3}])
            case.answers["vocabularies"] = [{"table": first, "rows": rows}]
            self.convert(case)

    def test_weights_that_are_not_numbers(self):
        for value, word in ((np.inf, "infinite"), (np.nan, "NaN")):
            broken = LIBRARIES["recbole"]()
            broken.tensors["dnn_predict_layer.weight"][0, 1] = value
            self.refused(broken, "dnn_predict_layer.weight", word)
