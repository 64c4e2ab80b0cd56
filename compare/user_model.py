"""A user's own model: path/to/file.py:Model, with what the file says about how to train it."""

import sys
from copy import deepcopy
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from .. import oop
from ..functional import random, value_and_grad
from ..oop import nn
from ..oop.random import drawing_from
from ..oop.tensor import Tensor
from ..purify import purify
from ..shared import tree
from ..shared.backend import as_array
from ..shared.nn.classification import cross_entropy
from ..shared.nn.regression import mse_loss
from .request import UnusableInputError
from .styles import inputs, on_arrays

EXAMPLE = "def example(): return x, y"


@dataclass
class UserModel:
    """What a file defines.

    module         the model, fresh
    x, y           one batch of example(): arrays, or pytrees of them; a tuple x is several inputs
    loss           (output, y) -> Tensor: loss() of the file, or one that fits y
    learning_rate  LEARNING_RATE of the file, or 1e-3; the optimiser is Adam
    layer          layer() of the file, the same model as a functional Layer; or None
    draws          whether the model draws random numbers
    """

    name: str
    path: str
    module: nn.Module
    x: object
    y: object
    loss: object
    learning_rate: float = 1e-3
    layer: object = None
    draws: bool = False


def load(target):
    """The UserModel of 'path/to/file.py:Model', tried out once.

    UnusableInputError, one line that names what is missing or what failed and where.
    """
    path, _, name = target.rpartition(":")
    if not path or not name:
        raise UnusableInputError(f"compare: {target!r} names no model; write path/to/file.py:Model")
    file = imported(path)
    found = named(file, path, name)
    oop.manual_seed(0)
    module = attempt(f"{name}()", path, found) if isinstance(found, type) else found
    x, y = batch(file, path)
    user = UserModel(name, path, module, x, y, loss_of(file, path, y))
    user.learning_rate = getattr(file, "LEARNING_RATE", user.learning_rate)
    try_out(user)
    if hasattr(file, "layer"):
        user.layer = layer_of(file, user)
    return user


def imported(path):
    """The file as a module: the user's own code, run because the user named it."""
    file = Path(path)
    if not file.is_file():
        raise UnusableInputError(f"compare: there is no file {path!r} in {Path.cwd()}")
    spec = spec_from_file_location(f"wonderland_user_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise UnusableInputError(
            f"compare: {path!r} is no Python file; write path/to/file.py:Model"
        )
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickle look there
    sys.path.insert(0, str(file.resolve().parent))  # as for a script: files beside it are found
    try:
        attempt(f"importing {path}", path, lambda: spec.loader.exec_module(module))
    finally:
        sys.path.pop(0)
    return module


def named(file, path, name):
    """The class of modules, or the module, of that name."""
    found = getattr(file, name, None)
    if is_model(found):
        return found
    models = ", ".join(n for n, value in vars(file).items() if is_model(value))
    has = f"its models are: {models}" if models else "it defines no nn.Module"
    if found is None:
        raise UnusableInputError(f"compare: {path} does not define {name!r}; {has}")
    raise UnusableInputError(
        f"compare: {name!r} in {path} is no nn.Module but {type(found).__name__}; {has}"
    )


def is_model(value):
    """True for a module, or a class of modules that is not one of the library's own."""
    if isinstance(value, type):
        return issubclass(value, nn.Module) and not value.__module__.startswith("wonderland.")
    return isinstance(value, nn.Module)


def batch(file, path):
    """(x, y) of example(), as arrays."""
    if not callable(getattr(file, "example", None)):
        raise UnusableInputError(
            f"compare: {path} does not define example(), one batch of inputs and targets; "
            f"add `{EXAMPLE}`"
        )
    given = attempt("example()", path, file.example)
    if not isinstance(given, tuple) or len(given) != 2:
        raise UnusableInputError(
            f"compare: example() in {path} returns {type(given).__name__}, not a pair of inputs "
            f"and targets; write `{EXAMPLE}`"
        )
    leaf = lambda x: isinstance(x, (list, Tensor))  # noqa: E731
    return attempt("example()", path, lambda: tree.map(array, given, is_leaf=leaf))


