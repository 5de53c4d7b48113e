"""MNN's models: the ONNX graphs, converted by MNN's own converter.

A Scan is not known to it. The extractor stays one operator (--useOriginRNNImpl), which is twice as fast as the loop
that the converter makes of it otherwise. The converter is called as a function: the package's script mnnconvert would
install another package, which reports its use.
"""

from __future__ import annotations

import os
from dataclasses import replace

import _tools
import onnx_models
from contenders import Contender


def make(contender: Contender, path: str) -> None:
    """Writes the contender's model."""
    source = path + ".onnx"
    onnx_models.make(replace(contender, kind="f32"), source)
    arguments = ["mnnconvert", "-f", "ONNX", "--modelFile", source, "--MNNModel", path, "--bizCode", "compare"]
    if not contender.plain:
        arguments.append("--useOriginRNNImpl")
    if contender.kind == "int8":
        arguments += ["--weightQuantBits", "8"]
    _tools.mnnconvert(arguments)
    os.remove(source)
    if not os.path.exists(path):
        raise RuntimeError("MNN's converter wrote no model")
