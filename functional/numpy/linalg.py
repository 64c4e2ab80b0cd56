"""numpy.linalg's names, as far as they have derivatives."""

from ...shared.ops import norm as norm
from ...shared.ops import vector_norm as vector_norm
