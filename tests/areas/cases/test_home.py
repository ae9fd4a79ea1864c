"""A case is at home in its enterprise's region; desks find and count it there, at their own desk and where offered."""

import datetime as dt

import pytest
from tests.areas.cases.conftest import problem

from ballast.areas.cases import selectors, services
from ballast.areas.cases.models import Case, State

WORDS = ("open", "new", "overdue", "waiting", "mine", "offered", "held")


def numbers(user):
    return {case.number for case in selectors.visible_cases(user)}


def test_a_case_follows_its_enterprise_to_another_region(world):
    case = problem(world)
    assert case.home == world.district
    assert numbers(world.city) == {case.number}
    firm = case.enterprise
    firm.region = world.jiangsu
    firm.save()
    services.follow_enterprises()
    case.refresh_from_db()
    assert case.home == world.jiangsu
    assert numbers(world.city) == set()
    assert numbers(world.jin) == numbers(world.olga) == {case.number}


@pytest.mark.parametrize("who", ["mia", "olga", "jin", "city"])
def test_each_count_is_the_length_of_its_list(world, who):
    user = getattr(world, who)
    for number, state in enumerate(State):
        case = problem(world, user=world.otto, site=world.elsewhere) if number % 3 == 0 else problem(world)
        offered = world.jiangsu if number % 4 == 1 else None
        Case.objects.filter(pk=case.pk).update(state=state, offered_to=offered, owner=user if number % 2 else None)
    Case.objects.filter(state=State.ASSIGNED).update(due_at=dt.datetime(2022, 4, 1, tzinfo=dt.UTC))
    lists = {word: {} if word == "open" else {word: "1"} for word in WORDS}
    assert selectors.counts(user) == {word: len(selectors.queue(user, given)) for word, given in lists.items()}
    assert selectors.counts(user)["open"] > 0


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("STAFF cannot", True), ("sh-2022", True), ("car WORKS", True), ("Car", True), ("100%", False), ("_", False),
        ("s" * 60_000, False), ("闭环", True), ("厂区闭", True), ("HOUSED on", True), ("come in 52", False),
    ],
)  # fmt: skip
def test_words_are_found_in_number_block_description_and_enterprise_whatever_their_case(world, words, found):
    case = problem(world, text="52 of them are housed on site: 厂区闭环管理。")
    assert [row.number for row in selectors.queue(world.olga, {"q": words})] == [case.number] * found
