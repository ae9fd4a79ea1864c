"""Rules that say where a case goes, and the steps that escalate it."""
