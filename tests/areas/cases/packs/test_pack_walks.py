"""Random walks over every pack: no case is without a desk or a way on, and its story says how it came to stand."""

import contextlib
import datetime as dt
import random
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.exceptions import ObjectDoesNotExist
from tests import factories as make

from ballast.areas.audit.selectors import verify
from ballast.areas.cases import machine, selectors, services
from ballast.areas.cases.models import Case
from ballast.areas.cases.packs import in_force as pack
from ballast.core.clocks import Category

ANSWERS = {"number": "12", "date": "2022-04-01", "yesno": "no", "text": "some", "long": "more"}


@pytest.fixture
def world(shared, db, settings):
    settings.CASE_PACKS = str(Path(__file__).parent)
    return shared


def filed(world, one):
    """A case of the pack, with whatever its form asks."""
    common = {
        "product": world.plant.product, "place": world.jiangsu, "needed_by": make.TODAY + dt.timedelta(days=2),
        "contact": "Desk, 555", "text": "So it is.",
    }  # fmt: skip
    own = [field for field in one.form if field.own]
    answers = {field.name: ANSWERS.get(field.type) or field.choices[0].name for field in own}
    asked = {name: value for name, value in common.items() if name in one.fields_by_name}
    user = world.rita if one.filed_by == "enterprise" else world.olga
    return services.file_case(
        user, site=world.plant, kind=one.kinds[0].name, blocked="A matter", answers=answers, **asked
    )


def checked(world, case):
    """What must hold at every moment."""
    one = case.rules
    category = one.states_by_name[case.state].category
    assert case.lead_region_id in {"310000", "320000", "CN"}
    assert selectors.visible_cases(world.mia).filter(pk=case.pk).exists()
    assert (case.closed_at is not None) == (category == Category.CLOSED) == (case.state in machine.CLOSED)
    assert bool(case.outcome) == (category in (Category.RESOLVED, Category.CLOSED))
    assert case.outcome == "" or case.outcome in {code for move in one.moves for code in move.outcomes}
    if category != Category.CLOSED:
        assert machine.moves_from(one, case.state, offered=False)
    moves = list(case.entries.filter(type="move").values_list("state_before", "state_after"))
    assert moves[-1][1] == case.state
    assert all(first[1] == second[0] for first, second in pairwise(moves))


@pytest.mark.parametrize("name", ["problem", "request", "visit", "notice", "coordination", "arrears"])
def test_no_walk_over_a_pack_leaves_a_case_without_a_desk_or_a_way_on(world, name):
    pick = random.Random(name)
    one = pack.pack_named(name)
    # Whoever may make a move comes first, and then others who may not.
    people = {
        "desk": [world.mia, world.olga],
        "enterprise": [world.rita, world.mia],
        "offered": [world.jin, world.olga],
    }
    case, seen = filed(world, one), set()
    for _ in range(45):
        possible = machine.moves_from(one, case.state, offered=case.offered_to_id is not None)
        move = pick.choice(possible if possible and pick.random() < 0.8 else one.moves)
        outcome = pick.choice(move.outcomes) if move.outcomes else ""
        with contextlib.suppress(services.MoveRefusedError, ObjectDoesNotExist):
            if pick.random() < 0.3 and one.checklist and case.state not in machine.CLOSED:
                item = pick.choice(one.checklist).name
                services.set_tick(world.mia, case.number, item=item, done=pick.random() < 0.7)
            services.make_move(
                pick.choice(people.get(move.who, [world.mia])), case.number, move=move.name, outcome=outcome,
                text=pick.choice(["", "why", "why"]),
                owner=world.mia, region=pick.choice([world.jiangsu, world.shanghai]),
            )  # fmt: skip
            seen.add(move.name)
        case = Case.objects.get(pk=case.pk)
        checked(world, case)
        if case.state in machine.CLOSED and not machine.moves_from(one, case.state, offered=False):
            case = filed(world, one)
    assert len(seen) >= len(one.moves) // 2
    assert verify().whole
