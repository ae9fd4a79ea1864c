"""Merging cases and taking that back: nothing is lost, nothing is mixed, nobody reaches what is not theirs."""

import contextlib
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import connections
from tests import factories as make
from tests.areas.cases.conftest import problem
from tests.walks import walks

from ballast.areas.audit.models import AuditEntry
from ballast.areas.audit.selectors import verify
from ballast.areas.cases import selectors, services
from ballast.areas.cases.board import board
from ballast.areas.cases.machine import CLOSED, IN_HAND, MOVES, OPEN
from ballast.areas.cases.models import Case, Merge, State
from ballast.areas.cases.packs.in_force import pack_named
from ballast.areas.cases.relations import duplicates

# What a forecast writes anew is left out, and what follows from other columns.
_COLUMNS = [f.attname for f in Case._meta.concrete_fields if f.attname not in {"output_at_risk", "words"}]


def row(case):
    """The case as its table holds it, without its output at risk."""
    return Case.objects.values(*_COLUMNS).get(pk=case.pk)


def history(case):
    """Every column of every line of the story."""
    return list(case.entries.order_by("pk").values())


def event_of(case):
    """The case's event as the forecast reads it."""
    fields = ("event_id", "kind", "subject", "start", "end", "capacity_left", "name", "case_id", "withdrawn_at")
    event = Case.objects.get(pk=case.pk).event
    return event and {name: getattr(event, name) for name in fields}


def merge(world, case, into, user=None, text="The same gate."):
    return services.merge_case(user or world.olga, case.number, into=into.number, text=text)


@pytest.fixture
def pair(world):
    """The case that goes on, and a second one of the same plant that was assigned and offered to a neighbour."""
    stays, goes = problem(world), problem(world, kind="logistics", place=world.jiangsu)
    services.make_move(world.olga, goes.number, move="assign", owner=world.olga)
    services.make_move(world.olga, goes.number, move="hand_over", region=world.jiangsu, text="Your gate?")
    services.add_note(world.olga, goes.number, text="Looks like the other one.")
    return SimpleNamespace(stays=stays, goes=goes)


def test_a_merged_case_is_closed_says_where_it_goes_on_and_holds_nothing(world, pair):
    services.record_output_at_risk({pair.goes.number: 5.0})
    before = row(pair.stays)
    case = merge(world, pair.goes, pair.stays)
    case.refresh_from_db()
    assert (case.state, case.offered_to, case.output_at_risk) == (State.MERGED, None, None)
    assert case.closed_at == case.state_since
    assert (case.lead_region, case.owner) == (world.shanghai, world.olga)
    assert event_of(case)["withdrawn_at"] is not None
    assert case.merge.into == pair.stays
    line, line_there = case.entries.last(), pair.stays.entries.last()
    assert (line.state_before, line.state_after, line.text) == ("assigned", "merged", "The same gate.")
    assert (line_there.move, line_there.words) == ("merged_here", "Another case was merged into this one")
    assert row(pair.stays) == before
    assert event_of(pair.stays)["withdrawn_at"] is None


def test_an_undone_merge_leaves_both_cases_as_they_were_and_the_audit_knows_both_acts(world, pair):
    cases = (pair.goes, pair.stays)
    before = [(row(case), history(case), event_of(case)) for case in cases]
    merge(world, pair.goes, pair.stays)
    assert [(row(case), history(case), event_of(case)) for case in cases] != before
    services.undo_merge(world.mia, pair.goes.number)
    assert [(row(case), history(case), event_of(case)) for case in cases] == before
    assert not Merge.objects.exists()
    assert selectors.open_cases_by_event()[pair.goes.event.event_id] == [pair.goes.number], "the forecast has it again"
    acts = AuditEntry.objects.filter(subject_type="case", subject_id=pair.goes.number).order_by("pk")
    assert [(a.action, a.actor) for a in acts][-2:] == [("case.merge", "olga"), ("case.unmerge", "mia")]
    assert acts.get(action="case.merge").detail["reason"] == "The same gate."
    there = AuditEntry.objects.filter(subject_type="case", subject_id=pair.stays.number)
    assert {"case.merged_here", "case.unmerged_here"} <= set(there.values_list("action", flat=True))
    assert verify().whole


