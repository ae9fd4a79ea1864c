"""What is said in a case: replies that both sides read, notes that only desks read, with files and mentions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require, scope_of
from ballast.areas.cases.machine import MERGED
from ballast.areas.cases.models import Attachment, Case, CaseEntry
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.cases.story import enter, note_in_audit
from ballast.areas.cases.talk import mentions
from ballast.areas.cases.talk.attachments import FileGiven, checked

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["MOST_FILES", "add_note", "add_reply", "check_goes_on"]

MOST_FILES = 5


@transaction.atomic
def add_reply(user: "User", number: str, *, text: str, files: Sequence[FileGiven] = ()) -> CaseEntry:
    """A word that enterprise and desk both read, with its files. Whom it mentions by @name gets a notice.

    Raises Case.DoesNotExist; ValidationError when it is empty, a file is not taken, or somebody is mentioned who may
    not see the case.
    """
    permission = "work_cases" if _at_desk(user) else "answer_cases"
    return _say(user, number, permission, CaseEntry.Type.REPLY, text, files)


@transaction.atomic
def add_note(user: "User", number: str, *, text: str, files: Sequence[FileGiven] = ()) -> CaseEntry:
    """A note that only desks read, and its files likewise; raises as `add_reply` does."""
    return _say(user, number, "work_cases", CaseEntry.Type.NOTE, text, files)


def _at_desk(user: "User") -> bool:
    scope = scope_of(user, "work_cases")
    return not scope.empty


def _say(user: "User", number: str, permission: str, kind: str, text: str, files: Sequence[FileGiven]) -> CaseEntry:
    require(user, permission)
    case = visible_cases(user, permission).get(number=number)
    if not text.strip():
        raise ValidationError({"text": _("Write something before you send it.")})
    check_goes_on(case, "text")
    if len(files) > MOST_FILES:
        message = _("{count} files are too many for one message; give at most {most}.")
        raise ValidationError({"attachment": message.format(count=len(files), most=MOST_FILES)})
    rows = [checked(file) for file in files]
    people = mentions.named_in(user, case, text, internal=kind == CaseEntry.Type.NOTE)
    entry = enter(case, user, type=kind, text=text.strip())
    Attachment.objects.bulk_create([Attachment(case=case, entry=entry, added_at=entry.at, **row) for row in rows])
    mentions.tell(case, entry, people)
    # Names of files may say as much as the note itself; the audit list is read by others.
    note_in_audit(f"case.{kind}", user, case, {"entry": entry.pk} | ({"files": len(rows)} if rows else {}))
    return entry


def check_goes_on(case: Case, field: str) -> None:
    """Raise ValidationError for a case that goes on in another one: nobody would read or count what is said here."""
    if case.state in MERGED:
        message = _("Case {number} was merged into another case; write and act there.").format(number=case.number)
        raise ValidationError({field: message})
