"""The facts of the daily brief: numbers, codes and names in both languages, free of wording."""

from ballast.areas.briefs.facts.collect import collect
from ballast.areas.briefs.facts.frame import Frame

__all__ = ["Frame", "collect"]
