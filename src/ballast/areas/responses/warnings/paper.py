"""The alert notice: a warning as an official letter, with all that such a notice has to state.

Its contents follow article 64 of the Emergency Response Law of 2024: class, level, start, area, basis, likely effect,
advice, addressees, validity, issuer, previous level.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from ballast.areas.papers import pen, wording
from ballast.areas.papers.blocks import Block, Column, Document, Fact, Letter, Paragraph, Parts, Table
from ballast.areas.papers.checker import check
from ballast.areas.reference.selectors import authority, now
from ballast.areas.responses.models import Warned, WarnedOf
from ballast.areas.responses.selectors import members_of, rows_of

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.responses.selectors import Row

__all__ = ["notice_of"]

_MOST_ROWS = 40


@dataclass(frozen=True)
class _Pen(pen.Pen):
    """Writes the facts of one notice as far as its reader may know them."""

    warning: Warned
    row: "Row"
    members: list[WarnedOf]

    @property
    def page(self) -> str:
        """The warning's own page."""
        return f"/warnings/{self.warning.pk}/"

    def said(self, key: str, text: object) -> Fact:
        """A name, a date or words that the record holds."""
        return Fact(f"warning.{key}", str(text), str(text), self.page)

    @property
    def today(self) -> dt.date:
        """The local date of the notice."""
        return now().astimezone(self.zone).date()


def notice_of(user: "User", warning: Warned, language: str) -> Document:
    """The notice in "en" or "zh-hans" with what lies in the person's scope. UnsourcedFigureError is never expected."""
    of = authority()
    facts: dict[str, Any] = {
        "authority": {"name": of.name, "name_zh": of.name_zh, "currency": of.currency, "time_zone": of.time_zone}
    }
    with override(language):
        (row,) = rows_of(user, [warning])
        letter_pen = _Pen(facts, warning.data_at, warning, row, list(members_of(user, warning)))
        return check(
            Document(
                language=language, title=_("Alert notice"), issuer=wording.name(facts["authority"]),
                mark=_mark(warning, exercise=of.is_exercise), day=letter_pen.today.isoformat(), head=(),
                blocks=tuple(_blocks(letter_pen)), letter=_letter(letter_pen),
            )
        )  # fmt: skip


def _mark(warning: Warned, *, exercise: bool) -> str:
    marks = [_("Exercise: enterprises and figures are invented")] if exercise else []
    if warning.state == Warned.State.OPEN:
        marks.append(_("Draft: the warning is not confirmed"))
    if warning.state == Warned.State.DISMISSED:
        marks.append(_("The warning was dismissed"))
    return " · ".join([*marks, *([_("The cause is over")] if warning.ended else [])])


def _letter(letter_pen: _Pen) -> Letter:
    day = letter_pen.today
    return Letter(
        number=wording.sentence(_("Alert {number}"), number=letter_pen.said("number", letter_pen.warning)),
        addressee=wording.sentence(_("To the desks of {regions}:"), regions=_regions(letter_pen, "to")),
        signed=(
            (letter_pen.said("issuer", wording.name(letter_pen.facts["authority"])),),
            (Fact("warning.day", day.isoformat(), wording.date(day), letter_pen.page),),
        ),
    )


def _regions(letter_pen: _Pen, key: str) -> Parts:
    found = {member.site.region_id: member.site.region for member in letter_pen.members}
    names = [(letter_pen.said(f"{key}.{code}", found[code].label),) for code in sorted(found)]
    return wording.joined(names, "、" if wording.chinese() else ", ")


def _blocks(letter_pen: _Pen) -> Iterator[Block]:
    yield from _statement(letter_pen)
    yield from _effect(letter_pen)
    yield from _basis(letter_pen)
    yield from _validity(letter_pen)
    yield _plants(letter_pen)
    if letter_pen.row.reds:
        yield _inputs(letter_pen)


def _statement(letter_pen: _Pen) -> Iterator[Block]:
    """Class, level, previous level, start, area, cause."""
    warning = letter_pen.warning
    before = Warned.objects.filter(key=warning.key, ended_at__lte=warning.began_at).exclude(pk=warning.pk).first()
    yield Paragraph(
        wording.sentence(
            _("Class: supply stop. Level: red. Since {moment}. Area: {regions}. Cause: {cause}."),
            moment=letter_pen.moment("warning.began", warning.began_at.isoformat(), letter_pen.page),
            regions=_regions(letter_pen, "area"),
            cause=letter_pen.said("cause", letter_pen.row.title),
        )
    )
    if before is None or before.ended_at is None:
        yield Paragraph((_("Previous level: none; this is the first warning of this cause."),))
        return
    earlier = letter_pen.moment("warning.before", before.ended_at.isoformat(), f"/warnings/{before.pk}/")
    yield Paragraph(wording.sentence(_("Previous level: red, until {moment}."), moment=earlier))


