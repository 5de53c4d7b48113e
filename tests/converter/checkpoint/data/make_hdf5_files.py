"""Writes hdf5/*.h5, the corpus of fuzz_hdf5.cc: Keras' tree, types, chunks and links, and damaged files.

    python3 make_hdf5_files.py     (Debian: python3-h5py)
"""

from pathlib import Path

import h5py
import numpy as np

FOLDER = Path(__file__).parent / "hdf5"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with h5py.File(FOLDER / "keras.h5", "w") as file:
        file.attrs["layer_names"] = [b"gru1"]
        group = file.create_group("gru1")
        group.attrs["weight_names"] = [b"gru1/kernel:0"]
        group.create_dataset("gru1/kernel:0", data=np.float32([[1, 2], [3, 4]]))
    with h5py.File(FOLDER / "types.h5", "w", libver="latest") as file:
        for kind in ("<f8", ">f4", "<f2", ">i2", "<u8", "?", "S3"):
            file.create_dataset("t" + kind[-2:].replace("/", ""), data=np.zeros(3, kind))
    with h5py.File(FOLDER / "packed.h5", "w") as file:
        file.create_dataset("w", data=np.arange(64, dtype=np.float32), chunks=(16,),
                            compression="gzip", shuffle=True)
        file.create_dataset("unwritten", shape=(100, 100), chunks=(50, 50), dtype="<f4")
    with h5py.File(FOLDER / "links.h5", "w") as file:
        group = file.create_group("a")
        group["again"] = file["/"]
        group["soft"] = h5py.SoftLink("/a/nowhere")
        group["other"] = h5py.ExternalLink("other.h5", "/x")
    whole = (FOLDER / "keras.h5").read_bytes()
    (FOLDER / "cut.h5").write_bytes(whole[:len(whole) // 2])
    # The dataset's first extent, 2, becomes 2 to the power of 56.
    at = whole.index((2).to_bytes(8, "little") * 2)
    (FOLDER / "huge.h5").write_bytes(whole[:at + 7] + b"\x01" + whole[at + 8:])


if __name__ == "__main__":
    main()
