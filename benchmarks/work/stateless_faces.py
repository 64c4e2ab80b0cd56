"""jax, and `wonderland.functional` which reads like it: plain and compiled.

What jax leaves to other libraries (losses, layer norm, pooling) stands here in jax's own functions.
"""

import importlib
from functools import cache, partial

import numpy as np


class Stateless:
    """What both share: a step is a pure function, compiled as a whole, its carry donated.

    A subclass has: package, the modules numpy and optim, the transforms, and the formulas.
    """

    def train(self, loss, optimizer, params, batch):
        """step() on the same batch again and again; it gives the loss before the update."""
        gradient = self.value_and_grad(loss)

        def update(params, state, *batch):
            value, grads = gradient(params, *batch)
            updates, state = optimizer.update(grads, state, params)
            return value, self.optim.apply_updates(params, updates), state

        update = self.jit(update, donate_argnums=(0, 1))
        batch = [self.array(a) for a in batch]
        params = {name: self.array(p) for name, p in params.items()}
        state = optimizer.init(params)

        def step():
            nonlocal params, state
            value, params, state = update(params, state, *batch)
            return value

        return step

    def call(self, f, arrays):
        """step() that gives f(*arrays)."""
        f, arrays = self.jit(f), [self.array(a) for a in arrays]
        return lambda: f(*arrays)

    def pull(self, f, arrays, cotangent):
        """step() that gives f(*arrays) and the gradients of what cotangent weighs."""

        def both(cotangent, *arrays):
            out, pull = self.vjp(f, *arrays)
            return (out, *pull(cotangent))

        return self.call(both, [cotangent, *arrays])

    def update(self, optimizer, params, grads):
        """step() that applies the optimizer to these gradients."""

        def update(params, state, grads):
            updates, state = optimizer.update(grads, state, params)
            return self.optim.apply_updates(params, updates), state

        update = self.jit(update, donate_argnums=(0, 1))
        params, grads = ([self.array(a) for a in arrays] for arrays in (params, grads))
        state = optimizer.init(params)

        def step():
            nonlocal params, state
            params, state = update(params, state, grads)
            return tuple(params)

        return step


class Jax(Stateless):
    """jax.jit, and optax for the optimisers."""

    package = "jax"

    def __init__(self):
        self.jax = jax = importlib.import_module("jax")
        self.numpy, self.optim = jax.numpy, importlib.import_module("optax")
        self.jit, self.vjp, self.hessian = jax.jit, jax.vjp, jax.hessian
        self.value_and_grad = jax.value_and_grad
        self.array, self.wait = jax.numpy.asarray, jax.block_until_ready
        self.relu, self.sigmoid, self.softmax = jax.nn.relu, jax.nn.sigmoid, jax.nn.softmax
        self.softplus = jax.nn.softplus

    def linear(self, x, weight, bias):
        return x @ weight.T + bias

    def gelu(self, x, approximate="none"):
        return self.jax.nn.gelu(x, approximate=approximate == "tanh")

    def mse_loss(self, x, y):
        return ((x - y) ** 2).mean()

    def cross_entropy(self, logits, labels):
        return self.optim.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    def layer_norm(self, x, weight, bias, eps=1e-5):
        centred = x - x.mean(-1, keepdims=True)
        scale = self.jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + eps)
        return centred * scale * weight + bias

    def embedding(self, indices, table):
        return table[indices]

    def causal_attention(self, q, k, v):
        q, k, v = (self.numpy.swapaxes(a, 1, 2) for a in (q, k, v))  # jax has heads after time
        out = self.jax.nn.dot_product_attention(q, k, v, is_causal=True)
        return self.numpy.swapaxes(out, 1, 2)

    def conv2d(self, x, weight, bias, padding):
        out = self.jax.lax.conv_general_dilated(x, weight, (1, 1), [(padding, padding)] * 2)
        return out + bias[:, None, None]

    def max_pool2d(self, x, size):
        window = (1, 1, size, size)
        return self.jax.lax.reduce_window(x, -np.inf, self.jax.lax.max, window, window, "VALID")

    def lstm(self, params, x):
        """A scan over the steps; the inputs' part of all gates is one product before it."""
        bias = params["bias_ih_l0"] + params["bias_hh_l0"]
        weight = params["weight_hh_l0"].T
        tanh, sigmoid = self.numpy.tanh, self.sigmoid

        def cell(carry, gates):
            h, c = carry
            i, f, g, o = self.numpy.split(gates + h @ weight, 4, axis=-1)
            c = sigmoid(f) * c + sigmoid(i) * tanh(g)
            h = sigmoid(o) * tanh(c)
            return (h, c), h

        start = self.numpy.zeros((x.shape[1], len(weight)), x.dtype)
        gates = self.linear(x, params["weight_ih_l0"], bias)
        return self.jax.lax.scan(cell, (start, start), gates)[1]

    @staticmethod
    def host(value):
        """The NumPy array of a result."""
        return np.asarray(value)


class Functional(Stateless):
    """wonderland.functional, eager."""

    package = "wonderland"

    def __init__(self):
        self.wf = wf = importlib.import_module("wonderland.functional")
        self.numpy, self.nn, self.optim = wf.numpy, wf.nn, wf.optim
        self.vjp, self.hessian, self.value_and_grad = wf.vjp, wf.hessian, wf.value_and_grad
        self.layer_of = cache(lambda layer, width: layer(width))
        self.array = self.host = np.asarray

    def __getattr__(self, name):
        """relu, gelu, conv2d, layer_norm and all other formulas: those of its nn."""
        return getattr(self.nn, name)

    def jit(self, f, **options):
        """f itself: eager."""
        return f

    def wait(self, result):
        """Nothing runs on behind our back."""

    def linear(self, x, weight, bias):
        return self.layer_of(self.nn.Linear, len(bias)).apply({"weight": weight, "bias": bias}, x)

    def causal_attention(self, q, k, v):
        return self.nn.scaled_dot_product_attention(q, k, v, is_causal=True)

    def layer_norm(self, x, weight, bias):
        return self.nn.layer_norm(x, weight.shape, weight, bias)

    def lstm(self, params, x):
        width = params["weight_hh_l0"].shape[1]
        return self.layer_of(self.nn.LSTM, width).apply(params, x)[0]


class FunctionalJit(Functional):
    """wf.jit with one of its executors."""

    def __init__(self, executor):
        super().__init__()
        if not hasattr(self.wf, "jit"):
            raise NotImplementedError("wonderland.functional has no jit")
        self.jit = partial(self.wf.jit, executor=executor)
