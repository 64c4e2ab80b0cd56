import numpy as np

from wonderland.compare.twins import TWINS
from wonderland.functional import random


def test_the_twins_have_the_same_parameters():
    twin = TWINS["mlp"]
    params = twin.layer().init(random.key(0), np.zeros((2, 64), np.float32))
    module = dict(twin.module().named_parameters())
    flat = {f"{layer}.{name}": p for layer, own in params.items() for name, p in own.items()}
    assert {n: p.shape for n, p in flat.items()} == {n: p.shape for n, p in module.items()}
    assert next(iter(flat)) == "first.weight" and flat["logits.bias"].shape == (10,)
