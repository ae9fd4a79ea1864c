"""Papers that a pack names, made from a case as it stands."""
