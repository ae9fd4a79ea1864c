"""The sections of the dispatch sheet, one function each, in the order of the paper."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballast.areas.cases.models import Case
from ballast.areas.dispatch.ledger import DECISIONS, FLOWS, STOCKS
from ballast.areas.dispatch.pen import Pen
from ballast.areas.papers import wording
from ballast.areas.papers.blocks import Block, Column, Fact, Items, Note, Paragraph, Parts, Table

__all__ = ["all_of", "figure_words", "kind_label", "waits"]

# Figures of the tables by kind and by region.
_COLUMNS = ("new", "solved", "confirmed", "in_hand", "overdue", "waiting")


def figure_words() -> dict[str, str]:
    """What each figure is called, in the language in force."""
    return {
        "new": _("New"),
        "solved": _("Closed by the desk"),
        "confirmed": _("Confirmed by the enterprise"),
        "withdrawn": _("Withdrawn by the enterprise"),
        "merged": _("Merged into another case"),
        "in_hand": _("In hand"),
        "overdue": _("Overdue"),
        "waiting": _("Wait for the enterprise's word"),
        "held": _("Wait for a case under them"),
        "escalated": _("Wait for a superior"),
        "stepped": _("Escalated to a superior or leader"),
        "refused": _("Refused by another region"),
        "disputed": _("Disputed by the enterprise"),
        "unanswered": _("Offers without an answer for a day"),
        "ownerless": _("Overdue and without an owner"),
    }


def kind_label(kind: str) -> str:
    """What a kind of case is called in the language in force; its code where nobody knows it."""
    return str(Case(kind=kind).get_kind_display())


def all_of(pen: Pen, digest: str) -> Iterator[Block]:
    """Every block of the paper."""
    yield from _figures(pen)
    for section in (_decisions, _settled, _desks, _kinds, _regions, _reds):
        yield from section(pen)
    yield from _definitions(pen, digest)


def _figures(pen: Pen) -> Iterator[Block]:
    yield pen.heading(1, _("Since the last sheet"))
    yield _compared(pen)
    words = figure_words()
    yield Table(
        (
            Column(_("Cases")),
            Column(_("Last sheet"), figures=True),
            Column(_("This sheet"), figures=True),
            Column(_("Change"), figures=True),
            Column(_("Came"), figures=True),
            Column(_("Left"), figures=True),
        ),
        tuple(
            (
                (words[name],),
                (pen.plain(f"{name}.before", pen.figure(name)["before"], _last(pen)),),
                (pen.count(name),),
                (pen.change(name),),
                pen.moved(name, "came"),
                pen.moved(name, "left"),
            )
            for name in pen.known(*FLOWS, *STOCKS, *DECISIONS)
        ),
    )


def _last(pen: Pen) -> str:
    return str(pen.facts["last"].get("href") or pen.link(f"/dispatch/{pen.facts['day']}/"))


def _compared(pen: Pen) -> Paragraph:
    """With which sheet this one is compared."""
    last = pen.facts["last"]
    moment = pen.moment("last.cut_off", last["cut_off"], _last(pen))
    if last.get("href"):
        return Paragraph(wording.sentence(_("Compared with the sheet whose data went up to {moment}."), moment=moment))
    text = _("No earlier sheet is stored; the figures of {moment} are told from the log of the cases.")
    return Paragraph(wording.sentence(text, moment=moment))


def _decisions(pen: Pen) -> Iterator[Block]:
    yield pen.heading(2, _("Cases that need a decision"))
    words, asked = figure_words(), False
    for name, measure in _measures().items():
        rows = pen.facts["decisions"].get(name)
        if not rows:
            continue
        asked = True
        line = wording.sentence(_("{what}: {n}. {measure}"), what=words[name], n=pen.count(name), measure=measure)
        yield Paragraph(line)
        yield _items(pen, name, rows)
    if not asked:
        yield Paragraph((_("None."),))


def _measures() -> dict[str, str]:
    """What is to be done about each, by whom."""
    return {
        "escalated": _("The superior region decides who takes the case, and by when."),
        "stepped": _("Whoever was told decides whether more is to be done than the desk does."),
        "refused": _("The desk that leads names another one, or works on the case itself."),
        "disputed": _("The desk that leads says what it does about what the enterprise finds missing."),
        "unanswered": _("The region that was asked takes the case over, or refuses it with a reason."),
        "ownerless": _("The desk that leads names an owner today."),
    }


def _items(pen: Pen, name: str, rows: list[dict[str, Any]]) -> Table:
    return Table(
        (
            Column(_("Case"), whole=True),
            Column(_("Enterprise")),
            Column(_("What is blocked")),
            Column(_("Responsible")),
            Column(_("Due"), figures=True),
            Column(_("Output at risk"), figures=True),
            Column(_("On the last sheet")),
        ),
        tuple(_item(pen, f"{name}.{n}", name, row) for n, row in enumerate(rows)),
    )


def _item(pen: Pen, key: str, name: str, row: dict[str, Any]) -> tuple[Parts, ...]:
    return (
        (Fact(key, row["number"], row["number"], row["href"]),),
        (pen.named(f"{key}.enterprise", row["enterprise"], row["href"]),),
        (Fact(f"{key}.blocked", row["blocked"], row["blocked"], row["href"]), *waits(key, row)),
        _responsible(pen, key, name, row),
        (pen.date(f"{key}.due", row["due_at"], row["href"]),),
        (pen.money(f"{key}.at_risk", row["at_risk"], row["href"]),) if row["at_risk"] is not None else ("–",),
        (_("yes") if row["again"] else _("no"),),
    )


def waits(key: str, row: dict[str, Any]) -> Parts:
    """For how many open cases under it the case waits; nothing where it waits for none, or the paper is older."""
    count = row.get("waits_for", 0)
    if not count:
        return ()
    text = ngettext("waits for {count} case", "waits for {count} cases", count).format(count=count)
    return (" · ", Fact(f"{key}.waits_for", count, text, f"{row['href']}#family"))


def _responsible(pen: Pen, key: str, name: str, row: dict[str, Any]) -> Parts:
    """Who has to act: the superior, the region that was asked, or the desk that leads with its owner."""
    if name == "escalated" and row["superior"]:
        return (pen.unit(f"{key}.superior", row, "superior"),)
    if name == "unanswered" and row["offered_to"]:
        return (pen.unit(f"{key}.offered_to", row, "offered_to"),)
    desk = pen.unit(f"{key}.desk", row)
    return (desk, " · ", Fact(f"{key}.owner", row["owner"], row["owner"], row["href"])) if row["owner"] else (desk,)


def _settled(pen: Pen) -> Iterator[Block]:
    """What became of the last sheet's items."""
    rows = pen.facts["settled"]
    if not rows:
        return
    yield Paragraph((_("What became of the other items of the last sheet:"),))
    yield Table(
        (
            Column(_("Case"), whole=True),
            Column(_("Enterprise")),
            Column(_("What is blocked")),
            Column(_("Desk")),
            Column(_("State")),
        ),
        tuple(
            (
                (Fact(f"settled.{n}", row["number"], row["number"], row["href"]),),
                (pen.named(f"settled.{n}.enterprise", row["enterprise"], row["href"]),),
                (Fact(f"settled.{n}.blocked", row["blocked"], row["blocked"], row["href"]),),
                (pen.unit(f"settled.{n}.desk", row),),
                (_state(row),),
            )
            for n, row in enumerate(rows)
        ),
    )


