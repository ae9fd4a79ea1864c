"""Search: parts of names in both languages find what lies in the person's scope, and nothing tells of the rest."""

import datetime as dt
from types import SimpleNamespace

import pytest
from tests import factories as make

from ballast.areas.cases import services
from ballast.areas.registry.models import Enterprise

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    make.authority()
    nation = make.region("CN", level="nation")
    near = make.region("310000", nation, level="province", short="SH", name="Shanghai")
    far = make.region("320000", nation, level="province", short="JS", name="Jiangsu")
    works = make.enterprise("MTR-9", region=near, name="Amber Motor Works", name_zh="沪东电机有限公司")
    axle = make.product("axle", name="Axles", name_zh="车桥")
    plant = make.site("MTR-9-S", of=works, name="Hall 50%_b", name_zh="二号厂房", product=make.product("hub"))
    make.need(plant, axle)
    case = services.file_case(
        make.user("reporter", enterprise="MTR-9"), kind="staff_return", site=plant, product=axle, place=near,
        blocked="夜班工人无法到岗", needed_by=make.TODAY + dt.timedelta(days=2), contact="Rita", text="Since Monday.",
    )  # fmt: skip
    mine, strange = (make.user("province_officer", region=region.code) for region in (near, far))
    return SimpleNamespace(works=works, case=case, mine=mine, strange=strange)


def found(client, user, words):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/search/", {"q": words})
    assert page.status_code == 200
    return page.text.replace(f"“{words}”", "").replace(f'value="{words}"', "")


@pytest.mark.parametrize(
    "words", ["amber mot", "电机", "东电", "mtr-9", "夜班", "无法到岗", "axle", "车桥", "二号", "50%_b", "20220428"]
)
def test_a_case_is_found_by_parts_of_what_it_is_about_and_by_nobody_out_of_scope(client, world, words):
    assert f"/cases/{world.case.number}/" in found(client, world.mine, words)
    page = found(client, world.strange, words)
    assert world.case.number not in page
    assert "MTR-9" not in page
    assert "Nothing in your scope has these words" in page


@pytest.mark.parametrize("words", ["50__b", "%", "电 机", "zz"])
def test_signs_of_a_pattern_stand_for_themselves(client, world, words):
    assert (f"/cases/{world.case.number}/" in found(client, world.mine, words)) == (words == "%")


def test_a_product_counts_the_sites_in_scope(client, world):
    page = found(client, world.mine, "车桥")
    assert "Sites that use it" in page
    assert "/sites/?product=axle" not in page
    assert "/sites/?product=hub" in found(client, world.mine, "hub")
    assert "Sites that use it" not in found(client, world.strange, "车桥")


def test_a_new_name_is_found_at_once(client, world):
    Enterprise.objects.filter(pk=world.works.pk).update(name="Cedar Works")
    assert "/enterprises/MTR-9/" in found(client, world.mine, "cedar")
    assert "/enterprises/MTR-9/" not in found(client, world.mine, "amber mot")
