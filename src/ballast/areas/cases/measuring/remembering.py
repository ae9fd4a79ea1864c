"""The summed log in a file of the data folder: a process that begins reads it instead of summing up the whole log.

The file is a copy of what the log says and nothing else rests on it: one that is missing, broken, or of another log is
not taken, and the log is summed up anew.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
from django.conf import settings
from django.db.models import BigIntegerField, Count, Sum

from ballast.areas.cases.measuring.seconds import seconds
from ballast.areas.cases.models import CaseEntry

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Marks", "Summed", "load", "marks_of", "save"]

_NAME = "case-log.npz"
# By what a log is known: how many lines, the sums of their keys, of the keys of their cases and of their seconds.
Marks = tuple[int, int, int, int]


@dataclass(frozen=True)
class Summed:
    """What the log up to a line says of each case that it says anything of."""

    cases: "NDArray[np.int64]"  # [n] ascending
    table: "NDArray[np.float64]"  # [3 + words, n] see `summing.summary`


def marks_of(newest: int) -> Marks:
    """The marks of the lines up to one, as they are now.

    They are to be taken before the lines are summed up: one that is committed in between is then missing in the marks,
    and the file is not taken; the other way round the line would be missing in the sums for good.
    """
    found = CaseEntry.objects.filter(pk__lte=newest).order_by().aggregate(
        lines=Count("pk"), keys=Sum("pk"), cases=Sum("case"),
        at=Sum(seconds("at"), output_field=BigIntegerField()),
    )  # fmt: skip
    lines, keys, cases, at = (int(one or 0) for one in found.values())
    return lines, keys, cases, at


def load(asked: str) -> tuple[int, Marks, Summed] | None:
    """The key of the newest line, the marks and the sums of the file; None where it is not of this question and log.

    `asked` names the database and what is asked of a line.
    """
    try:
        with _path().open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            newest, *known = (int(one) for one in file["marks"])
            if str(file["asked"]) != asked or tuple(known) != marks_of(newest):
                return None
            lines, keys, cases, at = known
            return newest, (lines, keys, cases, at), Summed(file["cases"], file["table"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def save(asked: str, newest: int, marks: Marks, summed: Summed) -> None:
    """Keep the sums of the lines up to `newest`; where the folder takes no file, the next process sums up anew."""
    path = _path()
    draft = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        with draft.open("wb") as file:
            np.savez(file, asked=asked, marks=[newest, *marks], cases=summed.cases, table=summed.table)
        draft.replace(path)


def _path() -> Path:
    return Path(settings.DATA_DIR) / _NAME
