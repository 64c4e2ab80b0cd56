"""Small models with what makes purification hard."""

import hashlib

import numpy as np

from wonderland import oop
from wonderland.oop import nn

rng = np.random.default_rng(0)
X = rng.normal(size=(6, 3)).astype(np.float32)
Y = rng.normal(size=(6, 2)).astype(np.float32)


class Tied(nn.Module):
    """Two layers with one weight."""

    def __init__(self):
        super().__init__()
        self.b = nn.Linear(3, 3)
        self.a = nn.Linear(3, 3)
        self.a.weight = self.b.weight

    def forward(self, x):
        return self.a(self.b(x).tanh())


class Twice(nn.Module):
    """One submodule under two names, called under each."""

    def __init__(self, module):
        super().__init__()
        self.first = module
        self.second = module

    def forward(self, x):
        return self.second(self.first(x).tanh())


class Counter(nn.Module):
    """A buffer that each call changes, in place or by rebinding."""

    def __init__(self, in_place):
        super().__init__()
        self.in_place = in_place
        self.register_buffer("count", oop.tensor(np.zeros(2, np.float32)))

    def forward(self, x):
        step = x.detach().sum(0)[:2]
        if self.in_place:
            self.count.add_(step)
        else:
            self.count = self.count + step
        return x * self.count.sum()


def mlp(*between):
    oop.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 4), *between, nn.Tanh(), nn.Linear(4, 2))


def with_batch_norm():
    return mlp(nn.BatchNorm1d(4))


def with_dropout():
    return mlp(nn.Dropout(0.5))


def bits(x):
    """The bytes of an array or Tensor, with shape and dtype."""
    x = x.detach().value if isinstance(x, oop.Tensor) else np.asarray(x)
    return x.dtype.str, x.shape, x.tobytes()


def fingerprint(*trees):
    """A hash of the names and bytes of dicts of arrays, and of arrays."""
    digest = hashlib.sha256()
    for tree in trees:
        for name, x in tree.items() if isinstance(tree, dict) else [("", tree)]:
            digest.update(repr((name, bits(x))).encode())
    return digest.hexdigest()


def snapshot(model):
    """What a purified call must leave as it was: the objects, their bytes, attributes and modes."""
    return [
        (
            path,
            id(module),
            {name: (id(value), repr(value)) for name, value in module.__dict__.items()},
            [(name, id(t), bits(t)) for name, t in module._parameters.items() if t is not None],
            [(name, id(t), bits(t)) for name, t in module._buffers.items() if t is not None],
        )
        for path, module in model.named_modules()
    ]


def same(one, other):
    """Whether two dicts have equal names and equal bytes."""
    return one.keys() == other.keys() and all(bits(one[n]) == bits(other[n]) for n in one)
