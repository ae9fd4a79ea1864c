"""Many problems in one sheet over the API: the same reader, checks and limits as on the page."""

import datetime as dt
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import ngettext
from ninja import File, Form, Router, Schema, Status, UploadedFile
from pydantic import Field

from ballast.areas.accounts.access import require
from ballast.areas.accounts.apikit import ApiError
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.sheets.bulk import Filed, Outcome, file_many
from ballast.areas.cases.sheets.sheet import ProblemSheetForm, read_sheet
from ballast.areas.reports.forms import SheetFault

router = Router()
_INVALID = "invalid"


class RowFiledOut(Schema):
    row: int = Field(description="Row of the sheet, its head being row 1.")
    number: str
    site_id: str
    lead_region: str = Field(description="Region of the desk that has it.")
    answer_due: dt.datetime | None = Field(description="When the enterprise is owed its first answer.")
    due_at: dt.datetime = Field(description="When it is to be solved.")


class RowFaultOut(Schema):
    row: int
    column: str = Field(description="Empty for the row as a whole.")
    value: str
    reason: str
    hint: str = Field(description="The way out.")


class SheetOut(Schema):
    filed: list[RowFiledOut]
    before: list[RowFiledOut] = Field(description="Rows that you filed earlier on this day, with the cases they have.")
    faults: list[RowFaultOut] = Field(description="Why rows were not filed; only with good_only.")


class SheetIn(Schema):
    good_only: bool = Field(False, description="File the good rows when others have faults; else nothing is filed.")


@router.post("/case-sheets", response={200: SheetOut, 201: SheetOut})
def file_sheet(request: SignedRequest, given: Form[SheetIn], sheet: File[UploadedFile]) -> Any:
    """File each row of a problem sheet (XLSX or CSV in UTF-8 or GB18030, at most 2,000 rows) as a case of its own.

    The columns are kind, site, product, blocked, place, needed_by, contact, text and still_possible. 201 with what was
    filed, 200 when all of it had been filed before on this day, 422 with every fault of every row.
    """
    require(request.user, "file_cases")
    _check_size(sheet)
    rows, faults = read_sheet(sheet.read(), sheet.name or "")
    if faults:
        raise _refused(faults)
    outcome = file_many(request.user, rows, good_only=given.good_only)
    if outcome.faults and not outcome.filed:
        raise _refused(outcome.faults)
    return Status(201 if outcome.filed else 200, _shown(outcome))


def _check_size(sheet: UploadedFile) -> None:
    """ApiError for an empty file and one that is larger than the server takes."""
    form = ProblemSheetForm({}, MultiValueDict({"sheet": [sheet]}))
    if not form.is_valid():
        texts = [str(text) for text in form.errors["sheet"]]
        raise ApiError(_INVALID, " ".join(texts), 422, [("sheet", text) for text in texts])


def _refused(faults: list[SheetFault]) -> ApiError:
    text = ngettext(
        "The sheet has {faults} fault; nothing was filed.", "The sheet has {faults} faults; nothing was filed.",
        len(faults),
    )  # fmt: skip
    return ApiError(
        _INVALID, text.format(faults=len(faults)), 422, [(_place(fault), _words(fault)) for fault in faults]
    )


def _place(fault: SheetFault) -> str:
    """The field of a fault: "rows.7.site", "rows.7" for a row as a whole, "sheet" for the file."""
    if fault.row is None:
        return "sheet"
    return ".".join(["rows", str(fault.row), *([fault.column] if fault.column else [])])


def _words(fault: SheetFault) -> str:
    shown = f"“{fault.value}”: " if fault.value else ""
    return f"{shown}{fault.reason} {fault.hint}".strip()


def _shown(outcome: Outcome) -> dict[str, Any]:
    return {
        "filed": [_filed(one) for one in outcome.filed],
        "before": [_filed(one) for one in outcome.before],
        "faults": [
            {"row": f.row, "column": f.column, "value": f.value, "reason": f.reason, "hint": f.hint}
            for f in outcome.faults
        ],
    }


def _filed(one: Filed) -> dict[str, Any]:
    case = one.case
    return {
        "row": one.row, "number": case.number, "site_id": case.site.site_id, "lead_region": case.lead_region_id,
        "answer_due": case.answer_due, "due_at": case.due_at,
    }  # fmt: skip
