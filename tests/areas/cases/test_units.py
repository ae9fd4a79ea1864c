"""For whom a person spoke: kept as a key, told in the language of who reads it, also in lines of older versions."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils import translation
from tests import factories as make
from tests.areas.cases.conftest import problem

from ballast.areas.cases import presentation, selectors, services
from ballast.areas.cases.models import CaseEntry
from ballast.areas.reference.models import Authority, Region
from ballast.areas.registry.models import Enterprise

find_sides = import_module("ballast.areas.cases.migrations.0003_sides_of_old_lines").find_sides


@pytest.fixture
def case(world):
    """Filed by its enterprise, accepted by a province's desk, answered by the ministry's."""
    Region.objects.filter(pk="310000").update(name_zh="上海市")
    Enterprise.objects.filter(enterprise_id="car").update(name_zh="汽车厂")
    case = problem(world)
    services.make_move(world.olga, case.number, move="accept")
    services.add_reply(world.mia, case.number, text="We help.")
    return selectors.case_for(world.mia, case.number)


def units(world, case):
    return [entry.unit for entry in presentation.with_units(case, selectors.story(world.mia, case))]


def test_units_are_told_in_the_language_of_the_reader(world, case):
    with translation.override("en"):
        assert units(world, case) == ["Car works", "Shanghai", "Example authority"]
    with translation.override("zh-hans"):
        assert units(world, case) == ["汽车厂", "上海市", "示例主管部门"]


@pytest.mark.parametrize(("language", "unit"), [("en", "Shanghai"), ("zh-hans", "上海市")])
def test_page_portal_and_api_tell_the_unit(client, world, case, language, unit):
    spoken = {"accept-language": language}
    client.force_login(world.rita)
    assert unit in client.get(f"/portal/problems/{case.number}/", headers=spoken).content.decode()
    client.force_login(world.olga)
    assert unit in client.get(f"/cases/{case.number}/", headers=spoken).content.decode()
    story = client.get(f"/api/v1/cases/{case.number}", headers=spoken).json()["story"]
    assert unit in [line["unit"] for line in story]


def test_a_long_story_takes_no_more_queries_than_a_short_one(world, case, django_assert_num_queries):
    with django_assert_num_queries(2):
        presentation.with_units(case, case.entries.all())
    for number in range(10):
        services.add_reply(world.mia if number % 2 else world.olga, case.number, text="More.")
    with django_assert_num_queries(2):
        presentation.with_units(case, case.entries.all())


@pytest.mark.parametrize("language", ["name", "name_zh"])
def test_lines_of_older_versions_get_their_unit(world, case, language):
    names = [
        Enterprise.objects.values_list(language, flat=True).get(enterprise_id="car"),
        Region.objects.values_list(language, flat=True).get(pk="310000"),
        Authority.objects.values_list(language, flat=True).get(),
    ]
    for entry, name in zip(case.entries.all(), names, strict=True):
        CaseEntry.objects.filter(pk=entry.pk).update(side="", desk=None, actor_unit=name)
    find_sides(apps, None)
    find_sides(apps, None)
    with translation.override("zh-hans"):
        assert units(world, case) == ["汽车厂", "上海市", "示例主管部门"]


@pytest.mark.parametrize("text", ["A firm that was renamed", "Twin town"])
def test_a_text_that_names_no_one_thing_is_shown_as_it_was(world, case, text):
    make.region("441900", name="Twin town")
    make.region("442000", name="Twin town")
    case.entries.update(side="", desk=None, actor_unit=text)
    find_sides(apps, None)
    assert units(world, case) == [text] * 3
