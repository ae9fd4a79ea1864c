"""Compiled loops of the engine; imported only by the function that runs them."""