def test_what_was_done_to_the_other_case_meanwhile_stays(world, pair):
    merge(world, pair.goes, pair.stays)
    services.make_move(world.olga, pair.stays.number, move="accept")
    services.add_reply(world.olga, pair.stays.number, text="We are on it.")
    services.undo_merge(world.olga, pair.goes.number)
    pair.stays.refresh_from_db()
    assert pair.stays.state == "accepted"
    assert [e.move or e.type for e in pair.stays.entries.all()] == ["file", "accept", "reply"]


def test_an_event_that_the_other_case_is_about_too_goes_on(world):
    stays = problem(world)
    goes = problem(world, linked_event=stays.event)
    merge(world, goes, stays)
    assert event_of(goes)["withdrawn_at"] is None
    services.undo_merge(world.olga, goes.number)
    assert event_of(goes)["withdrawn_at"] is None


def test_the_shared_event_holds_again_when_the_other_case_left_it_meanwhile(world):
    stays = problem(world)
    goes = problem(world, linked_event=stays.event)
    merge(world, goes, stays)
    services.link_event(world.mia, stays.number, event=make.event("car-07"))
    assert event_of(goes)["withdrawn_at"] is not None
    services.undo_merge(world.olga, goes.number)
    assert event_of(goes)["withdrawn_at"] is None


def test_an_event_that_had_ended_before_the_merge_stays_ended(world):
    from ballast.areas.registry.services import end_event

    stays, goes = problem(world), problem(world)
    end_event(goes.event, acting_user=world.mia, withdraw=True)
    merge(world, goes, stays)
    services.undo_merge(world.olga, goes.number)
    assert event_of(goes)["withdrawn_at"] is not None


def test_a_region_s_closure_is_touched_by_neither_act(world):
    stays, goes = problem(world), problem(world)
    services.link_event(world.olga, goes.number, event=make.event("310115", kind="region"))
    before = event_of(goes)
    merge(world, goes, stays)
    assert event_of(goes) == before
    services.undo_merge(world.olga, goes.number)
    assert event_of(goes) == before


def test_only_cases_in_hand_are_merged(world):
    def at(*moves):
        case = problem(world)
        for name in moves:
            who = world.rita if MOVES[name].who == "enterprise" else world.olga
            services.make_move(who, case.number, move=name, text="x")
        return case

    open_ = problem(world)
    for case in (at("accept", "solve"), at("accept", "solve", "confirm"), at("withdraw")):
        for one, other in ((case, open_), (open_, case)):
            with pytest.raises(services.MoveRefusedError, match=rf"{case.number} is “.*in hand"):
                merge(world, one, other)
    assert not Merge.objects.exists()


def test_a_case_is_not_merged_into_itself_twice_or_in_a_circle(world):
    a, b, c = (problem(world) for _ in range(3))
    with pytest.raises(services.MoveRefusedError, match="itself"):
        merge(world, a, a)
    merge(world, b, a)
    with pytest.raises(services.MoveRefusedError, match=f"{b.number} was merged into {a.number} by olga already"):
        merge(world, b, a, user=world.mia)
    with pytest.raises(services.MoveRefusedError, match=f"{b.number} was merged into {a.number} by olga already"):
        merge(world, a, b)
    with pytest.raises(services.MoveRefusedError, match=f"{b.number} was merged into another case by olga"):
        merge(world, c, b)
    assert [(m.case, m.into) for m in Merge.objects.all()] == [(b, a)]


def test_cases_of_two_enterprises_are_not_merged(world):
    mine, theirs = problem(world), problem(world, user=world.otto, site=world.elsewhere, place=world.jiangsu)
    with pytest.raises(services.MoveRefusedError, match=f"{theirs.number} is a case of Other works. Only cases of one"):
        merge(world, mine, theirs, user=world.mia)
    mine.refresh_from_db()
    assert mine.state == "filed"


@pytest.mark.parametrize("changes", [{"into": " "}, {"text": " "}])
def test_a_merge_needs_its_fields(world, pair, changes):
    fields = {"into": pair.stays.number, "text": "x"} | changes
    with pytest.raises(services.MoveRefusedError) as caught:
        services.merge_case(world.olga, pair.goes.number, **fields)
    assert set(caught.value.message_dict) == set(changes)


