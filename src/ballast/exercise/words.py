"""The free texts of the exercise, which enterprises and officers "wrote" in one language."""

import csv
import math
from functools import cache
from importlib.resources import files
from typing import Literal

from ballast.exercise.sources import products

__all__ = ["LOCALES", "Language", "chosen", "story_words", "words"]

Language = Literal["en", "zh"]
# Language of the pages that the people of the demo get; empty: their browser decides.
LOCALES: dict[Language, str] = {"en": "", "zh": "zh-hans"}
_PARTS = ("blocked", "text", "reply", "solution")
_ANY = ("dispute", "hand_over", "withdraw", "note")


@cache
def _rows() -> dict[tuple[str, str], dict[str, str]]:
    text = files("ballast.exercise").joinpath("data", "words.csv").read_text(encoding="utf-8")
    return {(row["kind"], row["part"]): row for row in csv.DictReader(text.splitlines())}


def chosen(language: Language, name: str, name_zh: str) -> str:
    """The name in that language; the other one where it is missing."""
    return (name_zh or name) if language == "zh" else (name or name_zh)


def words(language: Language, kind: str, part: str, **values: object) -> str:
    """One text with its values filled in; an empty value leaves no gap. Raises KeyError for a text not listed."""
    return " ".join(_rows()[kind, part][language].format(**values).split())


def story_words(
    language: Language, kind: str, site: tuple[str, str], product: str, given: str, *, count: int, cover: float
) -> dict[str, str]:
    """All texts of a case of that kind by part: what is blocked, the text, replies and remarks.

    `site` has both its names; `product` and `given` (the input) are codes; `cover` is in days, nan when unknown.
    """
    made, asked = products()[product], products()[given]
    values = {
        "site": chosen(language, *site),
        "product": chosen(language, made.name.lower(), made.name_zh),
        "input": chosen(language, asked.name.lower(), asked.name_zh),
        "count": count,
        "gap": 2 + count % 12,  # days without a delivery
        "lasts": _lasting(language, cover),
    }
    own = {part: words(language, kind, part, **values) for part in _PARTS}
    return own | {part: words(language, "any", part) for part in _ANY}


def _lasting(language: Language, cover: float) -> str:
    """How long a stock lasts, as a sentence; empty when it is unknown."""
    if math.isnan(cover):
        return ""
    days = max(round(cover), 1)
    return words(language, "any", "lasts_one" if days == 1 else "lasts", days=days)
