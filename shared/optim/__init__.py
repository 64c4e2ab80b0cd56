"""The update rules of optimisers, once: each a function of one leaf that both paradigms call."""

from . import schedules
from .adam import adam, adamw
from .clipping import clip_factor, global_norm
from .sgd import sgd
from .steps import FRESH, IN_PLACE, TRACED, blocks, number, steps_for
