"""Reviews of bulk materials: when each is due by its grade and its seasons, and the record of those that were held."""
