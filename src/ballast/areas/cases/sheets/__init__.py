"""Many cases from one sheet."""
