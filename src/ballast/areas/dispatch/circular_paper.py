"""Write a circular as an official letter: facts in, a document of blocks out, in either language."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from ballast.areas.dispatch.document import exercise_mark
from ballast.areas.dispatch.models import Circular
from ballast.areas.dispatch.sections import kind_label
from ballast.areas.papers import pen, wording
from ballast.areas.papers.blocks import Block, Column, Document, Fact, Heading, Letter, Paragraph, Parts, Table
from ballast.areas.papers.checker import check

__all__ = ["compose", "number_of"]


@dataclass(frozen=True)
class _Pen(pen.Pen):
    """Writes the facts of one circular, as far as one reader may know them."""

    circular: Circular

    @property
    def paper(self) -> str:
        """The letter's own page."""
        return f"/dispatch/circulars/{self.circular.pk}/"

    @property
    def regions(self) -> list[dict[str, Any]]:
        """The regions that the reader is told of."""
        found: list[dict[str, Any]] = self.facts["regions"]
        return found

    def said(self, key: str, text: str) -> Fact:
        """A person's own words; figures in them are theirs."""
        return Fact(f"circular.{key}", text, text, self.paper)

    def overdue_at(self, region: dict[str, Any]) -> str:
        """The list of cases of a desk that are overdue now."""
        return f"/cases/?overdue=1&desk={region['id']}"

    def late(self, key: str, days: int, href: str) -> Fact:
        """Whole days since the due time; what is overdue for less is not said to be so for none."""
        return Fact(key, days, wording.count(days) if days else _("under 1"), self.link(href))


def compose(circular: Circular, facts: dict[str, Any], language: str) -> Document:
    """The letter as a checked document in "en" or "zh-hans"; UnsourcedFigureError for a figure without a fact."""
    with override(language):
        letter_pen = _Pen(facts, circular.cut_off_at, circular)
        return check(
            Document(
                language=language,
                title=_("Circular on overdue cases"),
                issuer=_issuer(facts),
                mark=_mark(circular, facts),
                day=_day(letter_pen).isoformat(),
                head=(),
                blocks=tuple(_blocks(letter_pen)),
                letter=_letter(letter_pen),
            )
        )


def number_of(circular: Circular) -> str:
    """The number as it is written, in the language in force; empty for what has none."""
    if circular.serial is None:
        return ""
    return _("Dispatch circular No. {serial} of {year}").format(serial=circular.serial, year=circular.year)


def _issuer(facts: dict[str, Any]) -> str:
    """The authority, and the desk of a region where it is that which writes."""
    name = wording.name(facts["authority"])
    return name if facts["whole"] else f"{name} · {wording.name(facts['scope'])}"


def _mark(circular: Circular, facts: dict[str, Any]) -> str:
    states = {
        Circular.State.DRAFT: _("Draft: not approved and not issued"),
        Circular.State.DISCARDED: _("Discarded before it was issued"),
        Circular.State.WITHDRAWN: _("This circular was withdrawn"),
    }
    marks = (exercise_mark(facts["authority"]), states.get(Circular.State(circular.state), ""))
    return " · ".join(mark for mark in marks if mark)


def _day(letter_pen: _Pen) -> dt.date:
    """The day of issue; that of the data while it is a draft."""
    circular = letter_pen.circular
    if circular.issued_at is None:
        return dt.date.fromisoformat(letter_pen.facts["day"])
    return circular.issued_at.astimezone(letter_pen.zone).date()


def _letter(letter_pen: _Pen) -> Letter:
    circular = letter_pen.circular
    number: Parts = (_("Draft without a number"),)
    if circular.serial is not None:
        number = (Fact("circular.number", circular.serial, number_of(circular), letter_pen.paper),)
    names = [(letter_pen.named(f"to.{row['id']}", row, letter_pen.overdue_at(row)),) for row in letter_pen.regions]
    day = _day(letter_pen)
    return Letter(
        number=number,
        addressee=wording.sentence(
            _("To the desks of {regions}:"), regions=wording.joined(names, "、" if wording.chinese() else ", ")
        ),
        signed=(
            (letter_pen.said("issuer", _issuer(letter_pen.facts)),),
            (Fact("circular.day", day.isoformat(), wording.date(day), letter_pen.paper),),
        ),
        copies=wording.sentence(_("Copies: {names}"), names=letter_pen.said("copies", circular.copies))
        if circular.copies
        else (),
        annexes=tuple(_annexes(letter_pen)),
    )


def _blocks(letter_pen: _Pen) -> Iterator[Block]:
    yield from _withdrawal(letter_pen)
    yield from _state_of_things(letter_pen)
    yield from _requirement(letter_pen)


