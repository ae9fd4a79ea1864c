"""Rows of the data packs as unsaved models, parents before children."""

import csv
import math
from collections import defaultdict
from importlib.resources import files

from ballast.areas.reference.calendars import DATA
from ballast.areas.reference.models import Industry, Region, Unit

__all__ = ["industries", "regions", "units"]


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def regions() -> list[Region]:
    """Nations, then the provinces, cities and counties of China, with paths and tile positions."""
    found = {
        row["alpha2"]: Region(
            code=row["alpha2"],
            iso=row["alpha3"],
            name=row["name"],
            name_zh=row["name_zh"],
            level="nation",
            path=f"/{row['alpha2']}/",
        )
        for row in _rows("countries.csv")
    }
    by_level: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows("regions_cn.csv"):
        by_level[row["level"]].append(row)
    for level in ("province", "city", "county"):
        for row in by_level[level]:
            found[row["code"]] = _region(row, found[row["parent"]])
    _place_cities(found)
    return list(found.values())


def _region(row: dict[str, str], parent: Region) -> Region:
    return Region(
        code=row["code"],
        iso=row["iso"],
        short=row["short"],
        parent_id=parent.code,
        level=row["level"],
        path=f"{parent.path}{row['code']}/",
        name=row["name"] or row["name_zh"],
        name_zh=row["name_zh"],
        tile_x=int(row["tile_x"]) if row["tile_x"] else None,
        tile_y=int(row["tile_y"]) if row["tile_y"] else None,
    )


def _place_cities(found: dict[str, Region]) -> None:
    """Cities of a province stand in a near-square grid in the order of their codes."""
    cities: dict[str, list[Region]] = defaultdict(list)
    for region in found.values():
        if region.level == "city":
            cities[str(region.parent_id)].append(region)
    for below in cities.values():
        columns = math.ceil(math.sqrt(len(below)))
        for index, city in enumerate(below):
            city.tile_y, city.tile_x = divmod(index, columns)


def industries() -> list[Industry]:
    """GB/T 4754-2017, with the main ISIC division beside the industrial divisions."""
    rows = _rows("industries_gbt4754.csv")
    english = _english(rows)
    return [
        Industry(
            code=row["code"],
            scheme="GB/T 4754",
            parent_code=row["parent"],
            isic=row["isic4"],
            name=english[row["code"]],
            name_zh=row["name_zh"],
        )
        for row in rows
    ]


def _english(rows: list[dict[str, str]]) -> dict[str, str]:
    """English name of each class; where there is none, that of the class above with the code. Parents come first."""
    names: dict[str, str] = {}
    above: dict[str, str] = {}
    for row in rows:
        code = row["code"]
        above[code] = row["name"] or above.get(row["parent"], row["name_zh"])
        names[code] = row["name"] or f"{above[code]} ({code})"
    return names


def units() -> list[Unit]:
    """The units that tables know too."""
    text = (files("ballast.tables") / "data" / "units.csv").read_text(encoding="utf-8")
    return [
        Unit(code=row["code"], name=row["name"], name_zh=row["name_zh"]) for row in csv.DictReader(text.splitlines())
    ]
