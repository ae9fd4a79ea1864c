"""Who hears that a mode begins, goes on or is over."""
