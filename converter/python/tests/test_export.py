"""From torch.save to .safetensors: what is found, what is kept, what is refused."""

import contextlib
import io
import os
import tempfile
import unittest

import numpy as np
import torch

from augur_train import export, safetensors_file


class Unknown:
    """Stands for what libraries put into checkpoints beside the weights."""


class ExportTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.source = os.path.join(temporary.name, "checkpoint.pt")
        self.target = os.path.join(temporary.name, "weights.safetensors")

    def run_main(self, content, *arguments):
        """Saves, exports; returns the status and what was said."""
        torch.save(content, self.source)
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = export.main([self.source, self.target, *arguments])
        return status, said.getvalue()

    def exported(self, content, *arguments):
        status, said = self.run_main(content, *arguments)
        self.assertEqual(status, 0, said)
        return safetensors_file.load(self.target)[0]

    def test_state_dict(self):
        torch.manual_seed(1)
        model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.GRU(4, 2))
        tensors = self.exported(model.state_dict())
        self.assertEqual(set(tensors), set(model.state_dict()))
        for name, tensor in model.state_dict().items():
            np.testing.assert_array_equal(tensors[name], tensor.numpy(), name)
            self.assertEqual(tensors[name].shape, tuple(tensor.shape), name)

    def test_places(self):
        state = {"w": torch.arange(6.0).reshape(2, 3)}
        for content in ({"epoch": 3, "state_dict": state}, {"model_state_dict": state, "best": True},
                        {"model": state, "optimizer": {"groups": [1, 2]}}):
            np.testing.assert_array_equal(self.exported(content)["w"], state["w"].numpy())
        content = {"model": state, "state_dict": {"w": state["w"] + 1}}
        status, said = self.run_main(content)
        self.assertEqual(status, 1)
        self.assertIn("--key", said)
        self.assertEqual(self.exported(content, "--key", "state_dict")["w"][0, 0], 1)
        nested = {"ema": {"weights": state}, "step": 7}
        np.testing.assert_array_equal(self.exported(nested, "--key", "ema.weights")["w"], state["w"].numpy())
        status, said = self.run_main(nested, "--key", "ema.state")
        self.assertEqual(status, 1)
        self.assertIn("weights", said)

    def test_data_parallel(self):
        self.assertEqual(set(self.exported({"module.a": torch.ones(1), "module.b.c": torch.ones(2)})),
                         {"a", "b.c"})
        self.assertEqual(set(self.exported({"module.a": torch.ones(1), "b": torch.ones(2)})),
                         {"module.a", "b"})

    def test_types(self):
        state = {"half": torch.tensor([0.5, 65504.0]).half(), "brain": torch.tensor([1.5, 3e38]).bfloat16(),
                 "double": torch.tensor([0.1], dtype=torch.float64), "int": torch.tensor([3, -4]),
                 "flag": torch.tensor([True, False]), "scalar": torch.tensor(7),
                 "turned": torch.arange(6.0).reshape(2, 3).t()}
        tensors = self.exported(state)
        self.assertEqual({name: str(t.dtype) for name, t in tensors.items()},
                         {"half": "float16", "brain": "float32", "double": "float64", "int": "int64",
                          "flag": "int64", "scalar": "int64", "turned": "float32"})
        for name, tensor in state.items():
            expected = tensor.float() if name == "brain" else tensor
            np.testing.assert_array_equal(tensors[name], expected.numpy(), name)
        self.assertEqual(tensors["scalar"].shape, ())

    def test_shared_tensors_keep_both_names(self):
        bias = torch.ones(3)
        self.assertEqual(set(self.exported({"rnn.bias_ih": bias, "rnn.bias_hh": bias})),
                         {"rnn.bias_ih", "rnn.bias_hh"})

    def test_refusals(self):
        for content, words in ((torch.nn.Linear(2, 2), "state_dict()"), ({"config": Unknown()}, "state_dict()"),
                               ([1, 2], "holds a list"), ({"epoch": 3}, "--key"),
                               ({"w": torch.ones(2, dtype=torch.complex64)}, "complex")):
            status, said = self.run_main(content)
            self.assertEqual(status, 1, said)
            self.assertIn(words, said)
            self.assertFalse(os.path.exists(self.target))
        with open(self.source, "wb") as file:
            file.write(b"not a checkpoint at all")
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(export.main([self.source, self.target]), 1)
            self.assertEqual(export.main([self.source + ".absent", self.target]), 1)
        self.assertIn("no such file", said.getvalue())
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            export.main([self.source, "weights.bin"])


if __name__ == "__main__":
    unittest.main()
