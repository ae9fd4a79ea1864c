"""How much of the time each desk used: its own parts of the cases, met and missed, by desk.

The parts are those of the clocks, so pauses and time at other desks do not count, and each desk is judged by its own
line of the policy. Every figure is counted by the condition that also filters the list of cases.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext as _

from ballast.areas.cases.clocks.models import Part
from ballast.areas.cases.clocks.parts import PART_WORDS, desk_labels, parts_that_are
from ballast.areas.cases.measuring.measures import NARROWING, Times, check_narrowing
from ballast.areas.cases.selectors import filtered
from ballast.areas.reference.selectors import now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["PartLine", "opens_parts", "part_measures"]


@dataclass(frozen=True)
class PartLine:
    """The parts of one desk; `key` is region or region/department, "" for all together.

    `hours` is the working time of a part that ended, `used` the sum of it over all parts that ended, in hours.
    """

    key: str
    label: str
    counts: Mapping[str, int]
    hours: Times
    used: float

    @property
    def in_time(self) -> float | None:
        """Share in time of the parts that ended; None where none did."""
        ended = self.counts["met"] + self.counts["missed"]
        return self.counts["met"] / ended if ended else None


def opens_parts(key: str, word: str, narrowed: Mapping[str, str] | None = None) -> dict[str, str]:
    """Filters of the list that holds exactly the cases of a figure."""
    given = {name: value for name, value in (narrowed or {}).items() if value and name in NARROWING}
    return given | {"state": "all", "part": key} | ({"part_is": word} if word != "all" else {})


def part_measures(user: "User", narrowed: Mapping[str, str] | None = None) -> list[PartLine]:
    """A line for each desk that had one of the cases that the person may see, most cases first; then all together.

    `narrowed` are filters out of NARROWING. None at all where no case has a part. Raises ValidationError by field for
    a month or kind that there is not.
    """
    given = {name: value for name, value in (narrowed or {}).items() if value and name in NARROWING}
    if faults := check_narrowing(given):
        raise ValidationError(faults)
    rows = Part.objects.filter(case__in=filtered(user, {**given, "state": "all"}).order_by().values("pk"))
    known = {word: parts_that_are(word, now()) for word in PART_WORDS}
    wanted = {"all": Count("pk"), **{word: Count("pk", filter=condition) for word, condition in known.items()}}
    counted = {agency: dict(zip(wanted, row, strict=True))
               for agency, *row in rows.values("agency").annotate(**wanted).values_list("agency", *wanted)}  # fmt: skip
    used: dict[str, list[float]] = defaultdict(list)
    for agency, minutes in rows.filter(ended=True).values_list("agency", "used"):
        used[agency].append(minutes / 60)
    labels = desk_labels(counted)
    order = sorted(counted, key=lambda key: (-counted[key]["all"], key))
    lines = [_line(key, labels[key], counted[key], used[key]) for key in order]
    if lines:
        whole = {word: sum(line.counts[word] for line in lines) for word in ("all", *PART_WORDS)}
        lines.append(_line("", _("All"), whole, [one for key in order for one in used[key]]))
    return lines


def _line(key: str, label: str, counts: Mapping[str, int], used: list[float]) -> PartLine:
    times = Times(*(float(one) for one in np.quantile(used, (0.5, 0.9), method="inverted_cdf"))) if used else Times()
    return PartLine(key, label, counts, times, sum(used))
