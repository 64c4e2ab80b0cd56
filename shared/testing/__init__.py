"""Public checks, for the project's own tests and for the author of an operation."""

from .. import ops  # gives Values the operators that rules are written in
from .equivalence import check_equivalent
from .grads import check_grads
from .primitive import check_primitive
from .promises import PROMISES
from .sample import Sample
