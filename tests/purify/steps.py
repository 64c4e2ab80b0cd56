"""Training steps of every kind, and what they change."""

import numpy as np

from tests.purify.models import Tied, bits
from wonderland import oop, purify
from wonderland.oop import nn, optim

rng = np.random.default_rng(0)
BATCHES = [
    (rng.normal(size=(4, 3)).astype(np.float32), rng.normal(size=(4, 2)).astype(np.float32))
    for _ in range(5)
]


def mlp(*between):
    oop.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 4), *between, nn.Tanh(), nn.Linear(4, 2))


def everything(model, optimizer):
    """What a step changes: tensors, gradients, the optimiser's state and the generator."""
    return (
        {name: bits(t) for name, t in model.state_dict().items()},
        {n: p.grad is not None and bits(p.grad) for n, p in model.named_parameters()},
        [
            {key: bits(x) if isinstance(x, oop.Tensor) else x for key, x in s.items()}
            for s in optimizer.state_dict()["state"].values()
        ],
        [
            {k: x for k, x in group.items() if k != "params"}
            for group in optimizer.state_dict()["param_groups"]
        ],
        oop.default_generator.get_state().tolist(),
    )


def trained(make, compiled, executor="numpy"):
    """(results, everything, captures) after a step on each batch."""
    oop.manual_seed(7)
    model, optimizer, step, after = make()
    run = purify.compile(step, executor=executor) if compiled else step
    oop.manual_seed(3)
    found = []
    for x, y in BATCHES:
        loss = run(oop.tensor(x), oop.tensor(y))
        found.append(bits(loss))
        after()
    return found, everything(model, optimizer), getattr(run, "captures", 0)


def nothing():
    pass


def supervised(model, optimizer, clip=None):
    """The training step of every tutorial."""
    loss_fn = nn.MSELoss()

    def step(x, y):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        return loss

    return step


def sgd():
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    return model, optimizer, supervised(model, optimizer), nothing


def momentum():
    model = mlp()
    optimizer = optim.SGD(
        model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01
    )
    return model, optimizer, supervised(model, optimizer), nothing


def adam():
    model = mlp()
    optimizer = optim.Adam(model.parameters(), lr=0.01, weight_decay=0.1, amsgrad=True)
    return model, optimizer, supervised(model, optimizer), nothing


def adamw():
    model = mlp()
    optimizer = optim.AdamW(model.parameters(), lr=0.01)
    return model, optimizer, supervised(model, optimizer), nothing


def batch_norm_and_dropout():
    model = mlp(nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Dropout(0.25))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    return model, optimizer, supervised(model, optimizer, clip=0.1), nothing


def schedule():
    model = mlp()
    optimizer = optim.Adam(
        [
            {"params": model[0].parameters(), "lr": 0.1},
            {"params": model[2].parameters(), "betas": (0.5, 0.9)},
        ]
    )
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, 4)
    return model, optimizer, supervised(model, optimizer), scheduler.step


def schedule_inside():
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
    scheduler = optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
    inner = supervised(model, optimizer)

    def step(x, y):
        loss = inner(x, y)
        scheduler.step()
        return loss

    return model, optimizer, step, nothing


def accumulation():
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def step(x, y):
        optimizer.zero_grad()
        for part in (slice(0, 2), slice(2, 4)):
            loss = nn.functional.mse_loss(model(x[part]), y[part])
            (loss / 2).backward()
        optimizer.step()
        return loss

    return model, optimizer, step, nothing


def never_zeroed():
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.01)

    def step(x, y):
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return model, optimizer, step, nothing


def tied():
    oop.manual_seed(1)
    model = Tied()
    optimizer = optim.Adam(model.parameters(), lr=0.01)

    def step(x, y):
        optimizer.zero_grad()
        loss = (model(x)[:, :2] - y).abs().sum()
        loss.backward()
        optimizer.step()
        return loss

    return model, optimizer, step, nothing


def two_models():
    first = mlp()
    second = nn.Sequential(first[0], nn.Tanh(), nn.Linear(4, 2))
    both = nn.ModuleList([first, second])
    optimizer = optim.SGD(both.parameters(), lr=0.1, momentum=0.9)

    def step(x, y):
        optimizer.zero_grad()
        loss = ((first(x) - y) ** 2).mean() + ((second(x) + y) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return both, optimizer, step, nothing


def gradient_penalty():
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.01)

    def step(x, y):
        optimizer.zero_grad()
        x = x.detach().requires_grad_()
        out = model(x)
        (g,) = oop.autograd.grad(out.sum(), [x], create_graph=True)
        loss = ((out - y) ** 2).mean() + (g**2).sum()
        loss.backward()
        optimizer.step()
        return loss

    return model, optimizer, step, nothing


def averaged_weights():
    """State that no module and no optimiser holds: a dict of tensors, changed in place and anew."""
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    shadow = {name: p.detach().clone() for name, p in model.named_parameters()}
    total = {"loss": oop.tensor(0.0)}
    inner = supervised(model, optimizer)
    model.shadow = shadow  # so that `everything` sees it
    for i, t in enumerate(shadow.values()):
        model.register_buffer(f"shadow_{i}", t)

    def step(x, y):
        loss = inner(x, y)
        with oop.no_grad():
            for name, p in model.named_parameters():
                shadow[name].mul_(0.9).add_(0.1 * p)
        total["loss"] = total["loss"] + loss.detach()
        return total["loss"]

    return model, optimizer, step, nothing


class Counting(nn.Module):
    """Reads and counts a Python number in each call."""

    def __init__(self):
        super().__init__()
        self.linear, self.calls = nn.Linear(3, 2), 0

    def forward(self, x):
        self.calls += 1
        return self.linear(x) / self.calls


def counting():
    oop.manual_seed(1)
    model = Counting()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    return model, optimizer, supervised(model, optimizer), nothing
