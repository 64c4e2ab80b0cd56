"""A primitive together with its residuals, as one equation of a graph.

On arrays one kernel computes both. A graph must do the same, or its bits would differ: under a
capture that kernel is the primitive `Ahead`. Any other transform sees the primitive and the
residuals for themselves, as it has rules for those.
"""

from ..abstract import eval_shape
from ..dispatch import highest


class Ahead:
    """(z, residual, ...) of `primitive` for operands of any kind."""

    outputs, view, variadic, active = "many", False, False, 0

    def __init__(self, primitive):
        self.primitive, self.name = primitive, f"{primitive.name}_ahead"
        self.kernel = primitive.forward
        self.operands, self.statics = primitive.operands, primitive.statics

    def __repr__(self):
        return f"Ahead({self.primitive!r})"

    def __call__(self, *args, **static):
        """All results in one tuple, by whoever takes the call."""
        top = highest(args)
        if top is None:
            return self.flat(*self.kernel(*args, **static))
        if top.direct:
            return top.interpret(self, args, static)
        return self.decomposition(*args, **static)

    def recorded(self, *args, **static):
        """The results as the kernel gives them: z, then each residual."""
        found = self(*args, **static)
        count = len(found) - len(self.primitive.residuals)
        z = found[0] if self.primitive.outputs is None else tuple(found[:count])
        return (z, *found[count:])

    def flat(self, z, *residuals):
        """z (or all its parts) and the residuals in one tuple."""
        return (z, *residuals) if self.primitive.outputs is None else (*z, *residuals)

    def decomposition(self, *args, **static):
        """The primitive, and each residual by itself."""
        each = [f(*args, **static) for f in self.primitive.residuals.values()]
        return self.flat(self.primitive(*args, **static), *each)

    def abstract(self, *args, **static):
        """(shape, dtype) of every result."""
        found = eval_shape(lambda *xs: self.decomposition(*xs, **static), args)
        return [(z.shape, z.dtype) for z in found]

    def explain(self, error, args, static):
        """The primitive's own explanation."""
        return self.primitive.explain(error, args, static)
