"""The facts of a dispatch sheet: figures, codes and names in both languages, free of wording."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from ballast.areas.cases.models import Case
from ballast.areas.cases.relations.family import waiting_counts
from ballast.areas.dispatch.ledger import DECISIONS, FLOWS, STOCKS, Ledger, Row
from ballast.areas.dispatch.reds import reds_without_case
from ballast.areas.papers import scopes
from ballast.areas.reference.models import Authority, Region

__all__ = ["VERSION", "both", "collect", "counted", "enterprise_ids", "issuer", "told"]

# A change of it is a change of what is stored.
VERSION = 2
# Rows of the sheet's lists; the figure above each list says how many there are and opens them all.
_LISTED = 12
_REDS = 15


def collect(
    now: Ledger, before: Ledger, *, scope: dict[str, str], authority: Authority, day: dt.date, last: dict[str, Any]
) -> dict[str, Any]:
    """Every fact of the sheet as plain values; the same ledgers give the same facts.

    `before` is the ledger of the last sheet; `last` says which that was: cut_off, and day and href where it was stored.
    """
    address = f"/dispatch/{day}/cases/"
    region_of = _region_of(scope["key"])
    figures = {name: _figure(now, before, name, address) for name in (*FLOWS, *STOCKS, *DECISIONS)}
    return {
        "version": VERSION,
        "day": day.isoformat(),
        "authority": issuer(authority),
        "scope": scope,
        "last": last,
        "figures": figures,
        "kinds": _lines(now, lambda row: row.kind, "kind", address),
        "regions": _named(_lines(now, region_of, "region", address)),
        "desks": _named(_lines(now, lambda row: row.desk, "desk", address)),
        "decisions": {name: _items(now, before, name) for name in DECISIONS},
        "settled": _settled(now, before),
        "reds": _reds(scope["key"]),
    }


def counted(ledger: Ledger, before: Ledger, scope: str) -> dict[str, Any]:
    """The keys behind each figure, and kind, region and desk of each case, for the lists that the figures open."""
    region_of = _region_of(scope)
    figures = dict(ledger.figures)
    for name in (*STOCKS, *DECISIONS):
        figures[f"{name}.came"] = ledger.figures[name] - before.figures[name]
        figures[f"{name}.left"] = before.figures[name] - ledger.figures[name]
    keys = sorted(frozenset().union(*figures.values()))
    rows = {**before.rows, **ledger.rows}

    def due(pk: int) -> tuple[dt.datetime, str]:
        return rows[pk].due_at, rows[pk].number

    return {
        "figures": {name: sorted(found, key=due) for name, found in figures.items()},
        "cases": {str(pk): [rows[pk].kind, region_of(rows[pk]), rows[pk].desk] for pk in keys},
    }


def enterprise_ids(facts: dict[str, Any]) -> list[str]:
    """The enterprises that the sheet names with their data."""
    listed = [row for rows in (*facts["decisions"].values(), facts["settled"], facts["reds"]["rows"]) for row in rows]
    return sorted({row["enterprise_id"] for row in listed})


def issuer(authority: Authority) -> dict[str, Any]:
    """The authority as papers name it."""
    return {
        "name": authority.name,
        "name_zh": authority.name_zh,
        "currency": authority.currency,
        "time_zone": authority.time_zone,
        "exercise": authority.is_exercise,
    }


def _figure(now: Ledger, before: Ledger, name: str, address: str) -> dict[str, Any]:
    """A figure with the one before it; of cases that stand so also how many came and how many left."""
    found: dict[str, Any] = {
        "value": len(now.figures[name]),
        "before": len(before.figures[name]),
        "href": f"{address}?figure={name}",
    }
    if name not in FLOWS:
        found["came"] = len(now.figures[name] - before.figures[name])
        found["left"] = len(before.figures[name] - now.figures[name])
    return found


def _region_of(scope: str) -> Callable[[Row], str]:
    """How a case is placed: by the region directly below the scope's own; by province where it is at home outside."""
    path = scope.partition("#")[0]
    codes = path.strip("/").split("/") if path != scopes.EVERYTHING else []

    def place(row: Row) -> str:
        home = row.home.strip("/").split("/")
        depth = len(codes) if codes and home[: len(codes)] == codes else 1
        return home[min(depth, len(home) - 1)]

    return place


