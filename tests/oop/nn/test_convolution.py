import numpy as np
import pytest

from wonderland import oop
from wonderland.oop import nn

X = oop.tensor(np.random.default_rng(0).normal(size=(2, 4, 6, 6)).astype(np.float32))


def test_shapes_names_and_bounds_are_torchs():
    layer = nn.Conv2d(4, 60, (3, 5), groups=2)
    shapes = {name: tuple(p.shape) for name, p in layer.state_dict().items()}
    assert shapes == {"weight": (60, 2, 3, 5), "bias": (60,)}
    for p in layer.parameters():
        largest = np.abs(p.detach().numpy()).max()
        assert 0.8 * 30**-0.5 < largest <= 30**-0.5
    transposed = nn.ConvTranspose2d(4, 6, 3, groups=2, bias=False)
    assert transposed.weight.shape == (4, 3, 3, 3) and transposed.bias is None


def test_it_trains():
    oop.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(4, 8, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
                          nn.Flatten(), nn.Linear(72, 1))  # fmt: skip
    optimizer = oop.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(X), oop.ones(2, 1))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]


def test_how_it_is_written():
    assert repr(nn.Conv2d(4, 6, 3, 2, 1, 2, 2, False)) == (
        "Conv2d(4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2), "
        "groups=2, bias=False)"
    )
    assert "padding=same" in repr(nn.Conv1d(4, 6, 3, padding="same"))
    assert "output_padding=(1, 1)" in repr(nn.ConvTranspose2d(4, 6, 3, 2, output_padding=1))


def test_what_a_convolution_gives_can_be_viewed():
    z = nn.Conv2d(4, 9, 3)(X)
    wanted = z.detach().numpy().copy()
    rows = z.view(2, -1)
    assert np.array_equal(rows.detach().numpy(), wanted.reshape(2, -1))
    with oop.no_grad():
        rows += 1
    assert np.array_equal(z.detach().numpy(), wanted + 1)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: nn.Conv2d(3, 4, 3, groups=2), "Conv2d: 2 groups do not divide in_channels=3"),
        (lambda: nn.Conv1d(4, 3, 3, groups=2), "Conv1d: 2 groups do not divide out_channels=3"),
        (lambda: nn.Conv2d(3, 4, 0), "Conv2d: kernel_size is 0, but 1 or more is needed"),
        (lambda: nn.Conv2d(3, 4, 3, padding="full"), "Conv2d: padding is 'full', but 'same'"),
        (lambda: nn.Conv2d(3, 4, 3, padding_mode="reflect"),
         "Conv2d: padding_mode is 'reflect', but only 'zeros' is supported; pad the input before"),
        (lambda: nn.ConvTranspose2d(3, 4, 3, padding="same"),
         "ConvTranspose2d: padding is 'same', but numbers are needed"),
        (lambda: nn.Conv2d(3, 4, 3)(X), "conv2d: x has 4 channels but weight takes 3"),
    ],
)  # fmt: skip
def test_errors_teach(make, text):
    with pytest.raises(ValueError, match=text):
        make()
