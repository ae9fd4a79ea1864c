"""The sections of the daily brief, one function each, in the order of the paper."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballast.areas.briefs import watch
from ballast.areas.briefs.pen import Pen
from ballast.areas.cases.packs.in_force import kinds as kinds_of_cases
from ballast.areas.modes.models import Cadence, Mode
from ballast.areas.papers import wording
from ballast.areas.papers.blocks import Block, Column, Fact, Heading, Items, Note, Paragraph, Part, Parts, Table

__all__ = ["all_of"]

_DEFINITIONS = "#s7"


def all_of(pen: Pen) -> Iterator[Block]:
    """Every block of the paper: the leader's six lines, then seven numbered sections."""
    yield from _six_lines(pen)
    for section in (_overview, _alerts, _stops, watch.regions, watch.chains, _decisions, _definitions):
        yield from section(pen)


def _six_lines(pen: Pen) -> Iterator[Block]:
    worst = pen.facts["stops"][:3]
    yield Heading((_("In six lines"),))
    yield Items(
        (
            pen.against("cases.received", _("New problems")),
            pen.against("cases.closed", _("Closed by the desk")),
            pen.against("cases.overdue", _("Overdue")),
            pen.against("lamps.red", _("Red lamps")),
            _three(pen, worst),
            _one_request(pen),
        )
    )


def _three(pen: Pen, worst: list[dict[str, Any]]) -> Parts:
    """The plants that lose most, in one line."""
    if not worst:
        return (_("No plant is expected to stop in the days ahead."),)
    plants = [
        wording.sentence(
            _("{plant} ({lost}, stops {day})"),
            plant=pen.named(f"six.{rank}.site", row["site"], row["href"]),
            lost=pen.money(f"six.{rank}.lost", row["lost"], row["href"]),
            day=pen.date(f"six.{rank}.day", row["stop_on"], row["href"]),
        )
        for rank, row in enumerate(worst)
    ]
    return wording.sentence(
        _("Largest losses ahead: {plants}"), plants=wording.joined(plants, "；" if wording.chinese() else "; ")
    )


def _one_request(pen: Pen) -> Parts:
    """The first request for decision, in one line."""
    joint, ownerless = pen.facts["joint"], pen.facts["decisions"]["ownerless_count"]
    if joint:
        return wording.sentence(_("Decision asked for: {line}"), line=_joint_line(pen, 0, joint[0]))
    if ownerless["value"]:
        return wording.sentence(
            _("Decision asked for: an owner for the overdue cases that have none ({n})."),
            n=pen.counted("decisions.ownerless", ownerless),
        )
    return (_("No request for decision today."),)


def _overview(pen: Pen) -> Iterator[Block]:
    yield pen.heading(1, _("Overview"))
    if pen.counts_the_day:
        yield Paragraph((_("What came in and what was closed is counted from midnight to the cut-off."),))
    yield Items(
        (
            pen.against("cases.received", _("Problems received")),
            pen.against("cases.closed", _("Closed by the desk")),
            pen.against("cases.confirmed", _("Confirmed by the enterprise")),
            pen.against("cases.in_hand", _("In hand")),
            pen.against("cases.overdue", _("Overdue")),
        )
    )


def _alerts(pen: Pen) -> Iterator[Block]:
    yield pen.heading(2, _("Red and yellow alerts"))
    yield Items(
        (
            pen.against("lamps.red", _("Red")),
            pen.against("lamps.yellow", _("Yellow")),
            pen.against("lamps.no_data", _("Without a report")),
        )
    )
    yield Table(
        (
            Column(_("Plant")),
            Column(_("Input")),
            Column(_("Days of cover"), figures=True),
            Column(_("Red since"), figures=True),
        ),
        tuple(
            (
                (pen.named(f"red.{n}.site", row["site"], f"/sites/{row['site']['id']}/"),),
                (pen.named(f"red.{n}.product", row["product"], row["href"]),),
                (pen.cover(f"red.{n}.cover", row["cover"], row["href"]),),
                (pen.date(f"red.{n}.since", row["since"], row["href"]),),
            )
            for n, row in enumerate(pen.facts["reds"])
        ),
        _("No lamp is red."),
    )


