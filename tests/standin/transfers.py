"""Counts what crosses between host and device, and where it was asked for."""

import sys
from contextlib import contextmanager
from pathlib import Path

OURS = {
    str(Path(__file__).with_name(f"{name}.py"))
    for name in ("calls", "device_array", "library", "transfers")
}


class Transfers:
    """Copies to the host, copies to the device, and waits for the device: each a list of places.

    A wait is what CuPy does where a shape depends on values: a boolean mask, nonzero, unique.
    """

    def __init__(self):
        self.places = {"to_host": [], "to_device": [], "waits": []}

    def count(self, kind):
        """One more of `kind`, asked for by the innermost line outside the stand-in and NumPy."""
        frame = sys._getframe(1)
        while frame.f_back and ((file := frame.f_code.co_filename) in OURS or "/numpy/" in file):
            frame = frame.f_back
        self.places[kind].append(f"{frame.f_code.co_filename}:{frame.f_lineno}")

    @property
    def to_host(self):
        return len(self.places["to_host"])

    @property
    def to_device(self):
        return len(self.places["to_device"])

    @property
    def waits(self):
        return len(self.places["waits"])

    def reset(self):
        """Forgets all that was counted."""
        for places in self.places.values():
            places.clear()

    @contextmanager
    def exactly(self, to_host=0, to_device=0, waits=None):
        """Asserts how many there are inside the `with`; waits=None allows any number of waits."""
        before = {kind: len(places) for kind, places in self.places.items()}
        yield self
        wanted = {"to_host": to_host, "to_device": to_device, "waits": waits}
        for kind, number in wanted.items():
            new = self.places[kind][before[kind] :]
            if number is not None and len(new) != number:
                raise AssertionError(f"{kind}: {len(new)} instead of {number}, at {new}")


transfers = Transfers()
