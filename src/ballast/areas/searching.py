"""Text search as every list does it: the words anywhere in any of the named fields, whatever their case.

Large tables keep what is searched in one column of small letters, `words`, which the database fills: one look at each
row finds parts of words in every language, two Chinese characters as well as a whole name, on both databases.
docs/explanation/decisions.md says why no index of word parts stands beside it.
"""

from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Lower

__all__ = ["LONGEST", "Words", "holding", "matching"]

# Longer than any field that is searched, and far below the longest pattern that SQLite takes.
LONGEST = 200
# Stands between the fields in the column, so that nothing is found across two of them.
_BETWEEN = "\n"


class Words(models.GeneratedField):
    """The column of a model that is searched: the text of the named fields in small letters."""

    def __init__(self, *fields: str, **kwargs: Any) -> None:  # noqa: ANN401 - what the plain field takes
        if fields:
            parts = [part for field in fields for part in (Value(_BETWEEN), F(field))][1:]
            kwargs = {"expression": Lower(Concat(*parts)), "output_field": models.TextField(), "db_persist": True}
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:  # noqa: ANN401 - of the plain field
        """As the plain field, so that migrations need not know this one."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, kwargs


def holding(words: str, field: str = "words") -> Q:
    """Condition: the column of that name, a `Words`, holds the words."""
    return Q(**{f"{field}__contains": Lower(Value(words))}) if len(words) <= LONGEST else Q(pk__in=[])


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
