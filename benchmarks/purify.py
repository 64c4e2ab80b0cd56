"""What does a purified eager call cost over the stateful forward?  50 x Linear(4, 4), and parts.

    python benchmarks/purify.py

Budget (PURIFY.md, 50): at most 1.5 times the stateful forward. All run in turns, a few hundred
short runs each, and the minimum counts: it is least disturbed by other work on the machine.
"""

import gc
import time

import numpy as np

from wonderland import functional as wf
from wonderland import oop
from wonderland.oop import nn
from wonderland.oop.graph import Lent
from wonderland.purify import purify
from wonderland.purify.borrow import parameters
from wonderland.purify.call import Call
from wonderland.purify.clone import Cloner
from wonderland.purify.fit import fitted

ROUNDS = 400
X = np.ones((8, 4), np.float32)
BUDGET = 1.5


def subjects():
    """{label: function}, the stateful forward first."""
    oop.manual_seed(0)
    model, x = nn.Sequential(*[nn.Linear(4, 4) for _ in range(50)]), oop.tensor(X)
    pure = purify(model)
    params, state = pure.init()
    plan, version = pure.plan, Lent()
    layer, nested = wf.nn.Sequential(*[wf.nn.Linear(4) for _ in range(50)]), pure.unflatten(params)

    def unrecorded():
        with oop.no_grad():
            model(x)

    def clone():
        bound, _ = parameters(plan, params, 0.5, version)
        Cloner({**bound, id(None): None}, plan.modules).module(model)

    return {
        "stateful forward": lambda: model(x),
        "stateful forward, no_grad": unrecorded,
        "purified call": lambda: pure.apply(params, state, X),
        "  of which: validating": lambda: fitted(plan, params, state),
        "  of which: binding": lambda: parameters(plan, params, 0.5, version),
        "  binding and cloning": clone,
        "  all before the forward": lambda: Call(model, plan, params, state),
        "functional layers": lambda: layer.apply(nested, X),
    }


def fastest(functions):
    """{label: seconds of the fastest run}."""
    best = dict.fromkeys(functions, float("inf"))
    for _ in range(ROUNDS):
        for label, function in functions.items():
            start = time.perf_counter()
            function()
            best[label] = min(best[label], time.perf_counter() - start)
    return best


def main():
    """Print the table."""
    gc.disable()
    best = fastest(subjects())
    base = best["stateful forward"]
    for label, seconds in best.items():
        print(f"{label:28s} {seconds * 1e6:8.1f} us   {seconds / base:5.2f}")
    verdict = "met" if best["purified call"] <= BUDGET * base else "missed"
    print(f"budget: {BUDGET} times the stateful forward: {verdict}")


if __name__ == "__main__":
    main()
