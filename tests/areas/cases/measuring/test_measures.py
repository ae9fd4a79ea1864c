"""The measures of case handling: counted by hand, equal to the lists that they open, within the person's scope."""

import csv
import datetime as dt
import io
import re
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories as make

from ballast.areas.cases import selectors
from ballast.areas.cases.machine import CLOSED, MOVES
from ballast.areas.cases.measuring import summing
from ballast.areas.cases.measuring.measures import FIGURES, GROUPS, measures, opens
from ballast.areas.cases.models import Case, CaseEntry, State

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Monday, nine o'clock.
MONDAY = dt.datetime(2022, 4, 11, 9, tzinfo=SHANGHAI)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ENTERPRISE = {"file", "confirm", "dispute", "withdraw"}


def filed(world, at=MONDAY, *, site=None, **fields):
    """A case with nothing but its filing."""
    site = site or world.plant
    defaults = {
        "kind": "energy", "enterprise": site.enterprise, "site": site, "blocked": "No power", "place": world.district,
        "needed_by": at.date(), "contact": "Rita", "text": "Dark.", "filed_at": at, "state_since": at,
        "due_at": at + 3 * DAY, "lead_region": world.shanghai,
    }  # fmt: skip
    case = Case.objects.create(number=f"M-{Case.objects.count():04d}", **(defaults | fields))
    line(case, "file", at, after=State.FILED)
    return case


def line(case, move, at, *, after, kind="move", side=None):
    side = side or ("enterprise" if move in ENTERPRISE else "desk")
    before = "" if move == "file" else case.state
    CaseEntry.objects.create(
        case=case, at=at, actor_name="x", side=side, type=kind, move=move, state_before=before, state_after=after
    )


def goes(case, *moves, start=None, step=HOUR):
    """Make the moves of the machine, one after each step of time."""
    at = start or case.filed_at
    for move in moves:
        at += step
        after = MOVES[move].to or case.state
        assert case.state in MOVES[move].sources, (case.state, move)
        line(case, move, at, after=after)
        case.state, case.closed_at = after, at if after in CLOSED else None
        case.save()
    return case


def say(case, at, *, side, kind="reply"):
    CaseEntry.objects.create(case=case, at=at, actor_name="x", side=side, type=kind, text="words")


SOLVED = ("accept", "assign", "start", "solve")


@pytest.fixture
def small(world):
    """A log with every move, a case a line, most of them filed in April."""
    waits = filed(world)
    twin = filed(world)
    line(twin, "merge", MONDAY + HOUR, after=State.MERGED)
    Case.objects.filter(pk=twin.pk).update(state=State.MERGED)
    say(waits, MONDAY + HOUR, side="enterprise")
    say(waits, MONDAY + 2 * HOUR, side="desk", kind="note")
    goes(waits, "hand_over", "refuse", start=MONDAY + 2 * HOUR)
    goes(filed(world), *SOLVED)
    goes(filed(world, kind="logistics"), *SOLVED, "confirm")
    goes(filed(world, kind="logistics"), *SOLVED, "dispute", "start", "solve", "confirm")
    goes(filed(world), *SOLVED, "dispute")
    twice = goes(filed(world), *SOLVED, "confirm", "reopen", "solve", "confirm", "reopen")
    Case.objects.filter(pk=twice.pk).update(lead_region=world.jiangsu)
    late = goes(filed(world, MONDAY - 31 * DAY), *SOLVED, "confirm")
    goes(late, "reopen", start=late.filed_at + 5 * HOUR + 14 * DAY)
    goes(filed(world, MONDAY - 31 * DAY, site=world.elsewhere, lead_region=world.jiangsu), "withdraw")
    offered = filed(world, due_at=MONDAY + 60 * DAY)
    goes(offered, "hand_over", "take_over", "withdraw")
    answered = filed(world, MONDAY - 31 * DAY, due_at=MONDAY + 60 * DAY)
    say(answered, MONDAY, side="desk")
    return world


def test_a_small_log_counted_by_hand(small):
    found = measures(small.mia)
    assert [line.key for line in found.lines] == ["2022-04", "2022-03"]
    april, march = found.lines
    assert dict(april.counts) == {
        "received": 8, "responded": 6, "solved": 5, "answered": 4, "confirmed": 3, "disputed": 2, "reopened": 1,
        "withdrawn": 1, "merged": 1, "open": 3, "waiting": 1, "overdue": 3,
    }  # fmt: skip
    assert dict(march.counts) == {
        "received": 3, "responded": 2, "solved": 1, "answered": 1, "confirmed": 1, "disputed": 0, "reopened": 0,
        "withdrawn": 1, "merged": 0, "open": 2, "waiting": 0, "overdue": 1,
    }  # fmt: skip
    assert found.total.counts == {figure: april.counts[figure] + march.counts[figure] for figure in FIGURES}
    assert (april.response_rate, april.resolution_rate, april.satisfaction) == (6 / 8, 3 / 8, 3 / 4)


