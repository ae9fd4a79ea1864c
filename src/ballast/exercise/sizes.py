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

    @property
    def national_list(self) -> int:
        """Enterprises on the national list, all batches together."""
        return sum(self.batches)


def _full(code: str, enterprises: int, links: int, **scale: int) -> Size:
    """A size at which the published totals come out; the batches are invented parts of the published 1,624."""
    return Size(
        code,
        enterprises,
        links,
        shanghai_listed=666,
        shanghai_restarted=578,
        shanghai_by_22_april=466,  # 70 %
        jilin_panel=50,
        jilin_running=49,
        batches=(512, 446, 378, 288),
        vehicle_groups=15,
        **scale,
    )


SIZES: dict[str, Size] = {
    "s": Size(
        "s",
        300,
        1_400,
        shanghai_listed=38,
        shanghai_restarted=33,
        shanghai_by_22_april=27,
        jilin_panel=6,
        jilin_running=5,
        batches=(31, 27, 22, 17),
        vehicle_groups=3,
        plants_per_group=2,
        open_cases=24,
        closed_cases=30,
    ),
    "m": _full("m", 5_000, 25_000, plants_per_group=4, open_cases=62, closed_cases=140),
    "l": _full("l", 20_000, 100_000, plants_per_group=8, open_cases=240, closed_cases=600),
}
