"""Take in what enterprises report, correct it and withdraw it. The old versions always stay."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import NotAllowedError, require
from ballast.areas.audit.services import record
from ballast.areas.modes.duties import clock, duties_of, in_force
from ballast.areas.reference.selectors import authority, now
from ballast.areas.registry.models import Enterprise, Need
from ballast.areas.registry.selectors import visible_enterprises, visible_needs
from ballast.areas.registry.services import set_operation, set_stock
from ballast.areas.reports.events import operation_reported, stocks_reported
from ballast.areas.reports.models import OperatingReport, Reminder, StockReport
from ballast.areas.reports.rows import RowProblem, RowsError, StockRow, faults_of
from ballast.areas.reports.turns import set_turns

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Change", "Receipt", "remind", "report_operation", "report_stocks", "withdraw_report"]

_FIGURES = ("stock", "blocked_stock", "in_transit", "daily_use")


class Change(NamedTuple):
    """Figures of one input before and after; only those that differ."""

    need: Need
    changes: dict[str, list[float | None]]


class Receipt(NamedTuple):
    """What a stock report did: the new versions, the figures that changed, and how many rows were known already."""

    day: dt.date
    reports: tuple[StockReport, ...]
    unchanged: int
    at: dt.datetime
    changes: tuple[Change, ...] = ()


@transaction.atomic
def report_stocks(user: "User", rows: Iterable[Sequence[Any]], *, source: str, day: dt.date | None = None) -> Receipt:
    """Store stocks of the user's own enterprise and make the newest day's figures the current ones.

    `rows` are StockRow or plain (need, stock, blocked, in_transit, daily_use); `day` is today when left out.
    Figures that the day's newest version already has change nothing, so a retry is safe; other figures make a
    new version, and so do the same figures where a mode asks for a further report of the day. Raises RowsError with
    every fault of every row, and NotAllowedError for a need that is not of the user's enterprise; nothing is stored
    then.
    """
    require(user, "report")
    made = [StockRow(*row) for row in rows]
    instant = now()
    day = _checked_day(day, instant)
    needs = _own_needs(user, [row.need for row in made])
    _check(made)
    reports, zone = _newest(needs), ZoneInfo(authority().time_zone)
    opened = _opened(needs, day)
    new, unchanged = [], 0
    for row in made:
        need = needs[row.need.pk]
        figures = _figures(row, need)
        new_ones, same = _versions(need, figures, reports[need.pk], day, zone, opened)
        unchanged += same
        for one in new_ones:
            one.reporter, one.source = (None, "load") if one.source == "load" else (user, source)
            one.reported_at = one.reported_at or instant
        new.extend(new_ones)
    if new:
        StockReport.objects.bulk_create(new)
        mine = tuple(r for r in new if r.source != "load")
        changes = _make_current(user, mine, needs, action="stocks.reported", at=instant)
        return Receipt(day, mine, unchanged, instant, changes)
    return Receipt(day, (), unchanged, instant)


@transaction.atomic
def withdraw_report(report: StockReport, *, acting_user: "User") -> StockReport:
    """The report, withdrawn; the version before it, or the day before it, gives the current figures again.

    With nothing left the stock is unknown. Withdrawing twice changes nothing.
    """
    require(acting_user, "report")
    needs = _own_needs(acting_user, [report.need])
    report = StockReport.objects.select_for_update().get(pk=report.pk)
    if report.withdrawn_at:
        return report
    report.withdrawn_at = now()
    report.save(update_fields=["withdrawn_at"])
    _make_current(acting_user, (report,), needs, action="stocks.withdrawn", at=report.withdrawn_at)
    return report


@transaction.atomic
def report_operation(
    user: "User",
    enterprise: Enterprise,
    *,
    operation: str,
    source: str,
    staff_share: float | None = None,
    capacity_share: float | None = None,
    remark: str = "",
    shipped_share: float | None = None,
    own_stop_days: float | None = None,
    day: dt.date | None = None,
) -> OperatingReport:
    """The operating state of the user's own enterprise for the day; the same state again changes nothing.

    Shares are 0 to 1. `shipped_share` and `own_stop_days` are the wider fields that a mode asks for. Raises
    ValidationError by field for an unknown state, a share outside 0 to 1, and a wider field that is not asked.
    """
    require(user, "report")
    enterprise = visible_enterprises(user, "report").select_for_update().get(pk=enterprise.pk)
    instant = now()
    day = _checked_day(day, instant)
    values = {
        "operation": operation,
        "staff_share": staff_share,
        "capacity_share": capacity_share,
        "remark": remark.strip(),
        "shipped_share": shipped_share,
        "own_stop_days": own_stop_days,
    }
    _check_operation(values)
    _check_wide(values, enterprise)
    before = OperatingReport.objects.filter(enterprise=enterprise, day=day)
    last = before.filter(withdrawn_at__isnull=True).order_by("-version").first()
    if last is not None and all(getattr(last, key) == value for key, value in values.items()):
        return last
    version = (before.order_by("-version").values_list("version", flat=True).first() or 0) + 1
    report = OperatingReport.objects.create(
        enterprise=enterprise, day=day, version=version, reported_at=instant, reporter=user, source=source, **values
    )
    set_turns(enterprise)
    was = enterprise.operation
    if not OperatingReport.objects.filter(enterprise=enterprise, day__gt=day, withdrawn_at__isnull=True).exists():
        set_operation(enterprise, operation=operation, reported_at=instant)
    record(
        "operation.reported",
        user,
        subject_type="enterprise",
        subject_id=enterprise.enterprise_id,
        enterprise=enterprise.enterprise_id,
        detail={"day": day, "version": version, "operation": [was, operation], "source": source},
    )
    operation_reported.send(OperatingReport, enterprise=enterprise, at=instant)
    return report


@transaction.atomic
def remind(user: "User", enterprise_id: str) -> Reminder:
    """The reminder of today to an enterprise in the desk's scope; a second one on the day changes nothing."""
    require(user, "work_cases")
    enterprise = visible_enterprises(user, "work_cases").get(enterprise_id=enterprise_id)
    instant = now()
    day = _local_day(instant)
    reminder, created = Reminder.objects.get_or_create(
        enterprise=enterprise, day=day, defaults={"at": instant, "sender": user}
    )
    if created:
        record(
            "report.reminded",
            user,
            subject_type="enterprise",
            subject_id=enterprise_id,
            enterprise=enterprise_id,
            detail={"day": day},
        )
    return reminder


