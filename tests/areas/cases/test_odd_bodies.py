"""Whatever a machine sends about a case that is there: nothing fails with 5xx, and what is refused changes nothing.

The description is checked on every operation elsewhere, with numbers of cases that mostly do not exist; here the case
exists, so that odd values come as far as the services.
"""

import itertools
import json

import pytest
from django.db import transaction
from tests.areas.cases.conftest import problem

from ballast.areas.accounts.services import issue_token
from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases import services
from ballast.areas.cases.api import router
from ballast.areas.cases.models import Case, CaseEntry, Extension, Merge, ParentLink, Part, Tick
from ballast.areas.desks.models import RoutingRule
from ballast.areas.registry.models import Event

# What stands in the place of each value, for one field after the other in turn.
ODD = (
    None, "", " ", "x" * 20_001, "a\u0000b", "\ud800", "\u202e\U0001f69a", "310115/", "/", "％", -1, 2**63, 1e308, 0.5,
    True, [], {}, [None], ["x"] * 21, {"a": {"b": []}}, "0000-00-00", "9999-12-31", "2022-02-30T25:61", "NaN",
)  # fmt: skip
# Whole bodies that are none.
BROKEN = ("", "null", "[]", "[" * 5_000)


@pytest.fixture
def world(shared, db):
    return shared


def good(world, above, below):
    """A body for each operation that would be taken."""
    move = {"text": "Word", "owner": "", "region": "", "capacity_left": 0.5, "seen": 2, "outcome": ""}
    part = {"blocked": "Gate", "text": "", "product": "", "place": "310115", "site_id": "car-07"}
    return {
        "/cases": {
            "kind": "energy", "site_id": "car-07", "blocked": "Gate", "product": world.plant.product.pk,
            "place": "310115", "needed_by": "2022-05-01", "contact": "Rita", "text": "Words.", "still_possible": 0.5,
            "answers": {},
        },
        "/cases/{number}/moves": {"move": "start", **move},
        "/cases/{number}/replies": {"text": "Word", "internal": False},
        "/cases/{number}/ticks": {"item": "x", "done": True},
        "/cases/{number}/group": {"group": "", "text": "Word"},
        "/cases/{number}/merge": {"into": below.number, "text": "Same"},
        "/cases/{number}/children": {"child": below.number, "blocks": True},
        "/cases/{number}/split": {"parts": [part], **{f"parts.0.{name}": value for name, value in part.items()}},
        "/cases/{number}/wait": {"whom": "partner", "text": "Word", "until": "2022-05-03"},
        "/cases/{number}/go-on": {"text": ""},
        "/cases/{number}/extensions": {"clock": "resolution", "days": 2, "text": "Word"},
        "/routing-rules": {
            "position": 1, "name": "Rule", "kind": "energy", "region": "310000", "chain": "", "level": "",
            "product_prefix": "", "to": "310000", "to_group": "", "to_person": "", "starts": "2022-04-28",
            "ends": "2022-05-28",
        },
    }  # fmt: skip


def bodies(given, turn):
    """The body, and it with one value after the other replaced by odd ones; a name with dots leads into it."""
    whole = {name: value for name, value in given.items() if "." not in name}
    yield json.dumps(whole)
    for name in given:
        copy = json.loads(json.dumps(whole))
        *way, last = name.split(".")
        place = copy
        for step in way:
            place = place[int(step) if step.isdigit() else step]
        place[last] = next(turn)
        yield json.dumps(copy)
    yield from BROKEN


def stands():
    """All that an operation on a case may write, reading logs aside."""
    counted = (CaseEntry, ParentLink, Part, Extension, Merge, Tick, RoutingRule, Event)
    rows = Case.objects.order_by("pk").values_list(
        "pk", "state", "owner", "due_at", "waiting_until", "group", "outcome"
    )
    acts = AuditEntry.objects.exclude(action__startswith="read").count()
    return [*rows], [model.objects.count() for model in counted], acts


def routers(one):
    """A router and those in it."""
    yield one
    for _prefix, inner, *_more in one._routers:
        yield from routers(inner)


def test_every_operation_on_cases_has_a_body_here(world):
    case = problem(world)
    written = {
        path for found in routers(router) for path, view in found.path_operations.items()
        for operation in view.operations
        if "POST" in operation.methods and any(model.__ninja_param_source__ == "body" for model in operation.models)
        and path.startswith(("/cases", "/routing-rules"))
    }  # fmt: skip
    elsewhere = {"/cases/{number}/extensions/{pk}", "/routing-rules/preview"}
    assert written == set(good(world, case, case)) | elsewhere


def test_odd_bodies_are_refused_as_a_whole_and_never_fail(world, client):
    above, below = problem(world), problem(world, blocked="Trucks wait")
    for case in (above, below):
        services.make_move(world.olga, case.number, move="accept")
    tokens = {user: issue_token(user, "odd")[1] for user in (world.mia, world.rita)}
    before, taken, turn = stands(), set(), itertools.cycle(ODD)
    for path, given in good(world, above, below).items():
        address = f"/api/v1{path.format(number=above.number)}"
        token = tokens[world.rita if path == "/cases" else world.mia]
        for body in bodies(given, turn):
            with transaction.atomic():
                answer = client.generic(
                    "POST", address, body.encode("utf-8", "surrogatepass"), content_type="application/json",
                    headers={"Authorization": f"Bearer {token}"},
                )  # fmt: skip
                told = f"{path} {body[:300]}: {answer.status_code} {answer.text[:300]}"
                assert answer.status_code < 500, told
                if answer.status_code < 400:
                    taken.add(path)
                else:
                    assert stands() == before, told
                    assert set(answer.json()) == {"code", "message", "fields"}, told
                transaction.set_rollback(True)
    # This case has no checklist, is in no group and does not wait; all else went as far as it can.
    assert len(taken) == len(good(world, above, below)) - 3, taken
