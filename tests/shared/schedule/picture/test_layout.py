"""The layered layout: edges run downwards, boxes keep their distance, far edges are set apart."""

from itertools import combinations

import numpy as np
import pytest

from wonderland.shared.schedule.picture.layout import GAP_X, REACH, Layout, layers, spread


def random_graph(seed, count):
    rng = np.random.default_rng(seed)
    edges = []
    for b in range(1, count):
        edges += [(int(a), b) for a in rng.integers(max(0, b - 12), b, size=rng.integers(0, 3))]
    sizes = [(float(w), 30.0) for w in rng.integers(40, 200, size=count)]
    return sizes, edges


@pytest.mark.parametrize(("seed", "count"), [(0, 5), (1, 40), (2, 300)])
def test_edges_run_down_and_boxes_keep_apart(seed, count):
    sizes, edges = random_graph(seed, count)
    layout = Layout(sizes, edges)
    for a, b in edges:
        assert layout.y[a] < layout.y[b]
        (_, first), *_, (_, last) = layout.route((a, b))
        assert first <= last
    for row in layout.rows:
        for i, j in combinations([i for i in row if i < count], 2):
            apart = abs(layout.x[i] - layout.x[j]) - (sizes[i][0] + sizes[j][0]) / 2
            assert apart >= GAP_X - 1e-6
    assert min(layout.x[i] - sizes[i][0] / 2 for i in range(count)) >= 0
    assert max(layout.x[i] + sizes[i][0] / 2 for i in range(count)) <= layout.width + 1e-6


def test_layers_follow_the_longest_path():
    assert layers(4, [(0, 1), (1, 2), (0, 3), (2, 3)], set()) == [0, 1, 2, 3]
    # an argument that is needed late stands right above
    assert layers(5, [(0, 1), (1, 2), (2, 3), (4, 3)], {4}) == [0, 1, 2, 3, 2]


def test_far_edges_are_not_led_through_the_rows():
    chain = [(i, i + 1) for i in range(REACH + 2)]
    layout = Layout([(50, 30)] * (REACH + 3), [*chain, (0, REACH + 1), (0, REACH)])
    assert layout.far == [(0, REACH + 1)]
    assert len(layout.route((0, REACH + 1))) == 2
    assert len(layout.route((0, REACH))) == REACH + 1


def test_a_chain_stands_straight():
    layout = Layout([(50, 30), (120, 30), (80, 30)], [(0, 1), (1, 2)])
    assert np.ptp([layout.x[i] for i in range(3)]) < 1e-6


def test_crossings_are_undone():
    # two layers whose order in the list crosses every edge
    edges = [(0, 7), (1, 6), (2, 5), (3, 4)]
    layout = Layout([(50, 30)] * 8, edges)
    upper = sorted(range(4), key=layout.x.__getitem__)
    lower = sorted(range(4, 8), key=layout.x.__getitem__)
    assert [dict(edges)[a] for a in upper] == lower


def test_spread_is_the_nearest_that_fits():
    x: dict = {}
    spread([0, 1, 2], [(10, 1)] * 3, {0: 5.0, 1: 5.0, 2: 200.0}, x)
    assert x[0] + x[1] == pytest.approx(10.0)
    assert x[1] - x[0] == pytest.approx(10 + GAP_X)
    assert x[2] == pytest.approx(200.0)


def test_nothing_to_lay_out():
    layout = Layout([], [])
    assert (layout.width, layout.height) == (0, 0)
