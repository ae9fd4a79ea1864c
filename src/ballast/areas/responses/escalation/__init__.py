"""Warnings that nobody answers: which desk owes an answer since when, and who hears of it then."""
