"""`ballast doctor`: each thing that can be out of order is found, and mended by the command that is offered."""

import json

import pytest
from click.testing import CliRunner
from tests import factories as make
from tests.areas.cases.conftest import build, problem
from tests.areas.cases.relations.test_parents import closed, move

from ballast.areas.cases import services
from ballast.areas.cases.clocks.models import Part
from ballast.areas.cases.models import Case, ParentLink
from ballast.cli import main


@pytest.fixture
def world(db):
    return build()


def run(*args):
    return CliRunner().invoke(main, [*args], env={"BALLAST_USER": "olga"})


def found(name):
    result = run("doctor", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == (1 if told[name] else 0)
    return told[name]


def stored():
    return sorted(Part.objects.values_list("case__number", "agency", "state", "ended", "due", "upto", "used"))


def test_parts_of_desks_are_compared_with_the_log_and_mended_once(world):
    over, running = problem(world), problem(world, blocked="In hand")
    move(world, over, "hand_over", region=world.jiangsu, text="Yours?")
    move(world, over, "take_over", user=world.jin)
    move(world, over, "solve", user=world.jin, text="Done.", outcome="solved_by_authority")
    move(world, over, "confirm", user=world.rita)
    right = stored()
    assert len(right) == 3
    assert found("differing_parts") == []
    # As a case stands that closed before there were parts, and one whose part was written over.
    Part.objects.filter(case=over).delete()
    Part.objects.filter(case=running).update(due=None)
    assert found("differing_parts") == [over.number, running.number]
    assert f"  {over.number}, {running.number}\n  Run `ballast clocks recompute`" in run("doctor").output
    assert "1 cases that are over, 1 got other parts of desks." in run("clocks", "recompute").output
    assert (stored(), found("differing_parts")) == (right, [])
    assert "1 cases that are over, 0 got other parts of desks." in run("clocks", "recompute").output
    Part.objects.filter(case=over, agency="310000").update(used=9e9)
    assert found("differing_parts") == [over.number]
    # A calendar that comes when all is over changes no part that has ended.
    run("clocks", "recompute")
    make.working_calendar("plain", until="2030-05-01")
    assert found("differing_parts") == []


def test_closed_parents_over_open_children_and_loops_are_found(world):
    above, below, third = problem(world), problem(world, blocked="Trucks wait"), problem(world, blocked="Third")
    closed(world, above)
    link = ParentLink.objects.create(parent=above, child=below, rests_on=below, blocks=True)
    assert found("closed_over_open") == [[above.number, below.number]]
    assert f"`ballast cases link {above.number} {below.number} --no-wait --as NAME`" in run("doctor").output
    assert run("cases", "link", above.number, below.number, "--no-wait").exit_code == 0
    assert found("closed_over_open") == []
    link.delete()
    for parent, child in ((above, below), (below, third), (third, above)):
        ParentLink.objects.create(parent=parent, child=child, rests_on=child, blocks=False)
    assert {tuple(pair) for pair in found("in_loops")} == {
        (above.number, below.number), (below.number, third.number), (third.number, above.number),
    }  # fmt: skip
    assert run("cases", "unlink", third.number).exit_code == 0
    assert found("in_loops") == []


def test_owners_that_left_and_desks_of_nobody_are_found(world):
    mine, theirs = problem(world), problem(world, user=world.otto, site=world.elsewhere, place=world.jiangsu)
    services.make_move(world.olga, mine.number, move="assign", owner=world.city)
    assert found("owners_gone") == []
    world.city.is_active = False
    world.city.save()
    assert found("owners_gone") == [[mine.number, "city"]]
    refused = run("cases", "assign", mine.number, theirs.number, "--owner", "olga")
    assert (refused.exit_code, f"{theirs.number} was not assigned: There is no such case." in refused.output) == (
        1,
        True,
    )
    assert (Case.objects.get(pk=mine.pk).owner, found("owners_gone")) == (world.olga, [])
    assert "no person 'nobody'" in run("cases", "assign", mine.number, "--owner", "nobody").output
    assert found("unmanned_desks") == []
    for person in (world.jin, world.mia):
        person.grants.all().delete()
    assert found("unmanned_desks") == [{"desk": "320000", "cases": 1}]
    assert "320000 leads 1 cases: give a person the right" in run("doctor").output
