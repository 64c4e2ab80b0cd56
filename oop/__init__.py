"""The stateful paradigm: Tensor, backward(), nn.Module, optimisers, data. Reads like torch.

>>> from wonderland import oop
>>> x = oop.tensor([1.0, 2.0], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
tensor([2., 4.])
"""

import builtins

from numpy import e, finfo, iinfo, inf, nan, pi

from . import autograd, cuda, dtypes, methods
from .creation import (
    arange,
    as_tensor,
    asarray,
    bernoulli,
    empty,
    empty_like,
    eye,
    from_dlpack,
    from_numpy,
    full,
    full_like,
    linspace,
    logspace,
    multinomial,
    normal,
    ones,
    ones_like,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    scalar_tensor,
    tensor,
    zeros,
    zeros_like,
)
from .dtypes import (
    cdouble,
    cfloat,
    complex64,
    complex128,
    double,
    float16,
    float32,
    float64,
    get_default_dtype,
    half,
    int8,
    int16,
    int32,
    int64,
    long,
    short,
    uint8,
)
from .functions.contraction import *
from .functions.elementwise import *
from .functions.indexing import *
from .functions.joining import *
from .functions.reduction import *
from .functions.shape import *
from .functions.sorting import *
from .grad_mode import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from .random import default_generator, manual_seed
from .serialization import load, save
from .tensor import Tensor
