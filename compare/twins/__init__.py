"""Models written twice by hand, once in each style, with the data they are trained on."""

from .digits_cnn import DIGITS_CNN
from .digits_mlp import DIGITS_MLP
from .gpt import GPT_TWIN
from .twin import Twin

TWINS = {twin.name: twin for twin in (DIGITS_MLP, DIGITS_CNN, GPT_TWIN)}
