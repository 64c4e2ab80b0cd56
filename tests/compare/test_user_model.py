import re
from pathlib import Path

import numpy as np
import pytest

from wonderland.compare.request import UnusableInputError
from wonderland.compare.user_model import load

HEAD = """
import numpy as np
from wonderland import oop
from wonderland.oop import nn
from wonderland.functional import nn as fnn
"""
NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 4)
        self.b = nn.Linear(4, 2)

    def forward(self, x):
        return self.b(oop.tanh(self.a(x)))
"""
EXAMPLE = """
def example():
    return np.ones((5, 3), np.float32), np.zeros((5, 2), np.float32)
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def writing(*parts, name="net.py"):
        Path(name).write_text(HEAD + "".join(parts))
        return f"{name}:Net"

    return writing


def refused(target):
    with pytest.raises(UnusableInputError) as caught:
        load(target)
    text = str(caught.value)
    assert "\n" not in text and text.startswith("compare: ")
    return text.removeprefix("compare: ")


def test_a_model(write):
    user = load(write(NET, EXAMPLE))
    assert (user.name, user.path, user.learning_rate, user.layer) == ("Net", "net.py", 1e-3, None)
    assert user.x.shape == (5, 3) and user.y.dtype == np.float32 and not user.draws
    assert user.loss.__name__ == "mse_loss"


def test_what_a_file_may_say(write):
    more = "loss = lambda out, y: (out - y).abs().sum()\nLEARNING_RATE = 0.1\n"
    layer = "layer = lambda: fnn.Lambda(lambda x: x)\n"
    user = load(write(NET, EXAMPLE, more))
    assert user.loss.__name__ == "<lambda>" and user.learning_rate == 0.1
    assert "different parameters: 'a.bias' is missing and (4,)" in refused(
        write(NET, EXAMPLE, layer)
    )


def test_a_module_that_is_ready(write):
    assert load(write("Net = nn.Sequential(nn.Linear(3, 2))\n", EXAMPLE)).name == "Net"


def test_integers_are_labels(write):
    labels = "def example():\n    return oop.ones(5, 3), [0, 1, 0, 1, 0]\n"
    user = load(write(NET, labels))
    assert user.loss.__name__ == "cross_entropy" and user.y.dtype == np.int64
    assert user.x.dtype == np.float32


def test_several_inputs(write):
    net = NET.replace("forward(self, x)", "forward(self, x, scale)").replace("(x))", "(x * scale))")
    two = EXAMPLE.replace("np.ones((5, 3), np.float32)", "(np.ones((5, 3), np.float32), 2.0)")
    assert load(write(net, two)).x[1].shape == ()


def test_files_beside_it_are_found(write):
    write(NET, name="layers_of_mine.py")
    assert load(write("from layers_of_mine import Net\n", EXAMPLE)).name == "Net"


def test_random_numbers_are_noticed(write):
    net = NET.replace("self.a(x)", "nn.functional.dropout(self.a(x), training=self.training)")
    assert load(write(net, EXAMPLE)).draws


def test_no_file(write, tmp_path):
    assert refused("no/such.py:Net") == f"there is no file 'no/such.py' in {tmp_path}"
    (tmp_path / "net.txt").write_text("")
    assert refused("net.txt:Net") == "'net.txt' is no Python file; write path/to/file.py:Model"


@pytest.mark.parametrize("target", ["net.py", "net.py:", ":Net", "net"])
def test_no_name(write, target):
    write(NET, EXAMPLE)
    assert refused(target) == f"{target!r} names no model; write path/to/file.py:Model"


def test_a_name_that_is_not_there(write):
    write(NET, NET.replace("Net", "Other"), EXAMPLE)
    assert refused("net.py:net") == "net.py does not define 'net'; its models are: Net, Other"
    write(EXAMPLE)
    assert refused("net.py:Net") == "net.py does not define 'Net'; it defines no nn.Module"


def test_a_name_that_is_no_module(write):
    write(NET, EXAMPLE, "Nett = 3\n")
    assert refused("net.py:Nett") == (
        "'Nett' in net.py is no nn.Module but int; its models are: Net"
    )


def test_no_example(write):
    assert refused(write(NET)) == (
        "net.py does not define example(), one batch of inputs and targets; "
        "add `def example(): return x, y`"
    )


FAULTS = [
    (
        NET + EXAMPLE + "1 / 0\n",
        "importing net.py fails in line 18 of net.py: ZeroDivisionError: div",
    ),
    (NET + EXAMPLE + "def f(:\n", "importing net.py fails in line 18 of net.py: SyntaxError: "),
    ("import not_installed_here\n", "importing net.py fails in line 6 of net.py: ModuleNotFound"),
    ("raise SystemExit(3)\n", "importing net.py fails in line 6 of net.py: SystemExit: 3"),
    (
        NET.replace("__init__(self)", "__init__(self, width)", 1) + EXAMPLE,
        "Net() fails: TypeError: Net.__init__() missing 1 required positional argument: 'width'",
    ),
    (
        NET + EXAMPLE.replace("5, 3", "5, 7"),
        "Net on example() fails in line 14 of net.py: ValueError: linear: x has 7 features but w",
    ),
    (
        NET + "def example():\n    return np.ones((5, 3), np.float32), [0, 1, 9, 0, 1]\n",
        "Net on example() fails: ValueError: cross_entropy: ",
    ),
    (
        NET + EXAMPLE + "loss = lambda out, y: out\n",
        "Net on example() fails: RuntimeError: backward: ",
    ),
    (
        NET + "def example():\n    return 1 / 0\n",
        "example() fails in line 16 of net.py: ZeroDivision",
    ),
    (
        NET + "def example():\n    return 'x', 'y'\n",
        "example() fails: TypeError: as_array: x holds no",
    ),
    (
        NET + "def example():\n    return 3\n",
        "example() in net.py returns int, not a pair of inputs and targets; write `def example()",
    ),
    (
        NET + "def example():\n    return np.ones((5, 3)), {}\n",
        "the targets of example() in net.py are dict, not one array; define loss(output, y)",
    ),
    ("Net = nn.Tanh()\n" + EXAMPLE, "Net has no parameters, so nothing can be trained"),
    (
        NET + EXAMPLE + "layer = dict\n",
        "layer() in net.py returns dict, not a functional Layer(init, apply)",
    ),
    (
        "Net = nn.Sequential(nn.Linear(3, 2), nn.Dropout())\nlayer = lambda: fnn.Linear(2)\n"
        + EXAMPLE,
        "Net has buffers or draws random numbers, which layer() in net.py cannot follow yet; leave",
    ),
]


@pytest.mark.parametrize(("text", "error"), FAULTS)
def test_what_does_not_work_is_one_line(write, text, error):
    assert re.match(re.escape(error), refused(write(text)))


def test_what_purify_refuses(write):
    net = NET.replace("self.b(oop", "self.assign().b(oop") + (
        "    def assign(self):\n"
        "        self.a.bias = nn.Parameter(np.zeros(4, np.float32))\n"
        "        return self\n"
    )
    assert refused(write(net, EXAMPLE)).startswith(
        "Net, purified, on example() fails: ValueError: "
    )
