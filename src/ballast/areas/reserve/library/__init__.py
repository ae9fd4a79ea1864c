"""The library: who writes it, and its form."""
