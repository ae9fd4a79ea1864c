"""What a person was told on the pages, as far as they may still see the case that it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from ballast.areas.accounts.access import can
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.notices.letters import values_of
from ballast.areas.notices.models import Notice
from ballast.areas.notices.wording import WORDINGS, sentence_of, title_of

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Line", "address_of", "lines"]


@dataclass(frozen=True)
class Line:
    """One notice in the language of the page; without words and number when its case is out of sight."""

    notice: Notice
    in_sight: bool

    @property
    def title(self) -> str:
        """What kind of thing happened."""
        known = self.notice.template in WORDINGS
        return title_of(self.notice.template, values_of(self.notice)) if known else ""

    @property
    def sentence(self) -> str:
        """What happened, "" out of sight."""
        if not self.in_sight or self.notice.template not in WORDINGS:
            return ""
        return sentence_of(self.notice.template, values_of(self.notice))

    @property
    def subject(self) -> str:
        """What it is about, "" out of sight."""
        return self.notice.subject if self.in_sight else ""

    @property
    def number(self) -> str:
        """The case's number, "" without a case and out of sight."""
        return self.notice.case_number if self.in_sight else ""


def lines(user: "User", notices: Iterable[Notice]) -> list[Line]:
    """The notices as they are shown; one query for all of them."""
    rows = list(notices)
    wanted = {row.case_number for row in rows if row.case_number}
    seen = set(visible_cases(user).filter(number__in=wanted).order_by().values_list("number", flat=True))
    return [Line(row, in_sight=not row.case_number or row.case_number in seen) for row in rows]


def address_of(user: "User", notice: Notice) -> str:
    """Where the notice leads: the case as this person sees it, its own address, or the list of notices."""
    if notice.case_number and visible_cases(user).filter(number=notice.case_number).exists():
        page = "cases:detail" if can(user, "view_desk") else "cases:problem"
        return reverse(page, args=[notice.case_number])
    return notice.path or reverse("cases:notices")
