"""What a model holds: its parameters and buffers, by the names that named_parameters() gives them.

A plan is built once per structure of a model and says, for every tensor, under which name it stands
in `params` or `state` and where it sits. A tensor registered twice (a tied weight, a submodule
under two names) is one leaf, under its first name; the others are aliases. Two tensors that merely
share memory (a view, a transpose) are two leaves.
"""

from ..oop.nn.structure import joined
from ..shared.errors import describe


class Plan:
    """The leaves of one model.

    parameters, buffers   {name: tensor}, each tensor once, in registration order
    aliases               {further name: first name}
    places                {name: (module, key)}, also of buffers that are None so far
    persistent            the names of buffers that belong into a checkpoint
    modules               {id: module} of all modules
    expected              for parameters, then for buffers: (name, id, class, shape, dtype) of each
    """

    __slots__ = ("aliases", "buffers", "expected", "modules", "parameters", "persistent", "places")

    def __init__(self, model):
        self.aliases, self.persistent, self.places, self.modules = {}, set(), {}, {}
        self.parameters, self.buffers = {}, {}
        first = {}
        for path, module in walk(model):
            known = id(module) in self.modules
            self.modules[id(module)] = module
            for key, tensor in module._parameters.items():
                self._add(self.parameters, first, joined(path, key), tensor, module, key)
            for key, tensor in module._buffers.items():
                name = joined(path, key)
                self._add(self.buffers, first, name, tensor, module, key)
                if tensor is None and not known:
                    self.places[name] = module, key
                if key not in module._non_persistent_buffers_set:
                    self.persistent.add(name)
        self.expected = tuple(map(expected, (self.parameters, self.buffers)))

    def _add(self, table, first, name, tensor, module, key):
        if tensor is None:
            return
        known = first.setdefault(id(tensor), name)
        if known == name:
            table[name], self.places[name] = tensor, (module, key)
        else:
            self.aliases[name] = known

    def __eq__(self, other):
        return isinstance(other, Plan) and self.description() == other.description()

    def description(self):
        """What two plans of equal models have in common: names, shapes, dtypes, ties."""
        tables = (self.parameters, self.buffers)
        leaves = [[(name, describe(t)) for name, t in table.items()] for table in tables]
        return leaves, self.aliases, self.persistent, list(self.places)


def walk(module, path="", above=()):
    """(path, module) for the module and everything below it, a shared one under each of its paths.

    A module that contains itself has no further paths within itself.
    """
    if any(module is other for other in above):
        return
    yield path, module
    for key, child in module._modules.items():
        if child is not None:
            yield from walk(child, joined(path, key), (*above, module))


def expected(table):
    """What a call compares the given leaves with, and where the clone looks for them."""
    return [(name, id(t), type(t), tuple(t.shape), t.dtype) for name, t in table.items()]
