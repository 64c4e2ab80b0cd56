"""Do the given params fit the layer?  One error lists all that does not."""

from ...shared.backend import is_array
from ...shared.dispatch import Value


def check_leaves(layer, params, shapes):
    """ValueError unless params is a dict of exactly these leaves; TypeError where it is no dict.

    shapes: {name: shape}, None for an axis of any size.
    """
    if not isinstance(params, dict):
        raise TypeError(
            f"{layer}: params is a {type(params).__name__}, but a dict with "
            f"{', '.join(map(repr, shapes))} is needed; take it from init(key, x)"
        )
    faults = [f"missing {n!r} {written(shape)}" for n, shape in shapes.items() if n not in params]
    for name, x in params.items():
        if name not in shapes:
            faults.append(f"unexpected {name!r}")
        elif not isinstance(x, Value) and not is_array(x):
            faults.append(f"{name!r} is {type(x).__name__}, not an array")
        elif not fits(tuple(x.shape), shapes[name]):
            faults.append(f"{name!r} has shape {tuple(x.shape)}, not {written(shapes[name])}")
    if faults:
        raise ValueError(
            f"{layer}: params do not fit the layer: {'; '.join(faults)}; take them from "
            "init(key, x)"
        )


def fits(shape, wanted):
    """True where a shape is the wanted one."""
    return len(shape) == len(wanted) and all(
        n is None or m == n for m, n in zip(shape, wanted, strict=True)
    )


def written(shape):
    """(5, ...) for (5, None).

    >>> written((5, None)), written((5,))
    ('(5, in)', '(5,)')
    """
    text = ", ".join("in" if n is None else str(n) for n in shape)
    return f"({text},)" if len(shape) == 1 else f"({text})"


def check_none(layer, params):
    """ValueError unless params is empty, as that of a layer without parameters."""
    if params is None or (isinstance(params, (dict, list, tuple)) and not params):
        return
    given = f"got {', '.join(map(repr, params))}" if isinstance(params, dict) else ""
    given = given or f"params is a {type(params).__name__}"
    raise ValueError(f"{layer}: the layer has no parameters but {given}; pass {{}}")
