"""Cases that belong together: duplicates and merges, parents and children, and parts that were split off."""