def test_a_chain_of_merges_is_undone_from_its_end(world):
    a, b, c = (problem(world) for _ in range(3))
    merge(world, a, b)
    merge(world, b, c)
    with pytest.raises(services.MoveRefusedError, match=f"{b.number} was itself merged"):
        services.undo_merge(world.olga, a.number)
    services.undo_merge(world.olga, b.number)
    assert services.undo_merge(world.olga, a.number).state == "filed"


def test_a_merge_into_a_case_that_closed_is_undone_once_that_is_reopened(world, pair):
    merge(world, pair.goes, pair.stays)
    services.make_move(world.rita, pair.stays.number, move="withdraw", text="x")
    with pytest.raises(services.MoveRefusedError, match=r"Withdrawn.*reopen it first"):
        services.undo_merge(world.olga, pair.goes.number)
    services.make_move(world.olga, pair.stays.number, move="reopen", text="x")
    assert services.undo_merge(world.olga, pair.goes.number).state == "assigned"


def test_what_is_not_merged_cannot_be_undone(world):
    case = problem(world)
    with pytest.raises(services.MoveRefusedError, match="nothing to undo"):
        services.undo_merge(world.olga, case.number)


@pytest.mark.parametrize("user", ["rita", "otto", "jin", "leader", "analyst"])
def test_whose_case_it_is_not_merges_and_undoes_nothing(world, user):
    stays, goes = problem(world), problem(world)
    with pytest.raises(ObjectDoesNotExist):
        merge(world, goes, stays, user=getattr(world, user))
    merge(world, goes, stays)
    with pytest.raises(ObjectDoesNotExist):
        services.undo_merge(getattr(world, user), goes.number)
    goes.refresh_from_db()
    assert goes.state == State.MERGED


def test_a_case_out_of_scope_is_named_as_one_that_does_not_exist(world):
    mine, theirs = problem(world), problem(world, user=world.otto, site=world.elsewhere, place=world.jiangsu)
    texts = []
    for number in (theirs.number, "XX-20220428-0001"):
        with pytest.raises(services.MoveRefusedError) as caught:
            services.merge_case(world.olga, mine.number, into=number, text="x")
        texts.append(caught.value.messages[0].replace(number, "N"))
    assert texts[0] == texts[1] == "There is no case “N” that you may work on; give the number of one."


def test_a_desk_that_lost_the_other_case_cannot_undo_and_is_not_told_which_it_is(world, pair):
    merge(world, pair.goes, pair.stays)
    services.make_move(world.olga, pair.stays.number, move="hand_over", region=world.jiangsu, text="x")
    services.make_move(world.jin, pair.stays.number, move="take_over")
    with pytest.raises(services.MoveRefusedError, match="not yours to work on") as caught:
        services.undo_merge(world.olga, pair.goes.number)
    assert pair.stays.number not in caught.value.messages[0]
    assert not duplicates.merges_of(world.olga, Case.objects.get(pk=pair.goes.pk)).undoable
    seen = duplicates.merges_of(world.jin, Case.objects.get(pk=pair.stays.pk))
    assert (seen.here, seen.others) == ([], {})
    assert services.undo_merge(world.mia, pair.goes.number).state == "assigned"


def test_nothing_is_said_moved_or_linked_in_a_merged_case(world, pair):
    merge(world, pair.goes, pair.stays)
    before = history(pair.goes)
    for act in (
        lambda: services.add_reply(world.rita, pair.goes.number, text="Hello?"),
        lambda: services.add_note(world.olga, pair.goes.number, text="Note."),
        lambda: services.link_event(world.olga, pair.goes.number, event=make.event("car-07")),
        lambda: services.make_move(world.olga, pair.goes.number, move="reopen", text="x"),
        lambda: services.make_move(world.rita, pair.goes.number, move="withdraw", text="x"),
    ):
        with pytest.raises(ValidationError, match=r"[Mm]erged into another case"):
            act()
    assert history(pair.goes) == before


def test_similar_cases_are_open_ones_of_the_enterprise_about_the_same_product_or_words(world):
    case = problem(world)
    product = problem(world, blocked="No power at all")
    words = problem(world, product=make.product("P-else"), blocked="60 STAFF cannot come in")
    problem(world, product=make.product("P-else"), blocked="Something else")
    problem(world, user=world.otto, site=world.elsewhere, product=case.product)
    gone = problem(world)
    services.make_move(world.rita, gone.number, move="withdraw", text="x")
    assert duplicates.similar_cases(world.olga, case) == [product, words]
    assert duplicates.similar_cases(world.jin, case) == []
    merge(world, product, case)
    assert duplicates.similar_cases(world.olga, case) == [words]
    product.refresh_from_db()
    assert duplicates.similar_cases(world.olga, product) == []


