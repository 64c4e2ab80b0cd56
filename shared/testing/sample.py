"""A sample: one call of a primitive, from which the promises of the contract are generated."""


class Sample:
    """primitive(*args, **static), to be checked against `reference(*args, **static)`.

    args: arrays (float64; the contract casts them to the other dtypes and gives them imaginary
    parts), integer or boolean arrays (left as they are), or Python scalars. reference: an independent
    computation of the result: either of the whole arrays, or, with entrywise=True, a function of
    Python scalars such as math.tanh (cmath's for complex). dtypes: the kinds that the primitive
    takes, from 'f' (f16 f32 f64), 'c' (c64 c128), 'i', 'b'. label: what the test is called.
    """

    __slots__ = ("args", "dtypes", "entrywise", "label", "primitive", "reference", "static")

    def __init__(
        self, primitive, *args, reference, entrywise=False, dtypes="fc", label="", **static
    ):
        self.primitive, self.args, self.static = primitive, args, static
        self.reference, self.entrywise, self.dtypes = reference, entrywise, dtypes
        shapes = "x".join(str(getattr(a, "shape", "scalar")) for a in args)
        self.label = f"{primitive.name}-{label or shapes}"

    def __repr__(self):
        return f"Sample({self.label})"
