"""How an e-mail is worded: what happened and where to read it, never what somebody wrote."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from ballast.areas.notices.wording import sentence_of, title_of
from ballast.areas.reference.selectors import authority

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.notices.models import Notice

__all__ = ["in_language_of", "letter", "signed", "subject_line", "values_of"]

_LONGEST_SUBJECT = 250


def in_language_of(person: "User") -> translation.override:
    """Context in which texts are in the person's language."""
    return translation.override(person.language or settings.LANGUAGE_CODE)


def values_of(notice: "Notice") -> dict[str, str]:
    """What the sentence of a notice may name."""
    return {**notice.values, "number": notice.case_number, "subject": notice.subject}


def letter(notice: "Notice", person: "User") -> tuple[str, str]:
    """Subject and text of the e-mail about a notice that is stored, in the person's language."""
    with in_language_of(person):
        values = values_of(notice)
        lines = [sentence_of(notice.template, values), notice.subject]
        if settings.ADDRESS:
            lines.append(f"{settings.ADDRESS}/notices/{notice.pk}/")
        title = title_of(notice.template, values)
        return subject_line(f"{title}: {notice.case_number or notice.subject}"), signed(lines)


def subject_line(text: str) -> str:
    """The subject with the authority before it, and the word that marks an exercise."""
    of = authority()
    words = [f"[{_('EXERCISE')}]"] if of.is_exercise else []
    return " ".join([*words, f"[{of.label}]", text])[:_LONGEST_SUBJECT]


def signed(lines: list[str]) -> str:
    """The paragraphs with the foot that says how to get fewer."""
    foot = _("Which e-mails you get: your name, then Notices, then E-mail settings.")
    if settings.ADDRESS:
        foot = _("Which e-mails you get: {address}").format(address=f"{settings.ADDRESS}/notices/settings/")
    return "\n\n".join([*lines, "--\n" + foot]) + "\n"
