"""A lamp that somebody answers: in hand until a day, or silenced until a day; seen by all who see the lamp."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from tests import factories as make

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.accounts.models import Grant, User
from ballast.areas.alerts.answers.giving import answer_lamp, end_answer
from ballast.areas.alerts.answers.models import Answer, LampAnswer
from ballast.areas.alerts.answers.selectors import answers_of
from ballast.areas.alerts.models import Lamp
from ballast.areas.alerts.selectors import filter_lamps, visible_lamps, wall
from ballast.areas.alerts.services import relight
from ballast.areas.audit.models import AuditEntry
from ballast.areas.reference.models import Authority

pytestmark = pytest.mark.django_db
MORNING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)
TODAY = make.TODAY
ACKNOWLEDGED, SILENCED = Answer.Kind.ACKNOWLEDGED, Answer.Kind.SILENCED


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """A plant in Shanghai with an input for five days, one for two days and one for a year."""
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        nation = make.region("CN", level="nation")
        shanghai = make.region("310000", nation, level="province")
        make.region("220000", nation, level="province")
        plant = make.site("car-07", of=make.enterprise("E-car", region=shanghai, chains=[make.chain()]))
        needs = [make.need(plant, stock=stock, reported_at=MORNING) for stock in (500.0, 200.0, 36500.0)]
        relight(at=MORNING)
        yield SimpleNamespace(
            plant=plant, yellow=needs[0], red=needs[1], normal=needs[2],
            mia=make.user(username="mia"),
            olga=make.user("province_officer", username="olga", region="310000"),
            jin=make.user("province_officer", username="jin", region="220000"),
            anna=make.user("analyst", username="anna"),
            rita=make.user("reporter", username="rita", enterprise="E-car"),
        )  # fmt: skip
        transaction.set_rollback(True)


@pytest.fixture
def given(world):
    """The world, and what this test writes is undone."""
    with transaction.atomic():
        yield world
        transaction.set_rollback(True)


def day(later):
    return TODAY + dt.timedelta(days=later)


def lamp(need):
    return Lamp.objects.get(need=need)


def give(user, need, kind, *, later=7, note="The supplier delivers on Friday."):
    return answer_lamp(user, lamp(need).pk, kind, until=day(later), note=note)


def report(need, stock, *, later):
    """The need with this stock on a later day, and its lamp judged."""
    at = MORNING + dt.timedelta(days=later)
    need.stock, need.reported_at = stock, at
    need.save()
    Authority.objects.update(exercise_date=day(later))
    relight([need.pk], at=at)


def holding(user, need):
    return [one.kind for one in answers_of(user, [lamp(need)]).get(lamp(need).pk, [])]


def test_an_acknowledgement_is_seen_with_who_until_when_and_why_and_ends_on_its_day_by_itself(given):
    before = AuditEntry.objects.count()
    answer = give(given.olga, given.yellow, ACKNOWLEDGED)
    (seen,) = answers_of(given.mia, [lamp(given.yellow)])[lamp(given.yellow).pk]
    assert (seen.by, seen.until, seen.note, seen.holds) == ("olga", day(7), "The supplier delivers on Friday.", True)
    (of_enterprise,) = answers_of(given.rita, [lamp(given.yellow)])[lamp(given.yellow).pk]
    assert (of_enterprise.kind, of_enterprise.until) == ("acknowledged", day(7))
    assert (of_enterprise.by, of_enterprise.note) == ("", ""), "the desk's reasons are its own"
    entry = AuditEntry.objects.order_by("pk").last()
    assert AuditEntry.objects.count() == before + 1
    assert (entry.action, entry.actor, entry.detail["until"]) == ("lamp.acknowledged", "olga", day(7).isoformat())
    Authority.objects.update(exercise_date=day(7))
    assert holding(given.mia, given.yellow) == ["acknowledged"], "the last day counts"
    Authority.objects.update(exercise_date=day(8))
    assert not holding(given.mia, given.yellow)
    assert LampAnswer.objects.get(pk=answer.pk).ended_at is None, "nothing had to be written"


def test_a_lamp_that_becomes_worse_breaks_through_and_one_that_falls_does_not(given):
    give(given.olga, given.red, ACKNOWLEDGED)
    give(given.olga, given.yellow, ACKNOWLEDGED)
    give(given.mia, given.yellow, SILENCED)
    report(given.red, 500.0, later=1)
    assert holding(given.mia, given.red) == ["acknowledged"], "red to yellow stays in hand"
    report(given.yellow, 200.0, later=1)
    assert holding(given.mia, given.yellow) == ["silenced"], "yellow to red: the acknowledgement is over"
    ended = LampAnswer.objects.get(lamp__need=given.yellow, kind=ACKNOWLEDGED)
    assert (ended.ended_why, ended.ended_by) == ("worse", None)
    assert AuditEntry.objects.filter(action="lamp.answer_ended", detail__why="worse").count() == 1
    report(given.red, 200.0, later=2)
    assert not holding(given.mia, given.red), "from the yellow it had come down to, red is worse"


def test_missing_data_end_nothing_and_a_recovery_ends_an_acknowledgement_but_no_silence(given):
    give(given.olga, given.red, ACKNOWLEDGED)
    give(given.olga, given.red, SILENCED)
    relight(at=MORNING + dt.timedelta(days=3))
    assert lamp(given.red).level == "no_data"
    assert holding(given.mia, given.red) == ["silenced", "acknowledged"]
    report(given.red, 9000.0, later=4)
    assert holding(given.mia, given.red) == ["silenced"]
    assert LampAnswer.objects.get(kind=ACKNOWLEDGED).ended_why == "over"


def test_what_cannot_be_answered_is_refused_with_the_way_out(given):
    for later, said in ((-1, "2022-04-27"), (31, "2022-05-29")):
        with pytest.raises(ValidationError, match=f"{said} is out of reach: give a day from 2022-04-28 to 2022-05-28"):
            give(given.olga, given.red, SILENCED, later=later)
    with pytest.raises(ValidationError, match="Say why"):
        give(given.olga, given.red, SILENCED, note=" ")
    with pytest.raises(ValidationError, match="2001 characters"):
        give(given.olga, given.red, SILENCED, note="x" * 2001)
    with pytest.raises(ValidationError, match="nothing to acknowledge"):
        give(given.olga, given.normal, ACKNOWLEDGED)
    for person in (given.anna, given.rita):
        with pytest.raises(NotAllowedError):
            give(person, given.red, SILENCED)
    with pytest.raises(Lamp.DoesNotExist):
        give(given.jin, given.red, SILENCED)
    assert not LampAnswer.objects.exists()


def test_a_desk_elsewhere_reads_no_more_of_ones_own_enterprise(given):
    give(given.olga, given.red, SILENCED)
    Grant.objects.create(user=given.jin, role="reporter", enterprise="E-car")
    jin = User.objects.get(username="jin")
    (seen,) = answers_of(jin, [lamp(given.red)])[lamp(given.red).pk]
    assert (seen.kind, seen.by, seen.note) == ("silenced", "", "")
    assert answers_of(given.olga, [lamp(given.red)])[lamp(given.red).pk][0].by == "olga"


def test_a_later_answer_replaces_the_one_before_and_either_can_be_ended_early(given):
    first = give(given.olga, given.red, SILENCED, later=3)
    second = give(given.mia, given.red, SILENCED, later=30)
    first.refresh_from_db()
    assert (first.ended_why, first.ended_by) == ("replaced", given.mia)
    with pytest.raises(Lamp.DoesNotExist):
        end_answer(given.jin, second.lamp_id, second.pk)
    with pytest.raises(LampAnswer.DoesNotExist):
        end_answer(given.olga, lamp(given.yellow).pk, second.pk)
    assert end_answer(given.olga, second.lamp_id, second.pk).ended_why == "by_hand"
    assert not holding(given.mia, given.red)
    with pytest.raises(ValidationError, match="ended already"):
        end_answer(given.olga, second.lamp_id, second.pk)


def test_lists_and_wall_count_answered_lamps_as_ever_and_say_how_many_are_answered(given):
    before = wall(given.mia)
    give(given.olga, given.red, SILENCED)
    give(given.olga, given.yellow, ACKNOWLEDGED)
    after = wall(given.mia)
    assert after.cells == before.cells
    assert not before.answers
    assert after.answers["310000", "automobile"] == {"silenced": 1, "acknowledged": 1}
    rows = visible_lamps(given.mia)
    found = {kind: filter_lamps(rows, answer=kind).count() for kind in ("silenced", "acknowledged", "none", "odd")}
    assert found == {"silenced": 1, "acknowledged": 1, "none": 1, "odd": 0}


def test_page_list_and_api_show_and_take_answers_within_scope(given, client):
    address, api = f"/lamps/{lamp(given.red).pk}/", f"/api/v1/lamps/{lamp(given.red).pk}"
    client.force_login(given.olga)
    assert "Silence its notices" in client.get(address).content.decode()
    wrong = client.post(address + "answer/", {"kind": "silenced", "until": "soon", "note": "Kept words"})
    assert wrong.status_code == 422
    assert "“soon” is not a date" in wrong.content.decode()
    assert "Kept words" in wrong.content.decode()
    until = day(5).isoformat()
    assert client.post(address + "answer/", {"kind": "odd", "until": until, "note": "x"}).status_code == 422
    sent = {"kind": "acknowledged", "until": until, "note": "Truck is on its way <b>"}
    assert client.post(address + "answer/", sent).status_code == 302
    body = {"until": until, "note": "Planned repair"}
    silenced = client.post(api + "/silence", body, content_type="application/json").json()
    assert (silenced["kind"], silenced["by"], silenced["holds"]) == ("silenced", "olga", True)
    for path in (address, "/lamps/"):
        page = client.get(path).content.decode()
        assert "Truck is on its way &lt;b&gt;" in page
        assert "Planned repair" in page
    assert [one["note"] for one in client.get(api).json()["answers"]] == ["Planned repair", "Truck is on its way <b>"]
    assert [row["id"] for row in client.get("/api/v1/lamps?answer=silenced").json()["items"]] == [lamp(given.red).pk]
    client.force_login(given.rita)
    page = client.get(address).content.decode()
    assert f"until {until}" in page
    assert "Planned repair" not in page
    assert "olga" not in page
    assert {one["note"] for one in client.get(api).json()["answers"]} == {""}
    client.force_login(given.jin)
    for path in (address + "answer/", f"{address}answers/{silenced['id']}/end/"):
        assert client.post(path, sent).status_code == 404
    assert client.post(api + "/silence", body, content_type="application/json").status_code == 404
    client.force_login(given.mia)
    assert client.post(f"{address}answers/{silenced['id']}/end/").status_code == 302
    assert client.post(f"{api}/answers/{silenced['id']}/end").status_code == 422
