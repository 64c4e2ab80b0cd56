"""The stand-in behaves, refuses and counts as CuPy does. Each refusal is one that CuPy has."""

import copy
import pickle
import re
import sys
import warnings

import numpy as np
import pytest

from tests.standin import CUDARuntimeError, installed, lift, names, ndarray, peek, transfers
from tests.standin.names import loop_of

HOST = np.arange(12, dtype=np.float32).reshape(3, 4)
UNSUPPORTED = "Unsupported type <class 'numpy.ndarray'>"
IMPLICIT = "Implicit conversion to a NumPy array is not allowed"


@pytest.fixture
def cupy():
    with installed() as module:
        yield module


@pytest.fixture
def x(cupy):
    return lift(HOST.copy())


def close(x, expected):
    """x is on the device and holds what NumPy computed."""
    assert type(x) is ndarray and x.shape == expected.shape and x.dtype == expected.dtype
    np.testing.assert_array_equal(peek(x), expected)


# --- what works: generic NumPy calls, through CuPy's dispatch

MASK, ROWS = HOST > 5, np.array([2, 0])
CALLS = {
    "ufunc": lambda np, x: np.sin(x),
    "python scalar": lambda np, x: 2 * x**2 - 1.5,
    "numpy scalar": lambda np, x: x * np.float64(2),
    "dtype": lambda np, x: np.add(x, x, dtype=np.float64),
    "comparison": lambda np, x: x[0] == x,
    "operators": lambda np, x: -x + x / (abs(x) + 1) // 2 % 3,
    "matmul": lambda np, x: x @ x.T,
    "matmul function": lambda np, x: np.matmul(x[None], x.T),
    "einsum": lambda np, x: np.einsum("ij,kj->ik", x, x),
    "tensordot": lambda np, x: np.tensordot(x, x, axes=([1], [1])),
    "sum": lambda np, x: np.sum(x, axis=(0, 1)),
    "add.reduce": lambda np, x: np.add.reduce(x, axis=(0,), keepdims=True, dtype=x.dtype),
    "add.reduceat": lambda np, x: np.add.reduceat(x, [0, 2], axis=1),
    "outer": lambda np, x: np.multiply.outer(x, x),
    "max": lambda np, x: x.max(axis=1, keepdims=True),
    "argmax": lambda np, x: np.argmax(x, axis=1),
    "prod": lambda np, x: np.prod(x, axis=-1),
    "cumsum": lambda np, x: np.cumsum(x, axis=0),
    "mean of integers": lambda np, x: np.mean(x.astype(np.int32)),
    "any": lambda np, x: np.any(x > 3, axis=0),
    "where": lambda np, x: np.where(x > 3, x, 0.0),
    "clip": lambda np, x: np.clip(x, 1, 5),
    "reshape": lambda np, x: np.reshape(x, (4, 3)),
    "transpose": lambda np, x: np.transpose(x, (1, 0)),
    "broadcast_to": lambda np, x: np.broadcast_to(x, (2, 3, 4)),
    "expand_dims": lambda np, x: np.squeeze(np.expand_dims(x, (0, 2)), axis=0),
    "concatenate": lambda np, x: np.concatenate([x, x], axis=1),
    "stack": lambda np, x: np.stack((x, x)),
    "split": lambda np, x: np.split(x, [1], axis=1)[1],
    "pad": lambda np, x: np.pad(x, ((1, 0), (0, 2)), constant_values=1),
    "flip": lambda np, x: np.flip(x, (0, 1)),
    "sort": lambda np, x: np.sort(-x, axis=0),
    "argsort": lambda np, x: np.argsort(-x, kind="stable"),
    "take": lambda np, x: np.take(x, np.asarray(ROWS, like=x), axis=0),
    "take_along_axis": lambda np, x: np.take_along_axis(x, np.argsort(-x), 1),
    "zeros_like": lambda np, x: np.zeros_like(x, shape=(2, 2), dtype=np.float64),
    "full_like": lambda np, x: np.full_like(x, 3),
    "like": lambda np, x: np.zeros(3, x.dtype, like=x) + np.arange(3, dtype=x.dtype, like=x),
    "astype": lambda np, x: x.astype(np.complex64).real,
    "imag": lambda np, x: np.imag(x * 1j),
    "slices": lambda np, x: x[::-1, None, 1:3],
    "integer": lambda np, x: x[1, 2],
    "integer array": lambda np, x: x[np.asarray(ROWS, like=x)],
    "host index": lambda np, x: x[ROWS, 1:],
    "mask": lambda np, x: x[x > 5],
    "negative zero-size": lambda np, x: x[:0].sum(axis=0),
    "linalg": lambda np, x: np.linalg.norm(x, axis=1),
    "fft": lambda np, x: np.fft.rfft(x),
    "windows": lambda np, x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=1),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_numpy_call_gives_numpys_result_on_the_device(x, call):
    close(call(np, x), np.asarray(call(np, HOST)))
    np.testing.assert_array_equal(peek(x), HOST)


