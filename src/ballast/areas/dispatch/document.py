"""Write the paper of a stored dispatch sheet: facts in, a document of blocks out, in either language."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from ballast.areas.dispatch import sections
from ballast.areas.dispatch.pen import Pen
from ballast.areas.papers import wording
from ballast.areas.papers.blocks import Document, Fact, Parts
from ballast.areas.papers.checker import check

__all__ = ["compose", "exercise_mark"]


def exercise_mark(authority: dict[str, Any]) -> str:
    """What stands on every page of an exercise, in the language in force; nothing otherwise."""
    return _("Exercise: enterprises and figures are invented") if authority["exercise"] else ""


def compose(
    facts: dict[str, Any], language: str, *, issue: int, cut_off: dt.datetime, editor: str, digest: str
) -> Document:
    """The sheet as a checked document in "en" or "zh-hans"; depends on nothing but its arguments and the translations.

    Raises UnsourcedFigureError when a sentence holds a figure that is no fact.
    """
    with override(language):
        pen = Pen(facts, cut_off, issue)
        return check(
            Document(
                language=language,
                title=_("Dispatch sheet"),
                issuer=wording.name(facts["authority"]),
                mark=exercise_mark(facts["authority"]),
                day=facts["day"],
                head=_head(pen),
                blocks=tuple(sections.all_of(pen, digest)),
                foot=_foot(editor),
            )
        )


def _head(pen: Pen) -> tuple[Parts, ...]:
    facts = pen.facts
    paper = pen.link(f"/dispatch/{facts['day']}/")
    return (
        wording.sentence(
            _("{day}, issue {issue}"),
            day=Fact("sheet.day", facts["day"], wording.day(facts["day"]), paper),
            issue=Fact("sheet.issue", pen.issue, str(pen.issue), paper),
        ),
        wording.sentence(
            _("Scope: {scope}"),
            scope=Fact("sheet.scope", facts["scope"]["key"], wording.name(facts["scope"]), "/dispatch/"),
        ),
        wording.sentence(
            _("Data up to {moment}"),
            moment=Fact("sheet.cut_off", pen.cut_off.isoformat(), wording.moment(pen.cut_off, pen.zone), paper),
        ),
        wording.sentence(
            _("Counted since {moment}"),
            moment=pen.moment("sheet.since", facts["last"]["cut_off"], facts["last"].get("href") or paper),
        ),
    )


def _foot(editor: str) -> tuple[Parts, ...]:
    who: Parts = (Fact("sheet.editor", editor, editor, "/dispatch/"),) if editor else ()
    return ((_("Editor:") + " ", *who), (_("Participants:") + " ",), (_("Approved by:") + " ",))
