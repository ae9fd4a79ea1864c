"""From a proposal to a measure in force and to its end."""
