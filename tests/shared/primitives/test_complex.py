import numpy as np

from wonderland.shared.primitives.complex import conj, imag, join, real
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

x = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -3.0]])
y = np.array([[2.5, -1.3, 0.4], [-0.6, 1.2, -0.8]])
column = np.array([[0.5], [-0.1]])

ROWS = [
    Sample(conj, x, reference=lambda x: x.real - 1j * x.imag, entrywise=True, dtypes="c"),
    Sample(conj, x, reference=lambda x: x, entrywise=True, dtypes="f"),
    Sample(real, x, reference=lambda x: x.real, entrywise=True, dtypes="fc"),
    Sample(imag, x, reference=lambda x: x.imag, entrywise=True, dtypes="c"),
    Sample(join, x, y, reference=complex, entrywise=True, dtypes="f"),
    Sample(join, x, column, reference=complex, entrywise=True, dtypes="f"),
]


def test_join_keeps_infinities_apart():
    z = join(np.array([1.0]), np.array([np.inf]))
    assert z[0].real == 1
    assert z[0].imag == np.inf


def test_a_real_function_of_a_complex_number():
    """grad of |z|² = x² + y² is the conjugate of 2 z, in the convention of the pairing."""
    z = np.array([1 + 2j])
    _, pull = vjp(lambda z: [real(z) * real(z) + imag(z) * imag(z)], [z])
    assert pull([np.ones(1)])[0].tolist() == [2 - 4j]
