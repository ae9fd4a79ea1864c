"""Cases that belong together: duplicates and merges."""
