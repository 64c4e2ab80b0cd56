"""The array methods of a Value: each is the function of NumPy's name, with the value first."""

import math

from ..dispatch import Value
from .promotion import astype

# methods with the signature of the function
SAME = (
    "sum mean prod max min argmax argmin cumsum cumprod var std all any ptp swapaxes ravel squeeze "
    "repeat take argsort sort nonzero diagonal clip round conj conjugate dot searchsorted "
    "choose partition argpartition"
).split()


def as_axes(arguments):
    """The axes or sizes of x.reshape(2, 3), which may also come as one tuple."""
    if len(arguments) == 1 and (arguments[0] is None or hasattr(arguments[0], "__len__")):
        return arguments[0]
    return arguments


def size(x):
    """The number of entries."""
    return math.prod(x.shape)


def length(x):
    """The size of the leading axis."""
    if not x.shape:
        raise TypeError("len: a traced value without axes has no length; give it one: x[None]")
    return x.shape[0]


def entries(x):
    """Iterate over the leading axis."""
    if not x.shape:
        raise TypeError("iter: a traced value without axes has no entries; give it one: x[None]")
    return (x[i] for i in range(x.shape[0]))


def to_dtype(x, dtype, *args, **kwargs):
    """x in another dtype; the flags of ndarray.astype change nothing here."""
    return astype(x, dtype)


OWN = {
    "astype": to_dtype,
    "copy": lambda x, order="C": x,  # nobody can change x
    "__copy__": lambda x: x,
    "__deepcopy__": lambda x, memo: x,
    "__len__": length,
    "__iter__": entries,
    "size": property(size),
    "itemsize": property(lambda x: x.dtype.itemsize),
    "nbytes": property(lambda x: size(x) * x.dtype.itemsize),
}


def made_from(functions):
    """The methods whose signature differs, from the functions there are."""

    def reshape(x, *shape, order="C"):
        return functions["reshape"](x, as_axes(shape), order=order)

    def transpose(x, *axes):
        return functions["transpose"](x, as_axes(axes) if axes else None)

    methods = {
        "reshape": ("reshape", reshape),
        "transpose": ("transpose", transpose),
        "compress": ("compress", lambda x, c, axis=None: functions["compress"](c, x, axis)),
        "flatten": ("ravel", lambda x, order="C": functions["ravel"](x)),
        "T": ("transpose", property(lambda x: functions["transpose"](x))),
        "mT": ("matrix_transpose", property(lambda x: functions["matrix_transpose"](x))),
        "real": ("real", property(lambda x: functions["real"](x))),
        "imag": ("imag", property(lambda x: functions["imag"](x))),
        "__getitem__": ("getitem", lambda x, place: functions["getitem"](x, place)),
        "at": ("at", property(lambda x: functions["at"](x))),
    }
    return {name: method for name, (needed, method) in methods.items() if needed in functions}


def attach(functions):
    """Give the methods to Value, as far as their functions exist."""
    for name in SAME:
        if name in functions:
            setattr(Value, name, functions[name])
    for name, method in {**OWN, **made_from(functions)}.items():
        setattr(Value, name, method)
