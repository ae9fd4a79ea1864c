"""What reporters type: figures in a table, a sheet, a state."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ballast.areas.registry.models import Enterprise, Need
from ballast.areas.reports.rows import RowsError, StockRow, faults_of
from ballast.tables.sheets import StockLine, read_stock_sheet

__all__ = [
    "FIELDS",
    "OperationForm",
    "SheetFault",
    "SheetForm",
    "SheetRead",
    "StockLineForm",
    "StockTable",
    "dumps_receipt",
    "figure",
    "lines_of",
    "read_sheet",
    "rows_from_token",
]

FIELDS = ("stock", "blocked_stock", "in_transit", "daily_use")
_GROUPED = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$")
_SALT = "ballast.reports.sheet"


def figure(text: str) -> float | None:
    """The number in a cell as people type it (1,234.5; full-width digits), None when empty; ValueError else."""
    plain = re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", text))
    if not plain:
        return None
    if _GROUPED.match(plain):
        plain = plain.replace(",", "")
    return float(plain)


@dataclass
class StockLineForm:
    """One row of the table: the input, what stands in its cells, and what is wrong with them."""

    need: Need
    cells: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> list[tuple[str, str, str]]:
        """(field, what stands in the cell, its fault) in the order of the columns."""
        return [(name, self.cells[name], self.errors.get(name, "")) for name in FIELDS]


class StockTable:
    """The table of all inputs; what was typed stays in the cells whatever is wrong with it."""

    def __init__(self, needs: Iterable[Need], data: Mapping[str, str] | None = None) -> None:
        self.lines = [StockLineForm(need, self._cells(need, data)) for need in needs]

    @staticmethod
    def _cells(need: Need, data: Mapping[str, str] | None) -> dict[str, str]:
        known = {name: _shown(getattr(need, name)) for name in FIELDS}
        return known if data is None else {n: data.get(f"{n}-{need.pk}", known[n]) for n in FIELDS}

    @property
    def wrong(self) -> int:
        """Number of rows with a fault."""
        return sum(1 for line in self.lines if line.errors)

    def rows(self) -> list[StockRow]:
        """The rows that have a stock; faults of reading go to the lines."""
        made = []
        for line in self.lines:
            values = {name: self._read(line, name) for name in FIELDS}
            if values["stock"] is None and "stock" not in line.errors:
                continue
            blocked, transit = values["blocked_stock"] or 0.0, values["in_transit"] or 0.0
            made.append(StockRow(line.need, values["stock"], blocked, transit, values["daily_use"]))
        return made

    @staticmethod
    def _read(line: StockLineForm, name: str) -> float | None:
        try:
            return figure(line.cells[name])
        except ValueError:
            line.errors[name] = _("“{text}” is not a number; write it like 1234.5.").format(text=line.cells[name])
            return None

    def refuse(self, rows: list[StockRow], error: RowsError) -> None:
        """Put the service's faults beside their cells."""
        lines = {line.need.pk: line for line in self.lines}
        for problem in error.problems:
            lines[rows[problem.row].need.pk].errors[problem.field] = problem.message


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


