"""A layered layout of a directed graph: every edge runs downwards.

Sugiyama, Tagawa and Toda 1981: layers by the longest path, the order within a layer by barycentres,
then coordinates. Edges over a few layers are led around the boxes between; longer ones would cross
everything, and are left to the reader of `far`.
"""

from itertools import pairwise

GAP_X, GAP_Y = 26, 34  # between boxes of a layer, and between layers
REACH = 5  # layers that an edge may run over before it counts as far
SWEEPS = 12


class Layout:
    """Places for boxes: `x`, `y` (of their centres), and `routes`, one list of points an edge.

    sizes: (width, height) of each box; edges: pairs of boxes, each from a lower number to a higher
    one; late: boxes without a source of their own, which stand right above the first who needs
    them.
    """

    def __init__(self, sizes, edges, late=()):
        self.sizes, self.count = list(sizes), len(sizes)
        self.edges = list(dict.fromkeys(edges))
        self.layer = layers(self.count, self.edges, set(late))
        self.far = [e for e in self.edges if self.span(e) > REACH]
        self.near = [e for e in self.edges if self.span(e) <= REACH]
        self._lead()
        self._order()
        self._place()

    def span(self, edge):
        """How many layers an edge runs over."""
        return self.layer[edge[1]] - self.layer[edge[0]]

    def _lead(self):
        """A point of no width in every layer that a near edge passes."""
        self.paths, self.above, self.below = {}, {}, {}
        for a, b in self.near:
            path = [a]
            for layer in range(self.layer[a] + 1, self.layer[b]):
                path.append(len(self.sizes))
                self.sizes.append((6, 0))
                self.layer.append(layer)
            self.paths[a, b] = [*path, b]
            for upper, lower in pairwise(self.paths[a, b]):
                self.below.setdefault(upper, []).append(lower)
                self.above.setdefault(lower, []).append(upper)

    def _order(self):
        """Boxes of a layer from left to right, by the mean place of their neighbours."""
        self.rows = [[] for _ in range(max(self.layer, default=-1) + 1)]
        for i, layer in enumerate(self.layer):
            self.rows[layer].append(i)
        self.place = {i: p for row in self.rows for p, i in enumerate(row)}
        for sweep in range(SWEEPS):
            rows, neighbours = (
                (self.rows, self.above) if sweep % 2 == 0 else (self.rows[::-1], self.below)
            )
            for row in rows:
                row.sort(key=lambda i: self._barycentre(i, neighbours))
                self.place.update((i, p) for p, i in enumerate(row))

    def _barycentre(self, i, neighbours):
        found = neighbours.get(i)
        return sum([self.place[j] for j in found]) / len(found) if found else self.place[i]

    def _place(self):
        """x close to that of all neighbours; y by the layers."""
        self.x = {}
        for row in self.rows:
            spread(row, self.sizes, dict.fromkeys(row, 0.0), self.x)
        for sweep in range(SWEEPS):
            for row in self.rows if sweep % 2 == 0 else self.rows[::-1]:
                wanted = {i: self._wanted(i) for i in row}
                spread(row, self.sizes, wanted, self.x)
        self.y, top = {}, 0
        for row in self.rows:
            height = max([self.sizes[i][1] for i in row], default=0)
            self.y.update((i, top + height / 2) for i in row)
            top += height + GAP_Y
        left = min([self.x[i] - self.sizes[i][0] / 2 for i in self.x], default=0)
        self.x = {i: x - left for i, x in self.x.items()}
        self.width = max([self.x[i] + self.sizes[i][0] / 2 for i in self.x], default=0)
        self.height = max(top - GAP_Y, 0)

    def _wanted(self, i):
        found = [self.x[j] for j in self.above.get(i, [])] + [
            self.x[j] for j in self.below.get(i, [])
        ]
        return sum(found) / len(found) if found else self.x[i]

    def route(self, edge):
        """The points of an edge, from the lower side of one box to the upper side of another."""
        a, b = edge
        points = [(self.x[i], self.y[i]) for i in self.paths.get(edge, [a, b])[1:-1]]
        start = self.x[a], self.y[a] + self.sizes[a][1] / 2
        return [start, *points, (self.x[b], self.y[b] - self.sizes[b][1] / 2)]


def layers(count, edges, late):
    """The layer of each box: one below the lowest that it needs."""
    layer, incoming, outgoing = [0] * count, {}, {}
    for a, b in edges:
        incoming.setdefault(b, []).append(a)
        outgoing.setdefault(a, []).append(b)
    for i in range(count):
        layer[i] = max([layer[a] + 1 for a in incoming.get(i, [])], default=0)
    for i in late:
        if i in outgoing:
            layer[i] = max(min([layer[b] for b in outgoing[i]]) - 1, 0)
    return layer


def spread(row, sizes, wanted, x):
    """Set x of a row, in its order, as near to what is wanted as the widths allow.

    Least squares under the distances: boxes that would overlap become one block (pool adjacent
    violators).
    """
    blocks: list = []  # [sum of wished starts, members, width]
    offset = 0.0
    for i in row:
        half = sizes[i][0] / 2
        offset += half
        blocks.append([wanted[i] - offset, 1])
        offset += half + GAP_X
        while len(blocks) > 1 and mean(blocks[-2]) > mean(blocks[-1]):
            total, number = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += number
    offset, rest = 0.0, iter(row)
    for block in blocks:
        for _ in range(block[1]):
            i = next(rest)
            offset += sizes[i][0] / 2
            x[i] = mean(block) + offset
            offset += sizes[i][0] / 2 + GAP_X


def mean(block):
    """Where a block stands."""
    return block[0] / block[1]
