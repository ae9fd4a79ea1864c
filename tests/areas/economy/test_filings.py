"""Counts of reported problems: what is one filing, whose are counted, what the rules say, page, API, export."""

import csv
import datetime as dt
import io
import json
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories as make

from ballast.areas.accounts.models import Role
from ballast.areas.alerts.rulebook.in_force import shipped
from ballast.areas.cases.models import Case
from ballast.areas.economy.filings import selectors
from ballast.areas.economy.filings.judging import expected, judged, weeks_of
from ballast.areas.registry.models import Enterprise
from ballast.core.series.farrington import farrington

pytestmark = pytest.mark.django_db
DAY = dt.date(2022, 4, 20)
ZONE = ZoneInfo("Asia/Shanghai")


def problems(of, day, count=1, kind="logistics", **more):
    """Problems that an enterprise reported on a day, at its first instant."""
    site = of.sites.first() or make.site(of=of)
    at = dt.datetime.combine(day, dt.time(), tzinfo=ZONE)
    taken = Case.objects.count()
    return Case.objects.bulk_create(
        Case(
            number=f"T-{taken + k}", kind=kind, enterprise=of, home=of.region, site=site, blocked="road",
            place=of.region, filed_at=at, state_since=at, due_at=at, lead_region=of.region, **more,
        )
        for k in range(count)
    )  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Twelve days of one filing a day in Shanghai; today four firms report, and one a sheet of 401 problems."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        make.authority(is_exercise=True, exercise_date=DAY)
        shanghai, jilin = make.region("310000"), make.region("220000")
        firms = [make.enterprise(f"F{k}", region=shanghai) for k in range(6)]
        other = make.enterprise("J1", region=jilin)
        for back in range(12, 0, -1):
            problems(firms[back % 6], DAY - dt.timedelta(days=back))
        [whole, *_] = problems(firms[0], DAY, 401)
        for firm in firms[1:5]:
            problems(firm, DAY)
        problems(firms[1], DAY, kind="upstream_supply")
        problems(firms[5], DAY, split_from=whole)
        problems(firms[5], DAY + dt.timedelta(days=1))  # has not come yet
        problems(firms[5], DAY, kind="no_answer", pack="notice")
        problems(other, DAY - dt.timedelta(days=3), 2)
        yield {
            "ministry": make.user(username="counts-ministry"),
            "shanghai": make.user(Role.PROVINCE_OFFICER, username="counts-shanghai", region="310000"),
            "jilin": make.user(Role.PROVINCE_OFFICER, username="counts-jilin", region="220000"),
            "reporter": make.user(Role.REPORTER, username="counts-reporter", enterprise="F1"),
        }
        transaction.set_rollback(True)


def test_a_sheet_is_one_filing_and_parts_and_what_has_not_come_are_none(world):
    board = selectors.board(world["shanghai"])
    assert (board.first, board.last) == (DAY - dt.timedelta(days=12), DAY)
    kinds = {one.kind: one for one in board.kinds}
    assert (kinds["logistics"].today, kinds["logistics"].problems) == (5, 405 + 6)
    assert kinds["logistics"].days == (*[1] * 12, 5)
    assert kinds["upstream_supply"].today == 1
    # Who reports two kinds on a day has filed once.
    assert (board.whole.today, board.whole.week) == (5, 11)


def test_rules_raise_today_at_once_and_say_what_they_had(world):
    one = selectors.counted(world["shanghai"], "310000", "logistics")
    said = {signal.rule.name: signal for signal in one.signals}
    # Seven days of one each: mean 1, spread at least 1, so that five are four standard deviations above.
    assert {name: signal.score for name, signal in said.items() if signal.score} == {
        "filings-c1": 4.0, "filings-c2": 4.0, "filings-c3": 3.0,
    }  # fmt: skip
    assert (one.level, one.since) == ("yellow", DAY)
    assert (one.expected.mean, one.expected.bound) == (1.0, 4.0)
    week = said["filings-farrington"]
    assert (week.too_short, week.had, week.needs, week.score) == (True, 1, 264, None)
    assert [(c.region.code, c.kind) for c in selectors.raised(world["shanghai"]) if c.region] == [
        ("310000", ""), ("310000", "logistics"),
    ]  # fmt: skip


