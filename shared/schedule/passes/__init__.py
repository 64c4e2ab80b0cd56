"""The passes: graph -> graph, each pure and on its own."""
