"""Real handwritten digits: scikit-learn's 8x8 images, which ship with the package."""

import numpy as np

from ...functional import random
from .twin import Data

TEST_SHARE = 0.25


def digits():
    """1,797 images, pixels in [0, 1] as float32 (n, 64); a quarter, drawn by key 0, to test."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    x = (images / 16).astype(np.float32)
    y = labels.astype(np.int64)
    order = random.permutation(random.key(0), len(x))
    test, train = np.split(order, [int(len(x) * TEST_SHARE)])
    return Data(x[train], y[train], x[test], y[test])