def _effect(letter_pen: _Pen) -> Iterator[Block]:
    """What is likely to come, and what to do."""
    row = letter_pen.row
    yield Paragraph(
        wording.sentence(
            _(
                "Likely effect: plants that stop {stops}, of them certain {certain}, the first on {day}; red inputs "
                "{reds}; output at risk at most {lost}."
            ),
            stops=letter_pen.plain("warning.stops", row.stops, letter_pen.page),
            certain=letter_pen.plain("warning.certain", row.certain, letter_pen.page),
            day=letter_pen.said("first", row.first_stop or "–"),
            reds=letter_pen.plain("warning.reds", row.reds, letter_pen.page),
            lost=letter_pen.money("warning.lost", row.lost_output, letter_pen.page),
        )
    )  # fmt: skip
    advice = _(
        "Advice: check the stocks of the plants named below, agree on replacement supply with them, and report back "
        "before the first of them stops."
    )
    yield Paragraph((advice,))


def _basis(letter_pen: _Pen) -> Iterator[Block]:
    """Data date, rule version and network, so that the notice can be checked."""
    basis = letter_pen.warning.basis
    yield Paragraph(
        wording.sentence(
            _("Basis: forecast with data up to {moment}, rule {rule}, network {network}, horizon {days} days."),
            moment=letter_pen.moment("warning.data", letter_pen.cut_off.isoformat(), letter_pen.page),
            rule=letter_pen.said("rule", basis.get("rule", "–")),
            network=letter_pen.said("network", str(basis.get("network", "–"))[:12]),
            days=letter_pen.plain("warning.horizon", basis.get("horizon"), letter_pen.page),
        )
    )


def _validity(letter_pen: _Pen) -> Iterator[Block]:
    warning, days = letter_pen.warning, int(letter_pen.warning.basis.get("horizon") or 0)
    begin = dt.date.fromisoformat(str(warning.basis.get("day") or letter_pen.today.isoformat()))
    until = (begin + dt.timedelta(days=days)).isoformat()
    text = _("Valid until the cause is over, at the latest until {day}; each forecast renews it.")
    yield Paragraph(wording.sentence(text, day=letter_pen.date("warning.until", until, letter_pen.page)))
    if warning.reason:
        yield Paragraph(wording.sentence(_("Decision: {words}"), words=letter_pen.said("reason", warning.reason)))


def _plants(letter_pen: _Pen) -> Table:
    """The plants that stop, soonest first."""
    stops = [member for member in letter_pen.members if member.product_id is None][:_MOST_ROWS]
    heads = (Column(_("Plant")), Column(_("Enterprise")), Column(_("Region")), Column(_("Stops on"), whole=True),
             Column(_("Output at risk"), figures=True))  # fmt: skip
    rows = []
    for member in stops:
        key, href = f"stop.{member.pk}", f"/stops/{member.site.site_id}/"
        day = member.stops_on.isoformat() if member.stops_on else "–"
        rows.append((
            (Fact(f"{key}.site", member.site.site_id, member.site.label, href),),
            (Fact(f"{key}.firm", member.site.enterprise.enterprise_id, member.site.enterprise.label, href),),
            (Fact(f"{key}.region", member.site.region_id, member.site.region.label, href),),
            (Fact(f"{key}.day", day, day, href),),
            (letter_pen.money(f"{key}.lost", member.lost_output, href),),
        ))  # fmt: skip
    return Table(heads, tuple(rows), _("No plant stops by the forecast."))


def _inputs(letter_pen: _Pen) -> Table:
    """The red inputs, least cover first."""
    reds = [member for member in letter_pen.members if member.product is not None][:_MOST_ROWS]
    heads = (Column(_("Red input")), Column(_("Plant")), Column(_("Days of cover"), figures=True))
    rows = []
    for member in reds:
        key, href = f"red.{member.pk}", f"/sites/{member.site.site_id}/"
        named = member.product.label if member.product else ""
        rows.append((
            (Fact(f"{key}.product", member.product_id, named, href),),
            (Fact(f"{key}.site", member.site.site_id, member.site.label, href),),
            (letter_pen.cover(f"{key}.cover", member.cover_days, href),),
        ))  # fmt: skip
    return Table(heads, tuple(rows))
