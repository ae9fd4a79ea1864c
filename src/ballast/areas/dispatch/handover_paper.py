"""Write the paper of a handover note: facts in, a document of blocks out, in either language."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from ballast.areas.dispatch.document import exercise_mark
from ballast.areas.dispatch.handover_acts import done
from ballast.areas.dispatch.ledger import DECISIONS, FLOWS, STOCKS
from ballast.areas.dispatch.models import Handover
from ballast.areas.dispatch.sections import figure_words, waits
from ballast.areas.papers import pen, wording
from ballast.areas.papers.blocks import Block, Column, Document, Fact, Paragraph, Part, Parts, Table
from ballast.areas.papers.checker import check

__all__ = ["compose"]


@dataclass(frozen=True)
class _Pen(pen.Pen):
    """Writes the facts of one note."""

    note: Handover

    @property
    def paper(self) -> str:
        """The note's own page."""
        return f"/dispatch/handovers/{self.note.pk}/"


def compose(note: Handover, language: str) -> Document:
    """The note as a checked document in "en" or "zh-hans"; UnsourcedFigureError for a figure without a fact."""
    with override(language):
        note_pen = _Pen(note.facts, note.until_at, note)
        return check(
            Document(
                language=language,
                title=_("Shift handover note"),
                issuer=wording.name(note.facts["authority"]),
                mark=_mark(note),
                day=note.until_at.astimezone(note_pen.zone).date().isoformat(),
                head=_head(note_pen),
                blocks=tuple(_blocks(note_pen)),
                foot=_foot(note_pen),
            )
        )


def _mark(note: Handover) -> str:
    unsigned = "" if note.signed_at else _("Not signed by who takes over")
    return " · ".join(mark for mark in (exercise_mark(note.facts["authority"]), unsigned) if mark)


def _head(note_pen: _Pen) -> tuple[Parts, ...]:
    note, scope = note_pen.note, note_pen.facts["scope"]
    return (
        wording.sentence(
            _("Shift: {start} to {end}"),
            start=note_pen.moment("shift.from", note.from_at.isoformat(), note_pen.paper),
            end=note_pen.moment("shift.until", note.until_at.isoformat(), note_pen.paper),
        ),
        wording.sentence(
            _("Scope: {scope}"), scope=Fact("note.scope", scope["key"], wording.name(scope), "/dispatch/handovers/")
        ),
        wording.sentence(
            _("Next shift until {end}"),
            end=note_pen.moment("shift.next", note.next_until.isoformat(), note_pen.paper),
        ),
    )


def _blocks(note_pen: _Pen) -> Iterator[Block]:
    for section in (_remarks, _changed, _promises, _due):
        yield from section(note_pen)


def _remarks(note_pen: _Pen) -> Iterator[Block]:
    yield note_pen.heading(1, _("Remarks of the officer"))
    text = note_pen.note.remarks
    yield Paragraph((Fact("note.remarks", text, text, note_pen.paper),) if text else (_("None."),))


def _changed(note_pen: _Pen) -> Iterator[Block]:
    yield note_pen.heading(2, _("What changed in the shift"))
    words, figures = figure_words(), note_pen.facts["figures"]
    always = (*FLOWS[:3], *STOCKS)
    # A note that was written before there was a figure has none.
    known = [name for name in (*FLOWS, *STOCKS, *DECISIONS) if name in figures]
    names = [name for name in known if figures[name]["value"] or name in always]
    yield Table(
        (Column(_("Cases")), Column(_("Number of cases"), figures=True)),
        tuple(
            ((words[name],), (note_pen.plain(name, figures[name]["value"], figures[name]["href"] or note_pen.paper),))
            for name in names
        ),
    )
    found = note_pen.facts["changed"]
    yield Paragraph(
        wording.sentence(
            _("Cases that were moved or written to: {n}. The last ones first:"),
            n=note_pen.plain("changed", found["value"], note_pen.paper),
        )
    )
    yield Table(
        (
            Column(_("Case"), whole=True),
            Column(_("Enterprise")),
            Column(_("What is blocked")),
            Column(_("What was done")),
            Column(_("Desk")),
        ),
        tuple(
            (*_named(note_pen, "changed", rows), acts, (note_pen.named(f"changed.{n}.desk", row["desk"], row["href"]),))
            for rows, acts in _alike("changed", found["rows"])
            for n, row in rows[:1]
        ),
        _("No case."),
    )


