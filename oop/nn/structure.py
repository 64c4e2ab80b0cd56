"""Which modules, parameters and buffers a module holds, and under which names.

Names are paths: 'encoder.0.weight'. Order is that of registration, a module before its children.
"""

from itertools import count

changes = count(1).__next__
latest = [0]  # the number of the latest change of structure of any module
assigned = [0]  # and of the latest assignment of another attribute


def note_change(module):
    """Parameters, buffers or submodules were added, replaced or removed; purify asks for this.

    The clones of purified calls do not count: they keep a journal of their own.
    """
    if module._journal is None:
        latest[0] = changes()
    else:
        module._journal.append(module)


def note_assignment():
    """Any attribute of any module was set; who has read some of them looks again."""
    assigned[0] = changes()


def named_modules(module, memo=None, prefix="", remove_duplicate=True):
    """(name, module) for the module itself and everything below it."""
    memo = set() if memo is None else memo
    if remove_duplicate:
        if module in memo:
            return
        memo.add(module)
    yield prefix, module
    for name, child in module._modules.items():
        if child is not None:
            yield from child.named_modules(memo, joined(prefix, name), remove_duplicate)


def joined(prefix, name):
    """The path of `name` below `prefix`."""
    return f"{prefix}.{name}" if prefix else name


def named_members(module, table, prefix, recurse, remove_duplicate):
    """(name, member) of the named tables of the module and of those below it."""
    memo = set()
    owners = (
        named_modules(module, None, prefix, remove_duplicate) if recurse else [(prefix, module)]
    )
    for path, owner in owners:
        for name, member in getattr(owner, table).items():
            if member is None or id(member) in memo:
                continue
            if remove_duplicate:
                memo.add(id(member))
            yield joined(path, name), member


def find(module, path, kind):
    """The member at a path: a submodule, parameter or buffer.

    AttributeError names the first part of the path that does not exist.
    """
    owner, parts = module, path.split(".") if path else []
    tail = parts.pop() if kind != "module" else None
    for i, part in enumerate(parts):
        if part not in owner._modules:
            where = ".".join(parts[:i]) or "the model"
            raise AttributeError(
                f"get_submodule: {type(owner).__name__} at {where!r} has no submodule {part!r} "
                f"(it has {list(owner._modules)})"
            )
        owner = owner._modules[part]
    if tail is None:
        return owner
    table = owner._parameters if kind == "parameter" else owner._buffers
    if tail not in table:
        where = ".".join(parts) or "the model"
        raise AttributeError(
            f"get_{kind}: {type(owner).__name__} at {where!r} has no {kind} {tail!r} "
            f"(it has {list(table)})"
        )
    return table[tail]


def check_name(module, kind, name):
    """Raise unless `name` can become a parameter, buffer or submodule."""
    operation = f"register_{kind}"
    if "_parameters" not in module.__dict__:
        raise AttributeError(
            f"{operation}: cannot assign {name!r} before Module.__init__() was called; begin "
            f"{type(module).__name__}.__init__ with super().__init__()"
        )
    if not isinstance(name, str):
        raise TypeError(f"{operation}: a name is a string, not {type(name).__name__}")
    if "." in name or not name:
        raise KeyError(f"{operation}: {name!r} is no name: it must have no dot, and not be empty")
    tables = {"parameter": "_parameters", "buffer": "_buffers", "module": "_modules"}
    if hasattr(module, name) and name not in getattr(module, tables[kind]):
        raise KeyError(f"{operation}: {type(module).__name__} has an attribute {name!r} already")
