import numpy as np

from wonderland import functional as wf
from wonderland import oop
from wonderland.compare.twins.digits_cnn import DIGITS_CNN
from wonderland.functional import optim, random
from wonderland.shared import tree


def flat(params):
    return {tree.path_string(path): p for path, p in tree.leaves_with_path(params)}


def test_the_twins_have_the_same_parameters():
    params = flat(DIGITS_CNN.layer().init(random.key(0), np.zeros((2, 1, 8, 8), np.float32)))
    module = dict(DIGITS_CNN.module().named_parameters())
    assert {n: p.shape for n, p in params.items()} == {n: p.shape for n, p in module.items()}
    assert params["second.weight"].shape == (32, 16, 3, 3)


def test_both_styles_give_the_same_bits_for_20_steps():
    data, layer, module = DIGITS_CNN.data(), DIGITS_CNN.layer(), DIGITS_CNN.module()
    assert data.train_x.shape[1:] == data.test_x.shape[1:] == (1, 8, 8)
    params = layer.init(random.key(0), data.train_x[:2])
    module.load_state_dict(flat(params))
    adam = optim.adam(DIGITS_CNN.learning_rate)
    state = adam.init(params)
    stateful = oop.optim.Adam(module.parameters(), lr=DIGITS_CNN.learning_rate)
    losses = []
    for step in range(20):
        x, y = data.train_x[step * 32 :][:32], data.train_y[step * 32 :][:32]
        stateful.zero_grad()
        loss = DIGITS_CNN.oop_loss(module(oop.tensor(x)), oop.tensor(y))
        loss.backward()
        stateful.step()
        value, g = wf.value_and_grad(
            lambda p, x=x, y=y: DIGITS_CNN.functional_loss(layer.apply(p, x), y)
        )(params)
        updates, state = adam.update(g, state, params)
        params = optim.apply_updates(params, updates)
        assert np.float32(loss.item()) == value
        losses.append(value)
    for name, p in module.named_parameters():
        assert p.detach().numpy().tobytes() == np.ascontiguousarray(flat(params)[name]).tobytes()
    assert value < 0.95 * losses[0]
