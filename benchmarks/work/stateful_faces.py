"""torch, and `wonderland.oop` which reads like it: plain and compiled."""

import importlib


class Torch:
    """torch, as its own documentation has it."""

    package = "torch"

    def __init__(self):
        self.torch = importlib.import_module("torch")

    def array(self, value):
        """A tensor of the array."""
        return self.torch.from_numpy(value)

    def host(self, value):
        """The NumPy array of a result."""
        return value.detach().numpy()

    def loaded(self, model, params):
        """The model with these parameters."""
        model.load_state_dict({name: self.array(value) for name, value in params.items()})
        return model

    def adam(self, params, learning_rate):
        """The optimiser, by its defaults."""
        return self.torch.optim.Adam(params, lr=learning_rate)

    def whole(self, step):
        """A step of several calls, as the column runs it."""
        return step

    def part(self, f):
        """One function, as the column runs it."""
        return f

    def train(self, loss, optimizer, batch):
        """step() on the same batch again and again; it gives the loss before the update."""
        batch = [self.array(a) for a in batch]
        loss, update = self.part(loss), self.part(optimizer.step)

        def step(*batch):
            optimizer.zero_grad()
            value = loss(*batch)
            value.backward()
            update()
            return value

        return self._on(self.whole(step), batch)

    def call(self, f, arrays):
        """step() that gives f(*arrays), without gradients."""
        f = self.whole(self.part(f))

        def step(*arrays):
            with self.torch.no_grad():
                return f(*arrays)

        return self._on(step, [self.array(a) for a in arrays])

    def pull(self, f, arrays, cotangent):
        """step() that gives f(*arrays) and the gradients of what cotangent weighs."""
        f = self.part(f)
        inputs = [self.array(a).requires_grad_() for a in arrays]

        def step(*arguments):
            *inputs, cotangent = arguments
            for x in inputs:
                x.grad = None
            out = f(*inputs)
            out.backward(cotangent)
            return (out, *(x.grad for x in inputs))

        return self._on(self.whole(step), [*inputs, self.array(cotangent)])

    def update(self, optimizer, params):
        """step() that applies the optimizer to the gradients that are there."""
        update = self.whole(self.part(optimizer.step))

        def step():
            update()
            return tuple(params)

        return step

    def wait(self, result):
        """Nothing runs on behind our back on a CPU."""

    @staticmethod
    def _on(step, arguments):
        return lambda: step(*arguments)


class TorchTuned(Torch):
    """torch with the options that its users set by hand: the fused Adam, images channels-last."""

    def array(self, value):
        tensor = super().array(value)
        return tensor.to(memory_format=self.torch.channels_last) if value.ndim == 4 else tensor

    def loaded(self, model, params):
        return super().loaded(model, params).to(memory_format=self.torch.channels_last)

    def adam(self, params, learning_rate):
        return self.torch.optim.Adam(params, lr=learning_rate, fused=True)


class TorchCompile(Torch):
    """torch.compile around the loss and around the optimiser's step, its own advice."""

    def part(self, f):
        return self.torch.compile(f)


class Oop(Torch):
    """wonderland.oop: the same script with its imports changed."""

    package = "wonderland"

    def __init__(self):
        self.torch = importlib.import_module("wonderland.oop")


class PurifyCompile(Oop):
    """purify.compile around the whole step."""

    def __init__(self):
        super().__init__()
        self.purify = importlib.import_module("wonderland.purify")
        if not hasattr(self.purify, "compile"):
            raise NotImplementedError("wonderland.purify has no compile")

    def whole(self, step):
        return self.purify.compile(step)
