"""Real text on every machine: the topics of Python's own help(), as windows of characters."""

from pydoc_data.topics import topics

import numpy as np

from .twin import Data

TEST_SHARE = 0.1
TEST_WINDOWS = 128


def text():
    """All topics in the order of their names; the text is that of the running Python."""
    return "\n\n".join(topics[name] for name in sorted(topics))


def characters():
    """The characters that occur, in order: the vocabulary."""
    return sorted(set(text()))


def windows(length):
    """x: windows of `length` characters, by number, int64 (n, length); y: each one's next.

    The last tenth of the text is kept to test: `TEST_WINDOWS` windows, spread evenly over it.
    """
    number = {c: i for i, c in enumerate(characters())}
    codes = np.array([number[c] for c in text()])
    train, test = np.split(codes, [int(len(codes) * (1 - TEST_SHARE))])
    train_x, train_y = cut(train, length)
    test_x, test_y = cut(test, length)
    chosen = np.linspace(0, len(test_x) - 1, TEST_WINDOWS).astype(int)
    return Data(train_x, train_y, test_x[chosen], test_y[chosen])


def cut(codes, length):
    """(windows beside one another, the same one place later)."""
    n = (len(codes) - 1) // length
    x, y = codes[: n * length], codes[1 : n * length + 1]
    return x.reshape(n, length), y.reshape(n, length)


def unigram_loss(data):
    """The held-out loss of guessing each character by how often it occurs: what to beat."""
    counts = np.bincount(data.train_y.ravel(), minlength=len(characters())) + 1.0
    return float(-np.log(counts / counts.sum())[data.test_y].mean())
