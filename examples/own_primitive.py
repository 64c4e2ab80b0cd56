"""A primitive of your own: one block declares it, one call checks it, both paradigms use it.

python examples/own_primitive.py
"""

import math

import numpy as np

from wonderland import functional as wf
from wonderland import oop
from wonderland.shared.primitives import elementwise, exp, linear
from wonderland.shared.testing import check_primitive

# z = ln(1 + x²), the loss of a Cauchy distribution; dz/dx = 2x / (1 + x²). The rule's parameter
# names say what is kept for the backward pass: x, and nothing else.
cauchy = elementwise("cauchy", lambda x: np.log1p(x * x), x=lambda x: 2 * x / (1 + x * x))

# Two operands, a rule for each: z = x exp(-y).
fading = elementwise(
    "fading",
    lambda x, y: x * np.exp(-y),
    x=lambda y: exp(-y),
    y=lambda z: -z,
)

# z[i] = x[i] + x[i-1] around a ring. It is linear, so its transpose is the only rule: the same the
# other way round. batch: what vmap does, with the batch as leading axis.
forth = linear(
    "ring_forth",
    lambda x: x + np.roll(x, 1, axis=-1),
    shape=lambda x: x.shape,
    transpose=lambda gz: back(gz),
    batch=lambda args, batched: forth(args[0]),
)
back = linear(
    "ring_back",
    lambda x: x + np.roll(x, -1, axis=-1),
    shape=lambda x: x.shape,
    transpose=lambda gz: forth(gz),
    batch=lambda args, batched: back(args[0]),
)


def main():
    x = np.array([[0.5, -1.0, 2.0], [0.1, 0.0, -0.3]])

    # Every promise of the library's own primitives: derivatives in both modes and to second order,
    # vmap, dtypes, memory layouts ... The reference is an independent computation.
    tried = check_primitive(
        cauchy, x, reference=lambda x: math.log(1 + x * x), entrywise=True, dtypes="f"
    )
    print("cauchy keeps its promises:", ", ".join(tried))
    check_primitive(fading, x, x.T.reshape(2, 3), reference=lambda x, y: x * np.exp(-y))
    check_primitive(forth, x, reference=lambda x: x + x[:, [2, 0, 1]])
    check_primitive(back, x, reference=lambda x: x + x[:, [1, 2, 0]])

    def loss(x):
        return cauchy(fading(x, forth(x))).sum()

    gradient = wf.grad(loss)(x)
    print("functional:", gradient[0])
    print("curvature along x:", wf.hvp(loss, x, x)[0])
    print("per row:", wf.vmap(wf.grad(loss))(x)[1])

    t = oop.tensor(x, requires_grad=True)
    loss(t).backward()
    print("oop:       ", t.grad.numpy()[0])
    assert t.grad.numpy().tobytes() == gradient.tobytes()

    # A wrong rule does not pass.
    wrong = elementwise("wrong", np.tanh, x=lambda z: 1 - z)
    try:
        check_primitive(wrong, x, reference=math.tanh, entrywise=True)
    except AssertionError as error:
        print("refused:", error)
    else:
        raise AssertionError("a wrong rule passed")


if __name__ == "__main__":
    main()