def _stops(pen: Pen) -> Iterator[Block]:
    yield pen.heading(3, _("What stops, and the cases that matter most"))
    if pen.facts["forecast_day"] is None:
        yield Paragraph((_("There is no forecast yet; nothing is known of the days ahead."),))
    yield Table(
        (
            Column(_("Within"), figures=True),
            Column(_("Plants stopped by then"), figures=True),
            Column(_("For certain"), figures=True),
            Column(_("Output lost"), figures=True),
        ),
        tuple(_horizon(pen, days) for days in (3, 7, 14)),
    )
    yield Table(
        (
            Column(_("Plant")),
            Column(_("Stops on"), figures=True),
            Column(_("Certainty")),
            Column(_("Because of")),
            Column(_("Output lost"), figures=True),
        ),
        tuple(_stop(pen, n, row) for n, row in enumerate(pen.facts["stops"])),
        _("No plant is expected to stop in the days ahead."),
    )
    yield Paragraph((_("Cases that put most output at risk, and who has them:"),))
    yield _case_table(pen, "case", pen.facts["cases"])


def _horizon(pen: Pen, days: int) -> tuple[Parts, ...]:
    key = f"stops.{days}"
    href = pen.figure(key)["href"]
    return (
        wording.sentence(_("{n} days"), n=Fact(f"{key}.horizon", days, str(days), href)),
        (pen.count(key),),
        (pen.count(f"{key}.certain"),),
        (pen.money(f"{key}.lost", pen.figure(f"{key}.lost")["value"], href),),
    )


def _stop(pen: Pen, n: int, row: dict[str, Any]) -> tuple[Parts, ...]:
    return (
        (pen.named(f"stop.{n}.site", row["site"], row["href"]),),
        (pen.date(f"stop.{n}.day", row["stop_on"], row["href"]),),
        (_("certain") if row["certain"] else _("possible, if silent sites stand"),),
        pen.event(f"stop.{n}.cause", row["cause"], row["href"]),
        (pen.money(f"stop.{n}.lost", row["lost"], row["href"]),),
    )


def _case_table(pen: Pen, key: str, rows: list[dict[str, Any]]) -> Table:
    kinds = kinds_of_cases()
    return Table(
        (
            Column(_("Case"), whole=True),
            Column(_("Enterprise")),
            Column(_("Kind")),
            Column(_("What is blocked")),
            Column(_("Owner")),
            Column(_("Due"), figures=True),
            Column(_("Output at risk"), figures=True),
        ),
        tuple(
            (
                (Fact(f"{key}.{n}", row["number"], row["number"], row["href"]),),
                (pen.named(f"{key}.{n}.enterprise", row["enterprise"], row["href"]),),
                (str(kinds[row["kind"]].label) if row["kind"] in kinds else row["kind"],),
                (Fact(f"{key}.{n}.blocked", row["blocked"], row["blocked"], row["href"]),),
                (_owner(pen, f"{key}.{n}", row),),
                (pen.date(f"{key}.{n}.due", row["due_at"], row["href"]),),
                (pen.money(f"{key}.{n}.at_risk", row["at_risk"], row["href"]),),
            )
            for n, row in enumerate(rows)
        ),
        _("None."),
    )


def _owner(pen: Pen, key: str, row: dict[str, Any]) -> Fact:
    """The person who has the case, else the desk that does."""
    if row["owner"]:
        return Fact(f"{key}.owner", row["owner"], row["owner"], row["href"])
    return pen.named(f"{key}.desk", row["lead"], row["href"])


