"""Places that a function reads: entries of containers, and what was there."""

from operator import getitem, is_


class Watch:
    """Places (container, key) and what was there, and containers of which all was read."""

    def __init__(self):
        self.containers, self.keys, self.known = [], [], []
        self.sized, self.sizes = [], []

    def add(self, container, key, x):
        """What a container holds under a key."""
        self.containers.append(container)
        self.keys.append(key)
        self.known.append(x)

    def whole(self, container):
        """That a container holds nothing else."""
        self.sized.append(container)
        self.sizes.append(len(container))

    def holds(self):
        """True where everything is still there, the very objects."""
        try:
            return list(map(len, self.sized)) == self.sizes and all(
                map(is_, map(getitem, self.containers, self.keys), self.known)
            )
        except (KeyError, IndexError):
            return False


class Held:
    """What a cell of a closure holds, as entry 0."""

    def __init__(self, cell):
        self.cell = cell

    def __getitem__(self, place):
        return self.cell.cell_contents

    def __setitem__(self, place, x):
        self.cell.cell_contents = x
