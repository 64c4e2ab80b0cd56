"""The mathematics of layers, once: formulas on arrays, traced values and Tensors alike."""
