"""The library of prepared measures as a table: its rows, what is wrong with one, and how it is written.

Proposals and issues are no part of it: they are acts of persons and stand in the audit.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from ballast.areas.reserve.library.services import faults_of
from ballast.areas.reserve.models import PolicyOption
from ballast.tables.problems import nearest

__all__ = ["option_faults", "policy_options", "write_option"]

Row = Mapping[str, Any]
Fault = tuple[str, str, str, Mapping[str, object]]
_CODED = ("issuer", "region", "chain", "product")
_PLAIN = (
    "code", "name", "name_zh", "text", "text_zh", "legal_basis", "authority", "trigger_measure", "trigger_level",
    "trigger_at_least", "trigger_days", "cost", "currency", "days", "state",
    "conditions",
)  # fmt: skip


def policy_options() -> list[dict[str, Any]]:
    """All measures, by code."""
    columns = (*_PLAIN, *(f"{name}_id" for name in _CODED))
    rows = PolicyOption.objects.order_by("code").values_list(*columns)
    return [dict(zip((*_PLAIN, *_CODED), row, strict=True)) for row in rows]


def option_faults(row: Row, products: Collection[str]) -> Iterator[Fault]:
    """What is wrong with a row beyond its cells; `products` are the inputs that there are or will be."""
    try:
        validate_slug(row["code"] or "-")
    except ValidationError:
        yield "code", str(row["code"]), "bad_measure_code", {}
    if row["product"] and row["product"] not in products:
        yield "product", row["product"], "no_such_input", {"nearest": nearest(row["product"], products)}
    for column, why in faults_of(row, loading=True).items():
        # Of a whole text the reason names what is wrong.
        value = None if column == "conditions" else row.get(column)
        yield column, "" if value is None else str(value), "bad_measure", {"why": why}


def write_option(row: Row) -> None:
    """Make the measure, or overwrite the one with its code; empty cells are ""."""
    fields = {name: row[name] for name in _PLAIN if name != "code"}
    fields |= {f"{name}_id": row[name] or None for name in _CODED}
    for name in ("trigger_at_least", "cost"):
        fields[name] = None if row[name] == "" else row[name]
    PolicyOption.objects.update_or_create(code=row["code"], defaults=fields)
