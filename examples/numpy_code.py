"""Plain NumPy code, differentiated: no other array library is imported, nothing is wrapped by hand.

python examples/numpy_code.py
"""

import numpy as np

from wonderland import functional as wf


def rosenbrock(x):
    """A valley with its minimum, 0, at (1, ..., 1)."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def newton(f, x, steps=20):
    """The minimum of f by Newton's method, from its gradient and its Hessian."""
    for _ in range(steps):
        x = x - np.linalg.solve(wf.hessian(f)(x), wf.grad(f)(x))
    return x


def trajectory(height, speed, steps=100):
    """Where a ball with drag lands: a loop with state, as one would write it."""
    position, velocity = np.stack([0.0 * height, height]), speed * np.array([0.8, 0.6])
    for _ in range(steps):
        drag = 0.1 * np.sqrt(np.sum(velocity**2)) * velocity
        velocity = velocity + 0.02 * (np.array([0.0, -9.81]) - drag)
        position = position + 0.02 * velocity
    return position[0]


def main():
    x = np.array([-1.2, 1.0, 0.8])
    print("f(x) =", rosenbrock(x))
    print("grad f(x) =", wf.grad(rosenbrock)(x))
    minimum = newton(rosenbrock, x)
    print("Newton's method finds", minimum)
    assert np.allclose(minimum, 1)

    # forward mode: how far the ball flies, and how that changes with the speed
    distance, slope = wf.jvp(lambda v: trajectory(1.0, v), (10.0,), (1.0,))
    print(f"the ball flies {distance:.3f} m, and {slope:.3f} m more per m/s")
    nearby = trajectory(1.0, 10.001) - trajectory(1.0, 9.999)
    assert np.isclose(slope, nearby / 0.002, rtol=1e-3)

    # a batch without a loop, and its derivatives
    speeds = np.linspace(5, 15, 5)
    flights = wf.vmap(lambda v: trajectory(1.0, v))(speeds)
    slopes = wf.vmap(wf.grad(lambda v: trajectory(1.0, v)))(speeds)
    for v, d, s in zip(speeds, flights, slopes, strict=True):
        print(f"speed {v:5.1f} m/s: {d:6.3f} m, slope {s:.3f}")
    assert np.allclose(flights, [trajectory(1.0, v) for v in speeds])

    # all derivatives of a vector function, in either mode
    polar = wf.jacfwd(lambda p: p[0] * np.stack([np.cos(p[1]), np.sin(p[1])]))
    print("Jacobian of polar coordinates:\n", polar(np.array([2.0, np.pi / 6])))
    assert np.isclose(np.linalg.det(polar(np.array([2.0, np.pi / 6]))), 2.0)


if __name__ == "__main__":
    main()
