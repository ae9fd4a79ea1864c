"""Modes: two persons switch, duties follow in the named scope alone, and the end comes by itself."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from tests import factories as make
from tests.areas.provinces import page, person, provinces

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.audit.models import AuditEntry
from ballast.areas.modes import selectors, services
from ballast.areas.modes.jobs import note_ended_modes
from ballast.areas.modes.models import Switch
from ballast.areas.reference.models import Authority
from ballast.areas.registry.models import Site
from ballast.areas.reports.models import StockReport
from ballast.areas.reports.selectors import late_sites
from ballast.areas.reports.services import report_operation, report_stocks
from ballast.areas.reports.turnout import turnout

pytestmark = pytest.mark.django_db
# Thursday; the exercise's date stands still, so the hour is what a test sets.
TODAY, DAY = make.TODAY, dt.timedelta(days=1)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        world = provinces()
        world.needs = [
            make.need(
                make.site(f"S{n}", of=make.enterprise(f"E{n}", region=place, chains=chains)), make.product("steel")
            )
            for n, (place, chains) in enumerate(
                ((world.pudong, [world.car]), (world.shanghai, []), (world.jiangsu, [world.car]))
            )
        ]
        Site.objects.count_inputs()
        make.user("reporter", username="ruth", enterprise="E2")
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(built):
    with transaction.atomic():
        yield built
        transaction.set_rollback(True)


@pytest.fixture
def clock(monkeypatch):
    """Set the hour of the exercise's day, or of a day so many days later."""

    def to(hour, minute=0, *, days=0):
        Authority.objects.update(exercise_date=TODAY + days * DAY)
        instant = dt.datetime.combine(TODAY + days * DAY, dt.time(hour, minute), ZONE)
        monkeypatch.setattr("django.utils.timezone.now", lambda: instant)
        return instant

    to(8)
    return to


def asked(world, by="olga", **fields):
    given = {"mode": "emergency", "region": world.shanghai, "chain": None, "ends": TODAY + 10 * DAY, "reason": "Closed"}
    return services.ask(person(by), **given | fields)


def emergency(world, **fields):
    return services.decide(person("otto"), asked(world, **fields), confirm=True)


def late(name="mia"):
    return sorted(late_sites(person(name)).values_list("site_id", flat=True))


def test_two_persons_of_fitting_level_switch_and_nobody_confirms_their_own(world, clock):
    row = asked(world)
    assert not row.holds(clock(8), TODAY)
    with pytest.raises(ValidationError, match="nobody confirms their own"):
        services.decide(person("olga"), row, confirm=True)
    for name in ("jin", "ana", "rita", "city"):
        with pytest.raises(NotAllowedError):
            services.decide(person(name), row, confirm=True)
    with pytest.raises(ValidationError, match="Say why"):
        services.decide(person("otto"), row, confirm=False)
    assert services.decide(person("otto"), row, confirm=True).holds(clock(8, 1), TODAY)
    with pytest.raises(ValidationError, match="decided"):
        services.withdraw(person("olga"), row)
    # Asked by the ministry for a city: the city's own people are of a lower level, the province's too.
    above = asked(world, "mia", mode="vigilance", region=world.pudong)
    for name in ("city", "olga"):
        with pytest.raises(ValidationError, match="same or a higher level"):
            services.decide(person(name), above, confirm=True)
    with pytest.raises(ValidationError, match="Only who asked"):
        services.withdraw(person("olga"), above)
    services.withdraw(person("mia"), above)
    below = asked(world, "city", mode="vigilance", region=world.pudong)
    assert services.decide(person("olga"), below, confirm=True).cadence == "daily"
    acts = list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))
    wanted = ["asked", "confirmed", "asked", "withdrawn", "asked", "confirmed"]
    assert acts == [f"mode.{act}" for act in wanted]


def test_what_an_account_asked_for_that_is_gone_is_only_refused(world, clock):
    orphan = asked(world, mode="vigilance", chain=world.car)
    Switch.objects.filter(pk=orphan.pk).update(asked_by=None)
    with pytest.raises(ValidationError, match="no account any more"):
        services.decide(person("otto"), orphan, confirm=True)
    assert services.decide(person("otto"), orphan, confirm=False, note="Anew.").state == "refused"


