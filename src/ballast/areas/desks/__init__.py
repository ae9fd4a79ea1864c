"""Who can have a case: departments of a region, temporary working groups, contacts between two regions, the rules."""