def in_place(np, x):
    np.add(x, 1, out=x)
    x[0] = 7.0
    x[1:, ::2] = x[:2, 1::2]
    x[np.asarray(ROWS, like=x), 0] = x[:2, 3]
    x[x > 9] = 0
    x *= 2
    np.add.at(x, (np.asarray([0, 0, 1], like=x), 1), 1.5)
    np.copyto(x, 5, where=x < 5)
    return x


def test_writes_reach_the_array(x):
    y = in_place(np, x)
    assert y is x
    close(x, in_place(np, HOST.copy()))


def test_views_share_memory_also_zero_dimensional_ones(x):
    x[1, 2][...] = 50
    x.T[0, 0] = 60
    x.reshape(12)[1:2] += 70
    assert peek(x)[1, 2] == 50 and peek(x)[0, 0] == 60 and peek(x)[0, 1] == 71
    assert x.T.base is not None and x.data.ptr == x[0].data.ptr


def test_out_is_given_back(x):
    z = np.empty_like(x)
    assert np.add(x, x, out=z) is z and np.sum(x, out=z[0, 0, ...]).shape == ()
    assert np.matmul(x, x.T, out=z[:, :3]).shape == (3, 3)


def test_reductions_are_zero_dimensional_arrays(x):
    for z in (np.sum(x), x.max(), x[0, 0], np.array_equal(x, x), x[0] @ x[0], np.sin(x[0, 0])):
        assert type(z) is ndarray and z.shape == ()


def test_overflow_and_nan_do_not_warn(x):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.log(x - 1) / (x * 0)
        (x * 1e38) ** 2


def test_iteration_copies_and_pickles(x):
    assert [row.shape for row in x] == [(4,)] * 3
    close(copy.copy(x), HOST)
    close(copy.deepcopy(x), HOST)
    close(pickle.loads(pickle.dumps(x)), HOST)


# --- what is refused

