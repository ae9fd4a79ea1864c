"""Stored values on which warning rules are tried: indicators, bulk materials, and counts of problems."""