def test_what_cannot_be_is_refused_with_the_way_out(world, clock):
    for fields, field in (
        ({"region": None}, "region"), ({"ends": None}, "ends"), ({"ends": TODAY - DAY}, "ends"),
        ({"ends": dt.date(2022, 10, 29)}, "ends"), ({"starts": TODAY - DAY}, "starts"),
        ({"mode": "panic"}, "mode"), ({"cadence": "weekly"}, "cadence"), ({"cadence": "hourly"}, "cadence"),
        ({"reason": " "}, "reason"),
    ):  # fmt: skip
        with pytest.raises(ValidationError) as error:
            asked(world, "mia", **fields)
        assert set(error.value.message_dict) == {field}, fields
    for by, fields in (
        ("olga", {"region": world.jiangsu}),
        ("olga", {"region": None, "chain": world.car}),
        ("ana", {}),
    ):
        with pytest.raises(NotAllowedError):
            asked(world, by, **fields)
    row = asked(world, ends=dt.date(2022, 10, 28))
    with pytest.raises(ValidationError, match="begin after it"):
        asked(world)
    services.withdraw(person("olga"), row)
    # Renewed the same way, from the day after the last.
    emergency(world)
    assert asked(world, starts=TODAY + 11 * DAY, ends=TODAY + 40 * DAY).state == "asked"


def test_duties_follow_the_mode_in_its_scope_alone_and_end_with_it(world, clock):
    clock(10)
    assert late() == ["S0", "S1", "S2"]
    report_stocks(person("rita"), [(world.needs[0], 900.0)], source="page")
    report_stocks(person("ruth"), [(world.needs[2], 900.0)], source="page")
    assert late() == ["S1"]
    emergency(world)
    # It does not reach back: nine o'clock was before it began.
    assert late() == ["S1"]
    clock(16, 1)
    assert late() == ["S0", "S1"]
    # The same figures are a further report of the day now; sent again they are nothing new.
    assert len(report_stocks(person("rita"), [(world.needs[0], 900.0)], source="page").reports) == 1
    assert report_stocks(person("rita"), [(world.needs[0], 900.0)], source="page").unchanged == 1
    assert report_stocks(person("ruth"), [(world.needs[2], 900.0)], source="page").unchanged == 1
    assert late() == ["S1"]
    (own,) = selectors.own_duties(person("rita"))
    assert (own.duty.cadence, own.duty.wide, own.duty.due.astimezone(ZONE).hour) == ("twice_daily", True, 9)
    assert selectors.own_duties(person("ruth"))[0].duty.switch is None
    # Saturday: nothing is due by the normal duty, and twice in the scope of the emergency.
    clock(17, days=2)
    rates = {row.day: row for row in turnout(person("mia"), days=3)}
    assert [(rates[TODAY + n * DAY].due, rates[TODAY + n * DAY].received) for n in (2, 1, 0)] == [
        (4, 0),
        (5, 0),
        (5, 3),
    ]
    assert (rates[TODAY].in_time, rates[TODAY].rate, turnout(person("jin"), days=1)[0].rate) == (0, 0.6, None)
    row = Switch.objects.get()
    clock(9, days=11)
    assert selectors.own_duties(person("rita"))[0].duty.switch is None
    assert [note_ended_modes.func() for _twice in range(2)] == [1, 0]
    assert AuditEntry.objects.order_by("-sequence").first().action == "mode.ended"
    with pytest.raises(ValidationError, match="not in force"):
        services.stop(person("olga"), row, reason="Over")


