"""A small GPT on characters, written by hand in each style.

# N windows, T characters, W features, H heads, V characters in the vocabulary
"""

from ...functional import nn as fnn
from ...functional import numpy as wnp
from ...functional import random
from ...oop import nn
from .topics import characters, unigram_loss, windows
from .twin import Twin

T, W, H, BLOCKS, HIDDEN = 32, 64, 4, 2, 256
V = len(characters())


def check_length(x, table):
    """ValueError for windows that are longer than the table of positions."""
    if x.shape[-1] > table.shape[0]:
        raise ValueError(
            f"GPT: the windows have {x.shape[-1]} characters but the position table only "
            f"{table.shape[0]} rows (x: {tuple(x.shape)}); cut them, or make a larger table"
        )


class Block(nn.Module):
    """Object-oriented: attention and an MLP, each added to what it is given a normal form of."""

    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(W)
        self.qkv = nn.Linear(W, 3 * W)
        self.out = nn.Linear(W, W)
        self.norm2 = nn.LayerNorm(W)
        self.up = nn.Linear(W, HIDDEN)
        self.down = nn.Linear(HIDDEN, W)

    def forward(self, x):
        """x: (N, T, W) -> (N, T, W)."""
        x = x + self.out(self.attention(self.qkv(self.norm1(x))))
        return x + self.down(nn.functional.gelu(self.up(self.norm2(x))))

    def attention(self, qkv):
        """qkv: (N, T, 3 W) -> (N, T, W); each character sees itself and those before it."""
        n, t, _ = qkv.shape
        heads = [x.reshape(n, t, H, W // H).transpose(1, 2) for x in qkv.split(W, dim=2)]
        z = nn.functional.scaled_dot_product_attention(*heads, is_causal=True)
        return z.transpose(1, 2).reshape(n, t, W)


class GPT(nn.Module):
    """Object-oriented: the parameters live in the layers."""

    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(V, W)
        self.position = nn.Embedding(T, W)
        self.blocks = nn.ModuleList([Block() for _ in range(BLOCKS)])
        self.norm = nn.LayerNorm(W)
        self.head = nn.Linear(W, V)

    def forward(self, x):
        """x: integers (N, T) -> logits of the next characters (N, T, V)."""
        check_length(x, self.position.weight)
        x = self.token(x) + self.position.weight[: x.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def oop_loss(logits, y):
    """Cross entropy of the next characters."""
    return nn.functional.cross_entropy(logits.reshape(-1, V), y.reshape(-1))


norm, qkv, out = fnn.LayerNorm(W), fnn.Linear(3 * W), fnn.Linear(W)
up, down, head = fnn.Linear(HIDDEN), fnn.Linear(W), fnn.Linear(V)
token, position = fnn.Embedding(V, W), fnn.Embedding(T, W)


def attention(x):
    """Functional: x: (N, T, 3 W) -> (N, T, W); each character sees itself and those before it."""
    n, t, _ = x.shape
    heads = [a.reshape(n, t, H, W // H).transpose(0, 2, 1, 3) for a in wnp.split(x, 3, axis=2)]
    z = fnn.scaled_dot_product_attention(*heads, is_causal=True)
    return z.transpose(0, 2, 1, 3).reshape(n, t, W)


def block(params, x):
    """Functional: attention and an MLP, each added to what it is given a normal form of."""
    z = attention(qkv.apply(params["qkv"], norm.apply(params["norm1"], x)))
    x = x + out.apply(params["out"], z)
    z = fnn.gelu(up.apply(params["up"], norm.apply(params["norm2"], x)))
    return x + down.apply(params["down"], z)


def gpt():
    """Functional: the parameters are an argument."""

    def init(key, x):
        params = {"token": token, "position": position, "blocks": {}, "norm": norm, "head": head}
        layers = {"norm1": norm, "qkv": qkv, "out": out, "norm2": norm, "up": up, "down": down}
        params["blocks"] = {str(i): layers for i in range(BLOCKS)}
        return drawn(params, key)

    def apply(params, x):
        table = params["position"]["weight"]
        check_length(x, table)
        x = token.apply(params["token"], x) + table[: x.shape[1]]
        for own in params["blocks"].values():
            x = block(own, x)
        return head.apply(params["head"], norm.apply(params["norm"], x))

    return fnn.Layer(init, apply)


def drawn(layers, key, path=""):
    """The parameters of nested layers, each drawn from the key of its path."""
    if isinstance(layers, fnn.Layer):
        return layers.init(
            random.fold_in(key, path), EXAMPLES.get(path.rpartition(".")[2], FEATURES)
        )
    return {name: drawn(inner, key, f"{path}.{name}".lstrip(".")) for name, inner in layers.items()}


FEATURES = wnp.zeros((1, W), "float32")
EXAMPLES = {"down": wnp.zeros((1, HIDDEN), "float32")}


def functional_loss(logits, y):
    """Cross entropy of the next characters."""
    return fnn.cross_entropy(logits.reshape(-1, V), y.reshape(-1))


GPT_TWIN = Twin(
    name="gpt",
    title="gpt: a transformer on the characters of Python's documentation",
    about=(
        f"{BLOCKS} blocks of width {W} with {H} heads and gelu, windows of {T} characters of {V} "
        "kinds, cross entropy."
    ),
    module=GPT,
    layer=gpt,
    data=lambda: windows(T),
    oop_loss=oop_loss,
    functional_loss=functional_loss,
    learning_rate=3e-3,
    batch_size=12,
    baseline=unigram_loss,
    samples="windows",
    timed_steps=60,
)