def _local_day(instant: dt.datetime) -> dt.date:
    return instant.astimezone(ZoneInfo(authority().time_zone)).date()


def _checked_day(day: dt.date | None, instant: dt.datetime) -> dt.date:
    present = _local_day(instant)
    if day is not None and day > present:
        message = _("The report is for {day}, after today, {today}.").format(day=day, today=present)
        raise ValidationError({"day": message})
    return day or present


def _own_needs(user: "User", needs: Iterable[Need]) -> dict[int, Need]:
    """The needs locked and read again, by key; NotAllowedError when one is not of the user's enterprise."""
    wanted = {need.pk for need in needs}
    rows = visible_needs(user, "report").filter(pk__in=wanted).select_related("site__enterprise")
    found = {need.pk: need for need in rows.select_for_update(of=("self",))}
    if wanted - found.keys():
        msg = "report"
        raise NotAllowedError(msg)
    return found


def _check(rows: Sequence[StockRow]) -> None:
    problems = [fault for place, row in enumerate(rows) for fault in faults_of(row, place)]
    seen: dict[int, int] = {}
    for place, row in enumerate(rows):
        if row.need.pk in seen:
            message = _("This input was given already in row {row}.").format(row=seen[row.need.pk] + 1)
            problems.append(RowProblem(place, "product", message))
        seen.setdefault(row.need.pk, place)
    if problems:
        raise RowsError(problems)


def _check_operation(values: dict[str, Any]) -> None:
    faults = {}
    if values["operation"] not in Enterprise.Operation.values:
        faults["operation"] = _("“{value}” is not one of {known}.").format(
            value=values["operation"], known=", ".join(Enterprise.Operation.values)
        )
    for field in ("staff_share", "capacity_share", "shipped_share"):
        share = values[field]
        if share is not None and not (math.isfinite(share) and 0 <= share <= 1):
            faults[field] = _("The share is {value}; give 0 to 100 %.").format(value=share)
    if len(values["remark"]) > 500:
        faults["remark"] = _("The remark has {count} characters; at most 500.").format(count=len(values["remark"]))
    if faults:
        raise ValidationError(faults)


