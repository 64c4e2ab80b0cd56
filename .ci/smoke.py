"""Does it stand at all? Every module imports, and both styles and the bridge give one gradient."""

import importlib
import importlib.util
import pkgutil

import numpy as np

from wonderland import functional as wf
from wonderland import oop
from wonderland.purify import purify

FLOORS = ("shared", "functional", "oop", "purify", "compare")


def import_everything():
    """Import each module of each floor; return how many there are.

    Without llvmlite all but those that are built on it, as in any other program.
    """
    count, compiles = 0, importlib.util.find_spec("llvmlite") is not None
    for floor in FLOORS:
        package = importlib.import_module(f"wonderland.{floor}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith("__main__"):
                continue
            if compiles or ".native." not in module.name:
                importlib.import_module(module.name)
                count += 1
    return count


def check_gradients():
    """sum((x Wᵀ + b)²): the stateful gradient and the purified one are the same bytes."""
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)
    model = oop.nn.Linear(3, 2)
    (model(oop.tensor(x)) ** 2).sum().backward()

    pure = purify(model)
    params, _ = pure.init()
    gradients = wf.grad(lambda params: (pure(params, x) ** 2).sum())(params)
    for name, parameter in model.named_parameters():
        assert gradients[name].tobytes() == parameter.grad.numpy().tobytes(), name


def check_compiled():
    """jit gives the gradient too; the name of the executor that ran."""
    x = np.linspace(-1, 1, 12, dtype=np.float32)
    slope = wf.grad(lambda x: (np.tanh(x) * x).sum())
    np.testing.assert_allclose(wf.jit(slope)(x), slope(x), rtol=1e-5, atol=1e-6)
    return "native" if importlib.util.find_spec("llvmlite") else "numpy"


if __name__ == "__main__":
    modules = import_everything()
    check_gradients()
    executor = check_compiled()
    print(
        f"smoke: {modules} modules import; both styles and the bridge agree on a gradient; "
        f"jit runs by {executor}"
    )
