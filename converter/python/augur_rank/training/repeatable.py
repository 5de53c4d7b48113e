"""Makes training give the same weights again, bit for bit: one thread, one set of x86-64 kernels.

Floating-point sums depend on the number of threads and on the kernels that a library picks for
the processor. OpenBLAS and PyTorch read the choice from the environment when they are
loaded, so the program sets the environment and starts itself again.
"""

import os
import sys

FIXED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENBLAS_CORETYPE": "Haswell",
    "ATEN_CPU_CAPABILITY": "avx2",
}


def restart_with_fixed_kernels(module: str) -> None:
    """Call this first in a program run as `python3 -m module`. It returns only when everything is set."""
    if any(os.environ.get(name) != value for name, value in FIXED.items()):
        arguments = [sys.executable, "-m", module] + sys.argv[1:]
        os.execve(sys.executable, arguments, {**os.environ, **FIXED})


def use_one_thread() -> None:
    """Lets PyTorch compute in one thread, and only by functions that give the same bits again."""
    import torch  # only here: the environment must be set before

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
