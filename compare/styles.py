"""One training loop in three styles, behind one face.

Each style holds its own values and has

    output(x)          what the model returns; outputs(x) the same as {leaf: array}
    gradients(x, y)    {leaf: gradient}, and "loss"; no parameter changes
    step(x, y)         one step of training -> loss
    compile(executor)  from then on step() runs one compiled program
    leaves()           {leaf: array} of all parameters and buffers, named as in named_parameters()

x is one input or a tuple of several. Every call of a model that draws random numbers has a key of
its own, the same in every style, and every call may change the buffers.
"""

from contextlib import nullcontext
from copy import deepcopy

import numpy as np

from ..functional import jit, make_graph, random, value_and_grad
from ..functional import optim as foptim
from ..oop import as_tensor, no_grad, optim
from ..oop.random import drawing_from
from ..oop.tensor import Tensor
from ..purify import compile as compiled
from ..purify import purify
from ..shared import tree
from ..shared.backend import host, to_device

INIT_KEY, CALL_KEY = random.key(0), random.key(2)


def inputs(x):
    """The arguments of the model."""
    return x if isinstance(x, tuple) else (x,)


def flat(nested):
    """{'a.b': array} of any pytree, on the host; arrays of its own."""
    return {tree.path_string(path): host(x).copy() for path, x in tree.leaves_with_path(nested)}


class Style:
    """What the styles share: the count of calls, from which keys follow."""

    name = ""
    mode = "eager"  # how it runs a step, "eager" or "compiled"

    def __init__(self, draws):
        self.draws, self.calls = draws, 0

    def key(self):
        """A key for the next call, or None for a model that draws nothing."""
        self.calls += 1
        return random.fold_in(CALL_KEY, self.calls) if self.draws else None

    def compile(self, executor):
        """Run the whole training step as one program, by "numpy" or "native"."""
        self.run, self.mode = self.program(executor), "compiled"
        return self

    def program(self, executor):
        """The training step, compiled."""
        raise NotImplementedError

    def output(self, x):
        """What the model returns."""
        raise NotImplementedError

    def outputs(self, x):
        """The output as {leaf: array}."""
        return {f"output.{path}".rstrip("."): a for path, a in flat(self.output(x)).items()}


class ObjectOriented(Style):
    """The model as an nn.Module, trained by backward() and optimizer.step()."""

    name = "oop"

    def __init__(self, model, loss, learning_rate, draws=False):
        super().__init__(draws)
        self.model, self.loss = model, loss
        self.optimizer = optim.Adam(model.parameters(), lr=learning_rate)
        self.run = training_step(model, loss, self.optimizer)

    def program(self, executor):
        """By purify.compile: it finds model and optimiser and changes them in place."""
        return compiled(self.run, executor=executor)

    def forward(self, x):
        """The model's output, as Tensors."""
        x = [tree.map(as_tensor, a) for a in inputs(x)]
        if not self.draws:
            return self.model(*x)
        with drawing_from(self.key()):
            return self.model(*x)

    def output(self, x):
        """What the model returns, as arrays."""
        with no_grad():
            return tree.map(lambda t: t.detach().value, self.forward(x))

    def gradients(self, x, y):
        """{leaf: gradient}; zeros where none arrived, as in the functional world."""
        self.optimizer.zero_grad()
        loss, found = self.loss(self.forward(x), tree.map(as_tensor, y)), {}
        loss.backward()
        for name, p in self.model.named_parameters():
            if p.requires_grad:
                value = host(p.detach().value)
                found[name] = np.zeros_like(value) if p.grad is None else host(p.grad.value).copy()
        return {"loss": host(loss.detach().value), **found}

    def step(self, x, y):
        """One step of training."""
        x = [tree.map(as_tensor, a) for a in inputs(x)]
        return self.run(x, tree.map(as_tensor, y), self.key()).detach().value

    def leaves(self):
        """Copies of the parameters and buffers."""
        tensors = {**dict(self.model.named_parameters()), **dict(self.model.named_buffers())}
        return {name: host(t.detach().value).copy() for name, t in tensors.items()}


def training_step(model, loss, optimizer):
    """(inputs, y, key) -> loss: the step of everybody's training loop."""

    def step(x, y, key):
        optimizer.zero_grad()
        with nullcontext() if key is None else drawing_from(key):
            found = loss(model(*x), y)
        found.backward()
        optimizer.step()
        return found

    return step


