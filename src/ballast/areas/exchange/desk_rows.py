"""Load the tables of who gets which cases: what must hold of a row beyond its cells, and how it is written."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import polars as pl
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db.models import Q

from ballast.areas.accounts.access import PERMISSIONS
from ballast.areas.accounts.models import User
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.desks.models import Department, EscalationStep, FastTrack, RoutingRule, WorkingGroup
from ballast.areas.desks.services import GROUP_DAYS_MOST
from ballast.areas.desks.steps import OF_WARNINGS
from ballast.areas.exchange.clock_rows import Present, clock_faults, write_clock_rows
from ballast.areas.exchange.desk_frames import DESK_TABLES, EVERY_KIND, listed, turned
from ballast.areas.exchange.reserve_rows import option_faults, write_option
from ballast.areas.exchange.review_rows import review_faults, write_review
from ballast.areas.reference.models import Product, Region
from ballast.areas.reference.selectors import now
from ballast.areas.registry.models import Chain
from ballast.tables.folder import BadRows, Folder
from ballast.tables.problems import Problem, nearest
from ballast.tables.raw import BAD_REASON, BAD_ROW

__all__ = ["checked", "write_desk_rows"]

Row = dict[str, Any]


class _Fault(NamedTuple):
    column: str
    value: str
    code: str
    details: Mapping[str, object] = {}


def _officers(permission: str) -> frozenset[str]:
    roles = [role for role, allowed in PERMISSIONS.items() if permission in allowed]
    rows = User.objects.filter(is_active=True, grants__role__in=roles).distinct()
    return frozenset(rows.values_list("username", flat=True))


@dataclass
class _Known:
    """What rows may name: what the database has, and what the folder brings as it is read."""

    chains: set[str]
    regions: set[str] = field(default_factory=lambda: set(Region.objects.values_list("code", flat=True)))
    departments: set[str] = field(default_factory=lambda: {row.key for row in Department.objects.all()})
    groups: set[tuple[str, dt.date]] = field(
        default_factory=lambda: set(WorkingGroup.objects.values_list("name", "starts"))
    )
    officers: frozenset[str] = field(default_factory=lambda: _officers("view_desk"))
    workers: frozenset[str] = field(default_factory=lambda: _officers("work_cases"))
    kinds: tuple[str, ...] = field(default_factory=lambda: tuple(kinds()))
    present: Present = field(default_factory=Present.read)
    calendars: set[tuple[str, str]] = field(default_factory=set)
    products: set[str] = field(default_factory=lambda: set(Product.objects.values_list("code", flat=True)))

    people: frozenset[str] = field(
        default_factory=lambda: frozenset(User.objects.order_by().values_list("username", flat=True))
    )
    latest: dt.datetime = field(default_factory=now)

    def take(self, name: str, row: Row) -> None:
        """Let rows after this one name it."""
        if name == "departments":
            self.departments.add(f"{row['region']}/{row['code']}")
        elif name == "groups":
            self.groups.add((row["name"], row["starts"]))
        elif name == "calendars":
            self.calendars.add((row["name"], row["version"]))


def checked(folder: Folder, *, good_only: bool = False) -> Folder:
    """The folder with what else is wrong with these tables, and with their rows in the form in which they are kept.

    With `good_only` the rows that are refused leave the frames, and what names one of them is refused too.
    """
    if not any(folder.frames[name].height for name in DESK_TABLES):
        return folder
    told = folder.frames["enterprises"]["chains"].drop_nulls().str.split(";").explode()
    known = _Known({*Chain.objects.values_list("code", flat=True), *told})
    for name in ("products", "sites", "needs"):
        known.products.update(folder.frames[name]["product"].drop_nulls())
    frames, problems, bad = dict(folder.frames), list(folder.problems), dict(folder.bad_rows)
    for name in DESK_TABLES:
        found, good, refused = _checked(folder, name, known, good_only=good_only)
        problems += found
        frames[name] = pl.DataFrame(good, schema=folder.frames[name].schema)
        if refused:
            bad[name] = _with_bad(bad.get(name), name, refused, found)
    return replace(folder, frames=frames, problems=problems, bad_rows=bad)


def _checked(
    folder: Folder, name: str, known: _Known, *, good_only: bool
) -> tuple[list[Problem], list[Row], list[tuple[int, Row]]]:
    """What is wrong with the rows of a table, those to be kept, and those that are refused with their numbers."""
    problems: list[Problem] = []
    good: list[Row] = []
    refused: list[tuple[int, Row]] = []
    pairs: dict[tuple[str, str], int] = {}
    for number, given in zip(folder.rows[name], folder.frames[name].iter_rows(named=True), strict=True):
        row = _kept(name, given)
        # Of the row as it is written, so that a fault stands under the column that has it.
        faults = list(_FAULTS[name](given, known))
        if name == "fast_tracks" and pairs.setdefault((row["one"], row["other"]), number) != number:
            first = {"key": "one + other", "first": pairs[row["one"], row["other"]]}
            faults.append(_Fault("one", str(given["one"]), "duplicate", first))
        problems += [Problem(folder.files[name], number, *fault) for fault in faults]
        if faults and good_only:
            refused.append((number, given))
            continue
        good.append(row)
        known.take(name, row)
    return problems, good, refused


def _with_bad(before: BadRows | None, name: str, rows: list[tuple[int, Row]], problems: list[Problem]) -> BadRows:
    """The refused rows as texts, with number and reason, after those that were refused for their cells."""
    why = {
        number: "; ".join(f"{p.column}: {p.reason} {p.hint}" for p in problems if p.row == number) for number, _ in rows
    }
    texts = [
        {key: None if value is None else str(value) for key, value in row.items()}
        | {BAD_ROW: number, BAD_REASON: why[number]}
        for number, row in rows
    ]
    frame = pl.DataFrame(
        texts, schema={**dict.fromkeys(rows[0][1], pl.String), BAD_ROW: pl.UInt32, BAD_REASON: pl.String}
    )
    return BadRows(name, frame if before is None else pl.concat([before.frame, frame], how="diagonal_relaxed"))


def _kept(name: str, row: Row) -> Row:
    """The row in the form in which a dump has it."""
    if name == "fast_tracks":
        return turned(row)
    if row.get("members"):
        row = row | {"members": listed(_names(row["members"])) or None}
    return row


def _names(cell: str | None) -> list[str]:
    return [word.strip() for word in (cell or "").replace("；", ";").split(";") if word.strip()]


def _of_people(cell: str | None, column: str, known: frozenset[str]) -> Iterator[_Fault]:
    for name in _names(cell):
        if name not in known:
            yield _Fault(column, name, "no_such_officer")


def _of_chain(row: Row, known: _Known) -> Iterator[_Fault]:
    if row["chain"] and row["chain"] not in known.chains:
        yield _Fault("chain", row["chain"], "no_such_chain", {"nearest": nearest(row["chain"], known.chains)})


def _of_kind(row: Row, known: _Known) -> Iterator[_Fault]:
    if row["kind"] and row["kind"] not in (*known.kinds, EVERY_KIND):
        yield _Fault("kind", row["kind"], "no_such_kind", {"choices": ", ".join(known.kinds)})


def _of_step(row: Row, known: _Known) -> Iterator[_Fault]:
    if row["kind"] != OF_WARNINGS:
        yield from _of_kind(row, known)
    elif row["to"] in ("owner", "desk"):
        yield _Fault("to", row["to"], "bad_warning_step")
    elif row["hours"] is not None and float(row["hours"]) <= 0:
        yield _Fault("hours", str(row["hours"]), "bad_warning_step")


def _of_department(row: Row, known: _Known) -> Iterator[_Fault]:
    try:
        validate_slug(row["code"] or "-")
    except ValidationError:
        yield _Fault("code", row["code"], "bad_code")
    if len(row["code"] or "") > 32:
        yield _Fault("code", row["code"], "bad_code")
    yield from _of_people(row["members"], "members", known.workers)


def _of_group(row: Row, known: _Known) -> Iterator[_Fault]:
    for code in _names(row["regions"]):
        if code not in known.regions:
            yield _Fault("regions", code, "unknown_region", {"nearest": nearest(code, known.regions)})
    if row["starts"] and row["ends"] and (row["ends"] - row["starts"]).days >= GROUP_DAYS_MOST:
        yield _Fault("ends", str(row["ends"]), "group_too_long", {"most": GROUP_DAYS_MOST})
    yield from _of_chain(row, known)
    yield from _of_people(row["members"], "members", known.officers)


def _of_track(row: Row, _known: _Known) -> Iterator[_Fault]:
    for side in ("one", "other"):
        phone, email = row[f"{side}_phone"], row[f"{side}_email"]
        if not (phone or email):
            yield _Fault(f"{side}_phone", "", "not_reachable")
        try:
            validate_email(email or "a@b.cn")
        except ValidationError:
            yield _Fault(f"{side}_email", email, "bad_email")


def _of_rule(row: Row, known: _Known) -> Iterator[_Fault]:
    yield from _of_kind(row, known)
    yield from _of_chain(row, known)
    desk = row["to_desk"]
    if desk and desk not in (known.departments if "/" in desk else known.regions):
        yield _Fault("to_desk", desk, "no_such_desk")
    if row["to_group"] and (row["to_group"], row["to_group_starts"]) not in known.groups:
        yield _Fault("to_group", row["to_group"], "no_such_group")
    yield from _of_people(row["to_person"], "to_person", known.workers)
    if not (desk or row["to_group"] or row["to_person"]):
        yield _Fault("to_desk", "", "no_target")


def _of_clocks(name: str, row: Row, known: _Known) -> Iterator[_Fault]:
    for fault in clock_faults(name, row, known.present, known.calendars):
        yield _Fault(*fault)


def _of_option(row: Row, known: _Known) -> Iterator[_Fault]:
    yield from _of_chain(row, known)
    for fault in option_faults(row, known.products):
        yield _Fault(*fault)


def _of_review(row: Row, known: _Known) -> Iterator[_Fault]:
    for fault in review_faults(row, known.people, known.latest):
        yield _Fault(*fault)


_FAULTS: dict[str, Callable[[Row, _Known], Iterator[_Fault]]] = {
    "departments": _of_department, "groups": _of_group, "fast_tracks": _of_track, "routing_rules": _of_rule,
    "escalation_steps": _of_step, "policy_options": _of_option,
    "material_reviews": _of_review,
    **{name: partial(_of_clocks, name) for name in ("calendars", "calendar_days", "clock_rules")},
}  # fmt: skip


def write_desk_rows(name: str, frame: pl.DataFrame, step: Callable[[int], None]) -> None:
    """Make the rows, or overwrite those with the same key; `step` is told how many were written."""
    if name not in _WRITERS:
        write_clock_rows(name, frame)
    for row in frame.iter_rows(named=True) if name in _WRITERS else ():
        _WRITERS[name]({key: "" if value is None else value for key, value in row.items()})
    step(frame.height)


def _people(cell: str) -> list[User]:
    return list(User.objects.filter(username__in=_names(cell)))


def _write_department(row: Row) -> None:
    fields = {key: row[key] for key in ("name", "name_zh")} | {"closed": bool(row["closed"])}
    found, _made = Department.objects.update_or_create(region_id=row["region"], code=row["code"], defaults=fields)
    found.members.set(_people(row["members"]))


def _write_group(row: Row) -> None:
    fields = {"ends": row["ends"], "name_zh": row["name_zh"], "chain_id": row["chain"] or None}
    found = WorkingGroup.objects.filter(name=row["name"], starts=row["starts"]).order_by("pk").first()
    found = found or WorkingGroup(name=row["name"], starts=row["starts"])
    for key, value in fields.items():
        setattr(found, key, value)
    found.save()
    found.regions.set(Region.objects.filter(code__in=_names(row["regions"])))
    found.members.set(_people(row["members"]))


def _write_track(row: Row) -> None:
    one, other = row["one"], row["other"]
    found = FastTrack.objects.filter(Q(one=one, other=other) | Q(one=other, other=one)).first() or FastTrack()
    found.one_id, found.other_id = one, other
    for key, value in row.items():
        if key not in {"one", "other"}:
            setattr(found, key, value)
    found.save()


def _write_rule(row: Row) -> None:
    region, _slash, code = row["to_desk"].partition("/")
    department = Department.objects.get(region_id=region, code=code) if code else None
    groups = WorkingGroup.objects.filter(name=row["to_group"]).order_by("pk")
    group = groups.filter(starts=row["to_group_starts"]).first() if row["to_group"] else None
    fields = {
        **{key: row[key] for key in ("kind", "level", "product_prefix", "starts")}, "ends": row["ends"] or None,
        "region_id": row["region"] or None, "chain_id": row["chain"] or None, "to_region_id": region or None,
        "to_department": department, "to_group": group,
        "to_person": User.objects.filter(username=row["to_person"]).first() if row["to_person"] else None,
    }  # fmt: skip
    found = RoutingRule.objects.filter(position=row["position"], name=row["name"]).order_by("pk").first()
    found = found or RoutingRule(position=row["position"], name=row["name"])
    for key, value in fields.items():
        setattr(found, key, value)
    found.save()


def _write_step(row: Row) -> None:
    kind = "" if row["kind"] == EVERY_KIND else row["kind"]
    EscalationStep.objects.get_or_create(kind=kind, hours=row["hours"], to=row["to"])


_WRITERS: dict[str, Callable[[Row], None]] = {
    "departments": _write_department, "groups": _write_group, "fast_tracks": _write_track,
    "routing_rules": _write_rule, "escalation_steps": _write_step, "policy_options": write_option,
    "material_reviews": write_review,
}  # fmt: skip
