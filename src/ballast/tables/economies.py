"""Countries as sources of supply: a code for every name, the members of a group on a day, the home of a question.

A country here is an economy that customs and statistics count by itself: ISO 3166-1 alpha-2, and CN-TW, CN-HK and
CN-MO where a source lists them beside CN. Names and groups are data: data/country_names.csv, country_groups.csv.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterable
from functools import cache
from importlib import resources

from ballast.core.columns import NetworkError
from ballast.tables.problems import nearest

__all__ = ["country_code", "economy", "home_codes"]

_GB_CODE = re.compile(r"\d{6}")
_CODE = re.compile(r"[A-Z]{2}(-(TW|HK|MO))?|ROW")
_APART = {"71": "CN-TW", "81": "CN-HK", "82": "CN-MO"}


def economy(region: str) -> str:
    """The country of a region code, GB/T 2260 or ISO 3166; empty stays empty.

    >>> economy("310115"), economy("DE-BY"), economy("710000"), economy("JPN")
    ('CN', 'DE', 'CN-TW', 'JP')
    """
    if _GB_CODE.fullmatch(region):
        return _APART.get(region[:2], "CN")
    if region in _APART.values():
        return region
    head = region.partition("-")[0]
    return _names().get(head, head)


def country_code(name: str, *, file: str) -> str:
    """The code of a country as a source writes it. NetworkError with the nearest known name."""
    if _CODE.fullmatch(name) or name in _names():
        return _names().get(name, name)
    guess = nearest(name, sorted(_names()))
    hint = f"Did they mean {guess!r}?" if guess else "Write its ISO 3166 code."
    msg = f"{file}: {name!r} is no country that is known. {hint}"
    raise NetworkError(msg)


def home_codes(given: Iterable[str], *, on: dt.date) -> frozenset[str]:
    """The countries that make up a home: codes, names, and groups such as EU with their members on that day."""
    found: set[str] = set()
    for name in given:
        members = [code for group, since, until, code in _groups() if group == name and since <= on <= until]
        found.update(members or [country_code(name, file="--home")])
    return frozenset(found)


@cache
def _names() -> dict[str, str]:
    return {row["name"]: row["code"] for row in _rows("country_names.csv")}


@cache
def _groups() -> list[tuple[str, dt.date, dt.date, str]]:
    return [
        (
            row["group"],
            dt.date.fromisoformat(row["from"]) if row["from"] else dt.date.min,
            dt.date.fromisoformat(row["until"]) if row["until"] else dt.date.max,
            row["code"],
        )
        for row in _rows("country_groups.csv")
    ]


def _rows(name: str) -> list[dict[str, str]]:
    source = resources.files("ballast.tables").joinpath(f"data/{name}")
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))