def array(x):
    """An array of what example() gave."""
    return x.detach().value if isinstance(x, Tensor) else as_array(x)


def loss_of(file, path, y):
    """loss() of the file; else cross entropy for integers and mean squared error for floats."""
    loss = getattr(file, "loss", None)
    if loss is not None:
        return loss
    if not hasattr(y, "dtype"):
        raise UnusableInputError(
            f"compare: the targets of example() in {path} are {type(y).__name__}, not one array; "
            "define loss(output, y)"
        )
    return cross_entropy if y.dtype.kind in "iu" else mse_loss


def try_out(user):
    """One step forward and back in both styles, on copies; notes whether the model draws."""
    asked = []

    def source(module):
        asked.append(module)
        return random.key(0)

    def stateful():
        with drawing_from(source):
            out = deepcopy(user.module)(*[tree.map(oop.as_tensor, x) for x in inputs(user.x)])
            user.loss(out, tree.map(oop.as_tensor, user.y)).backward()

    def purified():
        pure = purify(user.module)
        params, state = pure.init()
        loss = on_arrays(user.loss)
        key = random.key(0) if user.draws else None

        def objective(params):
            return loss(pure.apply(params, state, *inputs(user.x), key=key)[0], user.y)

        value_and_grad(objective)(params)

    if not list(user.module.parameters()):
        raise UnusableInputError(
            f"compare: {user.name} has no parameters, so nothing can be trained"
        )
    attempt(f"{user.name} on example()", user.path, stateful)
    user.draws = bool(asked)
    attempt(f"{user.name}, purified, on example()", user.path, purified)


def layer_of(file, user):
    """layer() of the file, once its parameters are known to be named and shaped as the model's."""
    layer = attempt("layer()", user.path, file.layer)
    if not callable(getattr(layer, "init", None)) or not callable(getattr(layer, "apply", None)):
        raise UnusableInputError(
            f"compare: layer() in {user.path} returns {type(layer).__name__}, "
            "not a functional Layer(init, apply)"
        )
    if list(user.module.buffers()) or user.draws:
        raise UnusableInputError(
            f"compare: {user.name} has buffers or draws random numbers, which layer() in "
            f"{user.path} cannot follow yet; leave layer() out"
        )
    params = attempt("layer().init", user.path, lambda: layer.init(random.key(0), *inputs(user.x)))
    given = {tree.path_string(p): tuple(x.shape) for p, x in tree.leaves_with_path(params)}
    wanted = {name: tuple(p.shape) for name, p in user.module.named_parameters()}
    for name in sorted(given.keys() | wanted.keys()):
        if given.get(name) != wanted.get(name):
            raise UnusableInputError(
                f"compare: layer() in {user.path} and {user.name} have different parameters: "
                f"{name!r} is {given.get(name, 'missing')} and {wanted.get(name, 'missing')}"
            )
    return layer


def attempt(what, path, function):
    """function(), with what it raises as one line that names the user's own line."""
    try:
        return function()
    except (Exception, SystemExit) as error:
        first = (str(error).splitlines() or [""])[0]
        raise UnusableInputError(
            f"compare: {what} fails{own_line(error, path)}: {type(error).__name__}: {first}"
        ) from error


def own_line(error, path):
    """' in line 12 of path' for the innermost line of that file; '' where there is none."""
    line, file = None, str(Path(path).resolve())
    traceback = error.__traceback__
    while traceback is not None:
        if str(Path(traceback.tb_frame.f_code.co_filename).resolve()) == file:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    if isinstance(error, SyntaxError) and error.lineno:
        line = error.lineno
    return f" in line {line} of {path}" if line else ""
