"""A sample: one call of a primitive, from which the promises of the contract are generated."""

import math

import numpy as np

KINDS = {
    "f": ("float16", "float32", "float64"),
    "c": ("complex64", "complex128"),
    "i": ("int32", "int64"),
    "b": ("bool",),
}


class Sample:
    """primitive(*args, **static), to be checked against `reference(*args, **static)`.

    args: arrays (float64; the contract casts them to the other dtypes and gives them imaginary
    parts), integer or boolean arrays (left as they are), or Python scalars. A row with an array
    that is complex already is complex only. reference: an independent computation of the result:
    either of the whole arrays, or, with entrywise=True, a function of Python scalars such as
    math.tanh (cmath's for complex). It is given float64 and complex128, rounded to the dtype under
    test.
    dtypes: the kinds that the primitive takes, from 'f' (f16 f32 f64), 'c' (c64 c128), 'i', 'b', or
    a tuple of dtype names. label: what the test is called. without: {promise: reason} for promises
    that the row cannot keep, by the names in `promises.PROMISES`.
    """

    __slots__ = (
        "args", "dtypes", "entrywise", "label", "primitive", "reference", "static", "without",
    )  # fmt: skip

    def __init__(
        self, primitive, *args, reference, entrywise=False, dtypes="fc", label="", without=None,
        **static,
    ):  # fmt: skip
        self.primitive, self.args, self.static = primitive, args, static
        self.reference, self.entrywise, self.dtypes = reference, entrywise, dtypes
        shapes = "x".join(str(getattr(a, "shape", "scalar")) for a in args)
        self.label = f"{primitive.name}-{label or shapes}"
        self.without = dict(without or {})

    def __repr__(self):
        return f"Sample({self.label})"

    def names(self):
        """The dtypes under test, by name; complex ones only where an array is given as complex."""
        named = self.dtypes
        if isinstance(named, str):
            named = [name for kind in named for name in KINDS[kind]]
        if any(kind(a) == "c" for a in self.args):
            named = [name for name in named if np.dtype(name).kind == "c"]
        return tuple(dict.fromkeys(named))

    def calls(self):
        """One Call per dtype. Without any float operand there is nothing to cast: one Call."""
        if not any(kind(a) in "fc" for a in self.args):
            return [Call(self, self.args, None)]
        return [self.call(name) for name in self.names()]

    def call(self, dtype):
        """The call with its float and complex arrays in `dtype`."""
        return Call(self, [converted(a, np.dtype(dtype)) for a in self.args], np.dtype(dtype))


class Call:
    """A sample in one dtype: the primitive and its operands as they are given to it."""

    __slots__ = (
        "args", "dtype", "entrywise", "label", "primitive", "reference", "sample", "static",
    )  # fmt: skip

    def __init__(self, sample, args, dtype):
        self.sample, self.args, self.dtype = sample, tuple(args), dtype
        self.primitive, self.static = sample.primitive, sample.static
        self.reference, self.entrywise = sample.reference, sample.entrywise
        self.label = sample.label if dtype is None else f"{sample.label}-{dtype}"

    def __repr__(self):
        return f"Call({self.label})"

    def replaced(self, args):
        """The same call of other operands."""
        return Call(self.sample, args, self.dtype)

    def copies(self):
        """The same call of fresh, writable, contiguous arrays."""
        return self.replaced([a.copy() if is_array(a) else a for a in self.args])

    @property
    def inexact(self):
        """The places of the float and complex arrays: the operands that may have derivatives."""
        return [i for i, a in enumerate(self.args) if kind(a) in "fc"]

    @property
    def arrays(self):
        """The places of all arrays."""
        return [i for i, a in enumerate(self.args) if is_array(a)]

    def __call__(self, *args):
        """The results as a list, for operands in place of all of the call's own."""
        return listed(self.primitive, self.primitive(*(args or self.args), **self.static))

    def of_inexact(self, *xs):
        """The inexact results as a list, as a function of the inexact operands alone."""
        args = list(self.args)
        for i, x in zip(self.inexact, xs, strict=True):
            args[i] = x
        return [z for z in self(*args) if np.dtype(z.dtype).kind in "fc"]

    def inexact_args(self):
        """The arguments of `of_inexact`."""
        return [self.args[i] for i in self.inexact]


def listed(primitive, z):
    """The results of a primitive as a list, whether it has one or several."""
    return [z] if primitive.outputs is None else list(z)


def is_array(a):
    """True for arrays, and for 0-d ones; a Python scalar is none."""
    return hasattr(a, "shape") and hasattr(a, "dtype")


def kind(a):
    """The dtype kind of an array, or '-' for a Python scalar."""
    return np.dtype(a.dtype).kind if is_array(a) else "-"


def converted(a, dtype):
    """A float or complex array in another dtype; integers and booleans as they are."""
    if kind(a) not in "fc":
        return a
    if dtype.kind != "c" or kind(a) == "c":
        return np.array(a, dtype=dtype)
    # Imaginary parts that differ from entry to entry and stay off the branch cuts of small ones.
    places = np.arange(1, a.size + 1).reshape(a.shape)
    return np.array(a + 0.4j * np.cos(1.7 * places), dtype=dtype)


def precise(a):
    """The operand as the reference gets it: in double precision."""
    if kind(a) not in "fc":
        return a
    return np.array(a, dtype=np.complex128 if kind(a) == "c" else np.float64)


def expected(call):
    """What the reference gives for a call, as a list of arrays in double precision."""
    args = [precise(a) for a in call.args]
    if not call.entrywise:
        z = call.reference(*args, **call.static)
        several = call.primitive.outputs is not None
        return [np.asarray(x) for x in z] if several else [np.asarray(z)]
    args = np.broadcast_arrays(*args)
    entries = [
        call.reference(*[x.item() for x in entry], **call.static)
        for entry in zip(*[a.flat for a in args], strict=True)
    ]
    if not entries:
        return [np.zeros(args[0].shape)]
    return [np.array(entries).reshape(args[0].shape)]


def size(a):
    """The number of entries."""
    return math.prod(a.shape)
