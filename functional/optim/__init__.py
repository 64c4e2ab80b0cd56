"""Optimisers as pairs of pure functions, (init, update), under optax's names."""

from ...shared.optim.schedules import constant, cosine, exponential, join, linear, warmup_cosine
from .adam import AdamState, adam, adamw
from .clipping import clip, clip_by_global_norm, global_norm
from .losses import (
    l2_loss,
    sigmoid_binary_cross_entropy,
    softmax_cross_entropy,
    softmax_cross_entropy_with_integer_labels,
    squared_error,
)
from .sgd import SGDState, sgd
from .transformation import (
    EmptyState,
    GradientTransformation,
    add_decayed_weights,
    apply_updates,
    chain,
    identity,
    scale,
    scale_by_learning_rate,
)

# The same schedules under optax's names.
constant_schedule = constant
linear_schedule = linear
cosine_decay_schedule = cosine
exponential_decay = exponential
warmup_cosine_decay_schedule = warmup_cosine
join_schedules = join
