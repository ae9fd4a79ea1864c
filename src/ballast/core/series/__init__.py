"""Measures on series: prices, stocks, counts, answers; as known at the time, with how well they warned before."""
