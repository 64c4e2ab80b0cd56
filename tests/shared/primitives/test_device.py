import numpy as np

from tests import standin
from wonderland.shared.forward import jvp
from wonderland.shared.primitives.device import transfer
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

X = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -1.0]])
STAYS = {
    "view": "to where x lives already is x itself, to anywhere else a copy",
    "devices": "it is the primitive that leaves the device",
}

ROWS = [
    Sample(
        transfer, X, reference=lambda x, device, source: x, without=STAYS,
        device="cpu", source="cpu",
    ),
]  # fmt: skip


def test_tangents_go_along_and_cotangents_go_back():
    def there(x):
        return [transfer(x, device="cuda", source="cpu")]

    with standin.installed() as cupy:
        (z,), (dz,) = jvp(there, [X], [X])
        assert isinstance(z, cupy.ndarray) and isinstance(dz, cupy.ndarray)
        _, pull = vjp(there, [X])
        (g,) = pull([z])
        assert type(g) is np.ndarray
        np.testing.assert_array_equal(g, X)


def test_each_way_is_one_copy():
    with standin.installed(), standin.transfers.exactly(to_device=1, to_host=1):
        transfer(transfer(X, device="cuda", source="cpu"), device="cpu", source="cuda")
