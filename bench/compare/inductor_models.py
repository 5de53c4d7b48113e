"""PyTorch's models for AOTInductor, which compiles the restructured module with the system's compiler.

One for each N: with weights frozen, a package for a variable N answers for the example's N alone.
"""

from __future__ import annotations

import os

import torch
import torch._inductor
import torch.export
from contenders import Contender
from network import USER_WIDTH
from torch_model import Restructured


def make(contender: Contender, path: str) -> None:
    """Exports, compiles and writes the contender's model."""
    torch.set_num_threads(1)
    config = contender.config
    inputs = (torch.randn(config.steps, config.hidden), torch.randn(contender.candidates, config.hidden),
              torch.randn(1, USER_WIDTH))
    with torch.no_grad():
        exported = torch.export.export(Restructured(config), inputs, strict=False)
        found = torch._inductor.aoti_compile_and_package(
            exported, package_path=path + ".pt2",
            inductor_configs={"freezing": True, "cpp.threads": 1, "compile_threads": 1})
    os.rename(found, path)
