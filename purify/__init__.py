"""The bridge: a stateful model as a pure function of its parameters, and back."""

from .pure import Pure, purify
