"""The stateful paradigm: Tensor, backward(), nn.Module, optimisers, data."""
