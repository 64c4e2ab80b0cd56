"""A training step of a small GPT: layer norm before each part, exact GELU, Adam, no dropout."""

import numpy as np

# B batch, T block, C width, H heads, L layers, V vocabulary
B, T, C, H, L, V = 12, 64, 128, 4, 4, 65
LEARNING_RATE = 1e-3


def draw():
    """(parameters by torch's names, tokens, targets)."""
    rng = np.random.default_rng(0)
    params = {}

    def linear(name, fan_in, fan_out):
        params[f"{name}.weight"] = 0.02 * rng.standard_normal((fan_out, fan_in))
        params[f"{name}.bias"] = np.zeros(fan_out)

    def norm(name):
        params[f"{name}.weight"], params[f"{name}.bias"] = np.ones(C), np.zeros(C)

    params["token.weight"] = 0.02 * rng.standard_normal((V, C))
    params["position.weight"] = 0.02 * rng.standard_normal((T, C))
    for i in range(L):
        norm(f"blocks.{i}.norm1")
        linear(f"blocks.{i}.qkv", C, 3 * C)
        linear(f"blocks.{i}.proj", C, C)
        norm(f"blocks.{i}.norm2")
        linear(f"blocks.{i}.up", C, 4 * C)
        linear(f"blocks.{i}.down", 4 * C, C)
    norm("norm")
    linear("head", C, V)
    params = {name: value.astype(np.float32) for name, value in params.items()}
    tokens = rng.integers(0, V, (B, T + 1))
    return params, tokens[:, :-1].copy(), tokens[:, 1:].copy()


def modules(torch):
    """The class of the model, over torch or what reads like it."""
    nn, F = torch.nn, torch.nn.functional

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.qkv, self.proj = nn.LayerNorm(C), nn.Linear(C, 3 * C), nn.Linear(C, C)
            self.norm2, self.up, self.down = (
                nn.LayerNorm(C), nn.Linear(C, 4 * C), nn.Linear(4 * C, C),
            )  # fmt: skip

        def forward(self, x):
            q, k, v = self.qkv(self.norm1(x)).reshape(B, T, 3, H, C // H).permute(2, 0, 3, 1, 4)
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.proj(y.transpose(1, 2).reshape(B, T, C))
            return x + self.down(F.gelu(self.up(self.norm2(x))))

    class GPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.token, self.position = nn.Embedding(V, C), nn.Embedding(T, C)
            self.blocks = nn.Sequential(*[Block() for _ in range(L)])
            self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V)

        def forward(self, tokens):
            x = self.token(tokens) + self.position.weight
            return self.head(self.norm(self.blocks(x)))

    return GPT


def stateful(face, arrays):
    """nn.Module, scaled_dot_product_attention, cross_entropy, optim.Adam."""
    params, tokens, targets = arrays
    model = face.loaded(modules(face.torch)(), params)

    def loss(tokens, targets):
        logits = model(tokens)
        return face.torch.nn.functional.cross_entropy(logits.reshape(-1, V), targets.reshape(-1))

    return face.train(loss, face.adam(model.parameters(), LEARNING_RATE), (tokens, targets))


def stateless(face, arrays):
    """A function of a dict of weights, and adam."""
    params, tokens, targets = arrays

    def loss(params, tokens, targets):
        def linear(name, x):
            return face.linear(x, params[f"{name}.weight"], params[f"{name}.bias"])

        def norm(name, x):
            return face.layer_norm(x, params[f"{name}.weight"], params[f"{name}.bias"])

        def block(name, x):
            qkv = linear(f"{name}.qkv", norm(f"{name}.norm1", x)).reshape(B, T, 3, H, C // H)
            q, k, v = face.numpy.transpose(qkv, (2, 0, 3, 1, 4))
            y = face.causal_attention(q, k, v)
            y = face.numpy.transpose(y, (0, 2, 1, 3)).reshape(B, T, C)
            x = x + linear(f"{name}.proj", y)
            return x + linear(
                f"{name}.down", face.gelu(linear(f"{name}.up", norm(f"{name}.norm2", x)))
            )

        x = face.embedding(tokens, params["token.weight"]) + params["position.weight"]
        for i in range(L):
            x = block(f"blocks.{i}", x)
        logits = linear("head", norm("norm", x))
        return face.cross_entropy(logits.reshape(-1, V), targets.reshape(-1))

    return face.train(loss, face.optim.adam(LEARNING_RATE), params, (tokens, targets))
