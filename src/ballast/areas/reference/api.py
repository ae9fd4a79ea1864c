"""Code lists: regions, industries, products and units."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from ballast.areas.accounts.apikit import Page, Paging, paginate
from ballast.areas.reference import selectors
from ballast.areas.reference.models import Region

router = Router()


class RegionOut(Schema):
    code: str
    iso: str
    name: str
    name_zh: str
    level: str
    parent_id: str | None
    path: str


class IndustryOut(Schema):
    code: str
    scheme: str
    name: str
    name_zh: str
    parent_code: str
    isic: str


class UnitOut(Schema):
    code: str
    name: str
    name_zh: str


class ProductOut(UnitOut):
    unit_id: str | None
    industry_code: str


@router.get("/regions", response=Page[RegionOut])
def regions(
    request: HttpRequest, paging: Query[Paging], q: str = "", level: str = "", parent: str = ""
) -> dict[str, Any]:
    """Regions by code; `q` searches names and codes, `parent` lists what lies directly below a region."""
    rows = selectors.regions(search=q, level=level, parent=parent)
    return paginate(rows, paging.cursor, paging.limit, key="code")


@router.get("/regions/{code}", response=RegionOut)
def region(request: HttpRequest, code: str) -> Region:
    """One region by its code, or by the alpha-3 or ISO 3166-2 code that it also has."""
    return selectors.region(code)


@router.get("/industries", response=Page[IndustryOut])
def industries(request: HttpRequest, paging: Query[Paging], q: str = "") -> dict[str, Any]:
    """Industry classes by code."""
    return paginate(selectors.industries(search=q), paging.cursor, paging.limit, key="code")


@router.get("/products", response=Page[ProductOut])
def products(request: HttpRequest, paging: Query[Paging], q: str = "") -> dict[str, Any]:
    """Products and inputs by code."""
    return paginate(selectors.products(search=q), paging.cursor, paging.limit, key="code")


@router.get("/units", response=Page[UnitOut])
def units(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Units of quantity."""
    return paginate(selectors.units(), paging.cursor, paging.limit, key="code")
