import numpy as np

from wonderland.compare.twins.topics import characters, cut, text, unigram_loss, windows
from wonderland.compare.twins.twin import Data


def test_the_text_is_long_and_real():
    assert len(text()) > 100_000 and "lambda" in text()
    assert 60 < len(characters()) < 300


def test_windows_lie_beside_one_another_and_y_is_one_place_later():
    x, y = cut(np.arange(10), 3)
    assert x.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert y.tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_the_last_tenth_is_kept_to_test():
    data, names = windows(16), characters()
    assert data.test_x.shape == data.test_y.shape == (128, 16)
    assert data.train_x.dtype == data.train_y.dtype == np.int64
    assert data.train_x.max() < len(names)
    beginning = "".join(names[i] for i in data.train_x[:4].ravel())
    assert text().startswith(beginning)
    first = "".join(names[i] for i in data.test_x[0])
    assert abs(text().index(first, len(text()) // 2) - 0.9 * len(text())) < 32


def test_the_loss_of_guessing():
    some = np.array([[0, 0, 0, 1]])
    counts = np.ones(len(characters()))
    counts[0], counts[1] = 4, 2
    wanted = -np.log(counts / counts.sum())[1]
    assert np.isclose(unigram_loss(Data(some, some, some, np.array([[1]]))), wanted)
