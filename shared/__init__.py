"""What both paradigms stand on; it knows neither of them.

The vocabulary is imported first: it gives Values their operators, in which rules are written.
"""

from . import ops
from .allocation import keep_freed_memory

keep_freed_memory()
