"""The parts-cover lamp: below 3 days is red. The 3 is fixed by the mission; 7 and 14 are our proposals."""

import math
from typing import Final, Literal

__all__ = ["BLUE_BELOW", "RED_BELOW", "TOLERANCE", "YELLOW_BELOW", "Level", "parts_cover_level"]

Level = Literal["red", "yellow", "blue", "normal", "no_data", "not_in_use"]

RED_BELOW: Final = 3.0
YELLOW_BELOW: Final = 7.0
BLUE_BELOW: Final = 14.0
# 0.3 / 0.1 gives 2.9999999999999996 in binary arithmetic and is three days all the same.
TOLERANCE: Final = 1e-9


def parts_cover_level(cover_days: float | None, daily_use: float | None) -> Level:
    """Lamp of one input at one site from its cover in days.

    Nothing used per day gives "not_in_use"; an unknown use or cover gives "no_data", never a colour.
    ValueError when a figure is negative.

    >>> parts_cover_level(2.99, 100), parts_cover_level(3.0, 100)
    ('red', 'yellow')
    """
    for name, value in (("cover_days", cover_days), ("daily_use", daily_use)):
        if value is not None and value < 0:
            msg = f"{name} is {value}: it cannot be below 0."
            raise ValueError(msg)
    if daily_use == 0:
        return "not_in_use"
    if daily_use is None or cover_days is None or math.isnan(daily_use) or math.isnan(cover_days):
        return "no_data"
    if cover_days < RED_BELOW - TOLERANCE:
        return "red"
    if cover_days < YELLOW_BELOW - TOLERANCE:
        return "yellow"
    return "blue" if cover_days < BLUE_BELOW - TOLERANCE else "normal"
