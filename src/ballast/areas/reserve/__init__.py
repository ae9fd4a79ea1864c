"""The policy reserve: prepared measures, when they are proposed, and their issue for a time."""
