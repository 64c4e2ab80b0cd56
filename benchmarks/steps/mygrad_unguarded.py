"""MyGrad without its memory guard, as its documentation advises where speed matters."""

import mygrad as mg

from . import mygrad_tensors

PACKAGE = "mygrad"
mg.turn_memory_guarding_off()
prepare = mygrad_tensors.prepare
