"""The methods of Tensor: torch's functions, their forms in place, and Python's protocols."""

import copy
from types import MappingProxyType

import numpy as np

from ..shared import ops
from ..shared.backend import host
from ..shared.dispatch import Value, bottom
from ..shared.ops import operators
from ..shared.ops.promotion import astype
from . import creation
from .assignment import indexed, setitem
from .conversion import on_device
from .dtypes import as_dtype
from .functions import contraction, elementwise, indexing, joining, reduction, shape, sorting
from .inplace import become, check_writable, in_place
from .tensor import Tensor, wrap

FUNCTIONS = MappingProxyType({
    elementwise: (
        "exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh "
        "acosh atanh sqrt square abs neg positive sign sgn floor ceil trunc deg2rad rad2deg isnan "
        "isinf isfinite isposinf isneginf signbit logical_not bitwise_not conj angle mul "
        "floor_divide remainder fmod pow float_power atan2 hypot copysign nextafter logaddexp "
        "logaddexp2 ldexp heaviside maximum minimum fmax fmin eq ne lt le gt ge logical_and "
        "logical_or logical_xor bitwise_and bitwise_or bitwise_xor bitwise_left_shift "
        "bitwise_right_shift add sub div reciprocal rsqrt frac sigmoid relu erf logit round clamp "
        "nan_to_num lerp addcmul addcdiv xlogy masked_fill isclose allclose equal is_nonzero "
        "multiply subtract divide true_divide negative absolute fix clip arcsin arccos arctan "
        "arctan2 arcsinh arccosh arctanh greater greater_equal less less_equal not_equal"
    ),
    reduction: (
        "sum prod mean var std max min amax amin aminmax argmax argmin all any count_nonzero "
        "nansum nanmean logsumexp softmax log_softmax cumsum cumprod norm median kthvalue"
    ),
    shape: (
        "reshape view view_as reshape_as flatten unflatten ravel permute t movedim moveaxis "
        "swapaxes swapdims squeeze unsqueeze expand expand_as broadcast_to repeat tile flip "
        "fliplr flipud roll rot90 tril triu diagonal diag numel is_floating_point is_complex "
        "clone contiguous is_contiguous"
    ),
    joining: "narrow select unbind split chunk tensor_split",
    indexing: (
        "index_select index_add index_copy index_fill gather take_along_dim scatter scatter_add "
        "take masked_select nonzero argwhere repeat_interleave bincount"
    ),
    sorting: "argsort sort msort topk unique",
    contraction: (
        "matmul mm bmm mv dot vdot inner outer ger kron trace addmm addmv baddbmm"
    ),
})  # fmt: skip

# with a form in place: x.add_(y)
IN_PLACE = (
    "exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh "
    "atanh sqrt square abs neg sign floor ceil trunc deg2rad rad2deg mul floor_divide remainder "
    "fmod pow add sub div reciprocal rsqrt frac sigmoid relu erf logit round clamp clip "
    "nan_to_num lerp addcmul addcdiv xlogy masked_fill multiply subtract divide true_divide "
    "negative absolute fix logical_and logical_or logical_xor logical_not bitwise_and bitwise_or "
    "bitwise_xor bitwise_not eq ne lt le gt ge index_add index_copy index_fill scatter "
    "scatter_add tril triu cumsum cumprod addmm addmv baddbmm copysign hypot"
).split()

# of several operations, of which the first ones keep x
COMPOSED = ("logit", "xlogy")

# x += y and its kin
AUGMENTED = {
    "__iadd__": ("+=", ops.add),
    "__isub__": ("-=", ops.subtract),
    "__imul__": ("*=", ops.multiply),
    "__itruediv__": ("/=", ops.divide),
    "__ifloordiv__": ("//=", ops.floor_divide),
    "__imod__": ("%=", ops.remainder),
    "__ipow__": ("**=", ops.power),
    "__imatmul__": ("@=", ops.matmul),
    "__iand__": ("&=", ops.bitwise_and),
    "__ior__": ("|=", ops.bitwise_or),
    "__ixor__": ("^=", ops.bitwise_xor),
    "__ilshift__": ("<<=", ops.left_shift),
    "__irshift__": (">>=", ops.right_shift),
}


def transpose(x, *dims):
    """Two axes exchanged: x.transpose(0, 1). Given none, or a permutation, as in NumPy."""
    if len(dims) == 2 and all(isinstance(d, int) for d in dims):
        return shape.transpose(x, *dims)
    return ops.transpose(x, shape.sizes(dims) if dims else None)


def copy_(x, source):
    """x takes the values of the source, broadcast and in its own dtype; x stays where it is."""
    source = creation.as_tensor(source)
    if source.level == x.level and source.device != x.device:
        source = on_device(source, x.device)
    setitem(x, ..., source)
    return x