def _check_wide(values: dict[str, Any], enterprise: Enterprise) -> None:
    """Nothing is collected beyond what is asked; days are 0 to 366."""
    days = values["own_stop_days"]
    if days is not None and not (math.isfinite(days) and 0 <= days <= 366):
        raise ValidationError({"own_stop_days": _("{value} days will not do; give 0 to 366.").format(value=days)})
    given = [name for name in ("shipped_share", "own_stop_days") if values[name] is not None]
    if given and not duties_of(enterprise).wide:
        raise ValidationError(dict.fromkeys(given, _("This is asked only while a mode asks for it; leave it out.")))


def _newest(needs: dict[int, Need]) -> dict[int, list[StockReport]]:
    """Every report of each need, newest first."""
    found: dict[int, list[StockReport]] = defaultdict(list)
    for report in StockReport.objects.filter(need__in=needs).order_by("-day", "-version"):
        found[report.need_id].append(report)
    return found


def _opened(needs: dict[int, Need], day: dt.date) -> dt.datetime | None:
    """Where a mode asks for several reports a day: since when the present one counts; else None."""
    at = clock()
    switches = in_force(at) if day == at.local.date() else []
    firm = next((need.site.enterprise for need in needs.values()), None)
    if not switches or firm is None:
        return None
    asked = duties_of(firm, switches, at)
    return at.opened(asked.cadence) if asked.switch else None


def _figures(row: StockRow, need: Need) -> dict[str, float]:
    use = need.daily_use if row.daily_use is None else row.daily_use
    return dict(zip(_FIGURES, map(float, (row.stock or 0.0, row.blocked_stock, row.in_transit, use)), strict=True))


def _versions(
    need: Need, figures: dict[str, float], reports: list[StockReport], day: dt.date, zone: ZoneInfo,
    opened: dt.datetime | None,
) -> tuple[list[StockReport], int]:  # fmt: skip
    """New versions to store (none when the day's newest, since `opened`, says the same), and 1 when nothing is new."""
    new = []
    if not reports and need.reported_at is not None and need.stock is not None:
        # A figure that came with the tables has no report yet; keep it as the first version of its day.
        loaded_on = need.reported_at.astimezone(zone).date()
        old = {name: getattr(need, name) for name in _FIGURES}
        kept = StockReport(need=need, day=loaded_on, version=1, reported_at=need.reported_at, source="load", **old)
        reports = [kept]
        new.append(kept)
    same_day = [r for r in reports if r.day == day]
    last = next((r for r in same_day if r.withdrawn_at is None), None)
    if last is not None and opened is not None and last.reported_at < opened:
        last = None
    if last is not None and all(getattr(last, name) == value for name, value in figures.items()):
        return [], 1
    version = max((r.version for r in same_day), default=0) + 1
    new.append(StockReport(need=need, day=day, version=version, **figures))
    return new, 0


def _make_current(
    user: "User", changed: Sequence[StockReport], needs: dict[int, Need], *, action: str, at: dt.datetime
) -> tuple[Change, ...]:
    """Write the newest valid figures to the needs and the audit, tell who listens; what changed."""
    valid = StockReport.objects.filter(need__in=[r.need_id for r in changed], withdrawn_at__isnull=True)
    current: dict[int, StockReport] = {}
    for report in valid.order_by("-day", "-version"):
        current.setdefault(report.need_id, report)
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    touched = []
    for report in changed:
        need = needs[report.need_id]
        before = {name: getattr(need, name) for name in _FIGURES}
        _copy(current.get(need.pk), need)
        after = {name: [old, getattr(need, name)] for name, old in before.items() if old != getattr(need, name)}
        touched.append(Change(need, after))
        line = {"site": need.site.site_id, "product": need.product_id, "day": report.day, "version": report.version}
        lines[need.site.enterprise.enterprise_id].append({**line, "source": report.source, "changes": after})
    set_stock(change.need for change in touched)
    for enterprise_id, detail in lines.items():
        record(
            action,
            user,
            subject_type="enterprise",
            subject_id=enterprise_id,
            enterprise=enterprise_id,
            detail={"rows": detail},
        )
    stocks_reported.send(StockReport, needs=[change.need.pk for change in touched], at=at)
    return tuple(touched)


def _copy(report: StockReport | None, need: Need) -> None:
    """Figures of the report onto the need; unknown when no report is left (the planned use stays)."""
    if report is None:
        need.stock, need.blocked_stock, need.in_transit, need.reported_at = None, 0.0, 0.0, None
        return
    for name in _FIGURES:
        setattr(need, name, getattr(report, name))
    need.reported_at = report.reported_at
