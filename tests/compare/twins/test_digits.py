import numpy as np

from wonderland.compare.twins.digits import digits


def test_digits_are_split_once_and_for_all():
    data = digits()
    assert data.train_x.shape == (1348, 64) and data.test_x.shape == (449, 64)
    assert data.train_x.dtype == np.float32 and data.train_y.dtype == np.int64
    assert data.train_x.min() == 0 and data.train_x.max() == 1
    assert sorted(set(data.test_y.tolist())) == list(range(10))
    np.testing.assert_array_equal(digits().test_x, data.test_x)
    everything = np.concatenate([data.train_x, data.test_x])
    assert len(np.unique(everything, axis=0)) == 1797  # no image stands in both
