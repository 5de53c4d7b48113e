"""Kinds are found by content, and folders lead to what is in them."""

import os
import shutil
import unittest
import zipfile
from pathlib import Path

import numpy as np

from augur_rank import built
from augur_rank.checkpoints import kinds, load_checkpoint
from augur_rank.errors import AugurError

from .support import BUNDLE, InAFolder, safetensors_bytes


class Kinds(InAFolder):
    def kind(self, name: str, content: bytes) -> str:
        return kinds.find(self.write(name, content)).kind

    def test_content_decides(self) -> None:
        hdf5 = b"\x89HDF\r\n\x1a\n" + bytes(100)
        for name in ("w.bin", "w.pt", "w", "w.safetensors"):
            self.assertEqual(self.kind(name, safetensors_bytes({})), kinds.SAFETENSORS)
            self.assertEqual(self.kind(name, hdf5), kinds.HDF5)
            self.assertEqual(self.kind(name, bytes(512) + hdf5), kinds.HDF5)
            self.assertEqual(self.kind(name, b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."), kinds.PYTORCH)
        for entry, kind in (("x/data.pkl", kinds.PYTORCH), ("model.weights.h5", kinds.KERAS),
                            ("augur.json.npy", kinds.DUMP), ("a.npy", kinds.NUMPY)):
            with zipfile.ZipFile(self.folder / "w.h5", "w") as archive:
                archive.writestr(entry, b"")
            self.assertEqual(kinds.find(self.folder / "w.h5").kind, kind)

    def test_names_decide_where_content_tells_nothing(self) -> None:
        for name, kind in (("w.h5", kinds.HDF5), ("w.pt", kinds.PYTORCH), ("w.npz", kinds.NUMPY),
                           ("w.index", kinds.BUNDLE)):
            self.assertEqual(self.kind(name, b"nothing that is known"), kind)

    def test_a_pipe_is_not_waited_for(self) -> None:
        path = self.folder / "pipe.pt"
        os.mkfifo(path)
        self.refused(path, "neither a file nor a folder")

    def test_bundles(self) -> None:
        variables = BUNDLE / "variables" / "variables"
        for path in (variables, f"{variables}.index", f"{variables}.data-00000-of-00001"):
            self.assertEqual(kinds.find(path), kinds.Found(kinds.BUNDLE, str(variables)))
        self.assertEqual(kinds.find(BUNDLE), kinds.Found(kinds.SAVED_MODEL, str(variables)))

    def test_a_folder_of_checkpoints(self) -> None:
        for end in (".index", ".data-00000-of-00001"):
            shutil.copy(f"{BUNDLE / 'variables' / 'variables'}{end}", self.folder / f"model-7{end}")
        for named in ("model-7", "./model-7", "/somewhere/else/model-7", "../model-7"):
            note = self.write("checkpoint", f'model_checkpoint_path: "{named}"\n'.encode())
            for path in (self.folder, note):
                self.assertEqual(Path(kinds.find(path).path), self.folder / "model-7")
        elsewhere = BUNDLE / "variables" / "variables"  # which is there, but not in the folder
        self.write("checkpoint", f'model_checkpoint_path: "{elsewhere}"\n'.encode())
        self.refused(self.folder / "checkpoint", "variables.index beside it")
        self.write("checkpoint", b'model_checkpoint_path: "model-8"\n')
        self.refused(self.folder / "checkpoint", "model-8", "no")
        self.write("checkpoint", b"model_checkpoint_path: \n")
        self.refused(self.folder / "checkpoint", "damaged")

    def test_refusals(self) -> None:
        self.refused(self.folder / "absent.pt", "No such file")
        self.refused(self.write("empty.pt", b""), "is empty")
        self.refused(self.folder, "is a folder", "empty.pt")
        self.refused(self.write("w.npz", b"PK\x03\x04 and nothing"), "damaged zip file")
        (self.folder / "saved").mkdir()
        self.write("saved/saved_model.pb", b"x")
        self.refused(self.folder / "saved", "without weights")
        np.savez(self.folder / "dump.npz", **{"augur.json": np.zeros(1, np.uint8)})
        self.refused(self.folder / "dump.npz", "is a dump", "augur_rank.export")
        np.savez(self.folder / "a.npz", a=np.ones(1))
        self.refused(self.folder / "a.npz", "this is NumPy", key="model")


class Bundle(InAFolder):
    def setUp(self) -> None:
        super().setUp()
        try:
            built.command("augur-convert")
        except AugurError as error:
            self.skipTest(str(error))

    def test_a_saved_model_is_read_and_answers(self) -> None:
        found = load_checkpoint(BUNDLE)
        self.assertEqual((found.kind, found.layout, found.file), ("TensorFlow bundle", "deepctr-keras", str(BUNDLE)))
        self.assertEqual(found.tensors["sparse_emb_user/embeddings"].shape, (30, 6))
        self.assertEqual(found.answers["max_history"], 8)
        self.assertIn("hist_item", found.keras.idle_layers)

    def test_metadata_that_are_damaged(self) -> None:
        saved = self.folder / "saved"
        shutil.copytree(BUNDLE, saved)
        whole = (saved / "keras_metadata.pb").read_bytes()
        from augur_rank.checkpoints import saved_model
        from augur_rank.checkpoints.checkpoint import Checkpoint
        for data in (whole[:5000], b"\xff" * 20, b"\x0a\xff\xff\xff\x7f", b"", b"\x0a\x02\x1a\x00"):
            (saved / "keras_metadata.pb").write_bytes(data)
            checkpoint = Checkpoint("x", "TensorFlow bundle", {})
            saved_model.take_answers(checkpoint, str(saved))
            self.assertEqual(checkpoint.answers, {})
            self.assertIn("damaged", checkpoint.notes[0])

    def test_errors_are_those_of_augur_convert(self) -> None:
        self.refused(self.write("w.index", b"not an index"), "does not end like the index")


if __name__ == "__main__":
    unittest.main()
