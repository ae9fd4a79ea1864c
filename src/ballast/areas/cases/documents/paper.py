"""Write a paper of a case that its pack names: words of the pack, figures of the case, in either language."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import Formatter
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import override

from ballast.areas.cases.documents.fields import desk_of, value_of
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.packs.answers import told_answers
from ballast.areas.cases.packs.checklists import checklist
from ballast.areas.cases.packs.model import PackDocument
from ballast.areas.papers import wording
from ballast.areas.papers.blocks import (
    Block,
    Column,
    Document,
    Fact,
    Heading,
    Letter,
    Note,
    Paragraph,
    Part,
    Parts,
    Table,
)
from ballast.areas.papers.checker import check
from ballast.areas.reference.models import Authority

__all__ = ["compose"]

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class _Pen:
    """Writes the facts of one document; they all link to the page of the case."""

    case: Case
    document: PackDocument
    authority: Authority
    at: dt.datetime

    @property
    def href(self) -> str:
        """The page of the case for whoever reads the paper."""
        page = "/portal/problems" if self.document.reader == "enterprise" else "/cases"
        return f"{page}/{self.case.number}/"

    @property
    def zone(self) -> ZoneInfo:
        """The authority's time zone."""
        return ZoneInfo(self.authority.time_zone)

    def fact(self, key: str, text: str) -> Fact:
        """What stands in the case."""
        return Fact(f"case.{key}", text, text, self.href)

    def own(self, text: str) -> Part:
        """Words of the pack; a figure in them is the pack's."""
        return Fact(f"document.{self.document.name}", text, text, self.href) if _DIGIT.search(text) else text

    def filled(self, template: str) -> Parts:
        """A text of the pack with what stands in the case in the place of its braces."""
        parts: list[Part] = []
        for text, name, _form, _turned in Formatter().parse(template):
            if text:
                parts.append(self.own(text))
            if name is not None:
                parts.append(self.fact(name, value_of(self.case, name)))
        return tuple(parts)

    def moment(self, key: str, at: dt.datetime) -> Fact:
        """An instant as local date and time."""
        return Fact(f"case.{key}", at.isoformat(), wording.moment(at, self.zone), self.href)


def compose(
    case: Case,
    document: PackDocument,
    language: str,
    *,
    authority: Authority,
    at: dt.datetime,
    story: Sequence[CaseEntry],
) -> Document:
    """The document as a checked paper in "en" or "zh-hans", of the case as it stands at the instant `at`.

    `story` is what the enterprise reads of the case's story, with its units; no internal note may be in it. Raises
    ValueError when one is, UnsourcedFigureError for a figure without a fact.
    """
    if any(line.type == CaseEntry.Type.NOTE for line in story):
        msg = f"an internal note of {case.number} does not go into a document"
        raise ValueError(msg)
    with override(language):
        pen = _Pen(case, document, authority, at)
        return check(
            Document(
                language=language,
                title=str(document.title),
                issuer=authority.label,
                mark=_("Exercise: enterprises and figures are invented") if authority.is_exercise else "",
                day=at.astimezone(pen.zone).date().isoformat(),
                head=() if document.reader != "file" else (_about(pen), _data_date(pen)),
                blocks=tuple(_body(pen) if document.reader != "file" else (*_text(pen), *_sections(pen, story))),
                foot=_foot(pen) if document.reader == "file" else (),
                letter=_letter(pen, story) if document.reader != "file" else None,
            )
        )


def _foot(pen: _Pen) -> tuple[Parts, ...]:
    return (wording.sentence(_("Desk of {region}"), region=pen.fact("desk", desk_of(pen.case))),)


def _about(pen: _Pen) -> Parts:
    return wording.sentence(
        _("Case {number}: {blocked}"),
        number=pen.fact("number", pen.case.number),
        blocked=pen.fact("blocked", pen.case.blocked),
    )


def _data_date(pen: _Pen) -> Parts:
    return wording.sentence(_("The case as it stood at {moment}."), moment=pen.moment("at", pen.at))


def _letter(pen: _Pen, story: Sequence[CaseEntry]) -> Letter:
    case = pen.case
    if pen.document.reader == "enterprise":
        addressee = wording.sentence(_("To {name}:"), name=pen.fact("addressee", case.enterprise.label))
    else:
        desk = pen.fact("addressee", value_of(case, "place_desk"))
        addressee = wording.sentence(_("To the desk of {region}:"), region=desk)
    return Letter(
        number=wording.sentence(_("Case {number}"), number=pen.fact("number", case.number)),
        addressee=addressee,
        signed=(
            wording.sentence(_("Desk of {region}"), region=pen.fact("desk", desk_of(case))),
            (pen.fact("day", value_of(case, "today")),),
        ),
        # Behind the signature, so that the letter itself stays on one page.
        annexes=tuple(_sections(pen, story)),
    )


def _text(pen: _Pen) -> Iterator[Block]:
    for text in re.split(r"\n\s*\n", str(pen.document.text).strip()):
        # Chinese is written without a space where a line of the file ends.
        mark = "" if wording.chinese() else " "
        yield Paragraph(pen.filled(mark.join(line.strip() for line in text.splitlines())))


def _body(pen: _Pen) -> Iterator[Block]:
    """What stands above the signature of a letter."""
    yield from _text(pen)
    yield Note(_data_date(pen))


def _sections(pen: _Pen, story: Sequence[CaseEntry]) -> Iterator[Block]:
    for name in pen.document.sections:
        match name:
            case "facts":
                yield from _facts(pen)
            case "checklist":
                yield from _checklist(pen)
            case "story":
                yield from _story(pen, story)


def _facts(pen: _Pen) -> Iterator[Block]:
    """What was asked when the case was filed, in the order of the pack's form and under its labels."""
    case = pen.case
    given = [
        (str(field.label), value_of(case, field.name))
        for field in case.rules.form
        if field.name in _ASKED and value_of(case, field.name) != "–"
    ]
    given += [(one.label, one.value) for one in told_answers(case.rules, case.answers)]
    yield Heading((_("What was reported"),))
    columns = (Column(_("Asked")), Column(_("Given")))
    rows = tuple(((pen.own(label),), (pen.fact("answer", value),)) for label, value in given)
    yield Table(columns, rows, _("Nothing."))


_ASKED = ("kind", "site", "product", "blocked", "place", "needed_by", "contact", "text")


def _checklist(pen: _Pen) -> Iterator[Block]:
    yield Heading((_("Checklist"),))
    rows = []
    for one in checklist(pen.case):
        done: Parts = (pen.moment("tick", one.tick.at),) if one.tick else (_("not done"),)
        rows.append(((pen.own(str(one.item.label)),), done))
    yield Table((Column(_("Item")), Column(_("Ticked off"))), tuple(rows), _("The case has no checklist."))


def _story(pen: _Pen, story: Sequence[CaseEntry]) -> Iterator[Block]:
    """Units are named, no persons: a paper says what was done."""
    yield Heading((_("What was done"),))
    rows = []
    for line in story:
        line.case = pen.case
        words = line.words if line.type == CaseEntry.Type.MOVE else ""
        said = "\n".join(part for part in (words, line.said) if part)
        rows.append(((pen.moment("line", line.at),), (pen.fact("unit", line.unit),), (pen.fact("said", said),)))
    yield Table((Column(_("When"), whole=True), Column(_("Who")), Column(_("What"))), tuple(rows), _("Nothing yet."))
