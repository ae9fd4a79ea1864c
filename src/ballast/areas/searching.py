"""Text search as every list does it: the words anywhere in any of the named fields, whatever their case."""

from django.db.models import Q

__all__ = ["matching"]

# Longer than any field that is searched, and far below the longest pattern that SQLite takes.
_LONGEST = 200


def matching(words: str, *fields: str) -> Q:
    """Condition: one of the fields holds the words; words longer than any stored name match nothing."""
    condition = Q(pk__in=[])
    for field in fields if len(words) <= _LONGEST else ():
        condition |= Q(**{f"{field}__icontains": words})
    return condition
