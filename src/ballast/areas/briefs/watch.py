"""The two sections that watch at large: cases by region and kind, and the chains."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ballast.areas.briefs.pen import Pen
from ballast.areas.cases.packs import in_force as pack
from ballast.areas.papers import wording
from ballast.areas.papers.blocks import Block, Column, Fact, Items, Parts, Table

__all__ = ["chains", "regions"]

# Panels that the exercise watches; any other goes by its code.
_PANELS = {
    "shanghai-666": gettext_noop("Shanghai list"),
    "monitored-220000": gettext_noop("Monitored in Jilin"),
    "vehicle-groups": gettext_noop("Vehicle groups"),
}


def _kinds(lines: list[dict[str, Any]]) -> dict[str, str]:
    """Labels of the kinds of problems, and of those of other packs that have a case in one of the lines."""
    problems = pack.pack_named(pack.PROBLEM).kinds_by_name
    found = {kind for line in lines for kind, count in line["kinds"].items() if count}
    known = {name: str(kind.label) for name, kind in pack.kinds().items() if name in problems or name in found}
    return known | {name: name for name in sorted(found) if name not in known}


def regions(pen: Pen) -> Iterator[Block]:
    """Section four: cases in hand by region and kind."""
    yield pen.heading(4, _("Cases in hand by region and kind"))
    kinds = _kinds(pen.facts["regions"])
    columns = [Column(_("Region")), *(Column(label, figures=True) for label in kinds.values())]
    rows = []
    for line in pen.facts["regions"]:
        href = f"/cases/?state=open&home={line['region']}"
        key = f"region.{line['region']}"
        cells: list[Parts] = [(pen.named(key, {**line, "id": line["region"]}, href),)]
        cells += [(pen.plain(f"{key}.{k}", line["kinds"].get(k, 0), f"{href}&kind={k}"),) for k in kinds]
        cells += [(pen.plain(f"{key}.total", line["total"], href),)]
        cells += [(pen.plain(f"{key}.overdue", line["overdue"], f"/cases/?overdue=1&home={line['region']}"),)]
        rows.append(tuple(cells))
    yield Table(
        (*columns, Column(_("Total"), figures=True), Column(_("Overdue"), figures=True)),
        tuple(rows),
        _("No case is in hand."),
    )


def chains(pen: Pen) -> Iterator[Block]:
    """Section five: each chain, the watched panels and the key list."""
    yield pen.heading(5, _("Chain watch"))
    yield Table(
        (
            Column(_("Chain")),
            Column(_("Enterprises"), figures=True),
            Column(_("At work"), figures=True),
            Column(_("Share at work"), figures=True),
            Column(_("Red"), figures=True),
            Column(_("Yellow"), figures=True),
            Column(_("No report"), figures=True),
            Column(_("Median days of cover"), figures=True),
        ),
        tuple(_chain(pen, row) for row in pen.facts["chains"]),
        _("No chain is under watch."),
    )
    lines = [_panel(pen, panel) for panel in pen.facts["panels"]]
    listed = pen.facts["key_list"]
    if listed["total"]["value"]:
        lines.append(
            wording.sentence(
                _("Key list, batches: {batches}. Enterprises: {total}, of which {at_work} are at work ({share})."),
                batches=pen.plain("list.batches", len(listed["batches"]), listed["total"]["href"]),
                total=pen.counted("list.total", listed["total"]),
                at_work=pen.counted("list.at_work", listed["at_work"]),
                share=_share(pen, "list", listed),
            )
        )
    if lines:
        yield Items(tuple(lines))


def _share(pen: Pen, key: str, row: dict[str, Any]) -> Fact:
    part, whole = row["at_work"], row["total"]
    return pen.share(f"{key}.share", part["value"], whole["value"], part["href"])


def _panel(pen: Pen, row: dict[str, Any]) -> Parts:
    key = f"panel.{row['code']}"
    return wording.sentence(
        _("{panel}: {at_work} of {total} are at work ({share})."),
        panel=pen.named(key, _panel_name(row), row["total"]["href"]),
        at_work=pen.counted(f"{key}.at_work", row["at_work"]),
        total=pen.counted(f"{key}.total", row["total"]),
        share=_share(pen, key, row),
    )


def _panel_name(row: dict[str, Any]) -> dict[str, str]:
    """Code and name of a panel; one without a known name goes by its code."""
    return {"id": row["code"], "name": _(_PANELS[row["code"]]) if row["code"] in _PANELS else row["code"]}


def _chain(pen: Pen, row: dict[str, Any]) -> tuple[Parts, ...]:
    key, href = f"chain.{row['code']}", row["href"]
    levels = row["levels"]
    return (
        (pen.named(key, {**row, "id": row["code"]}, href),),
        (pen.plain(f"{key}.enterprises", row["enterprises"], href),),
        (pen.plain(f"{key}.at_work", row["at_work"], f"{href}&operation=at_work"),),
        (pen.share(f"{key}.share", row["at_work"], row["enterprises"], f"{href}&operation=at_work"),),
        (pen.plain(f"{key}.red", levels["red"], f"{href}&level=red"),),
        (pen.plain(f"{key}.yellow", levels["yellow"], f"{href}&level=yellow"),),
        (pen.plain(f"{key}.no_data", levels["no_data"], f"{href}&level=no_data"),),
        (pen.cover(f"{key}.cover", row["median_cover"], href),),
    )
