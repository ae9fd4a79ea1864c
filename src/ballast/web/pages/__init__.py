"""Pages that join several areas: Today, portal, map, search."""
