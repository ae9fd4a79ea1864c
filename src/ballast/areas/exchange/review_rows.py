"""Reviews of bulk materials as a table: its rows, what is wrong with one, and how it is written."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from ballast.areas.accounts.models import User
from ballast.areas.economy.models import Commodity, MaterialReview
from ballast.areas.reference.selectors import authority
from ballast.tables.problems import nearest

__all__ = ["material_reviews", "review_faults", "write_review"]

Row = Mapping[str, Any]
Fault = tuple[str, str, str, Mapping[str, object]]


def material_reviews() -> list[dict[str, Any]]:
    """All reviews, by material and time."""
    rows = MaterialReview.objects.order_by("commodity__commodity_id", "at", "pk")
    columns = ("commodity__commodity_id", "at", "person__username", "note")
    names = ("commodity_id", "reviewed_at", "person", "note")
    return [dict(zip(names, row, strict=True)) for row in rows.values_list(*columns)]


def review_faults(row: Row, people: Collection[str], latest: dt.datetime) -> Iterator[Fault]:
    """What is wrong with a row beyond its cells: a person whom nobody knows, a review after `latest`, the present."""
    if row["person"] and row["person"] not in people:
        yield "person", row["person"], "no_such_user", {"nearest": nearest(row["person"], people)}
    if row["reviewed_at"] and row["reviewed_at"] > latest:
        yield "reviewed_at", row["reviewed_at"].isoformat(), "in_the_future", {"now": latest.isoformat("T", "minutes")}


def write_review(row: Row) -> None:
    """Keep the review, or overwrite the one of the same material and time; empty cells are ""."""
    at: dt.datetime = row["reviewed_at"]
    MaterialReview.objects.update_or_create(
        commodity=Commodity.objects.get(commodity_id=row["commodity_id"]), at=at,
        defaults={
            "day": at.astimezone(ZoneInfo(authority().time_zone)).date(), "note": row["note"],
            "person": User.objects.filter(username=row["person"]).first() if row["person"] else None,
        },
    )  # fmt: skip
