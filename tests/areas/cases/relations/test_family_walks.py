"""Random walks over several cases of every pack at once: moved, put under each other, taken off, merged, unmerged."""

import contextlib
import random
from pathlib import Path

import pytest
from django.core.exceptions import ObjectDoesNotExist
from tests.areas.cases.packs.test_pack_walks import filed
from tests.areas.cases.relations.test_merging import history, row

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.audit.selectors import verify
from ballast.areas.cases import machine, services
from ballast.areas.cases.models import Case, CaseEntry, Merge, ParentLink, Tick
from ballast.areas.cases.packs import in_force

# Cases that a walk keeps an eye on at once.
MOST = 6
REFUSED = (services.MoveRefusedError, ObjectDoesNotExist, NotAllowedError)
PEOPLE = {"desk": ["mia", "mia", "olga"], "enterprise": ["rita"], "offered": ["jin", "mia"], "superior": ["mia"]}


@pytest.fixture
def world(shared, db, settings):
    settings.CASE_PACKS = str(Path(__file__).parents[1] / "packs")
    return shared


def moved(world, pick, cases):
    case = pick.choice(cases)
    possible = machine.moves_from(case.rules, case.state, offered=case.offered_to_id is not None)
    # Ends are what the rule is about.
    ending = [move for move in possible if move.outcomes or move.who == "enterprise"]
    move = pick.choice(ending if ending and pick.random() < 0.5 else possible or list(case.rules.moves))
    if not case.ticks.exists():
        at = case.filed_at
        Tick.objects.bulk_create(
            Tick(case=case, item=item.name, at=at, by_name="mia") for item in case.rules.items_of(case.kind)
        )
    services.make_move(
        getattr(world, pick.choice(PEOPLE[move.who])), case.number, move=move.name, text="why",
        outcome=pick.choice(move.outcomes) if move.outcomes else "", owner=world.mia, region=world.jiangsu,
    )  # fmt: skip
    return move.name


def two(pick, cases):
    """Any two cases, more often such as a desk has in hand."""
    in_hand = [case for case in cases if case.state in machine.IN_HAND]
    return pick.sample(in_hand if len(in_hand) > 1 and pick.random() < 0.8 else cases, 2)


def linked(world, pick, cases):
    parent, child = two(pick, cases)
    services.link_child(world.mia, parent.number, child=child.number, blocks=pick.random() < 0.8)
    return "link"


def unlinked(world, pick, cases):
    services.unlink_child(world.mia, pick.choice(cases).number)
    return "unlink"


def merged(world, pick, cases):
    """A merge; half of them are undone at once, and then both stories are what they were."""
    case, other = two(pick, cases)
    before = [(row(one), history(one)) for one in (case, other)]
    links = list(ParentLink.objects.order_by("pk").values())
    services.merge_case(world.mia, case.number, into=other.number, text="same")
    if pick.random() < 0.5:
        services.undo_merge(world.mia, case.number)
        assert [(row(one), history(one)) for one in (case, other)] == before
        assert list(ParentLink.objects.order_by("pk").values()) == links
        return "undone"
    return "merge"


def divided(world, pick, cases):
    case = pick.choice(cases)
    if len(cases) < MOST:
        cases.extend(services.split_case(world.mia, case.number, [services.SplitPart("East")]))
    return "split"


def unmerged(world, pick, cases):
    services.undo_merge(world.mia, pick.choice(cases).number)
    return "unmerge"


def check():
    """What holds at every moment."""
    now = Case.objects.in_bulk()
    assert {case.lead_region_id for case in now.values()} <= {"310000", "320000", "CN"}
    links = list(ParentLink.objects.select_related("rests_on"))
    for link in links:
        parent = now[link.parent_id]
        if link.blocks and parent.state in machine.CLOSED:
            assert now[link.child_id].state in machine.CLOSED
            assert link.rests_on.state in machine.CLOSED
        # What it rests on is where the child goes on, or the child where that leads to the parent or above it.
        if link.rests_on_id != link.child_id:
            assert link.rests_on_id in _goes_on(link.child_id)
    above = {link.child_id: link.parent_id for link in links}
    for key in now:
        seen, at = set(), key
        while at in above:
            assert at not in seen, "no case stands above itself"
            seen.add(at)
            at = above[at]


def _goes_on(key):
    found = []
    while (key := Merge.objects.filter(case=key).values_list("into", flat=True).first()) is not None:
        found.append(key)
    return found


@pytest.mark.parametrize("name", ["problem", "request", "visit", "notice", "arrears"])
def test_no_closed_parent_has_an_open_child_that_blocks(world, name):
    pick, one = random.Random(f"family {name}"), in_force.pack_named(name)
    cases, seen = [filed(world, one) for _ in range(4)], set()
    acts = [moved] * 6 + [linked] * 3 + [unlinked] + [merged] * 2 + [unmerged, divided]
    for _ in range(28):
        cases = list(Case.objects.filter(pk__in=[case.pk for case in cases]).order_by("pk"))
        with contextlib.suppress(*REFUSED):
            seen.add(pick.choice(acts)(world, pick, cases))
        check()
        if all(case.state in machine.CLOSED for case in cases):
            cases = [*cases[-1:], *(filed(world, one) for _ in range(3))]
    assert "link" in seen
    assert one.merged is None or seen & {"merge", "undone"}
    assert len(seen) > 4
    told = CaseEntry.objects.filter(move__in=["as_child", "has_child"]).values_list("facts", flat=True)
    assert {facts["how"] for facts in told} >= {"linked"}
    assert verify().whole
