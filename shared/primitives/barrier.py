"""The identity that derivatives do not pass."""

from .primitive import elementwise

# z = x, as a constant in both modes
stop_gradient = elementwise("stop_gradient", lambda x: x, x=0, view=True)