def _annexes(letter_pen: _Pen) -> Iterator[Block]:
    for number, region in enumerate(letter_pen.regions, start=1):
        yield from _region(letter_pen, number, region)


def _withdrawal(letter_pen: _Pen) -> Iterator[Block]:
    circular = letter_pen.circular
    if circular.withdrawn_at is not None:
        moment = letter_pen.moment("circular.withdrawn", circular.withdrawn_at.isoformat(), letter_pen.paper)
        text = _("Withdrawn at {moment}. Reason: {reason}")
        reason = letter_pen.said("reason", circular.reason)
        yield Paragraph(wording.sentence(text, moment=moment, reason=reason))


def _state_of_things(letter_pen: _Pen) -> Iterator[Block]:
    """What is overdue, from which data, and at which desks."""
    rows = letter_pen.regions
    overdue, in_hand = (sum(row[name] for row in rows) for name in ("overdue", "in_hand"))
    yield Paragraph(
        wording.sentence(
            _(
                "By the ledger with data up to {moment}, {overdue} of the {in_hand} cases in hand at the desks named "
                "above are overdue:"
            ),
            moment=letter_pen.moment("circular.cut_off", letter_pen.cut_off.isoformat(), letter_pen.paper),
            overdue=letter_pen.plain("circular.overdue", overdue, letter_pen.paper),
            in_hand=letter_pen.plain("circular.in_hand", in_hand, letter_pen.paper),
        )
    )
    yield Table(
        (
            Column(_("Desk")),
            Column(_("In hand"), figures=True),
            Column(_("Overdue"), figures=True),
            Column(_("Share overdue"), figures=True),
            Column(_("Longest overdue, days"), figures=True),
        ),
        tuple(_compared(letter_pen, row) for row in rows),
        _("No case."),
    )


def _compared(letter_pen: _Pen, row: dict[str, Any]) -> tuple[Parts, ...]:
    key, href = f"region.{row['id']}", letter_pen.overdue_at(row)
    return (
        (letter_pen.named(key, row, href),),
        (letter_pen.plain(f"{key}.in_hand", row["in_hand"], f"/cases/?state=open&desk={row['id']}"),),
        (letter_pen.plain(f"{key}.overdue", row["overdue"], href),),
        (letter_pen.share(f"{key}.share", row["overdue"], row["in_hand"], href),),
        (letter_pen.late(f"{key}.longest", row["longest"], href),),
    )


def _requirement(letter_pen: _Pen) -> Iterator[Block]:
    """What is asked for, by when, and whom to call."""
    circular = letter_pen.circular
    day = circular.reply_by
    yield Paragraph(
        wording.sentence(
            _("Say for each case below what holds it, who works on it and when it will be solved, by {day}."),
            day=Fact("circular.reply_by", day.isoformat(), wording.date(day), letter_pen.paper),
        )
    )
    if circular.text:
        yield Paragraph((letter_pen.said("text", circular.text),))
    if circular.contact:
        yield Paragraph(wording.sentence(_("Contact: {who}"), who=letter_pen.said("contact", circular.contact)))


def _region(letter_pen: _Pen, number: int, region: dict[str, Any]) -> Iterator[Block]:
    """The cases of one desk."""
    anchor = f"annex-{number}"
    yield Heading(
        wording.sentence(
            _("Annex {n}: overdue cases at the desk of {region}"),
            n=Fact(f"annex.{number}", number, str(number), f"#{anchor}"),
            region=letter_pen.named(f"annex.{number}.region", region, letter_pen.overdue_at(region)),
        ),
        anchor,
    )
    yield Table(
        (
            Column(_("Case"), whole=True),
            Column(_("Enterprise")),
            Column(_("What is blocked")),
            Column(_("Kind")),
            Column(_("Due"), figures=True),
            Column(_("Days overdue"), figures=True),
        ),
        tuple(_case(letter_pen, row) for row in region["cases"]),
    )


def _case(letter_pen: _Pen, row: dict[str, Any]) -> tuple[Parts, ...]:
    key, href = f"case.{row['number']}", row["href"]
    return (
        (Fact(key, row["number"], row["number"], href),),
        (letter_pen.named(f"{key}.enterprise", row["enterprise"], href),),
        (Fact(f"{key}.blocked", row["blocked"], row["blocked"], href),),
        (Fact(f"{key}.kind", row["kind"], kind_label(row["kind"]), href),),
        (letter_pen.date(f"{key}.due", row["due_at"], href),),
        (letter_pen.late(f"{key}.late", row["late"], href),),
    )
