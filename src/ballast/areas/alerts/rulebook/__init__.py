"""Versions of the warning rules: proposed by one person, decided by another, in force from their day on."""
