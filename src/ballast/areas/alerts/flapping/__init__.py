"""Lamps whose level changes too often to be told each time."""
