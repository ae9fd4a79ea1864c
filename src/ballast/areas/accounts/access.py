"""What a person may see and do: the one place where grants become scopes and permissions."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from ballast.areas.accounts.models import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest

    from ballast.areas.accounts.models import User

__all__ = [
    "PERMISSIONS",
    "NotAllowedError",
    "Scope",
    "can",
    "narrowed",
    "person_of",
    "require",
    "restrict",
    "scope_of",
    "valid_grants",
]

# Of officers of the ministry and of a province; they also set which desk gets which cases.
_OFFICER = frozenset({
    "view_desk", "work_cases", "hand_over_cases", "manage_events", "issue_brief", "export", "run_forecast",
    "keep_reserve", "issue_measures", "switch_modes",
})  # fmt: skip
# What each role may do inside its scope; everything not named here is refused.
PERMISSIONS: dict[str, frozenset[str]] = {
    Role.MINISTRY_OFFICER: _OFFICER | {"set_routing", "keep_reply_texts", "set_rules", "review_materials"},
    Role.PROVINCE_OFFICER: _OFFICER | {"set_routing", "keep_reply_texts"},
    Role.CITY_OFFICER: frozenset(
        {"view_desk", "work_cases", "hand_over_cases", "manage_events", "export", "switch_modes"}
    ),
    # Reviews of materials count for the whole authority: only a grant without region and chain carries them.
    Role.ANALYST: frozenset({"view_desk", "export", "run_forecast", "review_materials"}),
    Role.LEADER: frozenset({"view_desk"}),
    Role.REPORTER: frozenset({"view_portal", "report", "file_cases", "answer_cases"}),
    Role.ADMINISTRATOR: frozenset({"manage_users", "load_tables", "view_audit", "manage_messages"}),
}


class NotAllowedError(ObjectDoesNotExist):
    """The person may not do this. Shown as 404, the same answer as for what does not exist."""


@dataclass(frozen=True)
class Scope:
    """Where a person's grants reach. Codes of regions, chains and enterprises; `everything` when unlimited.

    A grant with both region and chain reaches only what is in both.
    """

    everything: bool = False
    # (region code or "", chain code or "") pairs, at least one of the two set.
    places: tuple[tuple[str, str], ...] = ()
    enterprises: tuple[str, ...] = ()
    # What was looked up for each of the regions; it lives as long as one request.
    known: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def empty(self) -> bool:
        """Whether the scope reaches nothing."""
        return not (self.everything or self.places or self.enterprises)


def valid_grants(user: "User | AnonymousUser") -> list[tuple[str, str, str, str]]:
    """Valid grants as (role, region, chain, enterprise), read once per user object."""
    if not user.is_authenticated:
        return []
    cached = getattr(user, "_valid_grants", None)
    if cached is None:
        today = timezone.localdate()
        cached = [
            (g.role, g.region, g.chain, g.enterprise)
            for g in user.grants.all()
            if g.valid_until is None or g.valid_until >= today
        ]
        user._valid_grants = cached  # type: ignore[attr-defined]
    return cached


def person_of(request: "HttpRequest") -> "User":
    """The person of a request that cannot come from a stranger: behind login_required or the API's sign-in."""
    return cast("User", request.user)


def restrict(user: "User", grants: list[tuple[str, str, str, str]]) -> None:
    """Let this user object act with these grants only; what is stored does not change."""
    user._valid_grants = grants  # type: ignore[attr-defined]
    user._scopes = {}  # type: ignore[attr-defined]
    user._narrowed = True  # type: ignore[attr-defined]


def narrowed(user: "User | AnonymousUser") -> bool:
    """Whether this user object acts with fewer grants than are stored."""
    return getattr(user, "_narrowed", False)


def can(user: "User | AnonymousUser", permission: str) -> bool:
    """Whether any valid grant of the user carries the permission."""
    return any(permission in PERMISSIONS.get(role, frozenset()) for role, *_ in valid_grants(user))


def require(user: "User | AnonymousUser", permission: str) -> None:
    """Raise NotAllowedError unless the user has the permission."""
    if not can(user, permission):
        raise NotAllowedError(permission)


def scope_of(user: "User | AnonymousUser", permission: str | None = None) -> Scope:
    """Union of the user's valid grants, of those that carry `permission` when one is given; one for a user object."""
    scopes: dict[str | None, Scope] | None = getattr(user, "_scopes", None)
    if scopes is None:
        scopes = user._scopes = {}  # type: ignore[union-attr]
    if permission not in scopes:
        scopes[permission] = _scope(user, permission)
    return scopes[permission]


def _scope(user: "User | AnonymousUser", permission: str | None) -> Scope:
    """The union, from the grants."""
    places, enterprises = set(), set()
    for role, region, chain, enterprise in valid_grants(user):
        allowed = PERMISSIONS.get(role, frozenset())
        # Administration is about accounts and tables, not about enterprises' data.
        if (permission and permission not in allowed) or not allowed & {"view_desk", "view_portal"}:
            continue
        if enterprise:
            enterprises.add(enterprise)
        elif region or chain:
            places.add((region, chain))
        else:
            return Scope(everything=True)
    return Scope(places=tuple(sorted(places)), enterprises=tuple(sorted(enterprises)))
