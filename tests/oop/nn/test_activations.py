import pytest

from wonderland.oop import nn

REPRS = {
    "ReLU()": nn.ReLU(inplace=True),
    "LeakyReLU(negative_slope=0.2)": nn.LeakyReLU(0.2),
    "ELU(alpha=1.0)": nn.ELU(),
    "GELU(approximate='none')": nn.GELU(),
    "Softplus(beta=1.0, threshold=20.0)": nn.Softplus(),
    "Hardtanh(min_val=-1.0, max_val=1.0)": nn.Hardtanh(),
    "Softmax(dim=1)": nn.Softmax(dim=1),
    "Tanh()": nn.Tanh(),
}


@pytest.mark.parametrize("text", REPRS)
def test_repr_shows_the_settings(text):
    assert repr(REPRS[text]) == text


def test_hardtanh_needs_an_interval():
    with pytest.raises(ValueError, match="Hardtanh: min_val must lie below max_val, but they are"):
        nn.Hardtanh(1, 1)