def fill_(x, value):
    """Every entry of x becomes the value."""
    setitem(x, ..., value)
    return x


def zero_(x):
    """Every entry of x becomes 0."""
    return fill_(x, 0)


def drawn_(draw):
    """A method that overwrites x with random numbers."""

    def method(x, *args, generator=None):
        check_writable(x, f"{draw.__name__}_")
        return become(x, draw(x, *args, generator=generator), f"{draw.__name__}_")

    method.__name__ = f"{draw.__name__}_"
    method.__doc__ = draw.__doc__
    return method


def uniform(x, from_=0.0, to=1.0, *, generator=None):
    """x becomes uniform in [from_, to)."""
    u = creation.rand_like(x, generator=generator)
    return u if (from_, to) == (0, 1) else u * (to - from_) + from_


def normal(x, mean=0.0, std=1.0, *, generator=None):
    """x becomes normal."""
    return creation.randn_like(x, generator=generator) * std + mean


def bernoulli(x, p=0.5, *, generator=None):
    """x becomes 1 with probability p, else 0."""
    u = creation.rand_like(x, generator=generator, dtype=np.float32)
    return astype(u < p, x.dtype)


def set_data(x, data):
    """x.data = y: x takes the memory of y, and keeps its history."""
    data = creation.as_tensor(data).detach()
    x.former_version = x.version  # whoever kept the old memory still watches it
    x.value, x.base, x.version = data.value, None, data.version
    if x.node is not None and x.is_leaf:
        x.node.shape, x.node.dtype = tuple(data.shape), data.dtype


def to_dtype(name):
    """The method that converts to a dtype: x.float()."""
    dtype = as_dtype(name)

    def convert(x):
        return astype(x, dtype)

    convert.__doc__ = f"x as {dtype}."
    return convert


def type_(x, dtype=None):
    """x as another dtype, or without one the dtype."""
    return x.dtype if dtype is None else astype(x, as_dtype(dtype))


def size(x, dim=None):
    """The shape, or the size of one axis."""
    return tuple(x.shape) if dim is None else x.shape[dim]


def made_new(function):
    """A method such as x.new_zeros(2, 3): with the dtype and device of x."""

    def method(x, *args, dtype=None, device=None, requires_grad=False):
        return function(
            *args, dtype=dtype or x.dtype, device=device or x.device, requires_grad=requires_grad
        )

    method.__doc__ = f"{function.__name__}(...) with the dtype and on the device of x."
    return method


def length(x):
    """The size of the first axis."""
    if not x.shape:
        raise TypeError("len: a Tensor without axes has no length")
    return x.shape[0]


def entries(x):
    """The slices along the first axis."""
    if not x.shape:
        raise TypeError("iter: a Tensor without axes has no entries")
    return (x[i] for i in range(x.shape[0]))


def contains(x, value):
    """True where some entry equals the value."""
    return bool(ops.any(x == value))


def truth(x):
    """The truth of the only entry."""
    if x.numel() != 1:
        raise ValueError(
            f"bool: a Tensor of shape {tuple(x.shape)} has {x.numel()} truth values; "
            "use x.any() or x.all()"
        )
    return bool(x.fresh().concrete("bool").item())


def index(x):
    """The only entry of a Tensor of integers, as an index."""
    if x.dtype.kind not in "iu" or x.numel() != 1:
        raise TypeError(
            f"index: an index is one integer, but this Tensor is {x.dtype}{list(x.shape)}; "
            "convert it: x.long()"
        )
    return int(number(x))


def number(x):
    """The only entry, as a Python number; of a traced value, where no derivative is lost."""
    value = x.fresh().value
    return value.item() if isinstance(value, Value) else x.item()


def to_array(x, dtype=None, copy=None):
    """The array, for NumPy; only where no gradient is required."""
    return np.array(x.numpy(), dtype=dtype, copy=copy)


def tolist(x):
    """The entries as nested lists of Python numbers."""
    return x.detach().cpu().numpy().tolist()


def deepcopy(x, memo):
    """A copy of a leaf, with its gradient and attributes; RuntimeError for any other Tensor."""
    if not x.is_leaf:
        raise RuntimeError(
            f"deepcopy: a Tensor made by {x.node.plan.primitive.name} has a history that is not "
            "copied; use x.detach().clone(), or x.clone() to keep the gradient"
        )
    value = x.value if isinstance(x.value, Value) else x.value.copy()
    copied = rebuild(type(x), value, x.requires_grad, {})
    memo[id(x)] = copied
    copied.__dict__.update(copy.deepcopy({k: v for k, v in vars(x).items() if k != "hooks"}, memo))
    return copied


def reduce(x, protocol):
    """Pickle the values, whether x is a leaf that requires a gradient, and the attributes."""
    if isinstance(x.fresh().value, Value):
        raise TypeError("pickle: this Tensor holds a traced value of a transform")
    kept = {k: v for k, v in vars(x).items() if k not in ("hooks", "retains")}
    return rebuild, (type(x), np.asarray(host(x.value)), x.is_leaf and x.requires_grad, kept)


