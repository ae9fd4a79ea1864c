"""The areas of Ballast, one Django app each; each imports only areas to its left (pyproject, import-linter)."""