def test_by_kind_by_desk_that_leads_now_and_by_the_enterprise_s_province(small):
    def received(by):
        return {line.key: line.counts["received"] for line in measures(small.mia, by=by).lines}

    assert received("kind") == {"energy": 9, "logistics": 2}
    assert received("desk") == {"310000": 9, "320000": 2}
    assert received("province") == {"310000": 10, "320000": 1}
    labels = {line.key: line.label for line in measures(small.mia, by="desk").lines}
    assert labels == {"310000": "Shanghai", "320000": "Jiangsu"}


def test_each_figure_is_the_length_of_the_list_that_it_opens(small):
    narrowings = ({"month": "2022-04"}, {"kind": "logistics"}, {"desk": "310000"}, {"province": "320000"})
    for narrowed, by in [*(({}, by) for by in GROUPS), *((narrowed, "month") for narrowed in narrowings)]:
        found = measures(small.mia, by=by, narrowed=narrowed)
        for figure in FIGURES:
            counted = {line.key: line.counts[figure] for line in [*found.lines, found.total]}
            lists = {key: len(selectors.queue(small.mia, opens(by, key, figure, narrowed))) for key in counted}
            assert counted == lists, (figure, by, narrowed)
            assert len(counted) > 1


def test_each_figure_is_above_nothing_somewhere(small):
    """Or the equality with the lists would say little."""
    assert [figure for figure, n in measures(small.mia).total.counts.items() if n == 0] == []


@pytest.mark.parametrize("move", ["withdraw", "confirm"])
def test_what_becomes_of_a_case_takes_it_out_of_no_count_of_what_was_done(small, move):
    before = measures(small.mia)
    for case in Case.objects.filter(state__in=MOVES[move].sources):
        goes(case, move, start=MONDAY + 10 * DAY)
    after = measures(small.mia)
    for old, new in zip(before.lines, after.lines, strict=True):
        lasting = [figure for figure in FIGURES if figure not in {"open", "waiting", "overdue"}]
        assert all(new.counts[figure] >= old.counts[figure] for figure in lasting)
        assert new.counts["received"] == old.counts["received"]
    assert after.total.counts[{"withdraw": "withdrawn", "confirm": "confirmed"}[move]] > 0


def test_a_case_belongs_to_the_local_month_in_which_it_was_filed(world):
    """Midnight in Shanghai is four in the afternoon of the day before in London."""
    last = dt.datetime(2022, 3, 31, 23, 59, 59, 999_999, tzinfo=SHANGHAI)
    filed(world, last)
    filed(world, last + dt.timedelta(microseconds=1))
    filed(world, dt.datetime(2022, 1, 1, tzinfo=SHANGHAI))
    found = measures(world.mia)
    assert [(line.key, line.counts["received"]) for line in found.lines] == [
        ("2022-04", 1), ("2022-03", 1), ("2022-02", 0), ("2022-01", 1),
    ]  # fmt: skip
    assert [len(selectors.queue(world.mia, opens("month", line.key, "received"))) for line in found.lines] == [
        1, 1, 0, 1,
    ]  # fmt: skip


@pytest.mark.parametrize(("after", "counted"), [(14 * DAY, 1), (14 * DAY + dt.timedelta(microseconds=1), 0)])
def test_reopened_counts_to_the_end_of_the_fourteenth_day(world, after, counted):
    case = goes(filed(world), *SOLVED, "confirm")
    goes(case, "reopen", start=case.closed_at, step=after)
    assert measures(world.mia).total.counts["reopened"] == counted


@pytest.mark.parametrize("who", ["olga", "jin", "city", "analyst", "leader"])
def test_another_region_s_cases_are_in_no_figure(small, who):
    user = getattr(small, who)
    seen = selectors.visible_cases(user).count()
    for by in GROUPS:
        found = measures(user, by=by)
        assert found.total.counts["received"] == seen
        for figure, n in found.total.counts.items():
            assert n == len(selectors.queue(user, opens(by, "", figure)))
    assert seen < Case.objects.count() or who in {"analyst", "leader"}


