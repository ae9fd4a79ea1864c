"""A lamp that changes too often says so on its page and in the list, and stops saying so by days that stay."""

import datetime as dt

import pytest
from tests import factories as make

from ballast.areas.alerts.models import Flapping, LampChange
from ballast.areas.alerts.selectors import filter_lamps, visible_lamps
from ballast.areas.alerts.services import relight
from ballast.areas.reference.models import Authority

pytestmark = pytest.mark.django_db
MORNING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)


def at(days):
    return MORNING + dt.timedelta(days=days)


def test_a_lamp_that_changes_too_often_says_so_until_days_stay_as_they_are(client):
    make.authority()
    shaky, calm = make.need(stock=200.0, reported_at=MORNING), make.need(stock=200.0, reported_at=MORNING)
    levels = ["red", "yellow", "red", "no_data", "yellow", "red", "yellow", "yellow", "red", "yellow"]
    LampChange.objects.bulk_create(
        LampChange(need=need, at=at(-len(levels) + k), level_before=before, level=level, rule="r")
        for need in (shaky, calm) for k, (before, level) in enumerate(zip(["", *levels], levels, strict=False))
        if before != level and (need == shaky or k < 4)
    )  # fmt: skip
    # Twenty changes of one day are one: what counts is how the day ends.
    LampChange.objects.bulk_create(
        LampChange(need=calm, at=at(-5) + dt.timedelta(minutes=k), level_before="red", level="yellow", rule="r")
        for k in range(20)
    )
    relight([shaky.pk, calm.pk], at=MORNING)
    row = Flapping.objects.get()
    assert (row.lamp.need, row.since) == (shaky, MORNING)
    user = make.user()
    assert [lamp.need for lamp in filter_lamps(visible_lamps(user), flapping="1")] == [shaky]
    client.force_login(user)
    assert "Changes too often" in client.get(f"/lamps/{shaky.lamp.pk}/").content.decode()
    assert "its level changed on more than" not in client.get(f"/lamps/{calm.lamp.pk}/").content.decode()
    (listed,) = client.get("/api/v1/lamps?flapping=true").json()["items"]
    assert (listed["id"], listed["flapping"]) == (shaky.lamp.pk, True)
    shown = client.get("/lamps/?flapping=1")
    assert "changes too often" in shown.content.decode()
    days = [level for _day, level in shown.context["page"].object_list[0].days_shown]
    assert days[-10:] == [*levels[1:], "red"], "the changes stand as a strip of days"
    for days in range(1, 16):
        shaky.reported_at = at(days)
        shaky.save()
        Authority.objects.update(exercise_date=at(days).date())
        relight(at=at(days))
    assert not Flapping.objects.exists()
