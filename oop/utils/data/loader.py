"""DataLoader: a dataset in batches, in order or shuffled by a key."""

import numpy as np

from ....shared.backend import as_array, is_array
from ....shared.ops.joining import stack
from ....shared.random import Generator, permutation
from ...random import next_key
from ...tensor import Tensor, wrap


class DataLoader:
    """The samples of a dataset in batches of batch_size; each `for` is one epoch.

    shuffle: in another order each epoch, drawn from `generator`, or from a seed's own generator, or
    from the one that manual_seed seeds. drop_last: leave out a last batch that is smaller.
    collate_fn: what makes a batch of a list of samples. batch_size=None: samples, not batches.
    num_workers and pin_memory are accepted for torch's sake and have no effect.

    >>> from wonderland.oop.utils.data import TensorDataset
    >>> loader = DataLoader(TensorDataset(Tensor([1.0, 2.0, 3.0])), batch_size=2)
    >>> [x.shape for (x,) in loader]
    [(2,), (1,)]
    """

    def __init__(
        self, dataset, batch_size=1, shuffle=False, *, drop_last=False, collate_fn=None,
        generator=None, seed=None, num_workers=0, pin_memory=False,
    ):  # fmt: skip
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"DataLoader: batch_size must be positive, but is {batch_size}")
        if generator is not None and seed is not None:
            raise ValueError("DataLoader: give a generator or a seed, not both")
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self.drop_last, self.collate_fn = drop_last, collate_fn
        self.generator = Generator(seed) if seed is not None else generator

    def __len__(self):
        n = len(self.dataset)
        if self.batch_size is None:
            return n
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self):
        n = len(self.dataset)
        if self.shuffle:
            order = permutation(next_key(generator=self.generator), n)
        else:
            order = np.arange(n)
        if self.batch_size is None:
            for i in order.tolist():
                yield self.dataset[i]
            return
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            yield self._batch(order[start : start + self.batch_size])

    def _batch(self, indices):
        if self.collate_fn is None and hasattr(self.dataset, "batch"):
            return self.dataset.batch(indices)
        samples = [self.dataset[i] for i in indices.tolist()]
        return (self.collate_fn or default_collate)(samples)


def default_collate(samples):
    """A batch of samples: Tensors, arrays and numbers stacked; tuples and dicts part by part.

    >>> default_collate([(1.0, "a"), (2.0, "b")])
    (tensor([1., 2.]), ['a', 'b'])
    """
    first = samples[0]
    if isinstance(first, Tensor):
        return stack(samples)
    if is_array(first) or isinstance(first, np.generic):
        return wrap(np.stack(samples))
    if isinstance(first, (bool, int, float, complex)):
        return wrap(as_array(list(samples)))
    if isinstance(first, dict):
        return {key: default_collate([s[key] for s in samples]) for key in first}
    if isinstance(first, (tuple, list)):
        sizes = {len(s) for s in samples}
        if len(sizes) > 1:
            raise ValueError(
                f"default_collate: samples have different numbers of parts ({sorted(sizes)}); "
                "pass a collate_fn that makes them alike"
            )
        parts = [default_collate(list(part)) for part in zip(*samples, strict=True)]
        named = hasattr(first, "_fields")
        return type(first)(*parts) if named else type(first)(parts)
    return list(samples)