REFUSED = {
    "operand": (TypeError, UNSUPPORTED, lambda x: x + HOST),
    "reflected": (TypeError, UNSUPPORTED, lambda x: HOST * x),
    "in place": (TypeError, UNSUPPORTED, lambda x: x.__iadd__(HOST)),
    "0-d operand": (TypeError, UNSUPPORTED, lambda x: x < np.array(1.0)),
    "out on the host": (TypeError, UNSUPPORTED, lambda x: np.add(x, x, out=HOST.copy())),
    "onto the host": (TypeError, UNSUPPORTED, lambda x: np.add(HOST, HOST, out=x)),
    "matmul": (TypeError, UNSUPPORTED, lambda x: x @ HOST.T),
    "concatenate": (TypeError, UNSUPPORTED, lambda x: np.concatenate([x, HOST])),
    "where": (TypeError, "Argument 'condition'", lambda x: np.where(MASK, x, x)),
    "host take": (TypeError, UNSUPPORTED, lambda x: np.take(x, ROWS)),
    "list operand": (TypeError, "NotImplemented", lambda x: np.add(x, [1, 2, 3, 4])),
    "setitem": (ValueError, "non-scalar numpy.ndarray", lambda x: x.__setitem__(0, HOST[0])),
    "asarray": (TypeError, IMPLICIT, np.asarray),
    "array": (TypeError, IMPLICIT, np.array),
    "ascontiguousarray": (TypeError, IMPLICIT, np.ascontiguousarray),
    "testing": (TypeError, IMPLICIT, lambda x: np.testing.assert_array_equal(x, HOST)),
    "no such ufunc": (TypeError, "NotImplemented", np.spacing),
    "no such function": (TypeError, "no implementation", lambda x: np.insert(x, 0, 1)),
    "ufunc where": (TypeError, "Wrong arguments {'where'", lambda x: np.add(x, x, where=True)),
    "reduction where": (TypeError, "keyword argument 'where'", lambda x: np.sum(x, where=x > 1)),
    "initial": (TypeError, "keyword argument 'initial'", lambda x: x.max(initial=0)),
    "reduce initial": (
        TypeError,
        "keyword argument 'initial'",
        lambda x: np.add.reduce(x, initial=0),
    ),
    "clip min": (TypeError, "a_min", lambda x: np.clip(x, min=0)),
    "like": (TypeError, "keyword argument 'device'", lambda x: np.ones(3, like=x)),
    "stable": (TypeError, "keyword argument 'stable'", lambda x: np.sort(x, stable=True)),
    "kind": (ValueError, "kind can only be", lambda x: np.sort(x, kind="quicksort")),
    "astype casting": (TypeError, "casting is not", lambda x: x.astype(int, casting="unsafe")),
    "max.reduce": (NotImplementedError, "cupy_maximum.reduce", np.maximum.reduce),
    "multiply.at": (NotImplementedError, "cupy_multiply.at", lambda x: np.multiply.at(x, 0, 2)),
    "two outs": (ValueError, "exactly one array value", lambda x: np.modf(x, out=(x, x))),
    "truth": (ValueError, "ambiguous", bool),
    "complex logic": (TypeError, "Wrong type", lambda x: np.logical_not(x * 1j)),
    "index of floats": (IndexError, "must be of integer", lambda x: x[x]),
    "out of bounds": (IndexError, "out of bounds", lambda x: x[np.array([7])]),
    "method": (AttributeError, "setflags", lambda x: x.setflags(write=False)),
    "flag": (AttributeError, "writeable", lambda x: x.flags.writeable),
    "attribute": (AttributeError, "mine", lambda x: setattr(x, "mine", 1)),
    "hash": (TypeError, "unhashable", hash),
    "list index": (TypeError, "list indices", lambda x: [0, 1][x[0, 0].astype(int)]),
    "0-d length": (TypeError, "unsized", lambda x: len(x[0, 0])),
    "0-d iteration": (TypeError, "0-d", lambda x: list(x[0, 0])),
    "not played": (NotImplementedError, "flat", lambda x: x.flat),
}


@pytest.mark.parametrize(("kind", "text", "call"), REFUSED.values(), ids=REFUSED)
def test_refused(x, kind, text, call):
    with pytest.raises(kind, match=text):
        call(x)
    np.testing.assert_array_equal(peek(x), HOST)


def test_scatters_know_the_dtypes_of_atomics(cupy):
    index = cupy.asarray([0, 0])
    z = cupy.zeros(2, np.complex64)
    with pytest.raises(TypeError, match=r"cupy\.add\.at only supports int32, int64, .* data type"):
        np.add.at(z, index, 1)
    np.add.at(z.real, index, 1)
    np.add.at(z, slice(None), 1)
    assert peek(z).tolist() == [3, 1]


def test_two_values_in_one_place_are_undefined(x):
    twice = np.asarray([0, 0], like=x)
    with pytest.raises(ValueError, match="which of two values stays in a place is undefined"):
        x[twice] = x[:2]
    x[twice] = 1.0
    x[twice] = x[:1]
    close(x, np.array([[1] * 4, *HOST[1:]], np.float32))


def test_names_that_cupy_lacks_are_missing(cupy):
    for name in ("spacing", "vecdot", "errstate", "block", "no_such_name"):
        assert not hasattr(cupy, name)
    assert not hasattr(cupy.linalg, "vecdot")
    with pytest.raises(AttributeError, match=r"module 'cupy\.cuda' has no attribute 'Divice'"):
        _ = cupy.cuda.Divice
    with pytest.raises(NotImplementedError, match=r"cupy\.RawKernel"):
        cupy.RawKernel("", "")
    with pytest.raises(TypeError, match=r"sum\(\) .*'where'"):
        cupy.sum(cupy.ones(2), where=True)