def rebuild(cls, value, requires_grad, attributes):
    """The Tensor that was pickled."""
    x = wrap(value)
    if cls is not Tensor:
        made = cls.__new__(cls)
        made.value, made.node, made.base, made.version = value, None, None, None
        made.level = x.level
        x = made
    x.__dict__.update(attributes)
    return x.requires_grad_(requires_grad)


def formatted(x, form):
    """format() of the only entry; of several, the repr."""
    if not form or x.numel() != 1 or isinstance(x.value, Value):
        return repr(x)
    return format(x.item(), form)


def array_function(x, function, types, args, options):
    """NumPy's functions: those of the vocabulary, but that np.copy copies, and size is a method."""
    if function is np.copy:
        return shape.clone(args[0])
    if function is np.size and len(args) == 1:
        return shape.numel(args[0])
    return Value.__array_function__(x, function, types, args, options)


OWN = {
    "transpose": transpose,
    "copy_": copy_,
    "fill_": fill_,
    "zero_": zero_,
    "uniform_": drawn_(uniform),
    "normal_": drawn_(normal),
    "bernoulli_": drawn_(bernoulli),
    "data": property(Tensor.detach, set_data, doc="The same memory as a Tensor without history."),
    "type": type_,
    "type_as": lambda x, other: astype(x, other.dtype),
    "cpu": lambda x: on_device(x, "cpu"),
    "cuda": lambda x, device="cuda": on_device(x, device),
    "is_cuda": property(lambda x: x.device != "cpu"),
    "size": size,
    "dim": lambda x: len(x.shape),
    "ndimension": lambda x: len(x.shape),
    "nelement": shape.numel,
    "element_size": lambda x: x.dtype.itemsize,
    "stride": lambda x: tuple([n // x.dtype.itemsize for n in bottom(x).strides]),
    "data_ptr": lambda x: x.fresh().value.__array_interface__["data"][0],
    "copy": shape.clone,
    "grad_fn": property(lambda x: x.node if x.requires_grad and not x.is_leaf else None),
    "detach_": lambda x: detach_(x),
    "tolist": tolist,
    "new_tensor": made_new(creation.tensor),
    "new_zeros": made_new(creation.zeros),
    "new_ones": made_new(creation.ones),
    "new_empty": made_new(creation.empty),
    "new_full": made_new(creation.full),
    "H": property(lambda x: ops.conj(x.mT)),
    "astype": lambda x, dtype, *args, **options: astype(x, dtype),
    "__getitem__": indexed,
    "__setitem__": setitem,
    "__len__": length,
    "__iter__": entries,
    "__contains__": contains,
    "__bool__": truth,
    "__int__": lambda x: int(number(x)),
    "__float__": lambda x: float(number(x)),
    "__complex__": lambda x: complex(number(x)),
    "__index__": index,
    "__array__": to_array,
    "__array_function__": array_function,
    "__copy__": lambda x: x.like(x.fresh().value, x.node),
    "__deepcopy__": deepcopy,
    "__reduce_ex__": reduce,
    "__hash__": object.__hash__,
    "__format__": formatted,
    "__dlpack__": lambda x, **options: x.numpy().__dlpack__(**options),
    "__dlpack_device__": lambda x: bottom(x).__dlpack_device__(),
}


def detach_(x):
    """Forget the history of x, in place; RuntimeError for a view."""
    if x.base is not None:
        raise RuntimeError("detach_: a view cannot forget its history in place; use x.detach()")
    x.node = None
    return x


def augmented(function, name):
    """x op= y; what we know nothing of may know how to treat a Tensor."""
    changed = in_place(function, name)

    def method(x, y):
        return changed(x, y) if operators.is_operand(y) else NotImplemented

    method.__name__ = name
    return method


def attach():
    """Give Tensor its methods."""
    for module, names in FUNCTIONS.items():
        for name in names.split():
            setattr(Tensor, name, getattr(module, name))
    for name in IN_PLACE:
        changed = in_place(getattr(Tensor, name), f"{name}_", apart=name in COMPOSED)
        setattr(Tensor, f"{name}_", changed)
    for name, (operator, function) in AUGMENTED.items():
        setattr(Tensor, name, augmented(function, f"x {operator} y"))
    for name in ("half", "float", "double", "short", "int", "long", "bool"):
        convert = to_dtype({"half": "e", "double": "d", "short": "h", "int": "i4", "long": "i8",
                            "float": "f", "bool": "?"}[name])  # fmt: skip
        convert.__name__ = name
        setattr(Tensor, name, convert)
    for name, method in OWN.items():
        setattr(Tensor, name, method)


attach()
