"""How a test holds that a call is refused: the error, its text, and that nothing was changed."""

import re
from typing import NamedTuple

import numpy as np
import pytest

from wonderland import oop


def ones(*shape):
    return np.ones(shape, np.float32)


class Bad(NamedTuple):
    """call(*arrays) raises `error`, whose text begins as the pattern `text` says."""

    label: str
    call: object
    shapes: tuple
    error: type
    text: str


def cases(*rows):
    """The test for each row (label, call, shapes, error, text), as its argument `bad`."""
    return pytest.mark.parametrize("bad", [Bad(*row) for row in rows], ids=lambda bad: bad.label)


def tensors(arrays):
    return [oop.Tensor(a, requires_grad=True) for a in arrays]


def refused(bad, arrays, given):
    """The error of bad.call(*given), which has changed no array and no `.grad`."""
    before = [a.tobytes() for a in arrays]
    with pytest.raises(bad.error) as caught:
        bad.call(*given)
    assert type(caught.value) is bad.error
    assert re.match(bad.text, str(caught.value)), str(caught.value)
    assert [a.tobytes() for a in arrays] == before
    assert all(getattr(t, "grad", None) is None for t in given)
    return caught.value
