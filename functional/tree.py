"""Pytrees, under jax.tree's names; and the registration of classes, under jax.tree_util's."""

from ..shared.tree import *
