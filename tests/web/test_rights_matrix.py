"""The rights matrix: every address and every API operation, asked by every role, equals the reviewed table.

After adding or changing a route, write the table anew, read the difference and commit it:

    BALLAST_WRITE_MATRIX=1 python -m pytest tests/web/test_rights_matrix.py -p no:randomly
    git diff tests/web/rights_matrix.csv

A cell is the status for the person's own thing, and behind "/" the status for a thing outside their scope.
PostgreSQL, where the rights are the same lines of Python, is asked by an officer of a place: every query runs there.
"""

import csv
import os
from pathlib import Path
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.http import HttpResponseNotFound
from tests.web.rights_walk import Walker, Watched, operations, pages
from tests.web.rights_world import build

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).with_name("rights_matrix.csv")
ON_POSTGRESQL = {"province_officer"}
# Addresses that a stranger may open.
PUBLIC = {"/login/", "/logout/", "/language/"}


@pytest.fixture(scope="module")
def matrix(django_db_setup, django_db_blocker):
    """(route, person, answer) of the whole walk, done once; no PDF and no page of a 404 is set: nobody reads them."""
    not_found = patch("ballast.web.urls.handler404", lambda request, exception: HttpResponseNotFound(), create=True)
    no_pdf = patch("typst.compile", return_value=b"%PDF-")
    watched = patch("django.core.handlers.wsgi.QueryDict", Watched)
    with no_pdf, not_found, watched, django_db_blocker.unblock(), transaction.atomic():
        world = build()
        routes = [*pages(), *operations()]
        asking = [p for p in world.people if connection.vendor == "sqlite" or p.key in ON_POSTGRESQL]
        walkers = [Walker(person) for person in asking]
        found = [(route, walker.person, walker.ask(route, world)) for route in routes for walker in walkers]
        transaction.set_rollback(True)
    return found


def _rows(matrix):
    rows = {}
    for route, person, answer in matrix:
        rows.setdefault(route.key, {"route": route.address, "method": route.method})[person.key] = answer.cell
    return [rows[key] for key in sorted(rows)]


def test_every_answer_is_the_one_in_the_reviewed_table(matrix):
    rows = _rows(matrix)
    if os.environ.get("BALLAST_WRITE_MATRIX"):
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    with TABLE.open(encoding="utf-8", newline="") as file:
        reviewed = {(row["route"], row["method"]): row for row in csv.DictReader(file)}
    found = {(row["route"], row["method"]): row for row in rows}
    assert sorted(found) == sorted(reviewed), "routes came or went: see the head of this file"
    changed = [
        f"{key[1]} {key[0]} as {column}: {row[column]}, reviewed {reviewed[key].get(column)}"
        for key, row in found.items()
        for column in row
        if row[column] != reviewed[key].get(column)
    ]
    assert not changed, "\n".join(changed)


def test_no_answer_is_a_fault_of_the_server(matrix):
    faults = [
        f"{route.method} {route.address} as {person.key}: {answer.cell}"
        for route, person, answer in matrix
        if answer.own.status_code >= 500 or (answer.other is not None and answer.other.status_code >= 500)
    ]
    assert not faults, "\n".join(faults)


def test_what_lies_outside_a_persons_scope_is_404(matrix):
    """405 says only that the address knows no such method; 422 only that the body was refused before any look."""
    seen = [
        f"{route.method} {route.address} as {person.key}: {answer.cell}"
        for route, person, answer in matrix
        if answer.other is not None and person.user is not None and not person.unlimited
        if answer.other.status_code not in {404, 405}
        and not (answer.other.status_code == answer.own.status_code == 422)
    ]
    assert not seen, "\n".join(seen)


def test_no_list_export_or_search_shows_what_lies_outside_a_persons_scope(matrix):
    leaks = [f"{person.key}: {leak}" for _route, person, answer in matrix for leak in answer.leaks]
    assert not leaks, "\n".join(leaks)


def test_a_stranger_is_sent_to_the_login_or_gets_401(matrix):
    let_in = []
    for route, person, answer in matrix:
        status, target = answer.own.status_code, answer.own.headers.get("Location", "")
        if person.user is not None or route.address in PUBLIC or status == 405:
            continue
        good = status == 401 if route.operation else (status == 302 and target.startswith("/login/"))
        if not good:
            let_in.append(f"{route.method} {route.address}: {status} {target}")
    assert not let_in, "\n".join(let_in)


def test_a_person_without_rights_reaches_only_their_own_account_and_the_code_lists(matrix):
    """A list of the API may answer, and is empty."""
    own = {"/notices/", "/notices/settings/", "/api/v1/notices/settings", "/api/v1/notices/read"}
    account = {"/", "/tokens/", "/login/", "/api/v1/me", "/api/v1/tokens"} | own
    codes = {f"/api/v1/{name}" for name in ("regions", "regions/{code}", "industries", "products", "units", "chains")}
    reached = []
    for route, person, answer in matrix:
        if person.key != "none" or answer.own.status_code >= 300 or route.address in account | codes:
            continue
        if not (route.operation and route.method == "GET" and answer.own.json().get("items") == []):
            reached.append(f"{route.method} {route.address}: {answer.cell}")
    assert not reached, "\n".join(reached)
