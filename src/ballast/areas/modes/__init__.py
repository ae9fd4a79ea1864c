"""Modes of a named scope: normal, vigilance, emergency; two persons switch one on, and it ends by itself."""