def test_one_person_ends_it_early_and_what_it_asked_is_asked_no_more(world, clock):
    row = emergency(world, chain=world.car)
    firm = world.needs[0].site.enterprise
    given = {"operation": "running", "source": "page", "shipped_share": 0.4, "own_stop_days": 3.0}
    report = report_operation(person("rita"), firm, **given)
    assert (report.shipped_share, report.own_stop_days) == (0.4, 3.0)
    with pytest.raises(ValidationError, match="0 to 366"):
        report_operation(person("rita"), firm, **given | {"own_stop_days": -1.0})
    with pytest.raises(ValidationError, match="reason"):
        services.stop(person("otto"), row, reason="")
    clock(8, 30)
    services.stop(person("olga"), row, reason="Open again")
    with pytest.raises(ValidationError) as error:
        report_operation(person("rita"), firm, **given)
    assert set(error.value.message_dict) == {"shipped_share", "own_stop_days"}
    assert report_operation(person("rita"), firm, operation="running", source="page").shipped_share is None
    assert selectors.visible_in_force(person("mia")) == []


def test_every_door_shows_the_mode_to_those_in_scope(world, clock):
    olga, otto = page("olga"), page("otto")
    given = {
        "mode": "emergency", "region": "310000", "chain": "", "starts": str(TODAY), "ends": "2022-05-10",
        "cadence": "", "wide": "", "reason": "Plants closed",
    }  # fmt: skip
    refused = olga.post("/modes/", given | {"region": "nowhere"})
    assert (refused.status_code, "nowhere" in refused.content.decode()) == (422, True)
    assert olga.post("/modes/", given).status_code == 302
    row = Switch.objects.get()
    assert olga.post(f"/modes/{row.pk}/decide/", {"confirm": "1"}).status_code == 422
    assert page("jin").post(f"/modes/{row.pk}/decide/", {"confirm": "1"}).status_code == 404
    assert "Emergency" not in page("ana").get("/").content.decode()
    assert "as a second person" in otto.get("/").content.decode()
    assert "as a second person" not in olga.get("/").content.decode()
    assert otto.post(f"/modes/{row.pk}/decide/", {"confirm": "1"}).status_code == 302
    for name, address in (("ana", "/"), ("city", "/modes/"), ("olga", "/reports/"), ("rita", "/portal/")):
        assert "Emergency" in page(name).get(address).content.decode(), address
    portal = page("rita").get("/portal/").content.decode()
    assert "Plants closed" in portal
    assert "2022-04-28 09:00" in portal
    assert "own_stop_days" in page("rita").get("/portal/operation/").content.decode()
    assert "own_stop_days" not in page("ruth").get("/portal/operation/").content.decode()
    assert "Emergency" not in page("jin").get("/").content.decode()
    assert page("rita").get("/modes/").status_code == 404
    assert "2022-04-28" in olga.get("/reports/rates/").content.decode()
    assert olga.get("/reports/rates/?format=csv").status_code == 200
    assert otto.post(f"/modes/{row.pk}/end/", {"reason": "Open"}).status_code == 302


def test_the_api_does_what_the_pages_do(world, clock):
    send = {"content_type": "application/json"}
    body = {"mode": "vigilance", "region": "310000", "ends": "2022-05-10", "reason": "Storm"}
    olga = page("olga")
    assert olga.post("/api/v1/modes", body | {"chain": "none"}, **send).status_code == 422
    made = olga.post("/api/v1/modes", body, **send).json()
    assert (made["cadence"], made["wide"], made["in_force"]) == ("daily", False, False)
    assert page("jin").post(f"/api/v1/modes/{made['id']}/withdraw", **send).status_code == 404
    done = page("otto").post(f"/api/v1/modes/{made['id']}/decide", {"confirm": True}, **send).json()
    assert done["in_force"]
    (duty,) = page("rita").get("/api/v1/report-duties").json()
    assert (duty["mode"], duty["cadence"], duty["until"], duty["reason"]) == (
        "vigilance",
        "daily",
        "2022-05-10",
        "Storm",
    )
    assert olga.get("/api/v1/modes").json()["items"][0]["state"] == "confirmed"
    assert olga.get("/api/v1/reporting-rates?days=2").json()[0]["day"] == str(TODAY)
    assert olga.post(f"/api/v1/modes/{made['id']}/end", {"reason": "Calm"}, **send).json()["stopped_at"]
    assert page("rita").get("/api/v1/modes").status_code == 404
    assert StockReport.objects.count() == 0
