"""What areas that build on this one count for conditions: they register it here when they are loaded."""

from collections.abc import Callable

__all__ = ["CountWarnings", "offer_warnings", "open_warnings"]


# (level, region, chain, days) -> numbers of the open warnings of a level in a place, "" for every one, that have stood
# for so many days.
CountWarnings = Callable[[str, str, str, int], list[int]]

_OFFERED: dict[str, CountWarnings] = {}


def offer_warnings(count: CountWarnings) -> None:
    """Make the counting of warnings known; the same one again changes nothing."""
    _OFFERED["warnings"] = count


def open_warnings(level: str, region: str, chain: str, days: int) -> list[int]:
    """Numbers of the open warnings, see CountWarnings; none where no area counts any."""
    count = _OFFERED.get("warnings")
    return count(level, region, chain, days) if count else []
