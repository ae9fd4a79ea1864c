"""The case machine: what may follow what, who may do it, and that no case is ever without a desk."""

import contextlib
import datetime as dt
import random
from itertools import pairwise

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from tests import factories as make
from tests.areas.cases.conftest import problem
from tests.walks import walks

from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases import selectors, services
from ballast.areas.cases.machine import CLOSED, MOVES
from ballast.areas.cases.models import Case, CaseEntry, State


def after(world, *moves):
    """A case after the named moves, each made by whoever may make it."""
    case = problem(world)
    for name in moves:
        make_move(world, case, name)
    case.refresh_from_db()
    return case


def make_move(world, case, name, **changes):
    if name == "merge":
        return services.merge_case(world.mia, case.number, into=problem(world).number, text="because")
    who = {"enterprise": world.rita, "offered": world.jin}.get(MOVES[name].who, world.mia)
    fields = {"text": "because", "owner": world.mia, "region": world.jiangsu}
    return services.make_move(who, case.number, move=name, **(fields | changes))


PATHS = {
    State.FILED: (), State.ACCEPTED: ("accept",), State.ASSIGNED: ("assign",), State.SOLVING: ("accept", "start"),
    State.SOLVED: ("accept", "solve"), State.CONFIRMED: ("accept", "solve", "confirm"),
    State.DISPUTED: ("accept", "solve", "dispute"), State.WITHDRAWN: ("withdraw",),
    State.MERGED: ("merge",),
}  # fmt: skip


@pytest.mark.parametrize("state", list(State))
def test_every_state_allows_the_moves_of_the_table_and_refuses_all_others(world, state):
    for name, move in MOVES.items():
        if move.needs_offer or move.needs_refusal:
            continue
        case = after(world, *PATHS[state])
        assert case.state == state
        if state in move.sources:
            assert make_move(world, case, name).state == (move.to or state)
        else:
            with pytest.raises(services.MoveRefusedError, match=case.number):
                make_move(world, case, name)
            case.refresh_from_db()
            assert case.state == state


@pytest.mark.parametrize("seed", walks(12))
def test_no_walk_leaves_a_case_without_a_desk_or_out_of_step_with_its_story(world, seed):
    pick = random.Random(seed)
    case = problem(world)
    people = [world.rita, world.otto, world.olga, world.jin, world.city, world.mia, world.leader]
    for _ in range(25):
        name, user = pick.choice(list(MOVES)), pick.choice(people)
        region = pick.choice([world.jiangsu, world.shanghai, None])
        with contextlib.suppress(services.MoveRefusedError, ObjectDoesNotExist):
            services.make_move(
                user, case.number, move=name, text=pick.choice(["", "why"]), region=region,
                owner=pick.choice([world.mia, world.olga, world.rita, None]),
            )  # fmt: skip
        case.refresh_from_db()
        desk = {"310000": world.olga, "320000": world.jin, "CN": world.mia}[case.lead_region_id]
        assert selectors.visible_cases(desk).filter(pk=case.pk)
        last = case.entries.filter(type="move").last()
        assert last.state_after == case.state
        assert (case.closed_at is not None) == (case.state in CLOSED)
        assert (case.event.withdrawn_at is not None) == (case.state in CLOSED)
        case.event.refresh_from_db()
    moves = case.entries.filter(type="move")
    assert AuditEntry.objects.filter(subject_type="case", subject_id=case.number).count() == moves.count()
    steps = list(moves.values_list("state_before", "state_after"))
    assert all(first[1] == second[0] for first, second in pairwise(steps))


@pytest.mark.parametrize(
    ("name", "field", "path"),
    [("assign", "owner", ()), ("hand_over", "region", ()), ("hand_over", "text", ()), ("solve", "text", ("accept",)),
     ("dispute", "text", ("accept", "solve")), ("withdraw", "text", ()), ("refuse", "text", ("hand_over",))],
)  # fmt: skip
def test_a_move_without_what_it_needs_is_refused_by_field(world, name, field, path):
    case = after(world, *path)
    with pytest.raises(services.MoveRefusedError) as caught:
        make_move(world, case, name, **{field: "  " if field == "text" else None})
    assert field in caught.value.message_dict


@pytest.mark.parametrize(
    ("user", "name"),
    [("rita", "accept"), ("rita", "solve"), ("olga", "confirm"), ("mia", "dispute"), ("otto", "confirm"),
     ("jin", "accept"), ("leader", "accept"), ("analyst", "solve"), ("olga", "take_over"), ("jin", "take_over")],
)  # fmt: skip
def test_a_move_by_whose_it_is_not_looks_like_no_case(world, user, name):
    case = problem(world)
    with pytest.raises(ObjectDoesNotExist):
        services.make_move(getattr(world, user), case.number, move=name, text="x")


def test_a_city_officer_works_the_case_of_an_own_enterprise(world):
    case = problem(world)
    assert services.make_move(world.city, case.number, move="accept").state == "accepted"


def test_a_hand_over_is_seen_taken_and_worked_by_the_other_region(world):
    case = problem(world)
    assert not selectors.visible_cases(world.jin).exists()
    services.make_move(world.olga, case.number, move="assign", owner=world.olga)
    services.make_move(world.olga, case.number, move="hand_over", region=world.jiangsu, text="Your gate is shut.")
    assert list(selectors.visible_cases(world.jin)) == [case]
    case = services.make_move(world.jin, case.number, move="take_over")
    assert (case.lead_region, case.offered_to, case.owner) == (world.jiangsu, None, None)
    assert services.make_move(world.jin, case.number, move="start").state == "solving"
    with pytest.raises(Case.DoesNotExist):
        services.make_move(world.olga, case.number, move="solve", text="Not mine any more.")
    assert list(selectors.visible_cases(world.olga)) == [case]


def test_a_refusal_returns_the_case_and_escalates_to_the_region_above_both(world):
    case = problem(world)
    services.make_move(world.olga, case.number, move="hand_over", region=world.jiangsu, text="Please.")
    case = services.make_move(world.jin, case.number, move="refuse", text="Not our gate.")
    assert (case.lead_region, case.offered_to, case.escalated_to) == (world.shanghai, None, world.nation)
    assert not selectors.visible_cases(world.jin).exists()
    assert CaseEntry.objects.get(move="refuse").text == "Not our gate."


def test_only_a_person_of_the_desk_can_own_a_case(world):
    case = problem(world)
    with pytest.raises(services.MoveRefusedError) as caught:
        services.make_move(world.olga, case.number, move="assign", owner=world.jin)
    assert "jin" in str(caught.value)


def test_a_person_whose_right_has_ended_owns_no_case(world):
    case = problem(world)
    assert world.olga in selectors.desk_people(case)
    world.olga.grants.update(valid_until=timezone.localdate() - dt.timedelta(days=1))
    assert world.olga not in selectors.desk_people(case)


def test_moving_and_filing_tell_listeners_once_each(world):
    from ballast.areas.cases.events import case_changed

    seen = []
    case_changed.connect(listener := lambda **given: seen.append(given["case"].state))
    services.make_move(world.olga, problem(world).number, move="accept")
    case_changed.disconnect(listener)
    assert seen == ["filed", "accepted"]


def test_a_user_whose_scope_is_a_chain_sees_the_chain_s_cases_only(world):
    case = problem(world)
    problem(world, user=world.otto, site=world.elsewhere)
    lead = make.user("leader", chain="automobile")
    assert list(selectors.visible_cases(lead)) == [case]
    both = make.user("province_officer", region="320000", chain="automobile")
    assert not selectors.visible_cases(both).exists()
