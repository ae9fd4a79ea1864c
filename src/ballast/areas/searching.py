"""Text search as every list does it: the words anywhere in any of the named fields, whatever their case."""

from django.db.models import Q

__all__ = ["LONGEST", "matching"]

# Longer than any field that is searched, and far below the longest pattern that SQLite takes.
LONGEST = 200


def matching(words: str, *fields: str, also: str = "") -> Q:
    """Condition: one of the fields holds the words; words longer than any stored name match nothing.

    `also` is one more lookup of another sort, such as "code__istartswith".
    """
    condition = Q(pk__in=[])
    if len(words) > LONGEST:
        return condition
    for lookup in [*(f"{field}__icontains" for field in fields), *([also] if also else [])]:
        condition |= Q(**{lookup: words})
    return condition
