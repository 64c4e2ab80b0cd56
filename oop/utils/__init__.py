"""Tools around models: data."""