def test_merged_cases_stand_in_no_open_list_and_are_found_by_state_and_number(world, pair):
    merge(world, pair.goes, pair.stays)
    assert list(selectors.queue(world.olga)) == [pair.stays]
    assert list(selectors.queue(world.olga, {"state": "merged"})) == [pair.goes]
    assert list(selectors.queue(world.olga, {"q": pair.goes.number})) == [pair.goes]
    assert selectors.counts(world.olga)["open"] == 1
    assert sum(column.total for column in board(world.olga, {})) == 1
    assert [pair.stays.number] == [n for numbers in selectors.open_cases_by_event().values() for n in numbers]


def recount(user):
    """The figures of Today and of the board, one case at a time."""
    cases = list(selectors.visible_cases(user))
    hand = [case for case in cases if case.state in IN_HAND]
    counts = {
        "open": len(hand), "waiting": sum(case.state == State.SOLVED for case in cases),
        "mine": sum(case.owner_id == user.pk for case in hand),
        "offered": sum(bool(case.offered_to_id) for case in hand),
    }  # fmt: skip
    return counts, {
        state: sum(case.state == state for case in cases)
        for state in pack_named("problem").states_by_name
        if state in OPEN
    }


def checked(world):
    """Nothing that must always hold is broken."""
    merged = set(Merge.objects.values_list("case", flat=True))
    for case in Case.objects.select_related("event"):
        assert case.lead_region_id in {"310000", "320000"}
        assert (case.closed_at is not None) == (case.state in CLOSED)
        assert (case.pk in merged) == (case.state == State.MERGED)
        if case.state in IN_HAND:
            assert case.event.withdrawn_at is None
    for user in (world.olga, world.mia):
        counts, by_state = recount(user)
        found = selectors.counts(user)
        assert {key: found[key] for key in counts} == counts
        assert {column.state.name: column.total for column in board(user, {})} == by_state


def take_back(user, case, before):
    """Undo the merge of the case: its row and story are what they were, the other story lacks the one line."""
    merge = Merge.objects.select_related("into").get(case=case)
    there = [line for line in history(merge.into) if line["id"] != merge.line_there_id]
    services.undo_merge(user, case.number)
    assert (row(case), history(case)) == before
    assert history(merge.into) == there


@pytest.mark.parametrize("seed", walks(2))
def test_no_walk_of_moves_merges_and_undos_loses_a_case_or_a_line(world, seed):
    pick = random.Random(seed)
    cases = [problem(world) for _ in range(4)]
    cases.append(problem(world, linked_event=cases[0].event))
    people = [world.rita, world.olga, world.jin, world.mia]
    before, undone = {}, 0
    for _ in range(80):
        one, other, user = pick.choice(cases), pick.choice(cases), pick.choice(people)
        act = pick.choice(["move", "move", "merge", "undo"])
        with contextlib.suppress(services.MoveRefusedError, ObjectDoesNotExist):
            if act == "merge":
                kept = (row(one), history(one))
                services.merge_case(user, one.number, into=other.number, text="why")
                before[one.pk] = kept
            elif act == "undo":
                take_back(user, one, before.get(one.pk))
                undone += 1
            else:
                name, region = pick.choice(list(MOVES)), pick.choice([world.jiangsu, world.shanghai])
                services.make_move(user, one.number, move=name, text="why", region=region, owner=world.mia)
        checked(world)
    assert undone > 0
    assert verify().whole


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_merge_at_once_one_wins_and_the_other_sees_why(world):
    one, other = problem(world), problem(world)
    start = threading.Barrier(2)

    def act(user, case, into):
        start.wait()
        try:
            return merge(world, case, into, user=user) and ""
        except services.MoveRefusedError as error:
            return error.messages[0]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        tried = [pool.submit(act, world.olga, one, other), pool.submit(act, world.mia, other, one)]
    said = sorted(future.result() for future in tried)
    made = Merge.objects.get()
    assert said[0] == ""
    assert said[1] == f"Case {made.case} was merged into {made.into} by {made.line.actor_name} already."
    assert verify().whole
