"""From torch.save to .safetensors: what is found, what is kept, what is refused."""

import collections
import contextlib
import io
import json
import os
import pickle
import subprocess
import sys
import tempfile
import types
import unittest
from pathlib import Path

import numpy as np
import torch

from augur_rank.checkpoints import load_checkpoint, torch_reader
from augur_rank.commands import weights
from augur_rank.files import safetensors_file

LIBRARIES = Path(__file__).resolve().parents[4] / "tests" / "layouts" / "libraries"


class Library:
    """While it lasts, a module recbole_like with classes that refuse to be made again by a reader."""

    NAME = "recbole_like"

    def __enter__(self):
        module = types.ModuleType(self.NAME)
        for name in ("Config", "ModelType"):
            setattr(module, name, type(name, (), {"__module__": self.NAME}))
        sys.modules[self.NAME] = module
        return module

    def __exit__(self, *_):
        del sys.modules[self.NAME]


class ExportTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.source = os.path.join(temporary.name, "checkpoint.pt")
        self.target = os.path.join(temporary.name, "weights.safetensors")

    def run_file(self, *arguments, source=None):
        """Exports; returns the status and what was said."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = weights.main([str(source or self.source), self.target, "--keep-names", *arguments])
        return status, said.getvalue()

    def run_main(self, content, *arguments, **options):
        torch.save(content, self.source, **options)
        return self.run_file(*arguments)

    def exported(self, content, *arguments, **options):
        status, said = self.run_main(content, *arguments, **options)
        self.assertEqual(status, 0, said)
        return safetensors_file.load(self.target)[0]

    def check_same(self, tensors, state):
        self.assertEqual(list(tensors), list(state))
        for name, tensor in state.items():
            np.testing.assert_array_equal(tensors[name], tensor.numpy(), name)
            self.assertEqual(tensors[name].shape, tuple(tensor.shape), name)

    # ------------------------------------------------------------------------ what is found and kept

    def test_state_dict_in_both_formats(self):
        torch.manual_seed(1)
        model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.GRU(4, 2))
        for zipped in (True, False):
            tensors = self.exported(model.state_dict(), _use_new_zipfile_serialization=zipped)
            self.check_same(tensors, model.state_dict())

    def test_the_order_of_the_state_dict_stands_in_the_metadata(self):
        self.exported(collections.OrderedDict((name, torch.ones(1)) for name in ("z", "a", "m")))
        metadata = safetensors_file.load(self.target)[1]
        self.assertEqual(json.loads(metadata["augur.order"]), ["z", "a", "m"])
        self.assertEqual(metadata["format"], "pt")

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

    def test_averaged_weights_beside_the_raw_ones_are_not_passed_over(self):
        raw, mean = {"w": torch.zeros(2)}, {"w": torch.ones(2)}
        for content, key in (({"state_dict": raw, "ema_state_dict": mean}, "ema_state_dict"),
                             ({"model": raw, "model_ema": {"shadow": mean, "decay": 0.9}}, "model_ema.shadow")):
            status, said = self.run_main(content)
            self.assertEqual(status, 1, said)
            self.assertIn(f"--average {key} (in Python: average=) takes them", said)
            self.assertIn(f"under {key} are taken", self.run_main(content, "--average", key)[1])
            self.assertEqual(self.exported(content, "--key", key)["w"][0], 1)

    def test_prefixes_of_wrappers_stay(self):
        for prefix in ("module.", "_orig_mod.", "model."):
            self.assertEqual(list(self.exported({f"{prefix}a": torch.ones(1), f"{prefix}b.c": torch.ones(2)})),
                             [f"{prefix}a", f"{prefix}b.c"])

    def test_types(self):
        state = {"half": torch.tensor([0.5, 65504.0]).half(), "brain": torch.tensor([1.5, 3e38]).bfloat16(),
                 "double": torch.tensor([0.1], dtype=torch.float64), "int": torch.tensor([3, -4]),
                 "flag": torch.tensor([True, False]), "scalar": torch.tensor(7),
                 "byte": torch.tensor([200], dtype=torch.uint8), "short": torch.tensor([-3], dtype=torch.int16),
                 "turned": torch.arange(6.0).reshape(2, 3).t(), "slice": torch.arange(9.0)[2:8:2],
                 "brain_slice": torch.arange(6.0).bfloat16().reshape(2, 3).t(), "one": torch.tensor(2.5).bfloat16(),
                 "empty": torch.ones(0, 4), "parameter": torch.nn.Parameter(torch.ones(2, 1).expand(2, 3))}
        expected_types = {"half": "float16", "brain": "float32", "double": "float64", "int": "int64",
                          "flag": "int64", "scalar": "int64", "byte": "int64", "short": "int64",
                          "turned": "float32", "slice": "float32", "brain_slice": "float32", "one": "float32",
                          "empty": "float32", "parameter": "float32"}
        for zipped in (True, False):
            tensors = self.exported(state, _use_new_zipfile_serialization=zipped)
            self.assertEqual({name: str(t.dtype) for name, t in tensors.items()}, expected_types)
            for name, tensor in state.items():
                expected = tensor.detach().float() if tensor.dtype == torch.bfloat16 else tensor.detach()
                np.testing.assert_array_equal(tensors[name], expected.numpy(), name)
                self.assertEqual(tensors[name].shape, tuple(tensor.shape), name)

    def test_half_precision_is_said(self):
        for dtype, word in ((torch.float16, "float16"), (torch.bfloat16, "bfloat16")):
            status, said = self.run_main({"a": torch.ones(2, dtype=dtype), "b": torch.ones(2)})
            self.assertEqual(status, 0)
            self.assertIn(f": 1 of 2 tensors are {word}", said)
            self.assertIn("scores in half precision", said)
        self.assertNotIn("precision", self.run_main({"a": torch.ones(2)})[1])

    def test_shared_tensors_keep_both_names(self):
        bias = torch.ones(3)
        self.assertEqual(set(self.exported({"rnn.bias_ih": bias, "rnn.bias_hh": bias})),
                         {"rnn.bias_ih", "rnn.bias_hh"})

    # ----------------------------------------------------- files with a library's objects in them

    def save_like_recbole(self, **options):
        with Library() as library:
            config, kind = library.Config(), library.ModelType()
            kind.value = 3
            config.final_config_dict = {"model": "DIEN", "type": kind, "metrics": {"AUC", "LogLoss"}}
            state = collections.OrderedDict(b=torch.ones(2, 3), a=torch.tensor([1.5]))
            optimizer = {"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"lr": 1e-3}]}
            torch.save({"config": config, "epoch": 4, "cur_step": 0, "best_valid_score": np.float64(0.7),
                        "state_dict": state, "other_parameter": None, "optimizer": optimizer},
                       self.source, **options)
        return state

    def test_recbole_s_own_file_is_read_without_recbole(self):
        for zipped in (True, False):
            state = self.save_like_recbole(_use_new_zipfile_serialization=zipped)
            # The classes are gone: PyTorch itself cannot read it.
            with self.assertRaises((AttributeError, ModuleNotFoundError, pickle.UnpicklingError)):
                torch.load(self.source)
            status, said = self.run_file()
            self.assertEqual(status, 0, said)
            self.check_same(safetensors_file.load(self.target)[0], state)
            self.assertNotIn(Library.NAME, sys.modules)

    def test_recbole_s_settings_are_said(self):
        status, said = self.run_file(source=LIBRARIES / "recbole-pth" / "DIEN.pth")
        self.assertEqual(status, 0, said)
        self.assertIn("in this file answers: gru_type is 'AUGRU', pooling_mode is 'mean', max_history is 8", said)
        checkpoint = load_checkpoint(LIBRARIES / "recbole-pth" / "DIEN.pth")
        self.assertEqual(checkpoint.layout, "recbole")
        self.assertEqual(checkpoint.answers, {"gru_type": "AUGRU", "pooling_mode": "mean", "max_history": 8})
        notes = json.loads(safetensors_file.load(self.target)[1]["augur.notes"])
        self.assertEqual((notes["layout"], notes["answers"]), ("recbole", checkpoint.answers))
        self.assertNotIn("file", notes)

    def test_neither_pytorch_nor_the_library_is_needed(self):
        self.save_like_recbole()
        hide = ("import sys; sys.modules['torch'] = None; from augur_rank.commands import weights; "
                "sys.exit(weights.main())")
        done = subprocess.run([sys.executable, "-c", hide, self.source, self.target], capture_output=True, text=True,
                              cwd=Path(weights.__file__).resolve().parents[2], timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(list(safetensors_file.load(self.target)[0]), ["b", "a"])

    def test_modules_saved_whole(self):
        torch.manual_seed(2)
        inner = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
        model = torch.nn.ModuleDict({"z": inner, "a": torch.nn.GRU(3, 2), "again": inner})
        model.register_buffer("kept", torch.ones(1))
        model.register_buffer("left_out", torch.ones(1), persistent=False)
        model.register_parameter("none", None)
        for zipped in (True, False):
            tensors = self.exported(model, _use_new_zipfile_serialization=zipped)
            self.check_same(tensors, model.state_dict())
        self.check_same(self.exported({"epoch": 1, "model": model}), model.state_dict())

    def test_a_library_s_whole_model_and_old_format_are_those_of_its_state_dict(self):
        expected, metadata = safetensors_file.load(str(LIBRARIES / "deepctr-torch" / "dien.safetensors"))
        for name in ("whole_model.pt", "legacy.pt"):
            status, said = self.run_file(source=LIBRARIES / "deepctr-torch" / name)
            self.assertEqual(status, 0, said)
            tensors, found = safetensors_file.load(self.target)
            self.assertEqual(found, metadata, name)
            self.assertEqual(list(tensors), json.loads(metadata["augur.order"]), name)
            for tensor, array in expected.items():
                np.testing.assert_array_equal(tensors[tensor], array, tensor)

    # ------------------------------------------------------------------------------- what is refused

    def check_refused(self, words, **options):
        status, said = self.run_file(**options)
        self.assertEqual(status, 1, said)
        self.assertIn(words, said)
        self.assertNotIn("\x1b", said)
        self.assertEqual(said.count("\n"), 1, said)
        self.assertFalse(os.path.exists(self.target))
        self.assertEqual([name for name in os.listdir(os.path.dirname(self.target)) if name.endswith(".part")], [])

    def test_refusals(self):
        sparse = torch.sparse_coo_tensor(torch.tensor([[0]]), torch.tensor([1.0]), (3,))
        for content, words in (([1, 2], "holds a list"), ({"epoch": 3}, "--key"), ({}, "--key"),
                               ({"w": torch.ones(2, dtype=torch.complex64)}, "complex"), ({"w": sparse}, "sparse"),
                               (torch.nn.ReLU(), "holds a torch.nn.modules.activation.ReLU")):
            torch.save(content, self.source)
            self.check_refused(words)
        with open(self.source, "wb") as file:
            file.write(b"not a checkpoint at all")
        self.check_refused("cannot be read as a PyTorch checkpoint")
        self.check_refused("No such file", source=self.source + ".absent")
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            weights.main([self.source, "weights.bin"])

    def test_torchscript_is_named(self):
        torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), self.source)
        self.check_refused("TorchScript")

    def test_damaged_files(self):
        state = {"w": torch.arange(64.0), "v": torch.ones(3)}
        for zipped in (True, False):
            torch.save(state, self.source, _use_new_zipfile_serialization=zipped)
            whole = Path(self.source).read_bytes()
            for size in range(0, len(whole), 131):
                Path(self.source).write_bytes(whole[:size])
                self.check_refused("checkpoint.pt: ")
            # Either an error or an export, never anything else.
            for at in [*range(0, len(whole), 31), *range(len(whole) - 22, len(whole))]:
                changed = bytearray(whole)
                changed[at] ^= 0xFF
                Path(self.source).write_bytes(changed)
                self.assertIn(self.run_file()[0], (0, 1))
            with contextlib.suppress(FileNotFoundError):
                os.remove(self.target)

    def test_an_error_leaves_the_old_file(self):
        self.exported({"w": torch.ones(2)})
        before = Path(self.target).read_bytes()
        self.assertEqual(self.run_main({"w": torch.ones(2, dtype=torch.complex64)})[0], 1)
        self.assertEqual(Path(self.target).read_bytes(), before)

    def test_a_tensor_outside_its_storage(self):
        torch.save({"w": torch.ones(4)}, self.source)
        content = torch_reader.read(self.source)
        for change in ({"shape": (5,)}, {"offset": 1}, {"shape": (1 << 40,), "stride": (0,)},
                       {"shape": (1 << 62, 1 << 62), "stride": (0, 0)}, {"stride": (2,)}):
            tensor = torch_reader.Tensor(**{**vars(content["w"]), **change})
            with self.assertRaises(torch_reader.ReadError):
                tensor.array()


if __name__ == "__main__":
    unittest.main()
