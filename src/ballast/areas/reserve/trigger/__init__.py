"""What a trigger counts from the lamps, and the proposals that follow."""
