"""Bad input to layers is refused alike in both faces, eager and compiled, with the line."""

import re

import numpy as np
import pytest

from tests.refusals import ones
from wonderland import functional as wf
from wonderland import oop, purify
from wonderland.compare.twins import gpt
from wonderland.functional import nn as fnn
from wonderland.oop import nn
from wonderland.shared.schedule.executors import native

EXECUTORS = ["numpy", "native"] if native() else ["numpy"]
KEY = wf.random.key(0)


def layer(made, example, **how):
    """A functional layer with its parameters, as a function of its input."""
    params = made.init(KEY, example)
    return lambda x, **named: made.apply(params, x, **how, **named)


IMAGES = ones(2, 3, 8, 8)
CONV, OOP_CONV = layer(fnn.Conv2d(4, 3), IMAGES), nn.Conv2d(3, 4, 3)
POOL = layer(fnn.MaxPool2d(3), IMAGES)
MEAN = layer(fnn.AvgPool2d(3), IMAGES)
GPT = layer(gpt.gpt(), np.zeros((1, gpt.T), int))
HEADS = layer(fnn.MultiheadAttention(4, 2, batch_first=True), ones(2, 3, 4))
OOP_HEADS = nn.MultiheadAttention(4, 2, batch_first=True)
F, G = fnn, nn.functional
# name: (functional, oop, arguments, error, text)
CASES = {
    "rank": (CONV, OOP_CONV, (ones(8, 8),), ValueError,
             r"conv2d: x has 2 axes, but \(N, C, H, W\) or \(C, H, W\) is needed \(x: \(8, 8\)\)$"),
    "pool rank": (POOL, nn.MaxPool2d(3), (ones(8, 8),), ValueError,
                  r"max_pool2d: x has 2 axes, but \(N, C, H, W\) or \(C, H, W\) is needed"),
    "channels": (CONV, OOP_CONV, (ones(2, 5, 8, 8),), ValueError,
                 r"conv2d: x has 5 channels but weight takes 3 \(x: \(2, 5, 8, 8\), weight: \(4, "),
    "kernel": (CONV, OOP_CONV, (ones(2, 3, 2, 2),), ValueError,
               (r"conv2d: the kernel of 3 is larger than the padded input of 2 along axis 2 "
                r".*; pad more, or take a smaller one$")),
    "pool kernel": (POOL, nn.MaxPool2d(3), (ones(2, 3, 2, 2),), ValueError,
                    r"max_pool2d: the kernel of 3 is larger than the padded input of 2 along axis"),
    "mean kernel": (MEAN, nn.AvgPool2d(3), (ones(2, 3, 2, 2),), ValueError,
                    r"avg_pool2d: the kernel of 3 is larger than the padded input of 2 along axis"),
    "label": (F.cross_entropy, G.cross_entropy, (ones(2, 4), np.array([0, 7])), ValueError,
              (r"cross_entropy: label 7 at \(1,\) is out of range for 4 classes; labels run from 0 "
               r"to 3 \(labels: \(2,\)\)$")),
    "negative label": (F.cross_entropy, G.cross_entropy, (ones(2, 4), np.array([0, -1])),
                       ValueError, r"cross_entropy: label -1 at \(1,\) is out of range for 4 cla"),
    "label of nll": (F.nll_loss, G.nll_loss, (ones(2, 4), np.array([4, 0])), ValueError,
                     r"\w+: label 4 at \(0,\) is out of range for 4 classes; labels run from 0 to"),
    "position": (GPT, gpt.GPT(), (np.zeros((1, gpt.T + 1), int),), ValueError,
                 rf"GPT: the windows have {gpt.T + 1} characters but the position table only "),
    "row": (layer(fnn.Embedding(8, 4), np.arange(3)), nn.Embedding(8, 4), (np.arange(10),),
            (ValueError, IndexError),
            r"embedding: index 9 at \(9,\) is out|getitem: index 8 is out"),
    "mask": (lambda q, m: F.scaled_dot_product_attention(q, q, q, m),
             lambda q, m: G.scaled_dot_product_attention(q, q, q, m),
             (ones(2, 3, 4), np.ones((5, 5), bool)), ValueError,
             (r"scaled_dot_product_attention: attn_mask \(5, 5\) does not broadcast to the scores "
              r"\(2, 3, 3\), which are \(\.\.\., queries, keys\)$")),
    "mask of heads": (lambda q, m: HEADS(q, attn_mask=m),
                      lambda q, m: OOP_HEADS(q, q, q, attn_mask=m),
                      (ones(2, 3, 4), np.ones((5, 5), bool)), ValueError,
                      r"MultiheadAttention: attn_mask has shape \(5, 5\), but \(3, 3\) or \(4"),
    "padding": (lambda q, m: HEADS(q, key_padding_mask=m),
                lambda q, m: OOP_HEADS(q, q, q, key_padding_mask=m),
                (ones(2, 3, 4), np.ones((2, 4), bool)), ValueError,
                r"MultiheadAttention: key_padding_mask has shape \(2, 4\), but \(2, 3\) is needed"),
}  # fmt: skip


def refused(case, run):
    *_, args, error, text = CASES[case]
    before = [a.tobytes() for a in args]
    with pytest.raises(error) as caught:
        run(*args)
    assert re.match(text, str(caught.value)), str(caught.value)
    assert [a.tobytes() for a in args] == before
    return caught.value


@pytest.mark.parametrize("case", CASES)
def test_eager(case):
    stateless, stateful, *_ = CASES[case]
    refused(case, stateless)
    refused(case, lambda *args: stateful(*map(oop.tensor, args)))


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", CASES)
def test_compiled(case, executor):
    stateless, stateful, *_ = CASES[case]
    fast = wf.jit(stateless, executor=executor)
    step = purify.compile(stateful, executor=executor)
    for _ in range(2):  # the second call finds what the first has captured
        refused(case, fast)
        refused(case, lambda *args: step(*map(oop.tensor, args)))


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_label_that_is_wrong_in_a_later_call_leads_to_the_line_of_the_loss(executor):
    def loss(x, labels):
        return F.cross_entropy(x, labels)  # the line

    line = f"{__file__}:{loss.__code__.co_firstlineno + 1}"
    for fast in (wf.jit(loss, executor=executor), wf.jit(wf.grad(loss), executor=executor)):
        fast(ones(2, 4), np.array([0, 1]))
        with pytest.raises(ValueError, match="label 7 at") as caught:
            fast(ones(2, 4), np.array([0, 7]))
        assert any(note.endswith(line) for note in caught.value.__notes__), caught.value.__notes__
