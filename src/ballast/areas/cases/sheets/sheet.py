"""The problem sheet of one person: the template with what they may choose, and the rows that come back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms
from django.core import signing
from django.db.models import Q
from django.utils.translation import get_language, gettext_lazy

from ballast.areas.accounts.access import require
from ballast.areas.cases.packs.in_force import PROBLEM, pack_named
from ballast.areas.cases.packs.model import PackKind
from ballast.areas.reference.models import Product, Region
from ballast.areas.registry.models import Need
from ballast.areas.registry.selectors import visible_sites
from ballast.areas.reports.forms import SheetFault, SheetForm
from ballast.tables.problem_sheets import Choices, parse_lines, read_problem_sheet, title, write_problem_sheet

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.tables.problem_sheets import ProblemLine

__all__ = [
    "LIMIT",
    "ProblemSheetForm",
    "SheetRow",
    "column_title",
    "kind_codes",
    "problem_kinds",
    "read_sheet",
    "rows_from_token",
    "template",
    "to_token",
]

# Rows of one sheet; the largest sheets of 2022 had about four hundred.
LIMIT = 2_000
_SALT = "ballast.cases.sheet"
_KEPT_SECONDS = 3600


class ProblemSheetForm(SheetForm):
    """The upload of a problem sheet, with the limits of the stock sheet."""

    sheet = forms.FileField(
        label=gettext_lazy("Problem sheet (XLSX or CSV)"), widget=forms.FileInput(attrs={"class": "form-control"})
    )


@dataclass(frozen=True)
class SheetRow:
    """One row of a problem sheet, its number as seen in the file, and every fault that was found in it."""

    line: "ProblemLine"
    faults: tuple[SheetFault, ...] = ()

    @property
    def number(self) -> int:
        """The row as seen in the file (head = 1)."""
        return self.line.row

    @property
    def why(self) -> str:
        """All faults in one text, for the sheet to correct."""
        return "; ".join(f"{column_title(f.column)}: {f.reason} {f.hint}".strip() for f in self.faults)


def column_title(name: str) -> str:
    """What a column is called in the language of the page."""
    return title(name, get_language() or "en")


def problem_kinds() -> dict[str, PackKind]:
    """Kinds of problems by their code."""
    return pack_named(PROBLEM).kinds_by_name


def kind_codes() -> dict[str, str]:
    """Kind of problem by its code and by what it is called in each language, in small letters."""
    known = problem_kinds()
    found = {word.casefold(): name for name, kind in known.items() for word in (kind.label.en, kind.label.zh)}
    return found | {name: name for name in known}


def template(user: "User", bad: Iterable[SheetRow] = ()) -> bytes:
    """The sheet to fill in, in the language of the page, with the person's own sites and inputs among the choices.

    `bad` rows stand in it to be corrected. Raises NotAllowedError.
    """
    require(user, "file_cases")
    sites = visible_sites(user, "file_cases").order_by("site_id")
    used = Need.objects.filter(site__in=sites).order_by().values("product")
    known = Q(pk__in=sites.order_by().values("product")) | Q(pk__in=used)
    choices = Choices(
        kinds=[(str(kind.label), name) for name, kind in problem_kinds().items()],
        sites=[(site.site_id, site.label) for site in sites],
        products=[(one.code, one.label) for one in Product.objects.filter(known).order_by("code")],
        places=[(r.code, r.label) for r in Region.objects.exclude(level__in=("nation", "county")).order_by("path")],
    )
    return write_problem_sheet(choices, get_language() or "en", [(row.line, row.why) for row in bad])


def read_sheet(data: bytes, filename: str) -> tuple[list[SheetRow], list[SheetFault]]:
    """All rows of a sheet with the faults of their cells; no row and the reasons when the file cannot be taken."""
    lines, problems = read_problem_sheet(data, filename, most=LIMIT)
    language = get_language() or "en"
    return [_row(line) for line in lines], [SheetFault(None, p.column, p.value, *p.say(language)) for p in problems]


def _row(line: "ProblemLine") -> SheetRow:
    language = get_language() or "en"
    said = ((p, p.say(language, column=column_title(p.column))) for p in line.problems)
    return SheetRow(line, tuple(SheetFault(p.row, p.column, p.value, *words) for p, words in said))


def to_token(rows: Iterable[SheetRow]) -> str:
    """The rows with their faults, signed, for the page that asks what to do with them."""
    kept = [[row.number, dict(row.line.cells), [[f.column, f.value, f.reason, f.hint] for f in row.faults]]
            for row in rows]  # fmt: skip
    return signing.dumps(kept, salt=_SALT, compress=True)


def rows_from_token(token: str) -> list[SheetRow]:
    """The rows that a page was made of; signing.BadSignature when it is not ours or older than an hour."""
    kept = signing.loads(token, salt=_SALT, max_age=_KEPT_SECONDS)
    lines = parse_lines((number, cells) for number, cells, _faults in kept)
    return [
        SheetRow(line, tuple(SheetFault(line.row, *fault) for fault in faults))
        for line, (_number, _cells, faults) in zip(lines, kept, strict=True)
    ]
