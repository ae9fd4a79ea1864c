"""Reads of people, grants and tokens."""

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils import timezone

from ballast.areas.accounts.access import require
from ballast.areas.accounts.models import ApiToken, Grant, User
from ballast.areas.searching import matching

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

__all__ = [
    "digest_of_token",
    "exercise_logins",
    "grants_of",
    "people",
    "person",
    "tokens_of",
    "user_of_token",
    "valid_grants",
    "with_grant",
]


def digest_of_token(token: str) -> str:
    """SHA-256 of a token in hex: all of it that is ever stored."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def user_of_token(token: str) -> User | None:
    """The active person whose unexpired, unrevoked token this is; None for any other text."""
    found = (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_of_token(token), revoked_at=None, expires_at__gt=timezone.now(), user__is_active=True)
        .first()
    )
    return found.user if found else None


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """The person's own tokens, newest first, revoked ones included."""
    return ApiToken.objects.filter(user=user).order_by("-created_at", "-pk")


def valid_grants(user: User, *, on: dt.date | None = None) -> list[Grant]:
    """The person's grants that hold on a date (today's by default)."""
    on = on or timezone.localdate()
    return list(user.grants.filter(Q(valid_until=None) | Q(valid_until__gte=on)).order_by("pk"))


def people(user: "User | AnonymousUser", *, search: str = "") -> QuerySet[User]:
    """All people with their grants, for an administrator; NotAllowedError for anyone else."""
    require(user, "manage_users")
    rows = User.objects.prefetch_related("grants").order_by("username")
    if search:
        rows = rows.filter(matching(search, "username", "first_name", "last_name"))
    return rows


def person(user: "User | AnonymousUser", username: str) -> User:
    """One person by user name, for an administrator; User.DoesNotExist when there is none."""
    return people(user).get(username=username)


def grants_of(user: "User | AnonymousUser", username: str) -> QuerySet[Grant]:
    """All grants of one person, ended ones included, for an administrator."""
    return person(user, username).grants.order_by("pk")


def exercise_logins() -> list[User]:
    """The first active person of each role who can sign in: shown on the sign-in page of an exercise only."""
    found: dict[str, User] = {}
    rows = Grant.objects.select_related("user").filter(user__is_active=True).order_by("pk")
    for row in rows[:200]:
        if row.role not in found and row.user.has_usable_password():
            row.user.role_label = row.get_role_display()  # type: ignore[attr-defined]
            found[row.role] = row.user
    return list(found.values())


def with_grant(*conditions: Q, **grant: object) -> QuerySet[User]:
    """Active people with a right that is valid today and fits: conditions on `grants__...`, all on the same right."""
    today = timezone.localdate()
    valid = Q(grants__valid_until=None) | Q(grants__valid_until__gte=today)
    return User.objects.filter(valid, *conditions, **grant, is_active=True).distinct().order_by("pk")