_Numbered = tuple[int, dict[str, Any]]


def _alike(name: str, rows: list[dict[str, Any]]) -> list[tuple[list[_Numbered], Parts]]:
    """The rows with their places, and what was done; of one family, rows of which the same is said come together."""
    found: dict[tuple[object, ...], tuple[list[_Numbered], Parts]] = {}
    for n, row in enumerate(rows):
        acts = done(f"{name}.{n}", row) if "acts" in row else ()
        words = [part if isinstance(part, str) else part.text for part in acts]
        same = (row["family"], str(row["enterprise"]), str(row["desk"]), *words) if "family" in row else (n,)
        found.setdefault(same, ([], acts))[0].append((n, row))
    return list(found.values())


def _named(note_pen: _Pen, name: str, rows: list[_Numbered]) -> tuple[Parts, ...]:
    """Numbers, enterprise, and what is blocked, of cases of one enterprise."""
    n, first = rows[0]
    numbers, blocked = list[Part](), list[Part]()
    for place, row in rows:
        key, line = f"{name}.{place}", ["\n"] if place != n else []
        numbers += [*line, Fact(key, row["number"], row["number"], row["href"])]
        blocked += [*line, Fact(f"{key}.blocked", row["blocked"], row["blocked"], row["href"]), *waits(key, row)]
    return (
        tuple(numbers),
        (note_pen.named(f"{name}.{n}.enterprise", first["enterprise"], first["href"]),),
        tuple(blocked),
    )


def _promises(note_pen: _Pen) -> Iterator[Block]:
    yield note_pen.heading(3, _("Open promises"))
    yield Table(
        (
            Column(_("Promised")),
            Column(_("Case"), whole=True),
            Column(_("By whom")),
            Column(_("Due"), figures=True),
            Column(_("Late")),
        ),
        tuple(_promise(note_pen, row) for row in note_pen.facts["promises"]),
        _("No promise is open."),
    )


def _promise(note_pen: _Pen, row: dict[str, Any]) -> tuple[Parts, ...]:
    key = f"promise.{row['id']}"
    href = f"/cases/{row['case']}/" if row["case"] else "/dispatch/handovers/"
    return (
        (Fact(key, row["text"], row["text"], href),),
        (Fact(f"{key}.case", row["case"], row["case"], href),) if row["case"] else ("–",),
        (Fact(f"{key}.by", row["by"], row["by"], href),) if row["by"] else ("–",),
        (note_pen.moment(f"{key}.due", row["due_at"], href),),
        (_("yes") if row["late"] else _("no"),),
    )


def _due(note_pen: _Pen) -> Iterator[Block]:
    due = note_pen.facts["due"]
    yield note_pen.heading(4, _("Due in the next shift"))
    yield Paragraph(wording.sentence(_("Cases that fall due: {n}."), n=note_pen.counted("due", due)))
    yield Table(
        (
            Column(_("Case"), whole=True),
            Column(_("Enterprise")),
            Column(_("What is blocked")),
            Column(_("Desk")),
            Column(_("Owner")),
            Column(_("Due"), figures=True),
        ),
        tuple(
            (
                *_named(note_pen, "due", [(n, row)]),
                (note_pen.named(f"due.{n}.desk", row["desk"], row["href"]),),
                (Fact(f"due.{n}.owner", row["owner"], row["owner"], row["href"]),) if row["owner"] else ("–",),
                (note_pen.moment(f"due.{n}.at", row["due_at"], row["href"]),),
            )
            for n, row in enumerate(due["rows"])
        ),
        _("No case."),
    )


def _foot(note_pen: _Pen) -> tuple[Parts, ...]:
    note = note_pen.note
    people = (
        (_("Handed over by: {who}"), "written", note.written_by, note.written_at),
        (_("Taken over by: {who}"), "signed", note.signed_by, note.signed_at),
    )
    found: list[Parts] = []
    for text, key, person, at in people:
        name = (person.get_full_name() or person.get_username()) if person else ""
        who = f"{name}, {wording.moment(at, note_pen.zone)}" if name and at else "…"
        found.append(wording.sentence(text, who=Fact(f"note.{key}", name, who, note_pen.paper)))
    return tuple(found)
