"""Routing rules: the first that holds decides at filing, and the preview says beforehand what it would do."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.test import Client
from tests import factories as make
from tests.areas.cases.conftest import problem

from ballast.areas.accounts.models import User
from ballast.areas.alerts.models import EnterpriseLamp
from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases import services
from ballast.areas.cases.models import Case
from ballast.areas.cases.routing import book as rule_book
from ballast.areas.cases.routing.rules import Asked, Router
from ballast.areas.desks import services as desks
from ballast.areas.desks.models import RoutingRule, WorkingGroup
from ballast.areas.desks.naming import Desk
from ballast.areas.reference.models import Product

pytestmark = pytest.mark.django_db
YESTERDAY, LATER = make.TODAY - dt.timedelta(days=1), make.TODAY + dt.timedelta(days=30)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        nation = make.region("CN", level="nation", name="China")
        shanghai = make.region("310000", nation, level="province", short="SH", name="Shanghai")
        jiangsu = make.region("320000", nation, level="province", short="JS", name="Jiangsu")
        district = make.region("310115", shanghai, name="Pudong")
        car = make.enterprise("car", region=district, name="Car works", chains=[make.chain()], key_list=True)
        other = make.enterprise("other", region=jiangsu, name="Other works")
        EnterpriseLamp.objects.create(
            enterprise=car, level="red", since=dt.datetime(2022, 4, 28, tzinfo=dt.UTC), worst_need=None
        )
        people = {"rita": ("reporter", {"enterprise": "car"}), "otto": ("reporter", {"enterprise": "other"}),
                  "olga": ("province_officer", {"region": "310000"}), "jin": ("province_officer", {"region": "320000"}),
                  "tom": ("province_officer", {"region": "310000"}), "mia": ("ministry_officer", {}),
                  "city": ("city_officer", {"region": "310115"})}  # fmt: skip
        for name, (role, scope) in people.items():
            make.user(role, username=name, **scope)
        transport = desks.save_department(fresh("mia"), shanghai, "transport", name="Transport", members=["tom"])
        plant = make.site("car-07", of=car, name="Car plant", product=make.product("8703.23"))
        yield SimpleNamespace(
            nation=nation, shanghai=shanghai, jiangsu=jiangsu, district=district, transport=transport, plant=plant,
            elsewhere=make.site("oth-01", of=other, product=make.product("2601")), rita=fresh("rita"),
        )  # fmt: skip
        transaction.set_rollback(True)


def fresh(name):
    return User.objects.get(username=name)


def given(to=None, **fields):
    base = {
        "position": 10, "name": "Rule", "kind": "", "region": None, "chain": None, "level": "", "product_prefix": "",
        "to": to or Desk(None), "to_group": None, "to_person": "", "starts": make.TODAY, "ends": None,
    }  # fmt: skip
    return base | fields


def rule(to=None, by="mia", stored=None, **fields):
    return rule_book.save_rule(fresh(by), stored, given(to, **fields))


def route(world, site=None, kind="logistics", day=make.TODAY, **product):
    site = site or world.plant
    found = Router(day).route(Asked(kind, site, product.get("product", site.product_id)))
    return found.lead.code, found.department and found.department.code, found.rule and found.rule.name


def test_the_first_rule_that_holds_decides_and_else_the_desk_of_the_region(world):
    own = ("310000", None, None)
    assert route(world) == own
    nation, transport = Desk(world.nation), Desk(world.shanghai, world.transport)
    last = rule(nation, position=90, name="All", region=world.shanghai)
    assert route(world) == ("CN", None, "All")
    assert route(world, world.elsewhere) == ("320000", None, None)
    conditions = (
        ({"kind": "logistics"}, {"kind": "energy"}), ({"chain": make.chain()}, {"chain": make.chain("other")}),
        ({"product_prefix": "87"}, {"product_prefix": "26"}), ({"region": world.district}, {"region": world.jiangsu}),
        ({"starts": YESTERDAY}, {"starts": LATER}), ({}, {"starts": YESTERDAY, "ends": YESTERDAY}),
    )  # fmt: skip
    first = rule(transport, name="First")
    for fits, fits_not in conditions:
        rule(transport, stored=first, name="First", **fits)
        assert route(world) == ("310000", "transport", "First"), fits
        rule(transport, stored=first, name="First", **fits_not)
        assert route(world) == ("CN", None, "All"), fits_not
    for level in ("key_list", "red"):
        rule(transport, stored=first, name="First", level=level)
        assert route(world) == ("310000", "transport", "First")
        assert route(world, world.elsewhere)[2] is None
    rule_book.end_rule(fresh("mia"), last)
    rule_book.end_rule(fresh("mia"), RoutingRule.objects.get())
    assert route(world) == own


def test_a_case_is_filed_where_its_rule_leads_and_alone_as_in_a_sheet(world):
    team = desks.save_group(fresh("mia"), None, name="Front", starts=make.TODAY, ends=LATER, members=["jin"])
    made = rule(Desk(world.shanghai, world.transport), kind="logistics", to_group=team, to_person="tom")
    case = problem(world, kind="logistics")
    assert (case.lead_region, case.department, case.group) == (world.shanghai, world.transport, team)
    assert (case.owner.username, case.state, case.number[:3]) == ("tom", "filed", "SH-")
    assert AuditEntry.objects.filter(action="case.filed").last().detail["rule"] == made.pk
    assert case.entries.get().toward_department == world.transport
    asked = [
        Asked("logistics", world.plant, ""),
        Asked("energy", world.plant, ""),
        Asked("logistics", world.elsewhere, ""),
    ]
    assert [one.department for one in Router(make.TODAY).routes(asked)] == [world.transport, None, world.transport]
    # Who left the desk owns nothing new; a group that has ended takes its rule along.
    User.objects.filter(username="tom").update(is_active=False)
    assert problem(world, kind="logistics").owner is None
    User.objects.filter(username="tom").update(is_active=True)
    WorkingGroup.objects.filter(pk=team.pk).update(starts=YESTERDAY, ends=YESTERDAY)
    assert route(world) == ("310000", None, None)
    made.delete()


def test_the_preview_says_how_many_open_cases_would_go_where_and_stores_nothing(world):
    Case.objects.all().delete()
    cases = [problem(world, kind=kind) for kind in ("logistics", "logistics", "energy")]
    foreign = problem(world, user=fresh("otto"), site=world.elsewhere, kind="logistics", place=world.jiangsu)
    closed = problem(world, kind="logistics")
    services.make_move(world.rita, closed.number, move="withdraw", text="over")
    services.make_move(fresh("olga"), cases[0].number, move="hand_over", text="you", department=world.transport)
    services.make_move(fresh("tom"), cases[0].number, move="take_over")
    draft = rule_book.drafted(fresh("mia"), None, given(Desk(world.shanghai, world.transport), kind="logistics"))
    found = rule_book.preview(fresh("mia"), draft)
    assert (found.total, found.caught, found.earlier) == (4, 3, 0)
    [one] = found.destinations
    assert (one.desk, one.number, one.staying) == ("Shanghai · Transport", 3, 1)
    assert {case.number for case in one.cases} == {cases[0].number, cases[1].number, foreign.number}
    before = rule(Desk(world.nation), position=5, region=world.jiangsu)
    found = rule_book.preview(fresh("mia"), draft)
    assert (found.caught, found.earlier) == (2, 1)
    person = rule_book.drafted(fresh("mia"), None, given(to_person="mia"))
    desks_of = {one.desk: one.number for one in rule_book.preview(fresh("mia"), person).destinations}
    assert desks_of == {"Shanghai": 3}
    # What a rule would do is what filing does.
    rule(Desk(world.shanghai, world.transport), kind="logistics")
    assert {case.department_id for case in [problem(world, kind="logistics")]} == {world.transport.pk}
    own = rule_book.drafted(fresh("olga"), None, given(Desk(world.shanghai), region=world.shanghai, position=1))
    assert rule_book.preview(fresh("olga"), own).total == 4
    assert before.pk in set(RoutingRule.objects.values_list("pk", flat=True))
    RoutingRule.objects.all().delete()


def test_a_rule_is_kept_by_who_keeps_its_region_and_says_what_is_wrong(world):
    own = rule(Desk(world.shanghai), by="olga", region=world.shanghai)
    for by, fields in (
        ("olga", {"region": None}),
        ("olga", {"region": world.jiangsu}),
        ("city", {"region": world.district}),
    ):
        with pytest.raises(ObjectDoesNotExist):
            rule(Desk(world.shanghai), by=by, **fields)
    with pytest.raises(ObjectDoesNotExist):
        rule(Desk(world.jiangsu), by="jin", stored=own, region=world.jiangsu)
    faults = (
        ({"name": " "}, "name"), ({"kind": "weather"}, "kind"), ({"level": "high"}, "level"),
        ({"to": Desk(None)}, "to"),
        ({"ends": YESTERDAY}, "ends"), ({"to": Desk(world.jiangsu)}, "to"), ({"to_person": "nobody"}, "to_person"),
        ({"to_person": "jin"}, "to_person"),
    )  # fmt: skip
    for fields, field in faults:
        with pytest.raises(ValidationError) as caught:
            rule(by="olga", **({"to": Desk(world.shanghai), "region": world.shanghai} | fields))
        assert list(caught.value.message_dict) == [field]
    entry = AuditEntry.objects.filter(action="rule.saved").last()
    assert (entry.detail["before"], entry.detail["after"]["to_region"]) == (None, "310000")
    own.delete()


def page(name):
    client = Client()
    client.force_login(fresh(name), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_page_stores_a_rule_only_after_it_was_previewed(world):
    Case.objects.all().delete()
    case, client = problem(world), page("olga")
    assert client.get("/desks/rules/").status_code == 200
    assert 'name="position" type="number" value="10"' in client.get("/desks/rules/new/").content.decode()
    sent = {"position": "10", "name": "Ours", "region": "310000", "to": "310000/transport", "starts": "2022-04-28"}
    shown = client.post("/desks/rules/new/", sent | {"step": "store"})
    text = shown.content.decode()
    assert "1 of 1 open cases in your scope would go by this rule" in text
    assert f'/cases/{case.number}/"' in text
    assert not RoutingRule.objects.exists()
    digest = shown.context["shown"]
    changed = sent | {"name": "Other", "step": "store", "previewed": digest}
    assert client.post("/desks/rules/new/", changed).status_code == 200
    assert client.post("/desks/rules/new/", sent | {"step": "store", "previewed": digest}).status_code == 302
    stored = RoutingRule.objects.get()
    assert (stored.name, stored.to_department) == ("Ours", world.transport)
    assert "Ours" in client.get(f"/desks/rules/{stored.pk}/").content.decode()
    assert "“x/y” is no department" in client.post(f"/desks/rules/{stored.pk}/", sent | {"to": "x/y"}).content.decode()
    assert page("jin").get(f"/desks/rules/{stored.pk}/").status_code == 404
    assert "Ours" not in page("jin").get("/desks/rules/").content.decode()
    assert page("city").get("/desks/rules/").status_code == 404
    assert client.post(f"/desks/rules/{stored.pk}/end/").status_code == 302
    assert not RoutingRule.objects.exists()


def test_a_field_of_the_rule_offers_twenty_codes_as_it_is_typed_into(world):
    Product.objects.bulk_create(Product(code=f"ENG-{n:03}", name=f"Engine part {n}") for n in range(30))
    form = page("mia").get("/desks/rules/new/").text
    assert form.count('hx-get="/desks/options/?field=') == 5

    def options(field, typed, name="mia"):
        answer = page(name).get("/desks/options/", {"field": field, field: typed})
        return re.findall(r'value="([^"]*)"', answer.text) if answer.status_code == 200 else answer.status_code

    assert options("product_prefix", "eng-") == [f"ENG-{n:03}" for n in range(20)]
    assert options("product_prefix", "part 29") == ["ENG-029"]
    assert options("region", "shang") == ["310000"]
    assert options("region", "3101") == [world.district.pk]
    assert options("to", "310000/") == [world.transport.key]
    assert world.transport.key in options("to", "trans")
    assert "olga" in options("to_person", "OLG")
    assert "jin" not in options("to_person", "", name="olga")
    assert options("chain", "zzz") == []
    assert [options(*asked) for asked in (("moon", ""), ("region", "", "city"))] == [404, 404]


def test_the_api_previews_and_keeps_rules(world):
    Case.objects.all().delete()
    case, client = problem(world), page("olga")
    body = {"name": "Ours", "position": 3, "region": "310000", "to": "310000/transport", "starts": "2022-04-28"}
    post = lambda address, **fields: client.post(f"/api/v1{address}", body | fields, "application/json")  # noqa: E731
    found = post("/routing-rules/preview").json()
    assert (found["total"], found["to"][0]["desk"], found["to"][0]["cases"]) == (
        1,
        "Shanghai · Transport",
        [case.number],
    )
    made = post("/routing-rules")
    assert (made.status_code, made.json()["to"]) == (201, "310000/transport")
    assert [row["name"] for row in client.get("/api/v1/routing-rules").json()["items"]] == ["Ours"]
    address = f"/api/v1/routing-rules/{made.json()['id']}"
    assert client.put(address, body | {"kind": "energy"}, "application/json").json()["kind"] == "energy"
    assert post("/routing-rules", to="").json()["fields"][0]["field"] == "to"
    assert page("jin").delete(address).status_code == 404
    assert client.delete(address).status_code == 204