def test_only_enterprises_in_scope_are_counted(world, client):
    assert selectors.board(world["ministry"]).whole.week == 12
    mine = selectors.board(world["jilin"])
    assert (mine.whole.week, mine.whole.problems, [one.code for one in mine.regions]) == (1, 2, ["220000"])
    with pytest.raises(selectors.ObjectDoesNotExist):
        selectors.counted(world["jilin"], "310000")
    client.force_login(world["jilin"])
    assert client.get("/problem-counts/220000/").status_code == 200
    for page in ("310000", "nowhere", "220000"):
        asked = f"{page}/?kind={'nothing' if page == '220000' else ''}"
        assert client.get(f"/problem-counts/{asked}").status_code == 404, page
        assert client.get(f"/api/v1/problem-counts/{asked.replace('/?', '?')}").status_code == 404, page
    client.force_login(world["reporter"])
    assert client.get("/problem-counts/").status_code == 404


def test_pages_api_and_export_say_the_same(client, world):
    client.force_login(world["shanghai"])
    page = client.get("/problem-counts/?kind=logistics").content.decode()
    assert "since 2022-04-20" in page
    assert ">411</a>" in page
    assert "too short: 1 of 264 weeks" in client.get("/problem-counts/310000/?kind=logistics").content.decode()
    said = client.get("/api/v1/problem-counts/310000?kind=logistics").json()
    assert (said["level"], said["today"], said["problems_7_days"], said["days"][-2:]) == ("yellow", 5, 411, [1, 5])
    assert client.get("/api/v1/problem-counts?kind=upstream_supply").json()["regions"][0]["today"] == 1
    rows = list(csv.DictReader(io.StringIO(client.get("/problem-counts/?format=csv").content.decode("utf-8-sig"))))
    assert (rows[0]["region"], rows[0]["kind"], rows[0]["today"]) == ("all", "all", "5")
    warnings = client.get("/warnings/").content.decode()
    assert "/problem-counts/310000/?kind=logistics" in warnings
    assert json.loads(client.get("/api/v1/problem-counts/310000?kind=nothing").content)["code"]


RULES = {rule.name: rule for rule in shipped()["problem-filings"].pack.rules}


def test_a_day_that_is_not_over_raises_and_never_lowers():
    quiet = [1.0] * 20
    raised = judged(RULES["filings-c2"], np.array([*quiet, 9, 0]), DAY)
    assert (raised.level, raised.since) == ("red", DAY - dt.timedelta(days=1))
    # One good day over keeps it, the second lowers.
    assert judged(RULES["filings-c2"], np.array([*quiet, 9, 0, 0]), DAY).level == "red"
    assert judged(RULES["filings-c2"], np.array([*quiet, 9, 0, 0, 0]), DAY).level == "normal"
    # A first filing after quiet days is no alarm: the spread is at least 1.
    assert judged(RULES["filings-c1"], np.array([0.0] * 20 + [1]), DAY).level == "normal"
    assert judged(RULES["filings-c1"], np.array([1.0] * 7), DAY).too_short
    assert expected(np.array([1.0] * 9)) is None


def test_weeks_are_judged_by_the_same_weeks_of_five_years():
    days = np.random.default_rng(5).poisson(2.0, 7 * 266 + 4).astype(float)
    days[-8:-1] = 9.0
    weeks = weeks_of(days[:-1])
    assert weeks[-1] == 63
    assert weeks.size == 266
    found = judged(RULES["filings-farrington"], days, DAY)
    assert found.score == pytest.approx(float(farrington(weeks).score[-1]))
    assert (found.level, found.since) == ("red", DAY - dt.timedelta(days=7))


def test_what_is_filed_later_changes_no_count_of_the_past(world):
    before = selectors.counted(world["ministry"], "310000")
    [late] = problems(Enterprise.objects.get(enterprise_id="F5"), DAY)
    Case.objects.filter(pk=late.pk).update(state="withdrawn")
    after = selectors.counted(world["ministry"], "310000")
    assert (after.today, after.days[:-1]) == (before.today + 1, before.days[:-1])


def test_what_was_counted_is_read_again_by_nobody_until_something_is_filed(world):
    first = selectors.board(world["ministry"])
    with CaptureQueriesContext(connection) as asked:
        again = selectors.board(world["ministry"])
    read = [one["sql"] for one in asked if "home_id" in one["sql"]]
    assert again == first
    # Only what came today, and of it all that it takes to tell whether it was counted.
    assert len(read) == 1
    assert 'filed_at" >= ' in read[0]
    problems(Enterprise.objects.get(enterprise_id="F5"), DAY - dt.timedelta(days=20))
    assert selectors.board(world["ministry"]).first == first.first - dt.timedelta(days=8)
