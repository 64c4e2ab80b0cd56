"""state_dict and load_state_dict: a module's values by name, out and in."""

from typing import NamedTuple

from ...shared.backend import as_array, is_array
from ...shared.dispatch import Value
from ..tensor import Tensor
from .parameter import overwrite
from .structure import joined


class IncompatibleKeys(NamedTuple):
    """What load_state_dict did not find, and what it did not expect."""

    missing_keys: list
    unexpected_keys: list

    def __repr__(self):
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return (
            f"IncompatibleKeys(missing_keys={self.missing_keys}, "
            f"unexpected_keys={self.unexpected_keys})"
        )


def entries(module, prefix=""):
    """(name, tensor) of all parameters and persistent buffers; a shared one under each name."""
    for name, parameter in module._parameters.items():
        if parameter is not None:
            yield joined(prefix, name), parameter
    for name, buffer in module._buffers.items():
        if buffer is not None and name not in module._non_persistent_buffers_set:
            yield joined(prefix, name), buffer
    for name, child in module._modules.items():
        if child is not None:
            yield from entries(child, joined(prefix, name))


def load(module, given, strict):
    """Copy `given` into the module's own tensors; see Module.load_state_dict."""
    if not hasattr(given, "items"):
        raise TypeError(
            f"load_state_dict: a dict of names and tensors is needed, not {type(given).__name__}"
        )
    own = dict(entries(module))
    missing = [name for name in own if name not in given]
    unexpected = [name for name in given if name not in own]
    problems = []
    if strict:
        problems += [f"missing {name!r} {tuple(own[name].shape)}" for name in missing]
        problems += [f"unexpected {name!r}" for name in unexpected]
    pairs = [(own[name], checked(name, own[name], x, problems))
             for name, x in given.items() if name in own]  # fmt: skip
    if problems:
        raise ValueError(
            f"load_state_dict: the values do not fit {type(module).__name__}: {'; '.join(problems)}"
        )
    for tensor, x in pairs:
        overwrite(tensor, x)
    return IncompatibleKeys(missing, unexpected)


def checked(name, tensor, x, problems):
    """x as an array or Value; what is wrong with it goes to `problems`."""
    x = x.detach().value if isinstance(x, Tensor) else x
    if not (is_array(x) or isinstance(x, Value)):
        try:
            x = as_array(x)
        except (TypeError, ValueError):
            problems.append(f"{name!r} is {type(x).__name__}, not an array")
            return x
    if tuple(x.shape) != tuple(tensor.shape):
        problems.append(f"{name!r} has shape {tuple(x.shape)}, not {tuple(tensor.shape)}")
    elif x.dtype.kind == "c" and tensor.dtype.kind != "c":
        problems.append(f"{name!r} is {x.dtype}, which does not fit {tensor.dtype}")
    return x
