"""Where the windows lie that slide over an image, for convolution and pooling.

A window of one axis is (kernel, stride, (before, behind), dilation); its entries are called taps.
"""

from .shape import reshape


def output_size(size, window):
    """How many windows lie in an axis; a window is (kernel, stride, (before, behind), dilation).

    >>> output_size(28, (3, 2, (1, 1), 1))
    14
    """
    kernel, stride, (before, behind), dilation = window
    return (size + before + behind - dilation * (kernel - 1) - 1) // stride + 1


def windows(kernel, stride, padding, dilation):
    """The window of each of the two axes."""
    return tuple(zip(kernel, stride, padding, dilation, strict=True))


def overlap(tap, size, window):
    """(slice of x, slice of z): the entries of x under entry `tap` of the windows, without padding.

    >>> overlap(0, 4, (3, 1, (1, 1), 1))
    (slice(0, 3, 1), slice(1, 4, None))
    """
    _, stride, (before, _), dilation = window
    start = tap * dilation - before
    first = max(0, -(start // stride))
    last = min(output_size(size, window) - 1, (size - 1 - start) // stride)
    if last < first:
        return slice(0, 0), slice(0, 0)
    begin = start + first * stride
    return slice(begin, begin + (last - first) * stride + 1, stride), slice(first, last + 1)


def given_shapes(**operands):
    """'(x: (2, 3))', for the end of an error."""
    return "(" + ", ".join(f"{name}: {tuple(x.shape)}" for name, x in operands.items()) + ")"


def fitting_windows(name, axis, size, window, given):
    """How many windows lie in an axis; ValueError where not one does."""
    kernel, _, (before, behind), dilation = window
    reach = dilation * (kernel - 1) + 1
    if kernel < 1:
        raise ValueError(f"{name}: the kernel has no entries along axis {axis} {given}")
    if reach > size + before + behind:
        wide = f", {reach} wide by its dilation," if dilation > 1 else ""
        raise ValueError(
            f"{name}: the kernel of {kernel}{wide} is larger than the padded input of "
            f"{size + before + behind} along axis {axis} {given}; pad more, or take a smaller one"
        )
    return output_size(size, window)


def merged(x):
    """(B, N, ...) as (B N, ...): a batch of images is more images."""
    return reshape(x, shape=(x.shape[0] * x.shape[1], *x.shape[2:]))


def parted(x, batch, n):
    """(B N, ...) as (B, N, ...): the inverse of merged."""
    return reshape(x, shape=(batch, n, *x.shape[1:]))


def framed(size, padding):
    """(H, W) with the padding, and the key of the image within it.

    >>> framed((4, 5), ((1, 2), (0, 0)))
    ((7, 5), ((1, 5, 1), (0, 5, 1)))
    """
    before, behind = zip(*padding, strict=True)
    key = tuple([(b, b + n, 1) for b, n in zip(before, size, strict=True)])
    return tuple([b + n + a for b, n, a in zip(before, size, behind, strict=True)]), key


def tap_keys(kernel, size, stride, dilation):
    """The key of the entries under each tap of the kernel, `size` of them in each axis.

    >>> list(tap_keys((1, 2), (3, 3), (2, 2), (1, 1)))
    [((0, 5, 2), (0, 5, 2)), ((0, 5, 2), (1, 6, 2))]
    """
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            starts = i * dilation[0], j * dilation[1]
            yield tuple(
                [(b, b + s * (n - 1) + 1, s) for b, s, n in zip(starts, stride, size, strict=True)]
            )
