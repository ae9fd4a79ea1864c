"""Webhooks: who is told of what, and the messages that an administrator sends again."""

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.audit.services import record
from ballast.areas.notices.calling import AddressError, check_url
from ballast.areas.notices.happenings import HAPPENINGS
from ballast.areas.notices.jobs import request_sending
from ballast.areas.notices.models import Message, Webhook
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Chain, Enterprise

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["SHORTEST_SECRET", "register", "send_again", "switch"]

SHORTEST_SECRET = 16


@transaction.atomic
def register(
    user: "User",
    *,
    name: str,
    url: str,
    kinds: Iterable[str],
    secret: str = "",
    region: str = "",
    chain: str = "",
    enterprise: str = "",
) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is made unless given, shown this once.

    Raises NotAllowedError, ValidationError by field.
    """
    require(user, "manage_messages")
    told = sorted(set(kinds))
    faults = _faults(name, url, told, secret) | _unknown_places(region, chain, enterprise)
    if faults:
        raise ValidationError(faults)
    hook = Webhook.objects.create(
        name=name.strip(), url=url.strip(), secret=secret or secrets.token_urlsafe(32), kinds=told, region=region,
        chain=chain, enterprise=enterprise, made_by=user.get_username(),
    )  # fmt: skip
    scope = {"region": region, "chain": chain, "enterprise": enterprise}
    _note("webhook.registered", user, hook, {"name": hook.name, "url": hook.url, "kinds": told, **scope})
    return hook, hook.secret


def _faults(name: str, url: str, kinds: list[str], secret: str) -> dict[str, str]:
    faults = {}
    if not name.strip():
        faults["name"] = _("Fill in this field.")
    try:
        check_url(url.strip())
    except AddressError as error:
        faults["url"] = str(error)
    if secret and len(secret) < SHORTEST_SECRET:
        faults["secret"] = _("This secret has {count} characters; give at least {least}, or none.").format(
            count=len(secret), least=SHORTEST_SECRET
        )
    unknown = [kind for kind in kinds if kind not in HAPPENINGS]
    if unknown or not kinds:
        message = _("“{value}” is not a happening; choose from {kinds}.")
        faults["kinds"] = message.format(value=", ".join(unknown), kinds=", ".join(HAPPENINGS))
    return faults


def _unknown_places(region: str, chain: str, enterprise: str) -> dict[str, str]:
    faults = {}
    if region and not Region.objects.filter(code=region).exists():
        faults["region"] = _("There is no {value}.").format(value=region)
    if chain and not Chain.objects.filter(code=chain).exists():
        faults["chain"] = _("There is no {value}.").format(value=chain)
    if enterprise and not Enterprise.objects.filter(enterprise_id=enterprise).exists():
        faults["enterprise"] = _("There is no {value}.").format(value=enterprise)
    if enterprise and (region or chain):
        faults["region"] = _("A right for one enterprise has no region or chain beside it.")
    return faults


@transaction.atomic
def switch(user: "User", pk: int, *, active: bool) -> Webhook:
    """Switch a webhook on or off; what it is still owed when it goes off fails, and can be sent again.

    Raises NotAllowedError, Webhook.DoesNotExist.
    """
    require(user, "manage_messages")
    hook = Webhook.objects.select_for_update().get(pk=pk)
    if hook.active != active:
        hook.active = active
        hook.save(update_fields=["active"])
        _note("webhook.on" if active else "webhook.off", user, hook, {"name": hook.name})
    return hook


@transaction.atomic
def send_again(user: "User", pk: int) -> Message:
    """The message, owed once more under the same delivery id.

    Raises NotAllowedError, Message.DoesNotExist, ValidationError for one that is on its way anyway.
    """
    require(user, "manage_messages")
    message = Message.objects.select_for_update(of=("self",)).get(pk=pk)
    if message.state not in (Message.State.FAILED, Message.State.SENT):
        text = _("Message {number} is “{state}”; only one that failed or was sent is sent again.")
        raise ValidationError({"state": text.format(number=pk, state=message.get_state_display())})
    at = timezone.now()
    # Written anew as far as giving up goes, or it would fail at the first attempt.
    message.state, message.next_try, message.written_at, message.attempts = Message.State.OWED, at, at, 0
    message.save(update_fields=["state", "next_try", "written_at", "attempts"])
    record("message.again", user, subject_type="message", subject_id=str(pk), detail={"target": message.target})
    request_sending()
    return message


def _note(action: str, user: "User", hook: Webhook, detail: dict[str, object]) -> None:
    enterprise = hook.enterprise
    record(action, user, subject_type="webhook", subject_id=str(hook.pk), enterprise=enterprise, detail=detail)
