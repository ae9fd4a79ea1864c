"""Counts of the problems that enterprises report, by kind and region, and what the rules on counts say of them."""
