"""Where the user wrote what is being recorded, found on the stack: no eager call pays for it.

While a capture runs, an operation is the user's own (his line is the innermost one outside this
package), or one of a graph that is applied again (the line of the equation), or part of a backward
pass (the line of the forward operation that is being pulled back).
"""

import sys

from .. import tape
from ..errors import is_library

BACKWARD = "backward of "
# The locals of these functions in which the node stands that is being pulled back; of a sum of
# cotangents it is the node that they arrive at, or (for an argument) that the last one came from.
WALKS = {tape.pull.__code__: ("node",), tape.backward.__code__: ("node", "like")}


def line_of(recording, replay, depth=2):
    """'file.py:12' of what is recorded now, or 'backward of file.py:12'.

    replay: the code of the function that applies the equations of a graph, whose local `equation`
    is the one in turn.
    """
    frame = sys._getframe(depth)
    while frame is not None:
        code = frame.f_code
        if code is replay:
            return frame.f_locals["equation"].line
        if code in WALKS:
            forward = forward_of(recording, [frame.f_locals.get(name) for name in WALKS[code]])
            if forward is not None:
                return BACKWARD + forward.line.removeprefix(BACKWARD)
        elif not is_library(code.co_filename):
            return f"{code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return "<unknown>"


def forward_of(recording, nodes):
    """The equation that made the output of the first node that is no leaf; None for none."""
    for node in nodes:
        if node is not None and node.plan is not None:
            return recording.before(node.order)
    return None


def split_line(line):
    """(is it of a backward pass, 'file.py:12')

    >>> split_line("backward of net.py:3")
    (True, 'net.py:3')
    """
    return line.startswith(BACKWARD), line.removeprefix(BACKWARD)


def short(line):
    """A line without its folders.

    >>> short("backward of /home/ada/net.py:3")
    'backward of net.py:3'
    """
    backward, place = split_line(line)
    return (BACKWARD if backward else "") + place.rsplit("/", 1)[-1]
