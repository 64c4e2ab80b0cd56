"""How each primitive is written in plain NumPy, for `Graph.source()`."""
