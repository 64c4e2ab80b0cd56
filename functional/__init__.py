"""The stateless paradigm: transforms of pure functions, layers as (init, apply)."""
