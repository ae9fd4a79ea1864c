"""How large an exercise is, and which totals it must recount to."""

from dataclasses import dataclass

__all__ = ["SIZES", "Size"]


@dataclass(frozen=True)
class Size:
    """Counts of one exercise. The lists and panels are the published totals, except at size s (a sample)."""

    code: str
    enterprises: int
    links: int
    shanghai_listed: int
    shanghai_restarted: int
    shanghai_by_22_april: int
    jilin_panel: int
    jilin_running: int
    batches: tuple[int, int, int, int]
    vehicle_groups: int
    plants_per_group: int
    open_cases: int
    closed_cases: int
    lots: int

    @property
    def national_list(self) -> int:
        """Enterprises on the national list, all batches together."""
        return sum(self.batches)


# 22 April: 70 % had restarted, so 466 of 666. The four batches are invented parts of the published 1,624.
_LISTS = {
    "shanghai_listed": 666,
    "shanghai_restarted": 578,
    "shanghai_by_22_april": 466,
    "jilin_panel": 50,
    "jilin_running": 49,
    "batches": (512, 446, 378, 288),
    "vehicle_groups": 15,
}
SIZES: dict[str, Size] = {
    "s": Size("s", 300, 1_400, 38, 33, 27, 6, 5, (31, 27, 22, 17), 3, 2, open_cases=24, closed_cases=30, lots=12),
    "m": Size("m", 5_000, 25_000, **_LISTS, plants_per_group=4, open_cases=62, closed_cases=140, lots=60),
    "l": Size("l", 20_000, 100_000, **_LISTS, plants_per_group=8, open_cases=240, closed_cases=600, lots=240),
}
