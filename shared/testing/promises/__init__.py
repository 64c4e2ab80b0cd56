"""The promises of the coverage contract, one small function each: they return, or raise.

A promise takes a Call (a sample in one dtype). PROMISES is the table that `check_primitive` and the
project's own tests walk; `devices` and `paradigms` need something from outside and are called apart.
"""

from . import batches, derivatives, inputs, values
from .elsewhere import devices, paradigms
from .table import PROMISES, Promise, keep
