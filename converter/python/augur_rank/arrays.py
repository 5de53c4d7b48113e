"""Names for types that many modules use.

    Array   a NumPy array of any shape and dtype; docstrings say which
    Json    a JSON object

NumPy before 1.22 cannot write an array's type with its parts when the program runs, so that only type checkers see
them.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    Array = np.ndarray

Json = dict[str, Any]