def _joint_line(pen: Pen, n: int, row: dict[str, Any]) -> Parts:
    """A set of events that must be solved together, named one by one."""
    events = [pen.event(f"joint.{n}.{place}", event, row["href"]) for place, event in enumerate(row["events"])]
    text = ngettext(
        "{events}: solving all of them frees {plants} plant and {lost} of output.",
        "{events}: solving all of them frees {plants} plants and {lost} of output.",
        row["plants"],
    )
    return wording.sentence(
        text,
        events=wording.joined(events, " + "),
        plants=pen.plain(f"joint.{n}.plants", row["plants"], row["href"]),
        lost=pen.money(f"joint.{n}.lost", row["lost"], row["href"]),
    )


def _decisions(pen: Pen) -> Iterator[Block]:
    yield pen.heading(6, _("Requests for decision"))
    facts = pen.facts
    asked = False
    if facts["joint"]:
        asked = True
        yield Paragraph((_("Causes that hold plants jointly:"),))
        yield Items(tuple(_joint_line(pen, n, row) for n, row in enumerate(facts["joint"])))
    for key, text in (
        ("refused", _("Hand-overs that another region has refused:")),
        ("ownerless", _("Overdue cases that nobody owns:")),
    ):
        if facts["decisions"][key]:
            asked = True
            yield Paragraph((text,))
            yield _case_table(pen, key, facts["decisions"][key])
    if not asked:
        yield Paragraph((_("None today."),))


def _definitions(pen: Pen) -> Iterator[Block]:
    yield pen.heading(7, _("Definitions and coverage"))
    duties = pen.facts["duties"]
    by_duty = _("Of {total} sites with inputs in use, {reported} sent the report that is asked and {silent} have not.")
    of_the_day = _("Of {total} sites with inputs in use, {reported} have reported today and {silent} have not.")
    yield Paragraph(
        wording.sentence(
            by_duty if duties else of_the_day,
            total=pen.count("sites.total"),
            reported=pen.count("sites.reported"),
            silent=pen.count("sites.silent"),
        )
    )
    if duties:
        yield _duties(pen, duties)
    yield _what_is_new(pen)
    yield Note(
        wording.sentence(
            _(
                "A lamp stands for one input of one plant: red below {red} days of cover. A missing report is grey and "
                "lowers no lamp. Possible stops take an unknown stock as empty; certain ones come whatever it is. "
                "Output lost is reckoned over the forecast's whole horizon."
            ),
            red=Fact("definition.red", 3, "3", _DEFINITIONS),
        )
    )


def _duties(pen: Pen, duties: list[dict[str, Any]]) -> Note:
    """By which duties the sites were counted."""
    parts: list[Part] = [_("Duties: ")]
    for n, one in enumerate(duties):
        since = dt.datetime.fromisoformat(one["since"])
        words = str(Cadence(one["cadence"]).label)
        if one.get("mode"):
            words = f"{Mode(one['mode']).label} · {wording.name(one['place'])}: {words}"
        told = _("{duty}, since {time}").format(duty=words, time=f"{since:%m-%d %H:%M}")
        parts += ["; "] if n else []
        parts.append(Fact(f"definition.duty.{n}", one["since"], told, "/modes/" if one.get("mode") else "/reports/"))
    return Note(tuple(parts))


def _what_is_new(pen: Pen) -> Note:
    if pen.counts_the_day:
        text = _(
            "New, closed and confirmed count from midnight to the cut-off, as the Today page does, and are set "
            "against the day before up to the same hour. Closed by the desk and confirmed by the enterprise are "
            "counted apart. In hand are all cases that are neither solved, confirmed, withdrawn nor merged."
        )
        return Note((text,))
    text = _(
        "New, closed and confirmed count the {hours} hours up to the cut-off and are set against the same time "
        "before it. Closed by the desk and confirmed by the enterprise are counted apart. In hand are all "
        "cases that are neither solved, confirmed, withdrawn nor merged."
    )
    return Note(wording.sentence(text, hours=Fact("definition.hours", 24, "24", _DEFINITIONS)))
