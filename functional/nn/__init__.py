"""Layers as (init, apply), activation functions, losses and initializers."""

from . import initializers
from .activations import *
from .attention import *
from .combinators import Sequential
from .convolution import *
from .dropout import Dropout
from .embedding import *
from .flatten import Flatten, Unflatten
from .layer import Lambda, Layer
from .linear import Identity, Linear
from .losses import *
from .normalization import *
from .pooling import *
from .recurrent import *
