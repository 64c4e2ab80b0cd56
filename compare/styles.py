"""One training loop in three styles, behind one face: object-oriented, purified, functional.

Each style holds its own parameters and offers: logits(x), gradients(x, y) -> (loss, {name: array}),
step(x, y) -> loss, and parameters() -> {name: array}. Names are those of named_parameters().
"""

from .. import oop
from ..functional import optim as foptim
from ..functional import value_and_grad
from ..oop import optim
from ..purify import purify
from ..shared import tree
from ..shared.backend import host


def flat(nested):
    """{'a.b': array} of any pytree of parameters, on the host."""
    return {tree.path_string(path): host(x) for path, x in tree.leaves_with_path(nested)}


class ObjectOriented:
    """The model as an nn.Module, trained by backward() and optimizer.step()."""

    name = "oop"

    def __init__(self, model, loss, learning_rate):
        self.model, self.loss = model, loss
        self.optimizer = optim.Adam(model.parameters(), lr=learning_rate)

    def logits(self, x):
        """The model's output."""
        with oop.no_grad():
            return self.model(oop.tensor(x)).detach().value

    def backward(self, x, y):
        """Leave the gradients of one batch in the parameters; returns the loss."""
        self.optimizer.zero_grad()
        loss = self.loss(self.model(oop.as_tensor(x)), oop.as_tensor(y))
        loss.backward()
        return loss.detach().value

    def gradients(self, x, y):
        """The loss and its gradients, the parameters unchanged."""
        loss = self.backward(x, y)
        return loss, {n: host(p.grad.value) for n, p in self.model.named_parameters()}

    def step(self, x, y):
        """One step of training."""
        loss = self.backward(x, y)
        self.optimizer.step()
        return loss

    def parameters(self):
        """Copies of the parameters."""
        return {n: host(p.detach().value).copy() for n, p in self.model.named_parameters()}


class Functional:
    """A pure apply(params, x), trained by value_and_grad and a functional optimiser."""

    name = "functional"

    def __init__(self, apply, params, loss, learning_rate):
        self.apply, self.params = apply, params
        self.optimizer = foptim.adam(learning_rate)
        self.state = self.optimizer.init(params)
        self.value_and_grad = value_and_grad(lambda p, x, y: loss(apply(p, x), y))

    def logits(self, x):
        """The model's output."""
        return self.apply(self.params, x)

    def gradients(self, x, y):
        """The loss and its gradients, the parameters unchanged."""
        loss, gradients = self.value_and_grad(self.params, x, y)
        return loss, flat(gradients)

    def step(self, x, y):
        """One step of training."""
        loss, gradients = self.value_and_grad(self.params, x, y)
        updates, self.state = self.optimizer.update(gradients, self.state, self.params)
        self.params = foptim.apply_updates(self.params, updates)
        return loss

    def parameters(self):
        """The parameters."""
        return flat(self.params)


class Purified(Functional):
    """The nn.Module through purify, trained like any pure function."""

    name = "purified"

    def __init__(self, model, loss, learning_rate):
        pure = purify(model)
        params, state = pure.init()
        super().__init__(lambda p, x: pure.apply(p, state, x)[0], params, loss, learning_rate)


def three_styles(twin, device="cpu"):
    """The twin in all three styles, with the same initial parameters."""
    oop.manual_seed(0)
    model = twin.module().to(device)
    pure = purify(model)
    nested = pure.unflatten(pure.init()[0])
    layer = twin.layer()
    return [
        Functional(layer.apply, nested, twin.functional_loss, twin.learning_rate),
        Purified(model, twin.functional_loss, twin.learning_rate),
        ObjectOriented(model, twin.oop_loss, twin.learning_rate),
    ]
