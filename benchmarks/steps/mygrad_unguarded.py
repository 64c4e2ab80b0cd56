"""MyGrad without its memory guard, which its documentation advises for speed."""

import mygrad as mg

NAME = "mygrad, unguarded"
mg.turn_memory_guarding_off()
