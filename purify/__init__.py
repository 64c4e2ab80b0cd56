"""The bridge: a stateful model as a pure function of its parameters, and back.

A purified call clones the module graph, binds the given values to the clone, runs it and drops
it; the model itself is never touched. What the clone cannot know are ways past it, from the model's
code to the model itself:

* a closure or a global that holds the model, other than a function kept as an attribute or a hook
  (those are rebuilt): it sees the model's own values, as constants. `purify(model, checked=True)`
  raises where a call uses them.
* an object that is no module and holds the model or its tensors (a helper, a dataclass): as above.
  Containers, bound methods, partial functions and weak references are rebuilt.
* `self is model` is False in a purified call: `self` is the clone.
* attributes in `__slots__` are not there: a module keeps its attributes in its `__dict__`.
* a custom `__getattr__` is asked by the clone, and finds the clone's attributes; what it takes from
  elsewhere is the model's own.
"""

from .compile import compile
from .ensemble import stack, unstack
from .optimizer import purify_optimizer
from .partition import combine, partition
from .pure import Pure, purify
from .stateful import stateful
