"""The scope of a paper: a region's path, with a chain's code behind "#" where it is limited to one."""

from django.utils.translation import gettext as _

from ballast.areas.accounts.access import PERMISSIONS, Scope, scope_of
from ballast.areas.accounts.models import Grant, User
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Chain

__all__ = ["allowed", "desks", "home", "keys_of", "label", "named", "names", "parse"]

EVERYTHING = "/"


def parse(key: str) -> Scope:
    """The scope behind a key such as "/", "/CN/310000/" or "/CN/310000/#automobile"."""
    path, _mark, chain = key.partition("#")
    if path == EVERYTHING and not chain:
        return Scope(everything=True)
    codes = path.strip("/").split("/")
    return Scope(places=((codes[-1], chain),))


def label(key: str) -> dict[str, str]:
    """Key, English and Chinese name of a scope; raises Region.DoesNotExist or Chain.DoesNotExist."""
    path, _mark, chain = key.partition("#")
    names = {"name": "All regions", "name_zh": "全部地区"}
    if path != EVERYTHING:
        region = Region.objects.get(path=path)
        names = {"name": region.name, "name_zh": region.name_zh}
    if chain:
        row = Chain.objects.get(code=chain)
        names = {
            "name": f"{names['name']}, {row.name}",
            "name_zh": f"{names['name_zh'] or names['name']}，{row.name_zh or row.name}",
        }
    return {"key": key, **names}


def named(region: str) -> str:
    """The key of a region by its code; raises Region.DoesNotExist."""
    return Region.objects.get(code=region).path


def keys_of(user: User, permission: str = "view_desk") -> list[str]:
    """The scopes of the person's grants with a permission, widest first by name; empty for who has none."""
    scope = scope_of(user, permission)
    if scope.everything:
        return [EVERYTHING]
    paths = dict(Region.objects.filter(code__in=[r for r, _c in scope.places if r]).values_list("code", "path"))
    return sorted(
        f"{paths[region] if region else EVERYTHING}{'#' + chain if chain else ''}"
        for region, chain in scope.places
        if not region or region in paths
    )


def home(user: User, permission: str = "view_desk") -> str | None:
    """The scope whose papers the person reads first, or in which they first have the permission; None without any."""
    return next(iter(keys_of(user, permission)), None)


def allowed(user: User, key: str, permission: str = "view_desk") -> bool:
    """Whether the person may read the papers of that scope, or what `permission` says: it lies wholly within one of
    their own."""
    path, _mark, chain = key.partition("#")
    for own in keys_of(user, permission):
        own_path, _own_mark, own_chain = own.partition("#")
        if path.startswith(own_path) and own_chain in ("", chain):
            return True
    return False


def desks() -> set[str]:
    """The scopes of everyone who reads papers, as keys."""
    readers = [role for role, allowed in PERMISSIONS.items() if "view_desk" in allowed]
    grants = Grant.objects.filter(role__in=readers, user__is_active=True, enterprise="")
    return {key for user in User.objects.filter(grants__in=grants).distinct() for key in keys_of(user)}


def names(keys: list[str]) -> dict[str, str]:
    """What the scopes are called in the language of the page, by key; a key without its region goes by itself."""
    regions = {row.path: row.label for row in Region.objects.filter(path__in=[key.partition("#")[0] for key in keys])}
    chains = {row.code: row.label for row in Chain.objects.all()} if any("#" in key for key in keys) else {}
    found = {}
    for key in keys:
        path, _mark, chain = key.partition("#")
        place = _("All regions") if path == EVERYTHING else regions.get(path, path)
        found[key] = f"{place}, {chains.get(chain, chain)}" if chain else place
    return found
