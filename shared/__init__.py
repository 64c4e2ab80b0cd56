"""What both paradigms stand on; it knows neither of them.

The vocabulary is imported first: it gives Values their operators, in which rules are written.
"""

from . import ops
