"""Whose a case is: desks, working groups, hand-overs, and the queue of one officer."""
