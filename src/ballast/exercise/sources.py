"""The exercise's own data: what is made (products), from what (recipes), and where (regions)."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["CHAINS", "Places", "Product", "Recipe", "places", "products", "recipes", "tiers"]

CHAINS: dict[str, tuple[str, str]] = {
    "automobile": ("Automobile", "汽车"),
    "integrated-circuit": ("Integrated circuit", "集成电路"),
    "medical": ("Medical supplies", "医疗物资"),
}
_EARTH_KM = 6371.0


@dataclass(frozen=True)
class Product:
    """One product: its unit, price in CNY a unit, weight in the number of sites, and median daily output."""

    code: str
    name: str
    name_zh: str
    maker: str
    maker_zh: str
    chain: str
    industry: str
    unit: str
    price: float
    count: float
    output: float


@dataclass(frozen=True)
class Recipe:
    """`quantity` units of `input` go into one unit of `product`; `chance` is the share of sites that use it."""

    product: str
    input: str
    quantity: float
    usual_days: float
    chance: float
    essential: bool


@dataclass(frozen=True)
class Places:
    """Regions with the weight of each chain and great-circle distances in km."""

    codes: tuple[str, ...]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    weight: dict[str, NDArray[np.float64]]
    distance_km: NDArray[np.float64]


def _rows(name: str) -> list[dict[str, str]]:
    text = files("ballast.exercise").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def products() -> dict[str, Product]:
    """Products by code, in the order of the file."""
    return {
        row["product"]: Product(
            code=row["product"],
            name=row["name"],
            name_zh=row["name_zh"],
            maker=row["maker"],
            maker_zh=row["maker_zh"],
            chain=row["chain"],
            industry=row["industry"],
            unit=row["unit"],
            price=float(row["price"]),
            count=float(row["count"]),
            output=float(row["output"]),
        )
        for row in _rows("products.csv")
    }


@cache
def recipes() -> tuple[Recipe, ...]:
    """All recipe lines, in the order of the file."""
    return tuple(
        Recipe(
            row["product"],
            row["input"],
            float(row["quantity"]),
            float(row["usual_days"]),
            float(row["chance"]),
            row["essential"] == "1",
        )
        for row in _rows("recipes.csv")
    )


@cache
def places() -> Places:
    """The regions of the exercise."""
    rows = _rows("regions.csv")
    latitude = np.array([float(r["latitude"]) for r in rows])
    longitude = np.array([float(r["longitude"]) for r in rows])
    weight = {}
    for chain in CHAINS:
        raw = np.array([float(r[chain.replace("-", "_")]) for r in rows])
        weight[chain] = raw / raw.sum()
    return Places(tuple(r["region"] for r in rows), latitude, longitude, weight, _distances(latitude, longitude))


def _distances(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Haversine distances in km between all pairs."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    half = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    distance: NDArray[np.float64] = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return distance


@cache
def tiers() -> dict[str, int]:
    """Longest way, in steps, from each product to a product that nobody in the exercise uses; plants are 0."""
    users: dict[str, list[str]] = {}
    for line in recipes():
        users.setdefault(line.input, []).append(line.product)
    found: dict[str, int] = {}

    def tier(code: str) -> int:
        if code not in found:
            found[code] = 1 + max((tier(user) for user in users.get(code, ())), default=-1)
        return found[code]

    return {code: tier(code) for code in products()}