def _state(row: dict[str, Any]) -> str:
    found = Case(state=row["state"])
    if row["pack"]:
        found.pack = row["pack"]
    return str(found.get_state_display())


def _desks(pen: Pen) -> Iterator[Block]:
    yield pen.heading(3, _("By desk that has the cases"))
    names = ("in_hand", "overdue", "escalated", "disputed", "unanswered", "ownerless")
    yield _lines(pen, "desk", _("Desk"), names, [row for row in pen.facts["desks"] if row["figures"]["in_hand"]])


def _kinds(pen: Pen) -> Iterator[Block]:
    yield pen.heading(4, _("By kind"))
    rows = [row | {"name": kind_label(row["id"])} for row in pen.facts["kinds"]]
    yield _lines(pen, "kind", _("Kind"), _COLUMNS, rows)


def _regions(pen: Pen) -> Iterator[Block]:
    yield pen.heading(5, _("By the enterprise's region"))
    yield _lines(pen, "region", _("Region"), _COLUMNS, pen.facts["regions"])


def _lines(pen: Pen, word: str, head: str, names: tuple[str, ...], rows: list[dict[str, Any]]) -> Table:
    """Figures by kind, region or desk, with their sum, which is the figure of the first section."""
    words = figure_words()
    lines = [
        (
            (pen.named(f"{word}.{row['id']}", row, pen.link(f"{row['href']}&figure=in_hand")),),
            *((pen.part(name, f"{word}.{row['id']}.{name}", row["figures"][name], row["href"]),) for name in names),
        )
        for row in rows
    ]
    total: tuple[Parts, ...] = ((_("Total"),), *((pen.count(name),) for name in names))
    columns = (Column(head), *(Column(words[name], figures=True) for name in names))
    return Table(columns, (*lines, total) if lines else (), _("No case."))


def _reds(pen: Pen) -> Iterator[Block]:
    reds = pen.facts["reds"]
    yield pen.heading(6, _("Red without a case"))
    yield Paragraph(
        wording.sentence(
            _("Red inputs at whose site no case is open: {n}. Ask the enterprise whether it needs help."),
            n=pen.counted("reds", reds["figure"]),
        )
    )
    yield Table(
        (
            Column(_("Plant")),
            Column(_("Enterprise")),
            Column(_("Input")),
            Column(_("Days of cover"), figures=True),
            Column(_("Red since"), figures=True),
        ),
        tuple(
            (
                (pen.named(f"red.{n}.site", row["site"], f"/sites/{row['site']['id']}/"),),
                (pen.named(f"red.{n}.enterprise", row["enterprise"], f"/enterprises/{row['enterprise_id']}/"),),
                (pen.named(f"red.{n}.product", row["product"], row["href"]),),
                (pen.cover(f"red.{n}.cover", row["cover"], row["href"]),),
                (pen.date(f"red.{n}.since", row["since"], row["href"]),),
            )
            for n, row in enumerate(reds["rows"])
        ),
        _("Every red input has a case."),
    )


def _definitions(pen: Pen, digest: str) -> Iterator[Block]:
    yield pen.heading(7, _("Definitions"))
    yield Items(
        (
            (_("New, closed, confirmed, withdrawn and merged count cases since the last sheet, each case once."),),
            (_("In hand, overdue and waiting count cases as they stand; came and left compare the cases themselves."),),
            (_("Lists show those that are due first; the number above each opens all of them as they were counted."),),
        )
    )
    yield Note(
        wording.sentence(
            _("Ledger counted: {digest}"),
            digest=Fact("sheet.inputs", digest, digest[:16], pen.link(f"/dispatch/{pen.facts['day']}/")),
        )
    )
