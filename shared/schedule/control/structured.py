"""What loops and branches share: programs inside, and a plan that knows who needs a cotangent."""

from ...custom import Call, CallPlan
from ...primitives.rules import active_operands
from ..graph import Equation
from ..program import Program


class Structured(Call):
    """A call that holds graphs, as programs: in a graph it stays one equation.

    programs: what it runs; statics_shown: what else its equation shows. `places` are the operands
    that need a cotangent, known once the call is recorded.
    """

    structured = zeros_are_none = True
    places: list = []  # noqa: RUF012  set on a copy, for each recording

    def __init__(self, name, programs):
        self.name, self.programs = name, tuple(programs)

    def abstract(self, *args, **static):
        """(shape, dtype) of every result."""
        raise NotImplementedError

    @property
    def static(self):
        """What the equation shows: the graphs, and whatever else decides."""
        return {f"body{i}": program.graph for i, program in enumerate(self.programs)}

    def staged(self, recording, args):
        """Under a capture: one equation, whose graphs are the programs'."""
        return recording.write(self, args, self.abstract(*args), self.static)

    def applied(self, equation):
        """The same equation by this call."""
        return Equation(
            self, equation.inputs, equation.outputs, self.static, equation.line, equation.scope
        )

    def over(self, programs):
        """The same call of other programs."""
        return self.changed(programs=tuple(programs))

    def map_graphs(self, change):
        """The same call, with change(graph) for every graph in it."""
        return self.over([Program(change(p.graph), p.executor, **p.options) for p in self.programs])

    def by(self, executor, options):
        """The same call, whose graphs are run by this executor."""
        return self.over([Program(p.graph, executor, **options) for p in self.programs])

    def reverse(self, mask):
        """The plan of this recording."""
        return CallPlan(self.at(active_operands(self, mask)), mask)

    def at(self, places):
        """The same call, of whose operands those at `places` need a cotangent."""
        return self.changed(places=places)

    def changed(self, **attributes):
        """A copy of this call with other attributes."""
        call = object.__new__(type(self))
        call.__dict__.update(self.__dict__, **attributes)
        return call
