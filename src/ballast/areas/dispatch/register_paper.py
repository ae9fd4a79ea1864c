"""The problem ledger as a paper: the lines of a filter under its heading, with the date of the data, page by page."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from ballast.areas.dispatch.document import exercise_mark
from ballast.areas.dispatch.register import Line
from ballast.areas.papers import pen, wording
from ballast.areas.papers.blocks import Block, Column, Document, Fact, Note, Paragraph, Parts, Table
from ballast.areas.papers.checker import check

__all__ = ["FORMS", "MOST", "compose"]

# Cases on one paper; a file of rows takes any number.
MOST = 500
FORMS = ("pdf", "docx")


@dataclass(frozen=True)
class _Pen(pen.Pen):
    """Writes the lines of one ledger, which `address` shows on a page."""

    address: str

    def cell(self, line: Line[dt.datetime], *names: str) -> Parts:
        """Fields of a line, one below the other, that lead to their case: one link a cell, which keeps a PDF small."""
        values = (getattr(line, name) for name in names)
        texts = [
            wording.moment(value.isoformat(), self.zone) if isinstance(value, dt.datetime) else str(value)
            for value in values
            if value
        ]
        text = "\n".join(texts)
        return (Fact(f"ledger.{line.number}.{names[0]}", text, text, f"/cases/{line.number}/"),) if text else ()

    def state(self, line: Line[dt.datetime]) -> Parts:
        """State and since when, and below it for how many open cases under it the case waits, where it does."""
        told = self.cell(line, "state", "state_since")
        if not line.waits_for:
            return told
        count = line.waits_for
        text = ngettext("waits for {count} case", "waits for {count} cases", count).format(count=count)
        return (*told, "\n", Fact(f"ledger.{line.number}.waits_for", count, text, f"/cases/{line.number}/"))


def compose(
    lines: Sequence[Line[dt.datetime]],
    language: str,
    *,
    facts: dict[str, Any],
    narrowed: Iterable[str],
    address: str,
    at: dt.datetime,
) -> Document:
    """The ledger as a checked document in "en" or "zh-hans".

    `narrowed` are the words of the filter, `address` the page with the same lines, `facts` names the authority.
    """
    with override(language):
        ledger_pen = _Pen(facts, at, address)
        return check(
            Document(
                language=language,
                title=_("Problem ledger"),
                issuer=wording.name(facts["authority"]),
                mark=exercise_mark(facts["authority"]),
                day=at.astimezone(ledger_pen.zone).date().isoformat(),
                head=_head(ledger_pen, lines, list(narrowed)),
                blocks=tuple(_blocks(ledger_pen, lines)),
                wide=True,
            )
        )


def _head(ledger_pen: _Pen, lines: Sequence[Line[dt.datetime]], narrowed: list[str]) -> tuple[Parts, ...]:
    said = [(Fact(f"ledger.filter.{place}", word, word, ledger_pen.address),) for place, word in enumerate(narrowed)]
    return (
        wording.sentence(_("Filter: {words}"), words=wording.joined(said, "; ")),
        wording.sentence(
            _("Data of {moment}"),
            moment=ledger_pen.moment("ledger.at", ledger_pen.cut_off.isoformat(), ledger_pen.address),
        ),
        wording.sentence(_("Cases: {n}"), n=ledger_pen.plain("ledger.cases", len(lines), ledger_pen.address)),
    )


def _blocks(ledger_pen: _Pen, lines: Sequence[Line[dt.datetime]]) -> Iterator[Block]:
    measure = pgettext("what is done about a problem", "Measure")
    columns = (
        Column(f"{_('Number')} · {_('Filed')}", whole=True),
        Column(_("Problem")),
        Column(_("Enterprise")),
        Column(f"{_('Lead desk')} · {_('Owner')} · {_('Helpers')}"),
        Column(f"{measure} · {_('Result')}"),
        Column(_("Due")),
        Column(_("State")),
        Column(_("The enterprise's opinion")),
    )
    before = (
        ("number", "filed_at"), ("problem", "kind"), ("enterprise", "region"), ("lead", "owner", "helpers"),
        ("measure", "result", "solved_by"), ("due_at", "lamp"),
    )  # fmt: skip
    rows = (
        (
            *(ledger_pen.cell(line, *names) for names in before),
            ledger_pen.state(line),
            ledger_pen.cell(line, "satisfied", "opinion"),
        )
        for line in lines
    )
    yield Table(columns, tuple(rows))
    if not lines:
        yield Paragraph((_("No case fits."),))
    note = _("Measures are what the desk wrote to the enterprise last. Internal notes stand in no ledger.")
    yield Note((note,))
