"""Propose a version of a rule pack, decide on it as a second person, take it back."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import NotAllowedError, scope_of
from ballast.areas.alerts import services
from ballast.areas.alerts.packs import read_pack_text
from ballast.areas.alerts.rulebook.dry_run import dry_run
from ballast.areas.alerts.rulebook.in_force import pack_on, parts_cover_on, shipped
from ballast.areas.alerts.rulebook.models import PackVersion
from ballast.areas.alerts.rulebook.trying import tried
from ballast.areas.alerts.rules import PARTS_COVER, rule_of
from ballast.areas.audit.services import record
from ballast.areas.reference.selectors import now, today
from ballast.core.warning import Fault, FaultyFileError, RulePack

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["LONGEST", "decide", "may_set", "propose", "withdraw"]

# Who may propose and decide.
_SET = "set_rules"
# Characters of a pack's text; the longest that is shipped has some 6,000.
LONGEST = 60_000
_SUBJECT = "rule_pack"


@transaction.atomic
def propose(user: "User", text: str, why: str) -> PackVersion:
    """Keep a version of a pack, from TOML, with its dry run over the past year; it holds once a second person approved.

    Raises ValidationError with every fault of the text, for a version that is there already, for one that would begin
    before today, and without a reason.
    """
    _require(user)
    pack = _read(text)
    day = today()
    begin = _checked(pack, why, day)
    base = pack_on(pack.name, day)[0].version
    row, new = PackVersion.objects.get_or_create(
        pack=pack.name, version=pack.version,
        defaults={
            "title": pack.title[:200], "title_zh": pack.title_zh[:200], "text": text, "effective_from": begin,
            "effective_until": pack.rules[0].effective_until, "base": base, "why": why.strip(),
            "dry_run": _tried(pack, day), "proposed_by": user, "proposed_at": now(),
        },
    )  # fmt: skip
    if not new:  # another person proposed one of this name while the dry run went on
        raise _taken(pack.version)
    _record("proposed", user, row, {"why": row.why, "base": base, "effective_from": begin})
    return row


@transaction.atomic
def decide(user: "User", pack: str, version: str, *, approve: bool, note: str = "") -> PackVersion:
    """Approve or refuse a proposed version; lamps go over to it at once when it begins today.

    Raises PackVersion.DoesNotExist for one that there is not, and ValidationError for the person who proposed it, for
    one that is decided, for an approval on a day after its begin, and for a refusal without a note.
    """
    _require(user)
    row = _proposed(pack, version)
    if row.proposed_by_id == user.pk:
        raise ValidationError({"version": _("You proposed this version; a second person decides on it.")})
    if approve and row.proposed_by_id is None:
        raise ValidationError({"version": _("Who asked for it has no account any more; it has to be asked for anew.")})
    if approve and row.effective_from < today():
        message = _("It would begin on {day}, which has passed; propose it anew with a later day.")
        raise ValidationError({"version": message.format(day=row.effective_from)})
    if not approve and not note.strip():
        raise ValidationError({"note": _("Say why it is refused.")})
    _close(row, user, PackVersion.State.APPROVED if approve else PackVersion.State.REFUSED, note)
    if approve and row.pack == PARTS_COVER and row.effective_from == today():
        services.relight()
    return row


@transaction.atomic
def withdraw(user: "User", pack: str, version: str, note: str = "") -> PackVersion:
    """Take back a version that one proposed oneself. Errors as for `decide`."""
    _require(user)
    row = _proposed(pack, version)
    if row.proposed_by_id != user.pk:
        raise ValidationError({"version": _("Only who proposed a version takes it back; you can refuse it.")})
    _close(row, user, PackVersion.State.WITHDRAWN, note)
    return row


def may_set(user: "User") -> bool:
    """Whether the person proposes and decides: rules hold for the whole authority, so a right to a part is none."""
    return scope_of(user, _SET).everything


def _require(user: "User") -> None:
    if not may_set(user):
        raise NotAllowedError(_SET)


def _taken(version: str) -> ValidationError:
    message = _("Version “{version}” is there already; give this one a name of its own.")
    return ValidationError({"text": message.format(version=version)})


def _proposed(pack: str, version: str) -> PackVersion:
    row = PackVersion.objects.select_for_update().get(pack=pack, version=version)
    if row.state != PackVersion.State.PROPOSED:
        message = _("Version {version} is decided: {state}.")
        raise ValidationError({"version": message.format(version=version, state=row.get_state_display())})
    return row


def _close(row: PackVersion, user: "User", state: str, note: str) -> None:
    row.state, row.decided_by, row.decided_at, row.note = state, user, now(), note.strip()
    row.save()
    _record(str(state), user, row, {"note": row.note})


def _record(act: str, user: "User", row: PackVersion, detail: dict[str, Any]) -> None:
    record(f"rules.{act}", user, subject_type=_SUBJECT, subject_id=str(row), detail=detail)


def _read(text: str) -> RulePack:
    if len(text) > LONGEST:
        message = _("The text has {count} characters; a pack has {most} at most.")
        raise ValidationError({"text": message.format(count=len(text), most=LONGEST)})
    try:
        return read_pack_text(text, "pack")
    except FaultyFileError as error:
        raise ValidationError({"text": [_said(fault) for fault in error.faults]}) from None


def _said(fault: Fault) -> str:
    """A fault of a text that is in no file."""
    return fault._replace(line=0).said(_("Line {line}").format(line=fault.line))


def _checked(pack: RulePack, why: str, day: dt.date) -> dt.date:
    """The day on which the version begins, when it may be proposed."""
    if pack.name not in shipped():
        message = _("There is no pack “{pack}”; there are {packs}.")
        raise ValidationError({"text": message.format(pack=pack.name, packs=", ".join(shipped()))})
    if pack.name == PARTS_COVER:
        try:
            rule_of(pack)
        except ValueError as error:
            raise ValidationError({"text": str(error)}) from None
    known = {shipped()[pack.name].pack.version}
    known |= set(PackVersion.objects.filter(pack=pack.name).values_list("version", flat=True))
    if pack.version in known:
        raise _taken(pack.version)
    if len(pack.version) > 40:
        raise ValidationError({"text": _("The name of the version has more than 40 characters.")})
    begin = pack.rules[0].effective_from
    if begin is None or begin < day:
        message = _("effective_from: {day} has passed, and what was judged stays so. Give {today} or a later day.")
        raise ValidationError({"text": message.format(day=begin, today=day)})
    if not why.strip():
        raise ValidationError({"why": _("Say why the rules change.")})
    return begin


def _tried(pack: RulePack, day: dt.date) -> dict[str, Any]:
    """The dry run beside the rules in force, on what is stored of the past year."""
    if pack.name != PARTS_COVER:
        return tried(pack_on(pack.name, day)[0], pack, day)
    return dry_run({"in_force": parts_cover_on(day), "proposed": rule_of(pack)}, day)
