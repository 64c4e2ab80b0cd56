"""Modules and parameters in a row, or by name."""

from operator import index as as_index

from ..tensor import Tensor
from .module import Module
from .parameter import Parameter


class Row:
    """What Sequential, ModuleList and ParameterList share: members under '0', '1', ...

    `_table` names the dict that holds them.
    """

    _table: str

    @property
    def _members(self):
        return self.__dict__[self._table]

    def _key(self, position):
        position, size = as_index(position), len(self)
        if not -size <= position < size:
            raise IndexError(
                f"{type(self).__name__}: index {position} is out of range for {size} members"
            )
        return list(self._members)[position]

    def __len__(self):
        return len(self._members)

    def __iter__(self):
        return iter(self._members.values())

    def __getitem__(self, position):
        if isinstance(position, slice):
            keys = list(self._members)[position]
            return self._of({key: self._members[key] for key in keys})
        return self._members[self._key(position)]

    def __setitem__(self, position, member):
        setattr(self, self._key(position), member)

    def __delitem__(self, position):
        keys = list(self._members)[position] if isinstance(position, slice) else None
        for key in [self._key(position)] if keys is None else keys:
            delattr(self, key)
        self._renumber(list(self._members.items()))

    def _renumber(self, items):
        """Give the members their names anew: '0', '1', ...; a name that is no number stays."""
        for key, _ in list(self._members.items()):
            delattr(self, key)
        for i, (key, member) in enumerate(items):
            self._register_member(str(i) if key.isdigit() else key, member)

    def append(self, member):
        """Add a member at the end; returns self."""
        self._register_member(str(len(self)), member)
        return self

    def extend(self, members):
        """Add several members at the end; returns self."""
        for member in list(members):
            self.append(member)
        return self

    def insert(self, position, member):
        """Put a member before the one at `position`; returns self."""
        items = list(self._members.items())
        items.insert(position, (str(len(items)), member))
        self._renumber(items)
        return self

    def pop(self, position=-1):
        """Take a member out and return it."""
        member = self[position]
        del self[position]
        return member

    def __iadd__(self, members):
        return self.extend(members)


class Sequential(Row, Module):
    """One module after the other. Takes modules, or one dict of them.

    >>> from wonderland.oop import nn
    >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    _table = "_modules"

    def __init__(self, *modules):
        super().__init__()
        named = modules[0] if len(modules) == 1 and isinstance(modules[0], dict) else None
        named = named or {str(i): module for i, module in enumerate(modules)}
        for name, module in named.items():
            self._register_member(name, module)

    def _register_member(self, name, module):
        if not isinstance(module, Module):
            raise TypeError(
                f"{type(self).__name__}: a member is a Module, not {type(module).__name__}"
            )
        self.register_module(name, module)

    def _of(self, named):
        return type(self)(named) if named else type(self)()

    def forward(self, x):
        try:
            for name, module in self._modules.items():  # noqa: B007  for the note
                x = module(x)
        except Exception as error:
            error.add_note(f"in layer {name!r} of Sequential, {type(module).__name__}")
            raise
        return x


class ModuleList(Row, Module):
    """Modules in a list, which have no forward of their own."""

    _table = "_modules"
    _register_member = Sequential._register_member

    def __init__(self, modules=()):
        super().__init__()
        self.extend(modules)

    def _of(self, named):
        return type(self)(named.values())


class ModuleDict(Module):
    """Modules by name, which have no forward of their own."""

    def __init__(self, modules=()):
        super().__init__()
        self.update(modules)

    def update(self, modules):
        """Add all of a dict, or of (name, module) pairs."""
        for name, module in dict(modules).items():
            self[name] = module

    def __getitem__(self, name):
        return self._modules[name]

    def __setitem__(self, name, module):
        self.register_module(name, module)

    def __delitem__(self, name):
        if name not in self._modules:
            raise KeyError(name)
        delattr(self, name)

    def __contains__(self, name):
        return name in self._modules

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules)

    def keys(self):
        """The names."""
        return self._modules.keys()

    def values(self):
        """The modules."""
        return self._modules.values()

    def items(self):
        """(name, module) pairs."""
        return self._modules.items()

    def pop(self, name):
        """Take a module out and return it."""
        module = self[name]
        del self[name]
        return module


def as_parameter(value):
    """Tensors become Parameters."""
    bare = isinstance(value, Tensor) and not isinstance(value, Parameter)
    return Parameter(value) if bare else value


class ParameterList(Row, Module):
    """Parameters in a list. Tensors become Parameters."""

    _table = "_parameters"

    def __init__(self, values=()):
        super().__init__()
        self.extend(values)

    def _register_member(self, name, value):
        self.register_parameter(name, as_parameter(value))

    def __setitem__(self, position, value):
        setattr(self, self._key(position), as_parameter(value))

    def _of(self, named):
        return type(self)(named.values())

    def extra_repr(self):
        return members_repr(self._parameters)


class ParameterDict(Module):
    """Parameters by name. Tensors become Parameters."""

    def __init__(self, parameters=()):
        super().__init__()
        self.update(parameters)

    def update(self, parameters):
        """Add all of a dict, or of (name, parameter) pairs."""
        for name, value in dict(parameters).items():
            self[name] = value

    def __getitem__(self, name):
        return self._parameters[name]

    def __setitem__(self, name, value):
        self.register_parameter(name, as_parameter(value))

    def __delitem__(self, name):
        if name not in self._parameters:
            raise KeyError(name)
        delattr(self, name)

    def __contains__(self, name):
        return name in self._parameters

    def __len__(self):
        return len(self._parameters)

    def __iter__(self):
        return iter(self._parameters)

    def keys(self):
        """The names."""
        return self._parameters.keys()

    def values(self):
        """The parameters."""
        return self._parameters.values()

    def items(self):
        """(name, parameter) pairs."""
        return self._parameters.items()

    def extra_repr(self):
        return members_repr(self._parameters)


def members_repr(parameters):
    """One line per parameter."""
    return "\n".join(
        f"({name}): Parameter containing: [{p.dtype} of size {'x'.join(map(str, p.shape))}]"
        for name, p in parameters.items()
    )
