"""Does it stand at all? Every module imports, and both styles and the bridge give one gradient."""

import importlib
import pkgutil

import numpy as np

from wonderland import functional as wf
from wonderland import oop
from wonderland.purify import purify

FLOORS = ("shared", "functional", "oop", "purify", "compare")


def import_everything():
    """Import each module of each floor; return how many there are."""
    count = 0
    for floor in FLOORS:
        package = importlib.import_module(f"wonderland.{floor}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
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


if __name__ == "__main__":
    modules = import_everything()
    check_gradients()
    print(f"smoke: {modules} modules import; both styles and the bridge agree on a gradient")