def test_a_desk_of_another_region_has_no_figures_at_all(small):
    make.region("330000", small.nation, level="province", name="Zhejiang")
    found = measures(make.user("province_officer", region="330000"), by="desk")
    assert (found.lines, set(found.total.counts.values())) == ([], {0})
    assert (found.total.response_rate, found.total.satisfaction, found.total.response.median) == (None, None, None)


def test_times_are_working_time_to_the_first_answer_and_to_the_solution_that_stands(world):
    # 8 working hours of two days; the weekend in between does not count.
    friday = dt.datetime(2022, 4, 8, 13, tzinfo=SHANGHAI)
    case = filed(world, friday)
    goes(case, "accept", start=friday + 2 * DAY + 22 * HOUR, step=2 * HOUR)
    goes(case, "start", "solve", "dispute", start=MONDAY + 5 * HOUR)
    # Solved again on Thursday at noon: of the time, 4 + 3 * 8 + 3 hours were worked.
    goes(case, "solve", start=MONDAY + 3 * DAY, step=3 * HOUR)
    # Answered at night, and solved, but that was disputed.
    other = goes(filed(world, MONDAY), "accept", step=14 * HOUR)
    goes(other, "solve", "dispute", start=MONDAY + DAY)
    total = measures(world.mia).total
    assert total.response == (8.0, 8.0)
    assert total.solution == (31 / 8, 31 / 8)


def test_nine_of_ten_took_no_longer_than_the_ninth_of_them(world):
    for n in range(1, 11):
        goes(filed(world, MONDAY), "accept", step=n * dt.timedelta(minutes=30))
    assert measures(world.mia).total.response == (2.5, 4.5)


@pytest.mark.parametrize("by", GROUPS)
def test_queries_do_not_grow_with_cases_or_lines(small, by):
    def count():
        with CaptureQueriesContext(connection) as found:
            measures(make.User.objects.get(username="olga"), by=by)
        return len(found)

    before = count()
    for n in range(20):
        goes(filed(small, MONDAY - n * 20 * DAY, kind=["funds", "policy"][n % 2]), *SOLVED, "confirm", "reopen")
    assert count() == before


@pytest.mark.parametrize(
    ("by", "narrowed", "field", "value"),
    [
        ("week", {}, "by", "week"), ("month", {"month": "2022-13"}, "month", "2022-13"),
        ("month", {"month": "April"}, "month", "April"), ("month", {"month": "9999-12"}, "month", "9999-12"),
        ("kind", {"kind": "rain"}, "kind", "rain"),
    ],
)  # fmt: skip
def test_what_is_no_grouping_month_or_kind_is_named(world, by, narrowed, field, value):
    with pytest.raises(ValidationError) as refused:
        measures(world.mia, by=by, narrowed=narrowed)
    assert value in refused.value.message_dict[field][0]


@pytest.mark.parametrize(
    "given", [{"month": "2022-13"}, {"month": "0001-01"}, {"desk": "x"}, {"province": "x"}], ids=str
)
def test_a_list_asked_for_what_is_not_known_is_empty(small, given):
    assert not selectors.queue(small.mia, given | {"state": "all"})


def test_the_page_shows_the_figures_and_each_opens_its_list(client, small):
    client.force_login(small.mia)
    page = client.get("/cases/measures/?view=desk&month=2022-04")
    assert page.status_code == 200
    addresses = set(re.findall(r'href="(/cases/\?[^"]*)"', page.text))
    assert len(addresses) == 3 * len(FIGURES)
    for row in page.context["rows"]:
        for figure in row.figures:
            assert client.get(figure.address).context["page"].paginator.count == figure.number, figure.address
    assert "Filed in 2022-04" in client.get(page.context["rows"][0].figures[2].address).text


def test_the_page_is_one_click_from_the_queue_and_from_the_board(client, small):
    client.force_login(small.mia)
    for address in ("/cases/", "/cases/board/"):
        assert 'href="/cases/measures/"' in client.get(address).text


def test_the_page_says_what_it_will_show_when_there_is_no_case_yet(client, world):
    client.force_login(world.olga)
    assert "No case fits." in client.get("/cases/measures/").text


@pytest.mark.parametrize(
    ("query", "value"), [("view=week", "week"), ("month=April", "April"), ("kind=%3Cb%3E", "&lt;b&gt;")]
)
def test_the_page_names_what_it_was_asked_wrongly(client, world, query, value):
    client.force_login(world.olga)
    page = client.get(f"/cases/measures/?{query}")
    assert page.status_code == 422
    assert f"“{value}”" in page.text
    assert 'href="/cases/measures/"' in page.text


