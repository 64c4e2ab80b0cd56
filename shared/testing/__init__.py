"""Public checks, for the project's own tests and for the author of an operation."""

from .sample import Sample
