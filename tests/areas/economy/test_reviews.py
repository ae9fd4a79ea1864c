"""Reviews of bulk materials: when each is due by grade and season, who notes one, page, API, Today."""

import datetime as dt

import pytest
from tests import factories as make
from tests.areas.economy.test_materials import publish

from ballast.areas.accounts.models import Role
from ballast.areas.audit.models import AuditEntry
from ballast.areas.economy.materials.rules import rules_on, watches_of
from ballast.areas.economy.models import Commodity, MaterialReview
from ballast.areas.economy.reviews.calendar import review_of
from ballast.areas.economy.reviews.selectors import agenda
from ballast.core.warning.reviews import Cadence, next_review

pytestmark = pytest.mark.django_db
DAY = dt.date(2022, 4, 20)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Fertiliser in its season, magnesium of which 92 % come from one country since March, and ore with neither."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        make.authority(is_exercise=True, exercise_date=DAY)
        Commodity.objects.create(commodity_id="fertiliser", name="Urea", name_zh="尿素")
        Commodity.objects.create(commodity_id="magnesium", name="Magnesium")
        Commodity.objects.create(commodity_id="ore", name="Ore")
        publish("magnesium_top_country_share", [70.0, 91.0, 92.0], first=(2021, 12))
        yield {
            "mia": make.user(username="review-mia"),
            "olga": make.user(Role.PROVINCE_OFFICER, username="review-olga"),
            "ada": make.user(Role.ANALYST, username="review-ada"),
            "abe": make.user(Role.ANALYST, username="review-abe", region="310000"),
        }
        transaction.set_rollback(True)


def test_a_season_brings_the_review_forward_and_takes_its_cadence_with_it():
    urea = Commodity(commodity_id="fertiliser", name="Urea")

    def due(day, last):
        found = review_of(last, None, watches_of(urea, day, rules_on(day)), day)
        return found and (found.due, found.overdue, found.season)

    opened = dt.date(2023, 2, 15)
    assert due(dt.date(2023, 2, 14), None) is None
    assert due(opened, None) == (opened, False, "spring sowing")
    assert due(dt.date(2023, 2, 17), dt.date(2023, 1, 2)) == (opened, True, "spring sowing")
    assert due(dt.date(2023, 2, 17), dt.date(2023, 2, 16)) == (dt.date(2023, 2, 23), False, "spring sowing")
    assert due(dt.date(2023, 6, 1), dt.date(2023, 2, 16)) is None


def test_the_soonest_of_several_cadences_asks():
    grade, season = Cadence(30, dt.date(2022, 1, 1)), Cadence(7, dt.date(2022, 4, 1))
    assert next_review(dt.date(2022, 3, 20), [grade, season]) == (dt.date(2022, 4, 1), season)
    assert next_review(dt.date(2022, 3, 20), [grade]) == (dt.date(2022, 4, 19), grade)
    assert next_review(None, [season]) == (dt.date(2022, 4, 1), season)
    assert next_review(None, []) is None
    with pytest.raises(ValueError, match="every 0 days"):
        Cadence(0, DAY)


def test_grades_and_seasons_set_dates_that_a_review_moves_on(world, client):
    items = {item.commodity.commodity_id: item for item in agenda(world["olga"])}
    assert list(items) == ["magnesium", "fertiliser"]
    # Above 90 % since the share of January, published on 3 February: every week, never reviewed.
    assert items["magnesium"].review[:3] == (dt.date(2022, 2, 3), 7, "")
    # The rule is in force from April on, in the middle of the season.
    assert items["fertiliser"].review[:3] == (dt.date(2022, 4, 1), 7, "spring sowing")
    client.force_login(world["mia"])
    today = client.get("/").content.decode()
    assert "review overdue since 2022-02-03" in today
    board = client.get("/materials/").content.decode()
    assert "Reviews that are due" in board
    assert "grade A, weekly; 92 % from one country" in board
    assert client.post("/materials/magnesium/reviews/", {"note": " "}).status_code == 422
    assert client.post("/materials/magnesium/reviews/", {"note": "Two suppliers <b>asked</b>."}).status_code == 302
    page = client.get("/materials/magnesium/").content.decode()
    assert "grade A, weekly; 92 %" in page
    assert "2022-04-27" in page
    assert "&lt;b&gt;asked" in page
    assert [item.commodity.commodity_id for item in agenda(world["olga"])] == ["fertiliser"]
    assert AuditEntry.objects.filter(action="materials.reviewed", subject_id="magnesium").count() == 1


def test_a_review_has_its_own_right_and_reaches_the_whole_authority(world, client):
    asked = "/materials/ore/reviews/", {"note": "Quiet."}
    for name, sees, status in (("ada", True, 302), ("abe", False, 404), ("olga", False, 404)):
        client.force_login(world[name])
        assert ("id_note" in client.get("/materials/ore/").content.decode()) == sees, name
        assert client.post(*asked).status_code == status, name
    assert MaterialReview.objects.get(commodity__commodity_id="ore").person == world["ada"]


def test_the_api_says_the_same_and_only_who_reviews_notes_one(world, client):
    client.force_login(world["olga"])
    said = client.get("/api/v1/materials/magnesium").json()
    assert said["grade"] == {"grade": "a", "value": 92.0, "since": "2022-02-03"}
    assert (said["review"]["due"], said["review"]["overdue"], said["reviews"]) == ("2022-02-03", True, [])
    asked = {"path": "/api/v1/materials/magnesium/reviews", "data": {"note": "n"}, "content_type": "application/json"}
    assert client.post(**asked).status_code == 404
    assert client.post("/materials/magnesium/reviews/", {"note": "n"}).status_code == 404
    client.force_login(world["mia"])
    made = client.post(**asked)
    assert (made.status_code, made.json()) == (201, {"day": "2022-04-20", "note": "n", "person": "review-mia"})
    assert client.post(**(asked | {"data": {"note": "x" * 2001}})).status_code == 422
    assert MaterialReview.objects.get().commodity.commodity_id == "magnesium"
    assert client.post("/materials/nothing/reviews/", {"note": "n"}).status_code == 404
