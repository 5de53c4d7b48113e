"""Writes numpy.npz and numpy_compressed.npz: arrays as NumPy itself stores them."""
import pathlib

import numpy as np

arrays = {
    "f32": np.arange(6, dtype=np.float32).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
    "f64be": np.array([0.5, -1.0], dtype=">f8"),
    "f16": np.array([0.25, 65504.0], dtype=np.float16),
    "scope/step": np.array(1234567890123, dtype=np.int64),
    "flags": np.array([True, False, True]),
    "empty": np.zeros((0, 3), dtype=np.float32),
    "names": np.array(["first", "b"]),
    "records": np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4", (2,))]),
}
folder = pathlib.Path(__file__).parent
np.savez(folder / "numpy.npz", **arrays)
np.savez_compressed(folder / "numpy_compressed.npz", **arrays)
