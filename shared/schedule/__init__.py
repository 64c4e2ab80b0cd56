"""The schedule: a function captured as a graph, made small by passes, and run by an executor."""
