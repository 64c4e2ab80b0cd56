"""Gradients on request, and functions with a backward pass of one's own."""

from ..grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from .function import Function
from .request import backward, grad
