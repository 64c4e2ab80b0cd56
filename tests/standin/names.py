"""What the real CuPy offers: names, parameters, loops; from cupy_names.json."""

import functools
import json
from inspect import Parameter, Signature
from pathlib import Path

import numpy as np

FACTS = json.loads(Path(__file__).with_name("cupy_names.json").read_text("utf-8"))
VERSION: str = FACTS["cupy"]
MODULES: dict[str, dict] = FACTS["modules"]
CLASSES: dict[str, dict] = FACTS["classes"]

# ufunc.at with integer arrays among the indices goes through CUDA's atomics, which know these
# dtypes only (so say its TypeErrors in cupy/_core/_routines_indexing): nothing complex among them.
WORDS = "int32 int64 uint32 uint64"
SCATTERED = {
    "add": f"{WORDS} float16 float32 float64",
    "subtract": "int32 uint32",
    "maximum": f"{WORDS} float32 float64",
    "minimum": f"{WORDS} float32 float64",
    "bitwise_and": WORDS,
    "bitwise_or": WORDS,
    "bitwise_xor": WORDS,
}


@functools.cache
def signature(words):
    """The inspect.Signature of `a axis= * out=`: `=` marks a default, whatever its value."""
    found, kind = [], Parameter.POSITIONAL_OR_KEYWORD
    for word in words.split():
        if word == "/":
            found = [p.replace(kind=Parameter.POSITIONAL_ONLY) for p in found]
        elif word == "*":
            kind = Parameter.KEYWORD_ONLY
        elif word.startswith("**"):
            found.append(Parameter(word[2:], Parameter.VAR_KEYWORD))
        elif word.startswith("*"):
            found.append(Parameter(word[1:], Parameter.VAR_POSITIONAL))
            kind = Parameter.KEYWORD_ONLY
        else:
            default = None if word.endswith("=") else Parameter.empty
            found.append(Parameter(word.rstrip("="), kind, default=default))
    return Signature(found)


def loop_of(types, operands, dtype=None):
    """The dtypes (inputs, outputs) of the loop that a CuPy ufunc takes; None where it has none.

    operands: per input its dtype, or one of the types int, float and complex for a Python number,
    which is weak: it takes part with a default dtype, or adapts to the arrays' (NEP 50). CuPy takes
    the first loop that every input can be cast to safely, NumPy's own rule of old.
    """
    loops = _loops(types)
    if dtype is not None:
        fitting = (loop for loop in loops if all(out == dtype for out in loop[1]))
        return next(fitting, None)
    weak = _adapts(operands)
    for loop in loops:
        if all(_fits(given, wanted, weak) for given, wanted in zip(operands, loop[0], strict=True)):
            return loop
    return None


@functools.cache
def _loops(types):
    pairs = (loop.split("->") for loop in types.split())
    return [tuple(tuple(map(np.dtype, side)) for side in pair) for pair in pairs]


def _adapts(operands):
    """Whether Python numbers adapt: there are arrays, and of a kind at least as high as theirs."""
    kinds = {True: [-1], False: [-1]}
    for given in operands:
        score = 2
        if given is int or (given in (np.dtype(given),) and np.dtype(given).kind in "iu"):
            score = 1
        elif not isinstance(given, type) and given.kind == "b":
            score = 0
        kinds[isinstance(given, type)].append(score)
    return max(kinds[True]) >= 0 and max(kinds[False]) >= max(kinds[True])


def _fits(given, wanted, weak):
    if np.can_cast(np.dtype(given), wanted):
        return True
    return weak and isinstance(given, type) and np.result_type(given(0), wanted) == wanted
