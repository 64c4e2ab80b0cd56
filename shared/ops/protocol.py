"""NumPy's protocols: plain NumPy code runs on Values, and is differentiated.

`__array_ufunc__` maps a ufunc and `__array_function__` any other function of NumPy's to ours of the
same name. Other files enter further ones with `implements(np.something)`.
"""

import numpy as np

from ..dispatch import Value
from . import conversion, methods, operators
from .promotion import REALS

TABLE: dict = {}  # NumPy's function -> ours
NAMESPACES: dict = {}  # "numpy" -> the functions of our vocabulary by name, "numpy.linalg" -> ...
REDUCE = {
    "add": "sum",
    "multiply": "prod",
    "maximum": "max",
    "minimum": "min",
    "logical_and": "all",
    "logical_or": "any",
}
ACCUMULATE = {"add": "cumsum", "multiply": "cumprod"}


def implements(*functions):
    """Enter a function as the traced version of functions of NumPy's."""

    def enter(function):
        TABLE.update(dict.fromkeys(functions, function))
        return function

    return enter


def traced(function):
    """Our version of one of NumPy's functions or ufuncs."""
    found = TABLE.get(function)
    if found is None:
        module = "numpy" if isinstance(function, np.ufunc) else function.__module__
        found = NAMESPACES.get(module, {}).get(function.__name__)
        if found is None:
            raise missing(f"{module}.{function.__name__}")
        TABLE[function] = found
    return found


def missing(name):
    """The error for a function without a traced version."""
    name = name.replace("numpy", "np", 1)
    return TypeError(
        f"{name}: it has no traced version, so its derivative is unknown; build it from functions "
        "that have one (`wonderland primitives` lists them), or declare a Primitive"
    )


def array_ufunc(self, ufunc, method, *inputs, **options):
    """A ufunc, or a method of one, was called with a Value among its arguments."""
    if method == "__call__" and not options:
        return (TABLE.get(ufunc) or traced(ufunc))(*inputs)
    name = f"np.{ufunc.__name__}"
    refuse_output(name, options)
    if method == "__call__":
        refuse_options(name, options)
        return traced(ufunc)(*inputs)
    if method in ("reduce", "accumulate"):
        return along_axis(ufunc, method, *inputs, **options)
    if method == "outer":
        refuse_options(f"{name}.outer", options)
        return outer(traced(ufunc), *inputs)
    raise missing(f"{name}.{method}")


def refuse_output(name, options):
    """out= is no option for traced values."""
    out = options.pop("out", None)
    if all(z is None for z in (out if isinstance(out, tuple) else (out,))):
        return
    raise TypeError(
        f"{name}: out= overwrites an array, which cannot be traced; use the result instead: "
        "x = x + y, not x += y, where x is a plain array"
    )


def refuse_options(name, options):
    """Options of a ufunc that we do not have; where they change nothing, they are ignored."""
    if options.pop("where", True) is not True:
        raise TypeError(
            f"{name}: where= leaves entries without a value; choose them: "
            f"np.where(condition, {name}(...), otherwise)"
        )
    for option in ("casting", "order", "subok"):
        options.pop(option, None)
    dtype = options.pop("dtype", None)
    if dtype is not None or options:
        option = "dtype" if dtype is not None else next(iter(options))
        raise TypeError(
            f"{name}: {option}= has no traced version; convert an operand instead: x.astype(dtype)"
        )


def along_axis(ufunc, method, x, axis=0, **options):
    """ufunc.reduce or ufunc.accumulate, where it has a name of its own."""
    names = REDUCE if method == "reduce" else ACCUMULATE
    function = NAMESPACES["numpy"].get(names.get(ufunc.__name__))
    if function is None:
        raise missing(f"np.{ufunc.__name__}.{method}")
    return function(x, axis=axis, **options)


def outer(function, x, y):
    """function(x[i], y[j]) for all i, j."""
    x = np.asarray(x) if x.__class__ in REALS else x
    reshape = NAMESPACES["numpy"]["reshape"]
    return function(reshape(x, (*x.shape, *(1,) * np.ndim(y))), y)


def array_function(self, function, types, args, options):
    """A function of NumPy's that is no ufunc was called with a Value among its arguments."""
    refuse_output(f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1), options)
    return traced(function)(*args, **options)


@implements(np.shape)
def shape(x):
    """The shape of a value, as a tuple."""
    return tuple(x.shape)


@implements(np.ndim)
def ndim(x):
    """The number of axes of a value."""
    return x.ndim


@implements(np.size)
def size(x, axis=None):
    """The number of entries of a value, or along an axis."""
    return x.size if axis is None else x.shape[axis]


@implements(np.iscomplexobj)
def is_complex_object(x):
    """True for a complex dtype."""
    return x.dtype.kind == "c"


@implements(np.isrealobj)
def is_real_object(x):
    """True for any other dtype."""
    return x.dtype.kind != "c"


@implements(np.result_type)
def common_dtype(*arguments):
    """The dtype that NumPy gives operands like these."""
    return np.result_type(*[a.dtype if isinstance(a, Value) else a for a in arguments])


@implements(np.array_repr, np.array_str, np.array2string)
def shown(x, *args, **options):
    """The repr."""
    return repr(x)


@implements(np.copy)
def copy(x, order="K", subok=False):
    """x itself, since nobody can change it."""
    return x


def attach(functions, **others):
    """Give Value its operators, methods and protocols, from the vocabulary by name.

    others: further namespaces of NumPy's, linalg={...}.
    """
    NAMESPACES["numpy"] = functions
    NAMESPACES.update({f"numpy.{name}": table for name, table in others.items()})
    operators.attach(functions)
    conversion.attach()
    methods.attach(functions)
    Value.__array_ufunc__ = array_ufunc
    Value.__array_function__ = array_function
    Value.__array_priority__ = 1000  # a CuPy array (which has 100) leaves its operators to us
