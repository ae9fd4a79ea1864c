"""Write the paper of a stored brief: facts in, a document of blocks out, in either language."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import override

from ballast.areas.briefs import sections
from ballast.areas.briefs.pen import Pen
from ballast.areas.papers import wording
from ballast.areas.papers.blocks import Document, Fact, Parts
from ballast.areas.papers.checker import check

__all__ = ["compose"]


def compose(facts: dict[str, Any], language: str, *, issue: int, cut_off: dt.datetime, editor: str = "") -> Document:
    """The brief as a checked document in "en" or "zh-hans".

    Depends on nothing but its arguments and the translations, so a stored brief prints the same each time.
    Raises UnsourcedFigureError when a sentence holds a figure that is no fact.
    """
    with override(language):
        pen = Pen(facts, cut_off)
        return check(
            Document(
                language=language,
                title=_("Daily brief on industrial and supply chains"),
                issuer=wording.name(facts["authority"]),
                mark=_("Exercise: enterprises and figures are invented") if facts["authority"]["exercise"] else "",
                day=facts["day"],
                head=_head(pen, issue, cut_off),
                blocks=tuple(sections.all_of(pen)),
                foot=_foot(editor),
            )
        )


def _head(pen: Pen, issue: int, cut_off: dt.datetime) -> tuple[Parts, ...]:
    facts = pen.facts
    paper = f"/briefs/{facts['day']}/"
    zone = ZoneInfo(facts["authority"]["time_zone"])
    return (
        wording.sentence(
            _("{day}, issue {issue}"),
            day=Fact("brief.day", facts["day"], wording.day(facts["day"]), paper),
            issue=Fact("brief.issue", issue, str(issue), paper),
        ),
        wording.sentence(
            _("Scope: {scope}"),
            scope=Fact("brief.scope", facts["scope"]["key"], wording.name(facts["scope"]), "/enterprises/"),
        ),
        wording.sentence(
            _("Data up to {moment}"),
            moment=Fact("brief.cut_off", cut_off.isoformat(), wording.moment(cut_off, zone), paper),
        ),
        wording.sentence(
            _("Reported: {reported} of {total} sites")
            if facts["duties"]
            else _("Reported today: {reported} of {total} sites"),
            reported=pen.count("sites.reported"),
            total=pen.count("sites.total"),
        ),
    )


def _foot(editor: str) -> tuple[Parts, ...]:
    who: tuple[Any, ...] = (Fact("brief.editor", editor, editor, "/briefs/"),) if editor else ()
    return ((_("Editor:") + " ", *who), (_("Approved by:") + " ",))
