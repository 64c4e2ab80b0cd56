"""MyGrad without its memory guard, which its documentation advises for speed."""

import mygrad as mg

from .mygrad_tensors import prepare, version

NAME = "mygrad, unguarded"
mg.turn_memory_guarding_off()
