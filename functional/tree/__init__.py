"""Pytrees: jax.tree's names, and jax.tree_util's for the registration of classes."""

from ...shared.tree import *
