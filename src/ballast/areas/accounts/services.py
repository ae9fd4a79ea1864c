"""Writes of people, grants and tokens. Each tells the audit chain in its own transaction."""

import datetime as dt
import secrets
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ballast.areas.accounts import selectors
from ballast.areas.accounts.access import require
from ballast.areas.accounts.events import account_changed
from ballast.areas.accounts.models import ApiToken, Grant, IdempotencyKey, Role, User

__all__ = [
    "create_user",
    "grant",
    "issue_token",
    "purge_idempotency_keys",
    "revoke_grant",
    "revoke_token",
    "set_active",
    "set_language",
    "set_password",
]

LANGUAGES = ("en", "zh-hans")
TOKEN_DAYS = 90
TOKEN_DAYS_MOST = 366

# Who acts: a person, or the name of a process such as "command line", which the operator runs and needs no right.
Actor = User | str


def _say(action: str, actor: Actor, subject: User, detail: dict[str, Any], enterprise: str = "") -> None:
    account_changed.send(
        sender=None,
        action=action,
        actor=actor,
        subject_type="user",
        subject_id=subject.username,
        enterprise=enterprise,
        detail=detail,
    )


def _allow(actor: Actor) -> None:
    if not isinstance(actor, str):
        require(actor, "manage_users")


@transaction.atomic
def create_user(
    actor: Actor, username: str, *, name: str = "", password: str | None = None, language: str = ""
) -> User:
    """A new person without any right; ValidationError names the field that is wrong.

    Without a password the person cannot sign in on the pages until one is set.
    """
    _allow(actor)
    if language not in {"", *LANGUAGES}:
        message = _("Unknown language {value}: use en or zh-hans.").format(value=language)
        raise ValidationError({"language": message})
    user = User(username=User.normalize_username(username), first_name=name, language=language)
    user.set_password(password)
    user.full_clean(exclude=["password"])
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as exc:
            raise ValidationError({"password": exc.messages}) from exc
    user.save()
    _say("user.created", actor, user, {"name": name})
    return user


@transaction.atomic
def set_password(actor: Actor, user: User, password: str) -> None:
    """Give a person a new password; ValidationError says what is too weak about it. Ends their sessions."""
    _allow(actor)
    try:
        validate_password(password, user)
    except ValidationError as exc:
        raise ValidationError({"password": exc.messages}) from exc
    user.set_password(password)
    user.save(update_fields=["password"])
    _say("user.password", actor, user, {})


@transaction.atomic
def set_active(actor: Actor, user: User, active: bool) -> None:
    """Let a person in or keep them out, on pages and API alike. An administrator cannot lock themselves out."""
    _allow(actor)
    if not active and not isinstance(actor, str) and actor.pk == user.pk:
        raise ValidationError(_("You cannot close your own account. Another administrator can."))
    if user.is_active != active:
        user.is_active = active
        user.save(update_fields=["is_active"])
        _say("user.opened" if active else "user.closed", actor, user, {})


@transaction.atomic
def grant(
    actor: Actor,
    user: User,
    *,
    role: str,
    region: str = "",
    chain: str = "",
    enterprise: str = "",
    valid_until: dt.date | None = None,
) -> Grant:
    """The right, made or its end date changed. ValidationError when role and scope do not fit together."""
    _allow(actor)
    _check_scope(role, region, chain, enterprise)
    row, made = Grant.objects.get_or_create(
        user=user,
        role=role,
        region=region,
        chain=chain,
        enterprise=enterprise,
        defaults={"valid_until": valid_until},
    )
    if not made and row.valid_until == valid_until:
        return row
    row.valid_until = valid_until
    row.save()
    _say("grant.given", actor, user, _scope(row), enterprise)
    return row


def _check_scope(role: str, region: str, chain: str, enterprise: str) -> None:
    if role not in Role.values:
        message = _("Unknown role {value}. Roles are: {roles}.").format(value=role, roles=", ".join(Role.values))
        raise ValidationError({"role": message})
    if role == Role.REPORTER and not enterprise:
        raise ValidationError({"enterprise": _("An enterprise reporter needs an enterprise.")})
    if role != Role.REPORTER and enterprise:
        raise ValidationError({"enterprise": _("Only an enterprise reporter is bound to an enterprise.")})
    if role in {Role.PROVINCE_OFFICER, Role.CITY_OFFICER} and not region:
        raise ValidationError({"region": _("An officer of a province or city needs a region.")})
    if enterprise and (region or chain):
        raise ValidationError({"region": _("A right for one enterprise has no region or chain beside it.")})


def _scope(row: Grant) -> dict[str, Any]:
    until = row.valid_until.isoformat() if row.valid_until else None
    return {
        "role": row.role,
        "region": row.region,
        "chain": row.chain,
        "enterprise": row.enterprise,
        "valid_until": until,
    }


@transaction.atomic
def revoke_grant(actor: Actor, grant_id: int) -> None:
    """End a right at once; Grant.DoesNotExist when there is none. An administrator cannot end their own last one."""
    _allow(actor)
    row = Grant.objects.select_related("user").get(pk=grant_id)
    if not isinstance(actor, str) and row.user_id == actor.pk and row.role == Role.ADMINISTRATOR:
        raise ValidationError(_("You cannot end your own right to administer. Another administrator can."))
    detail = _scope(row)
    row.delete()
    _say("grant.ended", actor, row.user, detail, row.enterprise)


@transaction.atomic
def issue_token(user: User, name: str, *, days: int = TOKEN_DAYS, acting: Actor | None = None) -> tuple[ApiToken, str]:
    """A new token of the person and its text, which is shown this once and stored nowhere.

    `days` from 1 to 366. `acting` is who makes it when it is not the person: an administrator or a process.
    """
    if acting is not None:
        _allow(acting)
    if not 1 <= days <= TOKEN_DAYS_MOST:
        message = _("A token lasts 1 to {most} days, not {value}.").format(most=TOKEN_DAYS_MOST, value=days)
        raise ValidationError({"days": message})
    text = f"blst_{secrets.token_urlsafe(32)}"
    row = ApiToken(user=user, name=name.strip(), digest=selectors.digest_of_token(text))
    row.expires_at = timezone.now() + dt.timedelta(days=days)
    row.full_clean()
    row.save()
    _say("token.issued", acting or user, user, {"token": row.pk, "name": row.name, "days": days})
    return row, text


@transaction.atomic
def revoke_token(user: User, token_id: int) -> None:
    """Revoke one of the person's own tokens; ApiToken.DoesNotExist for anyone else's. Again changes nothing."""
    row = ApiToken.objects.get(pk=token_id, user=user)
    if row.revoked_at:
        return
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    _say("token.revoked", user, user, {"token": row.pk, "name": row.name})


@transaction.atomic
def set_language(user: User, language: str) -> None:
    """Keep the language of the person's pages: en or zh-hans."""
    if language not in LANGUAGES:
        raise ValidationError({"language": _("Unknown language {value}.").format(value=language)})
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])
        _say("user.language", user, user, {"language": language})


def purge_idempotency_keys(older_than: dt.datetime) -> int:
    """Delete kept answers made before an instant; the number deleted."""
    return IdempotencyKey.objects.filter(created_at__lt=older_than).delete()[0]
