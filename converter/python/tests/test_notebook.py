"""Executes examples/notebooks: from a live model of DeepCTR-Torch to ranked candidates, as a reader would."""

import json
import os
import re
import tempfile
import unittest
from pathlib import Path

from augur_rank import built

ROOT = Path(__file__).resolve().parents[3]
NOTEBOOK = ROOT / "examples/notebooks/model_to_phone.ipynb"

try:
    import deepctr_torch
    import nbclient
    import nbformat
except ImportError as error:
    missing = str(error)
else:
    missing = ""


@unittest.skipIf(missing, f"not in the environment of scripts/python-env.sh: {missing}")
class NotebookTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        paths = [str(ROOT / "converter/python"), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)),
                       "AUGUR_BUILD": os.environ.get("AUGUR_BUILD", str(Path(built.library()).parents[1])),
                       "MPLBACKEND": "agg", "IPYTHONDIR": tempfile.gettempdir()}
        with tempfile.TemporaryDirectory() as folder:
            client = nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3",
                                             resources={"metadata": {"path": folder}})
            cls.notebook = client.execute(env=environment)
            cls.files = sorted(os.listdir(folder))

    def text_of(self, words):
        """What the cell with these words printed."""
        cell, = (cell for cell in self.notebook.cells if cell.cell_type == "code" and words in cell.source)
        return "".join(output.get("text", "") for output in cell.outputs if output.output_type == "stream")

    def test_the_export_agrees_with_the_library(self):
        report = self.text_of("print(report)")
        self.assertIn(f"DeepCTR-Torch {deepctr_torch.__version__} DIEN, gru_type AUGRU, 2 history features", report)
        pattern = r"1000 of your rows: scores agree within (\S+) \(f32\), (\S+) \(int8\); AUC (\S+) → (\S+)"
        found = re.search(pattern, report)
        self.assertIsNotNone(found, report)
        f32, int8, library_auc, file_auc = map(float, found.groups())
        self.assertLess(f32, 1e-5)
        self.assertLess(int8, 0.05)
        self.assertGreater(library_auc, 0.65)  # the model has learned something
        self.assertAlmostEqual(library_auc, file_auc, delta=0.01)

    def test_the_best_offers_are_of_the_last_interest(self):
        ranked = [line.split() for line in self.text_of("session.top_k").splitlines()]
        self.assertEqual(len(ranked), 3)
        self.assertEqual(ranked[0][0], "lenses-82")
        scores = [float(score) for _, score in ranked]
        self.assertEqual(scores, sorted(scores, reverse=True))

    def test_every_file_is_written_and_evaluated(self):
        table = self.text_of("augur.evaluate")
        for name in ("f32", "int8", "int4"):
            self.assertIn(name, table)
        self.assertLessEqual({"evaluation.png", "f32.augur", "int4.augur", "model.augur"}, set(self.files))

    def test_the_notebook_names_no_path_of_a_machine(self):
        text = json.dumps(nbformat.read(NOTEBOOK, as_version=4))
        self.assertNotIn(str(Path.home()), text)


if __name__ == "__main__":
    unittest.main()