def test_the_page_in_chinese_leaves_no_figure_in_english(client, small):
    client.force_login(small.mia)
    page = client.get("/cases/measures/", headers={"Accept-Language": "zh-hans"}).text
    assert "满意率" in page
    assert "Satisfaction" not in page


def test_as_a_file_the_figures_are_those_of_the_page(client, small):
    client.force_login(small.mia)
    text = client.get("/cases/measures/?format=csv").content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert len(head) == 1 + len(FIGURES) + 3 + 4
    assert [row[:3] for row in rows] == [["2022-04", "8", "6"], ["2022-03", "3", "2"], ["All", "11", "8"]]
    client.force_login(small.leader)
    assert client.get("/cases/measures/?format=csv").status_code == 404


@pytest.mark.parametrize("who", ["rita", "admin"])
def test_the_measures_are_the_desks_alone(client, small, who):
    client.force_login(small.rita if who == "rita" else make.user("administrator"))
    for address in ("/cases/measures/", "/cases/measures/?format=csv", "/api/v1/cases/measures"):
        assert client.get(address).status_code == 404


def test_the_api_tells_the_same_figures(client, small):
    client.force_login(small.mia)
    told = client.get("/api/v1/cases/measures?by=kind&month=2022-04").json()
    found = measures(small.mia, by="kind", narrowed={"month": "2022-04"})
    assert [(line["key"], {figure: line[figure] for figure in FIGURES}) for line in told["items"]] == [
        (line.key, dict(line.counts)) for line in found.lines
    ]
    assert told["total"]["satisfaction"] == found.total.satisfaction
    assert told["total"]["response_hours"] == {"median": 1.0, "ninth": 2.0}
    refused = client.get("/api/v1/cases/measures?month=2022-13")
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "month")


def sums_of(work):
    """How often the work has lines of the log summed up."""
    with CaptureQueriesContext(connection) as found:
        work()
    return sum("MIN(" in row["sql"] and "cases_caseentry" in row["sql"] for row in found)


def test_a_log_that_is_kept_gives_the_figures_of_one_that_is_read_each_time(small, monkeypatch, settings, tmp_path):
    """Lines that come later, or are taken out of the log by undoing a merge, count as if the log were read anew."""
    settings.DATA_DIR = tmp_path

    def figures(*, kept):
        monkeypatch.setattr(summing, "_MANY", 0 if kept else 10**9)
        return [measures(user, by=by) for user in (small.mia, small.olga) for by in GROUPS]

    def queries():
        return sums_of(lambda: figures(kept=True))

    monkeypatch.setattr(summing, "_whole", None)
    seen = [figures(kept=True)]
    assert seen[-1] == figures(kept=False)
    assert queries() == 0, "nothing came: the log is not summed up again"
    goes(filed(small), *SOLVED, "dispute", "start", "solve")
    for case in Case.objects.filter(state=State.SOLVED):
        goes(case, "confirm", start=MONDAY + 10 * DAY)
    assert queries() == 1, "what is new is summed up once"
    seen.append(figures(kept=True))
    assert seen[-1] == figures(kept=False)
    CaseEntry.objects.filter(state_after=State.MERGED).delete()
    seen.append(figures(kept=True))
    assert seen[-1] == figures(kept=False)
    assert seen[0] != seen[1] != seen[2]


def test_a_process_that_begins_takes_the_sums_of_another_as_long_as_they_are_of_this_log(
    small, monkeypatch, settings, tmp_path
):
    settings.DATA_DIR = tmp_path

    def figures(*, kept=True, begins=False):
        if begins:
            monkeypatch.setattr(summing, "_whole", None)
        monkeypatch.setattr(summing, "_MANY", 0 if kept else 10**9)
        return measures(small.mia, by="desk")

    before = figures(begins=True)
    assert sums_of(partial(figures, begins=True)) == 0
    assert figures() == figures(kept=False) == before
    CaseEntry.objects.filter(state_after=State.SOLVED).update(at=MONDAY + 11 * DAY)
    assert sums_of(partial(figures, begins=True)) == 1, "as many lines with the same keys, and another log"
    assert figures() == figures(kept=False) != before
    goes(filed(small), *SOLVED)
    assert sums_of(partial(figures, begins=True)) == 1, "only what is new to the file"
    assert figures() == figures(kept=False)
    (tmp_path / "case-log.npz").write_bytes(b"PK\x03\x04 broken")
    assert figures(begins=True) == figures(kept=False)