def test_arrays_of_two_devices_do_not_meet():
    with installed(devices=2) as cupy:
        x = cupy.ones(2)
        with cupy.cuda.Device(1):
            y = cupy.ones(2)
        with pytest.raises(ValueError, match=r"\(1\) is different from the current device \(0\)"):
            x + y
        assert (y * 2).device.id == np.sum(y).device.id == 1


# --- counting

COUNTED = {
    "float": (dict(to_host=1), lambda cupy, x: float(x[0, 0])),
    "int": (dict(to_host=1), lambda cupy, x: int(x[0, 0])),
    "bool": (dict(to_host=1), lambda cupy, x: bool(x[0, 0])),
    "complex": (dict(to_host=1), lambda cupy, x: complex(x[0, 0])),
    "item": (dict(to_host=1), lambda cupy, x: x[0, 0].item()),
    "if": (dict(to_host=1), lambda cupy, x: 1 if np.all(x >= 0) else 0),
    "tolist": (dict(to_host=1), lambda cupy, x: x.tolist()),
    "get": (dict(to_host=1), lambda cupy, x: x.get()),
    "asnumpy": (dict(to_host=1), lambda cupy, x: cupy.asnumpy(x)),
    "asarray": (dict(to_device=1), lambda cupy, x: cupy.asarray(HOST)),
    "array of a list": (dict(to_device=1), lambda cupy, x: cupy.array([1.0])),
    "set": (dict(to_device=1), lambda cupy, x: x.set(HOST)),
    "host index": (dict(to_device=1), lambda cupy, x: x[ROWS]),
    "list index": (dict(to_device=1), lambda cupy, x: x[[0, 1]]),
    "mask": (dict(waits=1), lambda cupy, x: x[x > 1]),
    "nonzero": (dict(waits=1), lambda cupy, x: np.nonzero(x)),
    "nothing": (dict(waits=0), lambda cupy, x: np.sum(cupy.asarray(x) * cupy.zeros(4) + 2.0)),
    "repr": (dict(waits=0), lambda cupy, x: [repr(x), str(x)]),
}


@pytest.mark.parametrize(("counts", "call"), COUNTED.values(), ids=COUNTED)
def test_counted(cupy, x, counts, call):
    with transfers.exactly(**{"to_host": 0, "to_device": 0, **counts}):
        call(cupy, x)


def test_a_wrong_count_names_the_lines(cupy, x):
    with pytest.raises(AssertionError, match=r"to_host: 2 instead of 1, at .*test_standin\.py:\d+"):
        with transfers.exactly(to_host=1):
            float(x[0, 0])
            x.get()
    with pytest.raises(AssertionError, match="waits: 0 instead of 1"):
        with transfers.exactly(waits=1):
            pass
    assert (transfers.to_host, transfers.to_device, transfers.waits) == (2, 0, 0)


# --- installation and facts


def test_installed_comes_and_goes():
    before = sys.modules.get("cupy")
    with installed() as cupy:
        assert sys.modules["cupy"] is cupy and sys.modules["cupy.linalg"] is cupy.linalg
        assert cupy.__version__ == names.VERSION and cupy.cuda.is_available()
    assert sys.modules.get("cupy") is before
    with installed(devices=0) as cupy:
        assert not cupy.cuda.is_available()
        with pytest.raises(CUDARuntimeError, match="cudaErrorNoDevice"):
            cupy.cuda.runtime.getDeviceCount()


def test_the_facts_are_there():
    assert re.fullmatch(r"\d+\.\d+\.\d+", names.VERSION)
    assert len(names.MODULES["cupy"]) > 400 and len(names.CLASSES["cupy.ndarray"]) > 60
    for library in names.MODULES.values():
        for facts in library.values():
            if facts is not None:
                names.signature(facts["call"] if isinstance(facts, dict) else facts)


def test_loops_follow_nep_50():
    add, f2, f4, f8, i1 = names.MODULES["cupy"]["add"]["types"], *map(np.dtype, "e f d b".split())
    for given, out in [((f2, float), f2), ((f4, f8), f8), ((i1, float), f8), ((i1, int), i1)]:
        assert loop_of(add, given)[1] == (out,)
    assert loop_of(add, (int, float))[1] == (f8,)
    assert loop_of(add, (f4, f4), f8)[0] == (f8, f8)
    assert loop_of(names.MODULES["cupy"]["bitwise_and"]["types"], (f4, f4)) is None
