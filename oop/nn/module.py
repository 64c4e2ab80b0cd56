"""Module: parameters, buffers and submodules, found by assigning them to attributes.

The tables `_parameters`, `_buffers` and `_modules` are plain dicts in the module's own `__dict__`,
so that copying, pickling and purify need to know nothing special.
"""

import numpy as np

from ..conversion import on_device
from ..tensor import Tensor
from . import hooks, state, structure
from .parameter import Parameter, replace_value

NOTHING = object()


class Module:
    """A part of a model: subclass it, assign parameters and modules in __init__, define forward.

    >>> class Twice(Module):
    ...     def forward(self, x):
    ...         return 2 * x
    >>> Twice()(Tensor([1.0]))
    tensor([2.])
    """

    training: bool
    _hooked = False  # True once a hook was registered
    _forward_pre_hooks = _forward_hooks = _backward_hooks = hooks.NONE  # until then
    _journal = None  # in the clones of purified calls, a list of those whose structure was changed

    def __init__(self):
        self.__dict__.update(
            training=True,
            _parameters={},
            _buffers={},
            _modules={},
            _non_persistent_buffers_set=set(),
        )

    def forward(self, *args, **kwargs):
        """What the module computes; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward()")

    def __call__(self, x=NOTHING, /, *rest, **kwargs):
        # Nearly every call has one argument and meets no hook: this costs half of forward(*args).
        if not (self._hooked or rest or kwargs or x is NOTHING):
            return self.forward(x)
        args = rest if x is NOTHING else (x, *rest)
        return hooks.call(self, args, kwargs) if self._hooked else self.forward(*args, **kwargs)

    # ---- attributes

    def __getattr__(self, name):
        own = self.__dict__
        for table in ("_parameters", "_buffers", "_modules"):
            members = own.get(table)
            if members is not None and name in members:
                return members[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name, value):
        own = self.__dict__
        if isinstance(value, Parameter):
            self._drop(name, "_parameters")
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            self._drop(name, "_modules")
            self.register_module(name, value)
        elif name in own.get("_parameters", ()):
            self._assign("_parameters", name, value, Parameter)
        elif name in own.get("_modules", ()):
            self._assign("_modules", name, value, Module)
        elif name in own.get("_buffers", ()):
            self._assign("_buffers", name, value, Tensor)
        else:
            object.__setattr__(self, name, value)
            structure.note_assignment()

    def _assign(self, table, name, value, kind):
        """Put None, or a tensor for a buffer, in the place of a registered member."""
        if value is not None and not isinstance(value, kind):
            raise TypeError(
                f"{type(self).__name__}.{name}: a {kind.__name__} (or None) is registered under "
                f"this name, and {type(value).__name__} is none; delete the attribute first"
            )
        members = self.__dict__[table]
        if members[name] is not value:
            members[name] = value
            structure.note_change(self)

    def _drop(self, name, kept):
        """Forget `name` wherever else it is registered, as assignment replaces it."""
        own = self.__dict__
        own.pop(name, None)
        for table in ("_parameters", "_buffers", "_modules"):
            if table != kept and name in own.get(table, ()):
                del own[table][name]
        if kept != "_buffers":
            own.get("_non_persistent_buffers_set", set()).discard(name)

    def __delattr__(self, name):
        for table in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(table, ()):
                del self.__dict__[table][name]
                self._non_persistent_buffers_set.discard(name)
                structure.note_change(self)
                return
        object.__delattr__(self, name)
        structure.note_assignment()

    def __dir__(self):
        return sorted({*object.__dir__(self), *self._parameters, *self._buffers, *self._modules})

    def register_parameter(self, name, param):
        """Add a Parameter (or None: a place for one) under a name."""
        self._register("parameter", "_parameters", name, param, Parameter)

    def register_buffer(self, name, tensor, persistent=True):
        """Add a Tensor that is no parameter but belongs to the state, such as a running mean.

        persistent: it is part of state_dict().
        """
        self._register("buffer", "_buffers", name, tensor, Tensor)
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def register_module(self, name, module):
        """Add a submodule under a name."""
        self._register("module", "_modules", name, module, Module)

    add_module = register_module

    def _register(self, kind, table, name, member, cls):
        structure.check_name(self, kind, name)
        if member is not None and not isinstance(member, cls):
            raise TypeError(
                f"register_{kind}: {name!r} must be a {cls.__name__} or None, "
                f"not {type(member).__name__}"
            )
        if kind == "parameter" and member is not None and not member.is_leaf:
            raise ValueError(
                f"register_parameter: {name!r} was made by an operation, which would be part of "
                "every backward(); register Parameter(x.detach()), or compute it in forward()"
            )
        members = self.__dict__[table]
        if name not in members or members[name] is not member:
            members[name] = member
            structure.note_change(self)

    @staticmethod
    def structure_version():
        """A number that is larger after any module's parameters, buffers or submodules changed."""
        return structure.latest[0]

    # ---- walking

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """(path, module) for this module, as '', and every one below it."""
        return structure.named_modules(self, memo, prefix, remove_duplicate)

    def modules(self):
        """This module and every one below it, each once."""
        for _, module in self.named_modules():
            yield module

    def named_children(self):
        """(name, module) of the direct submodules, each once."""
        seen = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self):
        """The direct submodules, each once."""
        for _, child in self.named_children():
            yield child

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """(path, parameter), each parameter once, under its first path.

        >>> from wonderland.oop import nn
        >>> [name for name, _ in nn.Sequential(nn.Linear(2, 3), nn.ReLU()).named_parameters()]
        ['0.weight', '0.bias']
        """
        return structure.named_members(self, "_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse=True):
        """All parameters, each once."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        """(path, buffer), each buffer once, under its first path."""
        return structure.named_members(self, "_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        """All buffers, each once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def get_submodule(self, target):
        """The module at a path such as 'encoder.0'; '' is this one."""
        return structure.find(self, target, "module")

    def get_parameter(self, target):
        """The parameter at a path."""
        return structure.find(self, target, "parameter")

    def get_buffer(self, target):
        """The buffer at a path."""
        return structure.find(self, target, "buffer")

    def apply(self, fn):
        """Call fn(module) on every module, children first; returns self."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # ---- values

    def state_dict(self, *, prefix="", keep_vars=False):
        """{path: tensor} of all parameters and persistent buffers, sharing memory with them."""
        found = state.entries(self)
        return {prefix + name: t if keep_vars else t.detach() for name, t in found}

    def load_state_dict(self, state_dict, strict=True):
        """Copy values into the module's own tensors, which stay the objects they are.

        All is checked first: one ValueError lists everything that is missing, unexpected or of
        another shape, and then nothing has changed. strict=False lets names be missing or
        unexpected. Returns (missing_keys, unexpected_keys).
        """
        return state.load(self, state_dict, strict)

    def _convert(self, convert):
        """Put convert(value) in the place of every payload; tensors stay the objects they are."""
        for module in self.modules():
            for tensor in (*module._parameters.values(), *module._buffers.values()):
                if tensor is None:
                    continue
                value = convert(tensor.value)
                if value is not tensor.value:
                    replace_value(tensor, value)
                    if tensor.grad is not None:
                        tensor.grad = tensor.grad.like(convert(tensor.grad.value))
        return self

    def to(self, *args, dtype=None, device=None):
        """All parameters and buffers on a device and, if they are inexact, in a dtype; in place."""
        for a in args:
            if isinstance(a, Tensor):
                dtype, device = a.dtype, a.device
            elif isinstance(a, str) and (a == "cpu" or a.startswith("cuda")):
                device = a
            else:
                dtype = a
        if dtype is not None and np.dtype(dtype).kind not in "fc":
            raise TypeError(f"to: the dtype of a module is float or complex, not {np.dtype(dtype)}")

        def convert(value):
            if device is not None:
                value = on_device(value, device)
            if dtype is not None and value.dtype.kind in "fc" and value.dtype != dtype:
                value = value.astype(dtype)
            return value

        return self._convert(convert)

    def cuda(self, device="cuda"):
        """All parameters and buffers on the GPU; in place."""
        return self.to(device=f"cuda:{device}" if isinstance(device, int) else device)

    def cpu(self):
        """All parameters and buffers on the host; in place."""
        return self.to(device="cpu")

    def float(self):
        """All inexact parameters and buffers as float32; in place."""
        return self.to(dtype=np.float32)

    def double(self):
        """All inexact parameters and buffers as float64; in place."""
        return self.to(dtype=np.float64)

    def half(self):
        """All inexact parameters and buffers as float16; in place."""
        return self.to(dtype=np.float16)

    def type(self, dst_type):
        """All inexact parameters and buffers in a dtype; in place."""
        return self.to(dtype=dst_type)

    # ---- modes

    def train(self, mode=True):
        """Training mode (or evaluation) for this module and all below it; returns self."""
        self.training = bool(mode)
        for child in self.children():
            child.train(mode)
        return self

    def eval(self):
        """Evaluation mode for this module and all below it; returns self."""
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        """Whether all parameters collect gradients; returns self."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        """Forget the gradients of all parameters, or fill them with zeros."""
        for parameter in self.parameters():
            if parameter.grad is not None:
                parameter.grad = None if set_to_none else parameter.grad.detach() * 0

    # ---- hooks

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        """Before forward, call hook(module, args), which may return other args."""
        self._hooked = True
        return hooks.table(self, "_forward_pre_hooks").add((hook, with_kwargs), prepend)

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False):
        """After forward, call hook(module, args, output), which may return another output."""
        self._hooked = True
        return hooks.table(self, "_forward_hooks").add((hook, with_kwargs), prepend)

    def register_full_backward_hook(self, hook, prepend=False):
        """When gradients pass, call hook(module, grad_input, grad_output).

        Both are tuples, None where no gradient is required. What it returns replaces grad_input.
        """
        self._hooked = True
        return hooks.table(self, "_backward_hooks").add(hook, prepend)

    # ---- text

    def extra_repr(self):
        """What repr shows in parentheses; subclasses define it."""
        return ""

    def __repr__(self):
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [
            f"({name}): " + repr(child).replace("\n", "\n  ")
            for name, child in self._modules.items()
        ]
        if not children and len(lines) < 2:
            return f"{type(self).__name__}({extra})"
        body = "\n  ".join([*lines, *children])
        return f"{type(self).__name__}(\n  {body}\n)"
