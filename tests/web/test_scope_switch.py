"""The scope switch narrows what is seen and never widens it."""

import pytest
from tests import factories as make

from ballast.areas.accounts.models import Role
from ballast.areas.registry.selectors import visible_enterprises
from ballast.web import scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    make.authority()
    nation = make.region("CN", level="nation")
    shanghai = make.region("310000", parent=nation, level="province")
    jilin = make.region("220000", parent=nation, level="province")
    auto = make.chain("automobile")
    return {
        "sh_auto": make.enterprise("SHA", region=shanghai, chains=[auto]),
        "sh": make.enterprise("SH", region=shanghai),
        "jl_auto": make.enterprise("JLA", region=jilin, chains=[auto]),
    }


def seen(rf, user, region="", chain=""):
    request = rf.get("/")
    request.user, request.session = user, {"scope_region": region, "scope_chain": chain}
    scope.narrow(request)
    return {e.enterprise_id for e in visible_enterprises(user)}, request.narrowed


def test_region_and_chain_narrow_an_unlimited_grant(rf, world):
    assert seen(rf, make.user(), "310000", "automobile") == ({"SHA"}, True)


def test_without_a_choice_the_whole_grant_is_seen(rf, world):
    assert seen(rf, make.user()) == ({"SHA", "SH", "JLA"}, False)


def test_a_wider_choice_does_not_widen_the_grant(rf, world):
    user = make.user(Role.PROVINCE_OFFICER, region="310000")
    assert seen(rf, user, "CN") == ({"SHA", "SH"}, True)


def test_another_region_is_ignored(rf, world):
    user = make.user(Role.PROVINCE_OFFICER, region="310000")
    assert seen(rf, user, "220000") == ({"SHA", "SH"}, False)


def test_another_chain_is_ignored(rf, world):
    user = make.user(Role.PROVINCE_OFFICER, region="310000", chain="automobile")
    assert seen(rf, user, "", "medical") == ({"SHA"}, False)


def test_switch_goes_back_only_to_its_own_host(client, world):
    client.force_login(make.user())
    assert client.get("/scope/?region=310000&next=/cases/").url == "/cases/"
    assert client.get("/scope/?region=310000&next=https://elsewhere.example/").url == "/"
    assert client.session["scope_region"] == "310000"
