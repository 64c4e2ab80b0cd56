"""The compiled forward of a model, as one operation that the tape records."""

from ..shared.schedule.program import Staging


class Forward(Staging):
    """A program of which the operands at the places `chosen` alone have derivatives."""

    def __init__(self, program, chosen):
        super().__init__(program)
        self.chosen = chosen

    def places(self, args):
        """See the class."""
        return self.chosen
