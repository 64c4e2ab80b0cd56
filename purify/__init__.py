"""The bridge: stateful models to pure functions, and back."""