class Functional(Style):
    """A pure apply(params, x), trained by value_and_grad and a functional optimiser."""

    name = "functional"

    def __init__(self, apply, params, loss, learning_rate, state=(), draws=False):
        super().__init__(draws)
        self.apply, self.params, self.state = apply, params, state
        self.optimizer = foptim.adam(learning_rate)
        self.optimizer_state = self.optimizer.init(params)

        def objective(params, state, x, y, key):
            out, state = self.forward(params, state, x, key)
            return loss(out, y), state

        self.value_and_grad = value_and_grad(objective, has_aux=True)
        self.run = self.train_step

    def program(self, executor):
        """By jit; a step writes its results over the values that it is given."""
        return jit(self.train_step, donate_argnums=(0, 1, 2), executor=executor)

    def graph(self, x, y):
        """What one step of training computes, as equations."""
        return make_graph(self.train_step)(*self.values, x, y, self.key())

    @property
    def values(self):
        """All that a step changes."""
        return self.params, self.optimizer_state, self.state

    def forward(self, params, state, x, key):
        """(output, new state)."""
        return self.apply(params, *inputs(x)), state

    def output(self, x):
        """What the model returns; the state goes on."""
        out, self.state = self.forward(self.params, self.state, x, self.key())
        return out

    def gradients(self, x, y):
        """{leaf: gradient}; the state goes on."""
        (loss, self.state), gradients = self.value_and_grad(
            self.params, self.state, x, y, self.key()
        )
        return {"loss": host(loss), **flat(gradients)}

    def train_step(self, params, optimizer_state, state, x, y, key):
        """(loss, values after one step); a pure function."""
        (loss, state), gradients = self.value_and_grad(params, state, x, y, key)
        updates, optimizer_state = self.optimizer.update(gradients, optimizer_state, params)
        return loss, (foptim.apply_updates(params, updates), optimizer_state, state)

    def step(self, x, y):
        """One step of training."""
        loss, values = self.run(*self.values, x, y, self.key())
        self.params, self.optimizer_state, self.state = values
        return loss

    def leaves(self):
        """Copies of the parameters."""
        return flat(self.params)


class Purified(Functional):
    """The nn.Module through purify, trained like any pure function; its buffers are the state."""

    name = "purified"

    def __init__(self, model, loss, learning_rate, draws=False):
        pure = purify(model)
        params, state = pure.init()
        trained = {n for n, p in model.named_parameters() if p.requires_grad}
        self.frozen = {name: p for name, p in params.items() if name not in trained}
        params = {name: p for name, p in params.items() if name in trained}
        super().__init__(pure.apply, params, loss, learning_rate, state, draws)

    def forward(self, params, state, x, key):
        """(output, new state)."""
        if self.frozen:
            params = {**params, **self.frozen}
        return self.apply(params, state, *inputs(x), key=key)

    def leaves(self):
        """Copies of the parameters and buffers."""
        return {n: host(x).copy() for n, x in {**self.params, **self.frozen, **self.state}.items()}


def styles_of_twin(twin, x, device):
    """A hand-written pair and its module purified; each draws its initial values from one key."""
    model = twin.module().to(device)
    pure = purify(model)
    pure.write_back(*pure.init(INIT_KEY))
    layer, rate = twin.layer(), twin.learning_rate
    params = tree.map(lambda p: to_device(p, device), layer.init(INIT_KEY, host(x)))
    return [
        ObjectOriented(model, twin.oop_loss, rate),
        Functional(layer.apply, params, twin.functional_loss, rate),
        Purified(model, twin.functional_loss, rate),
    ]


def styles_of_model(user, device):
    """A user's module and its purified self, and the user's functional layer where there is one."""
    model = user.module.to(device)
    loss, rate = on_arrays(user.loss), user.learning_rate
    styles = [ObjectOriented(deepcopy(model), user.loss, rate, user.draws)]
    if user.layer is not None:
        pure = purify(model)
        params = pure.unflatten(pure.init()[0])
        styles.append(Functional(user.layer.apply, params, loss, rate))
    return [*styles, Purified(model, loss, rate, user.draws)]


def on_arrays(loss):
    """A loss written for Tensors as a function of arrays and traced values."""

    def wrapped(out, y):
        result = loss(*tree.map(Tensor, (out, y)))
        return result.fresh().value if isinstance(result, Tensor) else result

    return wrapped