def _lines(ledger: Ledger, key: Callable[[Row], str], word: str, address: str) -> list[dict[str, Any]]:
    """Counts by kind, region or desk; the parts of each figure sum to it."""
    found: dict[str, Counter[str]] = {}
    for name in (*FLOWS, *STOCKS, *DECISIONS):
        for pk in ledger.figures[name]:
            found.setdefault(key(ledger.rows[pk]), Counter())[name] += 1
    lines = [
        {
            "id": code,
            "figures": {name: counts[name] for name in (*FLOWS, *STOCKS, *DECISIONS)},
            "href": f"{address}?{urlencode({word: code})}",
        }
        for code, counts in found.items()
    ]
    return sorted(lines, key=lambda line: (-line["figures"]["overdue"], -line["figures"]["in_hand"], line["id"]))


def _named(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = _names(line["id"] for line in lines)
    return [line | names.get(line["id"], {"name": line["id"], "name_zh": ""}) for line in lines]


def _names(codes: Iterable[str]) -> dict[str, dict[str, str]]:
    rows = Region.objects.filter(code__in=sorted(set(codes))).values("code", "name", "name_zh")
    return {row["code"]: {"name": row["name"], "name_zh": row["name_zh"]} for row in rows}


def _items(now: Ledger, before: Ledger, name: str) -> list[dict[str, Any]]:
    """The first cases of a figure: those due first, with who has them, since when, and whether they were there before.

    Keys come first in the order of their due time, so that few cases are read.
    """
    keys = sorted(now.figures[name], key=lambda pk: (now.rows[pk].due_at, now.rows[pk].number))[:_LISTED]
    known = before.figures[name]
    return [row | {"again": pk in known} for pk, row in _cases(keys)]


def _settled(now: Ledger, before: Ledger) -> list[dict[str, Any]]:
    """What became of the items of the last sheet that do not ask for a decision any more."""
    asked = frozenset().union(*(before.figures[name] for name in DECISIONS))
    asking = frozenset().union(*(now.figures[name] for name in DECISIONS))
    keys = sorted(asked - asking)[:_LISTED]
    return [row for _pk, row in _cases(keys)]


def _cases(keys: list[int]) -> list[tuple[int, dict[str, Any]]]:
    parties = ("enterprise", "lead_region", "offered_to", "escalated_to", "owner")
    rows = Case.objects.select_related(*parties).in_bulk(keys)
    waits = waiting_counts(rows.keys())
    return [(pk, told(rows[pk]) | {"waits_for": waits.get(pk, 0)}) for pk in keys if pk in rows]


def told(case: Case) -> dict[str, Any]:
    """A case as papers list it; its enterprise, desks and owner are to be there already."""
    owner = case.owner.get_full_name() or case.owner.get_username() if case.owner else ""
    return {
        "number": case.number,
        "enterprise_id": case.enterprise.enterprise_id,
        "enterprise": both(case.enterprise),
        "kind": case.kind,
        "pack": getattr(case, "pack", ""),
        "state": case.state,
        "blocked": case.blocked,
        "desk": both(case.lead_region),
        "offered_to": both(case.offered_to),
        "superior": both(case.escalated_to),
        "owner": owner,
        "filed_at": case.filed_at.isoformat(),
        "due_at": case.due_at.isoformat(),
        "at_risk": case.output_at_risk,
        "href": f"/cases/{case.number}/",
    }


def both(row: Any) -> dict[str, str] | None:  # noqa: ANN401 - anything with two names
    """The names of a row in both languages; None for none."""
    return {"name": row.name, "name_zh": row.name_zh} if row is not None else None


def _reds(scope: str) -> dict[str, Any]:
    rows = reds_without_case(scopes.parse(scope))
    return {
        "figure": {"value": rows.count(), "href": "/dispatch/reds/"},
        "rows": [
            {
                "site": {"id": lamp.need.site.site_id, **(both(lamp.need.site) or {})},
                "enterprise_id": lamp.enterprise.enterprise_id,
                "enterprise": both(lamp.enterprise),
                "product": {"id": lamp.need.product_id, **(both(lamp.need.product) or {})},
                "cover": lamp.cover_days,
                "since": lamp.since.isoformat(),
                "href": f"/lamps/{lamp.pk}/",
            }
            for lamp in rows[:_REDS]
        ],
    }
