"""What is not the model itself: data."""

from . import data as data
