"""softmax and layer norm over the rows of 4096x1024: forward, or forward and backward."""

import numpy as np

SHAPE = (4096, 1024)


def draw(operation, backward):
    """(operation, whether the gradients too, x and parameters, the cotangent of the result)."""
    rng = np.random.default_rng(0)
    inputs = [rng.standard_normal(SHAPE).astype(np.float32)]
    if operation == "layer_norm":
        inputs += [rng.standard_normal(SHAPE[1]).astype(np.float32) for _ in range(2)]
    return operation, backward, inputs, rng.standard_normal(SHAPE).astype(np.float32)


def stateful(face, arrays):
    """functional.softmax or functional.layer_norm; backward from the result."""
    operation, backward, inputs, cotangent = arrays
    F = face.torch.nn.functional

    def forward(x, *params):
        if operation == "softmax":
            return F.softmax(x, dim=-1)
        return F.layer_norm(x, SHAPE[1:], *params)

    return face.pull(forward, inputs, cotangent) if backward else face.call(forward, inputs)


def stateless(face, arrays):
    """The same, by vjp."""
    operation, backward, inputs, cotangent = arrays
    forward = face.softmax if operation == "softmax" else face.layer_norm
    return face.pull(forward, inputs, cotangent) if backward else face.call(forward, inputs)
