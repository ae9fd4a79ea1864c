"""File many problems at once, from the rows of a sheet: all of them or none, and a retry files nothing twice."""

import datetime as dt
import hashlib
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.audit.services import record
from ballast.areas.cases.filing import Problem, Stamp, asked, faults_of, store_many
from ballast.areas.cases.models import Case
from ballast.areas.cases.numbering import due_at, next_numbers
from ballast.areas.cases.routing.rules import Router
from ballast.areas.cases.sheets.sheet import LIMIT, SheetRow, kind_codes, problem_kinds
from ballast.areas.reference.models import Product, Region
from ballast.areas.reference.selectors import authority, now, region_codes, standing_authority, today
from ballast.areas.registry.selectors import visible_sites
from ballast.areas.reports.forms import SheetFault
from ballast.tables.problem_sheets import COLUMNS

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Filed", "Outcome", "file_many", "new_token"]


class Filed(NamedTuple):
    """A case and the row of the sheet that it came from."""

    row: int
    case: Case


@dataclass(frozen=True)
class Outcome:
    """What became of a sheet: every row is in exactly one of the four lists.

    `filed` are new cases; `before` were filed by an earlier upload of the same rows; `refused` have faults;
    `held` are good and were not filed, because others are not.
    """

    filed: tuple[Filed, ...] = ()
    before: tuple[Filed, ...] = ()
    refused: tuple[SheetRow, ...] = ()
    held: tuple[SheetRow, ...] = ()

    @property
    def faults(self) -> list[SheetFault]:
        """Every fault of every refused row, in the order of the sheet."""
        return [fault for row in self.refused for fault in row.faults]


@dataclass(frozen=True)
class _Checked:
    """A row with the problem that it states; `key` marks that problem for a retry, "" where the row has faults."""

    row: SheetRow
    problem: Problem
    key: str = ""


def new_token() -> str:
    """A mark for one upload. It holds the day, so that a retry after midnight is known too."""
    return f"{today():%Y%m%d}-{uuid.uuid4().hex}"


def file_many(user: "User", rows: Iterable[SheetRow], token: str = "", *, good_only: bool = False) -> Outcome:
    """File a case for each row, with its own number, at the desk of its site, in one transaction.

    All rows are checked first. When any has a fault nothing is filed, unless `good_only` asks for the good ones.
    A row that says the same as one that the person filed on the same day, or the day of `token`, files nothing and
    comes back with the case it has; two rows that say the same in one sheet are two problems. Raises
    NotAllowedError, and ValidationError for more rows than are taken at once.
    """
    require(user, "file_cases")
    given = list(rows)
    if len(given) > LIMIT:
        message = _("The sheet has {count} rows; at most {most} are taken at once. Split it into several sheets.")
        raise ValidationError({"sheet": message.format(count=len(given), most=LIMIT)})
    with standing_authority():
        try:
            return _file_all(user, given, token, good_only=good_only)
        except IntegrityError:
            # The same sheet came twice at once; the other one has filed it by now.
            return _file_all(user, given, token, good_only=good_only)


@transaction.atomic
def _file_all(user: "User", rows: Sequence[SheetRow], token: str, *, good_only: bool) -> Outcome:
    checked = _with_keys(_resolved(user, rows), _day_of(token))
    before = _filed_before(user, [one.key for one in checked if one.key])
    # What was filed is not judged again: its day may have passed since.
    checked = [one if one.key in before else _judged(one) for one in checked]
    refused = tuple(one.row for one in checked if one.row.faults)
    again = tuple(Filed(one.row.number, before[one.key]) for one in checked if one.key in before)
    fresh = [one for one in checked if not one.row.faults and one.key not in before]
    if refused and not good_only:
        return Outcome(before=again, refused=refused, held=tuple(one.row for one in fresh))
    filed = tuple(_store(user, fresh))
    if filed:
        _note(user, filed, again, refused)
    return Outcome(filed, again, refused)


def _day_of(token: str) -> dt.date:
    """The day on which the upload was begun: that of its mark when it was yesterday, else today."""
    present = today()
    yesterday = present - dt.timedelta(days=1)
    return yesterday if token.startswith(f"{yesterday:%Y%m%d}-") else present


def _filed_before(user: "User", keys: Sequence[str]) -> dict[str, Case]:
    """Cases by the key of the row that they were filed from."""
    rows = Case.objects.filter(filed_by=user, client_token__in=keys).select_related("site", "lead_region")
    return {case.client_token: case for case in rows}


def _resolved(user: "User", rows: Sequence[SheetRow]) -> list[_Checked]:
    """The rows with what their words stand for; a word that stands for nothing is a fault."""
    words = {
        name: {str(value) for row in rows if (value := row.line.values.get(name)) is not None}
        for name in ("site", "product", "place")
    }
    sites = visible_sites(user, "file_cases").select_related("enterprise", "region")
    known: dict[str, dict[str, Any]] = {
        "kind": kind_codes(),
        "site": _named(sites, "site_id", words["site"]),
        "product": _named(Product.objects.all(), "code", words["product"]),
        "place": _places(words["place"]),
    }
    found = []
    for row in rows:
        values, faults = dict(row.line.values), list(row.faults)
        for name, meanings in known.items():
            word = values.get(name)
            if word is not None:
                values[name] = meanings.get(str(word).casefold() if name == "kind" else str(word))
                if values[name] is None and name not in {fault.column for fault in faults}:
                    faults.append(SheetFault(row.number, name, str(word), *_unknown(name, str(word))))
        faults.sort(key=lambda fault: COLUMNS.index(fault.column) if fault.column in COLUMNS else len(COLUMNS))
        found.append(_Checked(replace(row, faults=tuple(faults)), _problem(values)))
    return found


