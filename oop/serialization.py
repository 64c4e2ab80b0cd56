"""save and load: nested dicts and lists of Tensors in one .npz file, which nobody has to trust.

An .npz is a zip of arrays, each under its path ("layer.weight"), and one entry more that holds the
structure as JSON. Nothing is pickled, so that loading a file runs no code.
"""

import io
import json
import os
import tempfile

import numpy as np

from ..shared.backend import host, is_array
from ..shared.dispatch import Value, bottom
from .conversion import on_device
from .tensor import Tensor

STRUCTURE = "__structure__"
PLAIN = (str, bool, int, float, type(None))


def save(obj, f):
    """Write Tensors, arrays, numbers, strings and None, in dicts, lists and tuples, to a file.

    f: a path, whose file is replaced at once when all is written, or a binary file. TypeError, with
    its path, for any other object.
    """
    arrays = {}
    structure = json.dumps(_described(obj, "", arrays))
    arrays[STRUCTURE] = np.frombuffer(structure.encode(), np.uint8)
    if hasattr(f, "write"):
        np.savez(f, **arrays)
        return
    folder = os.path.dirname(os.path.abspath(os.fspath(f)))
    descriptor, partial = tempfile.mkstemp(dir=folder, suffix=".partial")
    try:
        with os.fdopen(descriptor, "wb") as file:
            np.savez(file, **arrays)
        os.replace(partial, f)
    except BaseException:
        os.unlink(partial)
        raise


def load(f, map_location=None):
    """What `save` wrote; map_location: the device of its Tensors, the host by default.

    ValueError for a file that `save` did not write.
    """
    if hasattr(f, "read"):
        f = io.BytesIO(f.read())
    with np.load(f, allow_pickle=False) as file:
        if not hasattr(file, "files") or STRUCTURE not in file.files:
            raise ValueError(
                f"load: {f} was not written by oop.save; arrays of other .npz files: np.load"
            )
        structure = json.loads(bytes(file[STRUCTURE]))
        return _rebuilt(structure, file, map_location)


def _described(obj, path, arrays):
    """The JSON of obj, its arrays entered into `arrays`."""
    if isinstance(obj, Tensor) or is_array(obj) or isinstance(obj, np.generic):
        return _entered(obj, path, arrays)
    if isinstance(obj, PLAIN):
        return {"value": obj}
    if isinstance(obj, complex):
        return {"complex": [obj.real, obj.imag]}
    if isinstance(obj, (list, tuple)):
        kind = "tuple" if isinstance(obj, tuple) else "list"
        return {kind: [_described(x, f"{path}.{i}".lstrip("."), arrays) for i, x in enumerate(obj)]}
    if isinstance(obj, dict):
        items = []
        for key, x in obj.items():
            if not isinstance(key, PLAIN):
                raise TypeError(
                    f"save: {path or 'the dict'} has a key of type {type(key).__name__}; keys are "
                    "strings and numbers"
                )
            items.append([key, _described(x, f"{path}.{key}".lstrip("."), arrays)])
        return {"dict": items}
    raise TypeError(
        f"save: {path or 'the object'} is a {type(obj).__name__}; Tensors, arrays, numbers, "
        "strings and None are saved, in dicts, lists and tuples (of a module: its state_dict())"
    )


def _entered(obj, path, arrays):
    kind = "tensor" if isinstance(obj, Tensor) else "array"
    if isinstance(obj, Tensor) and isinstance(obj.fresh().value, Value):
        raise TypeError(f"save: {path or 'the Tensor'} holds a traced value of a transform")
    name = path or "data"
    while name in arrays or name == STRUCTURE:
        name += "_"
    arrays[name] = np.asarray(host(bottom(obj)))
    return {kind: name, "requires_grad": kind == "tensor" and obj.is_leaf and obj.requires_grad}


def _rebuilt(node, file, device):
    (kind, content), *rest = node.items()
    if kind == "tensor":
        t = Tensor(file[content])
        t = t if device is None else on_device(t, device)
        return t.requires_grad_(rest[0][1])
    if kind == "array":
        return file[content]
    if kind == "complex":
        return complex(*content)
    if kind == "dict":
        return {key: _rebuilt(x, file, device) for key, x in content}
    if kind in ("list", "tuple"):
        items = [_rebuilt(x, file, device) for x in content]
        return tuple(items) if kind == "tuple" else items
    return content
