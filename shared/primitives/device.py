"""Copies between host and device."""

from ..backend import to_device
from .primitive import linear

# z is x on `device`; `source` is where x lives, for the way back
transfer = linear(
    "transfer",
    lambda x, *, device, source: to_device(x, device),
    shape=lambda x, *, device, source: x.shape,
    transpose=lambda gz, device, source: transfer(gz, device=source, source=device),
    batch=lambda args, batched, device, source: transfer(args[0], device=device, source=source),
    view=True,  # where x is on the device already
)
