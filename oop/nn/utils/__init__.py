"""What is done to all parameters of a model together, under torch.nn.utils' names."""

from .clip_grad import clip_grad_norm_, clip_grad_value_
from .convert_parameters import parameters_to_vector, vector_to_parameters