def _named(rows: QuerySet[Any], code: str, words: set[str]) -> dict[str, Any]:
    """What each word stands for: a code, or a name that only one of the rows has."""
    by_code, by_name = {}, defaultdict(list)
    for one in rows.filter(Q(**{f"{code}__in": words}) | Q(name__in=words) | Q(name_zh__in=words)):
        by_code[getattr(one, code)] = one
        for name in {one.name, one.name_zh} - {""}:
            by_name[name].append(one)
    return {name: found[0] for name, found in by_name.items() if len(found) == 1} | by_code


def _places(words: set[str]) -> dict[str, Region]:
    """The region for which each word stands: a code, an ISO 3166 code, or a name that only one region has."""
    codes = region_codes()
    meant = {word: codes.get(word.upper(), word) for word in words}
    found = _named(Region.objects.all(), "code", set(meant.values()))
    return {word: found[code] for word, code in meant.items() if code in found}


def _unknown(name: str, word: str) -> tuple[str, str]:
    """(reason, way out) for a word that stands for nothing; a stranger's site is said to be as little there."""
    if name == "kind":
        kinds = ", ".join(str(kind.label) for kind in problem_kinds().values())
        return _("“{kind}” is not a kind of problem; choose one of {kinds}.").format(kind=word, kinds=kinds), ""
    reason = _("You have no site with this id.") if name == "site" else _("“{value}” is not known.").format(value=word)
    return reason, _("The sheet of choices in the template names what you can write.")


def _problem(values: dict[str, Any]) -> Problem:
    """What the row states. Where it says nothing, or what is refused already, stands what draws no second fault."""
    return {
        "kind": values["kind"] or next(iter(problem_kinds())), "site": values["site"], "product": values["product"],
        "blocked": values["blocked"] or "", "place": values["place"], "needed_by": values["needed_by"] or today(),
        "contact": values["contact"] or "", "text": values["text"] or "",
        "still_possible": values.get("still_possible") or 0.0,
    }  # fmt: skip


def _with_keys(checked: Sequence[_Checked], day: dt.date) -> list[_Checked]:
    """The good rows with the mark of what they say on this day; the second that says the same has another."""
    seen: Counter[str] = Counter()
    found = []
    for one in checked:
        if one.row.faults:
            found.append(one)
            continue
        said = _said(one.problem)
        seen[said] += 1
        key = hashlib.sha256(f"{said}\n{day}\n{seen[said]}".encode()).hexdigest()
        found.append(replace(one, key=f"sheet-{key[:48]}"))
    return found


def _said(problem: Problem) -> str:
    product, place, needed_by = problem.get("product"), problem.get("place"), problem.get("needed_by")
    return json.dumps([
        problem["kind"], problem["site"].pk, product.pk if product else "", problem["blocked"], place and place.pk,
        needed_by and needed_by.isoformat(), problem["contact"], problem["text"], problem["still_possible"],
    ])  # fmt: skip


def _judged(one: _Checked) -> _Checked:
    """The row with the faults that the form would find too, one a column."""
    known = {fault.column for fault in one.row.faults}
    cells = one.row.line.cells
    more = tuple(
        SheetFault(one.row.number, name, cells.get(name, ""), reason)
        for name, reason in faults_of(one.problem).items()
        if name not in known
    )
    return replace(one, row=replace(one.row, faults=(*one.row.faults, *more)))


def _store(user: "User", fresh: Sequence[_Checked]) -> list[Filed]:
    """File the rows in their order; each desk gives its numbers at once."""
    of = authority()
    at, day = now(of), today(of)
    routes = Router(day).routes([asked(one.problem) for one in fresh])
    count = Counter(route.lead for route in routes)
    # In one order for everybody, so that two sheets at once wait for each other and not both.
    numbers = {lead: iter(next_numbers(lead, day, count[lead])) for lead in sorted(count, key=lambda r: r.pk)}
    due = {kind: due_at(kind, at, of) for kind in {one.problem["kind"] for one in fresh}}
    given = [
        (
            cast("Problem", {**one.problem, "client_token": one.key}),
            Stamp(next(numbers[route.lead]), route, at, day, due[one.problem["kind"]]),
        )
        for one, route in zip(fresh, routes, strict=True)
    ]
    cases = store_many(user, given)
    return [Filed(one.row.number, case) for one, case in zip(fresh, cases, strict=True)]


def _note(user: "User", filed: Sequence[Filed], before: Sequence[Filed], refused: Sequence[SheetRow]) -> None:
    """One entry for the sheet as a whole, beside that of each case."""
    enterprises = {one.case.enterprise.enterprise_id for one in filed}
    record(
        "cases.sheet_filed", user, subject_type="sheet", subject_id=filed[0].case.number,
        enterprise=enterprises.pop() if len(enterprises) == 1 else "",
        detail={
            "filed": [one.case.number for one in filed], "before": len(before),
            "refused_rows": [row.number for row in refused],
        },
    )  # fmt: skip
