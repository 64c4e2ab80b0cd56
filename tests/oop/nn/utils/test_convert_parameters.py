"""All parameters as one vector, and back."""

import pytest

from wonderland import oop
from wonderland.oop import nn


def test_there_and_back():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    vector = nn.utils.parameters_to_vector(model.parameters())
    assert vector.shape == (13,) and vector.requires_grad
    version = [p for p in model.parameters()]
    nn.utils.vector_to_parameters(oop.arange(13.0), model.parameters())
    assert nn.utils.parameters_to_vector(model.parameters()).tolist() == list(range(13))
    assert all(p is q for p, q in zip(model.parameters(), version, strict=True))


def test_a_vector_that_does_not_fit_changes_nothing():
    p = oop.ones(3)
    text = r"^vector_to_parameters: the vector has 2 entries but the parameters 3; "
    with pytest.raises(ValueError, match=text):
        nn.utils.vector_to_parameters(oop.zeros(2), [p])
    assert p.tolist() == [1, 1, 1]