class OperationForm(forms.Form):
    operation = forms.ChoiceField(
        label=gettext_lazy("State today"),
        choices=[c for c in Enterprise.Operation.choices if c[0] != Enterprise.Operation.UNKNOWN],
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    staff_share = forms.FloatField(
        label=gettext_lazy("Staff at work, % of normal"), required=False, min_value=0, max_value=100,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )  # fmt: skip
    capacity_share = forms.FloatField(
        label=gettext_lazy("Output, % of normal"), required=False, min_value=0, max_value=100,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )  # fmt: skip
    remark = forms.CharField(
        label=gettext_lazy("Remark"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
    )  # fmt: skip

    shipped_share = forms.FloatField(
        label=gettext_lazy("Shipments that left, % of those planned"), required=False, min_value=0, max_value=100,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )  # fmt: skip
    own_stop_days = forms.FloatField(
        label=gettext_lazy("Days that you can still work, by your own estimate"), required=False, min_value=0,
        max_value=366, widget=forms.NumberInput(attrs={"class": "form-control"}),
    )  # fmt: skip

    def __init__(self, *args: Any, wide: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not wide:
            for name in ("shipped_share", "own_stop_days"):
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        """What the service takes: shares from 0 to 1."""
        given = dict(self.cleaned_data)
        for name in ("staff_share", "capacity_share", "shipped_share"):
            if given.get(name) is not None:
                given[name] /= 100
        return given


class SheetForm(forms.Form):
    sheet = forms.FileField(
        label=gettext_lazy("Stock sheet (XLSX or CSV)"), widget=forms.FileInput(attrs={"class": "form-control"})
    )

    def clean_sheet(self) -> UploadedFile:
        """Refuse what is larger than the server takes, before reading it."""
        sheet: UploadedFile = self.cleaned_data["sheet"]
        size = sheet.size or 0
        if size > settings.UPLOAD_LIMIT_BYTES:
            message = _("The file has {size} MB; at most {most} MB.").format(
                size=f"{size / 2**20:.1f}", most=settings.UPLOAD_LIMIT_BYTES // 2**20
            )
            raise forms.ValidationError(message)
        return sheet


@dataclass
class SheetFault:
    row: int | None
    column: str
    value: str
    reason: str
    hint: str = ""


@dataclass
class SheetRead:
    """A sheet as read: rows to report, how many lines had no stock, and every fault."""

    rows: list[StockRow]
    left_out: int
    faults: list[SheetFault]

    def token(self) -> str:
        """The rows, signed, for the page that asks to confirm them."""
        return signing.dumps([[row.need.pk, *row[1:]] for row in self.rows], salt=_SALT, compress=True)


def rows_from_token(token: str, needs: Iterable[Need]) -> list[StockRow]:
    """The rows that a preview was made of; signing.BadSignature when it is not ours or older than an hour."""
    known = {need.pk: need for need in needs}
    packed = signing.loads(token, salt=_SALT, max_age=3600)
    return [StockRow(known[pk], *figures) for pk, *figures in packed if pk in known]


def lines_of(needs: Iterable[Need]) -> list[StockLine]:
    """The sheet's lines, with the last figures."""
    return [
        StockLine(
            site_id=need.site.site_id,
            site_name=need.site.label,
            product=need.product_id,
            product_name=need.product.label,
            unit=need.unit_id,
            **{name: getattr(need, name) for name in FIELDS},
        )
        for need in needs
    ]


def read_sheet(data: bytes, filename: str, needs: Iterable[Need]) -> SheetRead:
    """Read a stock sheet against the reporter's own inputs."""
    lines, problems = read_stock_sheet(data, filename)
    language = get_language() or "en"
    faults = [SheetFault(p.row, p.column, p.value, *p.say(language)) for p in problems]
    own = {(need.site.site_id, need.product_id): need for need in needs}
    rows: list[StockRow] = []
    left_out = 0
    for line in lines:
        need = own.get((line.site_id, line.product))
        if need is None:
            reason = _("“{product}” at “{site}” is not one of your inputs.").format(
                product=line.product, site=line.site_id
            )
            faults.append(SheetFault(line.row, "product", line.product, reason))
        elif line.unit and line.unit != need.unit_id:
            reason = _("The unit of this input is “{unit}”.").format(unit=need.unit_id)
            faults.append(SheetFault(line.row, "unit", line.unit, reason))
        elif line.stock is None:
            left_out += 1
        else:
            # A figure left empty stays as it was.
            blocked = need.blocked_stock if line.blocked_stock is None else line.blocked_stock
            transit = need.in_transit if line.in_transit is None else line.in_transit
            row = StockRow(need, line.stock, blocked, transit, line.daily_use)
            faults += [SheetFault(line.row, p.field, "", p.message) for p in faults_of(row, len(rows))]
            rows.append(row)
    return SheetRead(rows, left_out, sorted(faults, key=lambda fault: fault.row or 0))


def dumps_receipt(receipt: Any) -> str:
    """What a receipt says, kept in the session for the page after the save."""
    changes = [[change.need.pk, change.changes] for change in receipt.changes]
    return json.dumps({"reported": len(receipt.reports), "unchanged": receipt.unchanged, "changes": changes})
