"""Where the desk is that first receives the cases of a place, for all places at once."""

from ballast.areas.reference.models import Region

__all__ = ["desk_regions"]


def desk_regions() -> dict[str, str]:
    """Code of every region and of the one whose desk receives first there, as `desk_region` says it."""
    rows = {row.code: row for row in Region.objects.only("code", "path", "level")}
    found = {}
    for code, row in rows.items():
        above = {rows[one].level: one for one in row.path.strip("/").split("/") if one in rows}
        found[code] = above.get("province") or above.get("nation") or code
    return found
