"""Keras weights in HDF5, in the groups and attributes that tf.keras writes.

model.save_weights("x.h5") (tensorflow/python/keras/saving/hdf5_format.py): the root has layer_names, backend
and keras_version; each layer a group with weight_names, and each weight a dataset of that name below it, so
a layer's name is there twice. model.save puts that tree below model_weights, next to
optimizer_weights. Here a tensor has the weight's name, whose first part is the layer's name.
"""

from pathlib import Path
from typing import Dict, List, Sequence

import numpy as np

try:
    import h5py
except ImportError:  # Debian's python3-h5py; without it the tests that need it are reported as skipped
    h5py = None

from harness import Tensors, WRITERS

CAN_BE_READ = h5py is not None
WHY_NOT = "needs h5py (Debian: python3-h5py)"


def write_h5(path: Path, tensors: Tensors, whole_model: bool = False,
             idle_layers: Sequence[str] = ()) -> None:
    """`idle_layers` have no weights: inputs, Hash, Multiply and the like."""
    layers: Dict[str, List[str]] = {layer: [] for layer in idle_layers}
    for name in tensors:
        layers.setdefault(name.split("/")[0], []).append(name)
    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if whole_model else file
        root.attrs["layer_names"] = [layer.encode() for layer in layers]
        root.attrs["backend"] = b"tensorflow"
        root.attrs["keras_version"] = b"2.4.0"
        for layer, names in layers.items():
            group = root.create_group(layer)
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name in names:
                group.create_dataset(name, data=np.asarray(tensors[name], np.float32))
        if whole_model:
            slots = file.create_group("optimizer_weights")
            slots.attrs["weight_names"] = [b"training/Adam/iter:0"]
            slots.create_dataset("training/Adam/iter:0", data=np.int64(12))


def write_model_h5(path: Path, tensors: Tensors) -> None:
    write_h5(path, tensors, whole_model=True)


WRITERS[".h5"] = write_h5
WRITERS[".model.h5"] = write_model_h5
