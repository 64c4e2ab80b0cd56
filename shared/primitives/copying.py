"""The identity, in memory of its own."""

import numpy as np

from .primitive import elementwise

# z = x, a contiguous copy
clone = elementwise("clone", lambda x: np.copy(x, "C"), x=1)
