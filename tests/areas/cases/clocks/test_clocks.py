"""The clocks of a case in the service: they are driven by the story, wait, are extended, and are stored as computed."""

import datetime as dt
import random
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from tests import factories as make
from tests.areas.cases.conftest import problem

from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases import selectors, services
from ballast.areas.cases.clocks import extensions, waiting
from ballast.areas.cases.clocks import policies as clock_policies
from ballast.areas.cases.clocks.card import answer_words, card_of
from ballast.areas.cases.clocks.checks import beyond_calendar, differing
from ballast.areas.cases.clocks.dues import clocks_of, follow_all, follow_stops, stories
from ballast.areas.cases.clocks.log import Line, story_of
from ballast.areas.cases.clocks.quick import quick_dues
from ballast.areas.cases.clocks.rules import rules_in_force
from ballast.areas.cases.jobs import follow_clocks
from ballast.areas.cases.models import Case, CaseEntry, Extension
from ballast.areas.reference.services import load_calendar, set_authority
from ballast.core.clocks import deadlines

pytestmark = pytest.mark.django_db
ZONE = dt.timezone(dt.timedelta(hours=8))
POLICY = """
version = "2022-05"
since = 2022-04-29
[[clocks]]
clock = "resolution"
kinds = ["staff_return"]
days = 5
until = 18:00:00
"""


@pytest.fixture
def at(monkeypatch, shared):
    """Set the authority's local time, e.g. "04-28 16:00"; the exercise's date follows."""

    def stand(text):
        instant = dt.datetime.strptime(f"2022-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
        set_authority("test", exercise_date=instant.date())
        monkeypatch.setattr("django.utils.timezone.now", lambda: instant)
        return instant

    stand("04-28 16:00")  # a Thursday; the office works from 9 to 17
    return stand


def local(instant):
    return instant.astimezone(ZONE).strftime("%m-%d %H:%M")


def dues(case):
    case.refresh_from_db()
    return {name: local(value) for name in ("due_at", "policy_due", "answer_due", "part_due")
            if (value := getattr(case, name))}  # fmt: skip


def stands(case):
    """State of every clock by its label."""
    return {line.label: line.state.value for line in card_of(case).clocks}


@pytest.fixture
def case(at, shared):
    """Accepted at four in the afternoon of Thursday, due on Tuesday at six."""
    case = problem(shared)
    services.make_move(shared.olga, case.number, move="accept")
    return Case.objects.get(pk=case.pk)


def wait(user, case, *, until, whom="partner", text="The bridge is closed"):
    return waiting.let_wait(user, case.number, whom=whom, text=text, until=dt.date.fromisoformat(f"2022-{until}"))


def test_a_new_case_has_its_three_clocks_and_the_answer_time_is_said(at, shared):
    """frappe #2362, complaint 14: the enterprise hears at once by when, and that the office is closed."""
    filed = problem(shared)
    assert dues(filed) == {
        "due_at": "05-03 18:00", "policy_due": "05-03 18:00", "answer_due": "04-29 12:00", "part_due": "05-02 18:00",
    }  # fmt: skip
    assert answer_words(filed) == "The desk answers by Fri 04-29 12:00."
    at("04-30 20:00")
    late = problem(shared)
    assert dues(late)["answer_due"] == "05-02 13:00"
    words = answer_words(late)
    assert words.startswith("It is outside office hours; the office opens Mon 05-02 09:00.")
    assert words.endswith("The desk answers by Mon 05-02 13:00.")
    assert differing() == []


def test_waiting_stops_the_clocks_and_says_why_and_until_when(at, case, shared):
    """govflow #4, complaint 12: a public reason with a date; the case goes on by itself on that date."""
    at("04-29 13:00")  # 1 + 4 hours of the 25 are used
    wait(shared.olga, case, until="05-04")
    assert dues(case)["due_at"] == "05-06 18:00"
    card = card_of(case)
    assert (
        card.waiting
        == "Waits for another authority or partner: The bridge is closed. It goes on by Wed 05-04 at the latest."
    )
    assert stands(case) == {"First answer": "met", "Solution": "paused", "Part of the desk of Shanghai": "paused"}
    assert ("04-29", "05-03", "paused") in [(f"{s.first:%m-%d}", f"{s.last:%m-%d}", s.reason) for s in card.steps]
    at("05-04 10:00")
    assert card_of(case).waiting == ""
    assert stands(case)["Solution"] == "running"
    assert follow_clocks.call() == 0
    assert (dues(case)["due_at"], case.waiting_for, case.waiting_until) == ("05-06 18:00", "", None)
    assert selectors.own_story(case).filter(move="clock_waits").exists()
    assert AuditEntry.objects.filter(action="case.wait").count() == 1


def test_a_case_goes_on_when_the_desk_says_so_and_cannot_twice(at, case, shared):
    at("04-29 13:00")
    wait(shared.olga, case, until="05-04")
    at("05-02 09:00")
    waiting.go_on(shared.olga, case.number)
    assert dues(case)["due_at"] == "05-04 18:00"
    with pytest.raises(ValidationError, match="does not wait"):
        waiting.go_on(shared.olga, case.number)
    assert differing() == []


@pytest.mark.parametrize("channel", ["reply", "api"])
def test_a_reply_by_another_channel_moves_the_same_clock(at, case, shared, client, channel):
    """zammad #1322, complaint 3: what waits for the enterprise goes on with its word, whatever channel it comes by."""
    at("04-29 13:00")
    wait(shared.olga, case, until="05-20", whom="enterprise", text="Send the list of staff")
    at("05-02 09:00")
    if channel == "reply":
        services.add_reply(shared.rita, case.number, text="Here it is")
    else:
        client.force_login(shared.rita)
        address = f"/api/v1/cases/{case.number}/replies"
        assert client.post(address, {"text": "Here it is"}, content_type="application/json").status_code == 201
    assert dues(case)["due_at"] == "05-04 18:00"
    assert case.waiting_for == ""


def test_a_pause_is_kept_when_the_policy_changes(at, case, shared):
    """glpi #6902, frappe #1675, complaint 2: the new version is replayed over the old log."""
    at("04-29 09:00")
    wait(shared.olga, case, until="05-04")
    assert dues(case)["policy_due"] == "05-06 18:00"
    loaded = clock_policies.load_policy("test", POLICY)
    assert loaded.moved.numbers == (case.number,)
    assert dues(case)["policy_due"] == "05-10 18:00"  # two days more, and the pause as before
    line = case.entries.get(move="clock_due")
    assert (
        line.said == "Due Tue 05-10 18:00 instead of Fri 05-06 18:00: more time, because the policy has a new version."
    )
    assert (line.actor_name, line.words) == ("Ballast", "Due at another time")
    assert clock_policies.load_policy("test", POLICY) is None
    assert follow_all("policy").numbers == ()
    assert case.entries.filter(move="clock_due").count() == 1
    assert differing() == []


def test_what_cannot_be_loaded_as_a_policy_is_named(at, shared):
    for old, new, told in [
        ("staff_return", "stuff_return", "“stuff_return” is not a kind of this pack"),
        ("days = 5", "days = 5\ncalendar = 'moon'", "There is no calendar “moon”"),
        ("days = 5", "", "give days or minutes"),
        ("since = 2022-04-29", "since = 2022-04-27", "2022-04-27 has passed"),
        ("since = 2022-04-29", "since = 'now'", "since: “now” is no date"),
        ('version = "2022-05"', "versoin = 1", "versoin: there is no such key"),
        ('clock = "resolution"', 'clock = "soon"', "clocks 1, clock: "),
    ]:
        with pytest.raises(ValidationError) as caught:
            clock_policies.load_policy("test", POLICY.replace(old, new))
        assert told in " ".join(caught.value.messages)


def test_time_is_extended_by_another_person_of_a_desk_above_only(at, case, shared):
    asked = extensions.ask_for_time(shared.olga, case.number, clock="resolution", days=2, text="Tests take two days")
    assert dues(case)["due_at"] == "05-03 18:00"
    who = SimpleNamespace(**vars(shared))
    second = make.user("ministry_officer", username="mei")
    assert [list(extensions.answerable(user)) for user in (who.olga, who.city, who.jin, who.rita, second)] == [
        [], [], [], [], [asked],
    ]  # fmt: skip
    with pytest.raises(Extension.DoesNotExist):
        extensions.decide_on_time(who.olga, case.number, asked.pk, grant=True)
    with pytest.raises(ValidationError, match="asked for already"):
        extensions.ask_for_time(who.olga, case.number, clock="resolution", days=3, text="More")
    extensions.decide_on_time(second, case.number, asked.pk, grant=True)
    assert dues(case)["due_at"] == "05-05 18:00"
    assert [entry.words for entry in selectors.own_story(case)][-1] == "2 working days more (Solution): granted"
    mine = extensions.ask_for_time(second, case.number, clock="part", days=1, text="One more")
    with pytest.raises(Extension.DoesNotExist):
        extensions.decide_on_time(second, case.number, mine.pk, grant=True)
    with pytest.raises(ValidationError, match="why you refuse"):
        extensions.decide_on_time(who.mia, case.number, mine.pk, grant=False)
    extensions.decide_on_time(who.mia, case.number, mine.pk, grant=False, text="No")
    assert [e.move for e in case.entries.filter(type="note")] == ["clock_asked", "clock_asked", "clock_refused"]
    actions = AuditEntry.objects.filter(action__startswith="case.extension").values_list("action", flat=True)
    assert list(actions) == [
        "case.extension_asked", "case.extension_granted", "case.extension_asked", "case.extension_refused",
    ]  # fmt: skip
    assert differing() == []


def test_each_desk_has_its_own_part_and_the_promise_to_the_enterprise_stays(at, case, shared):
    at("04-29 10:00")
    services.make_move(shared.olga, case.number, move="hand_over", region=shared.jiangsu, text="Your road")
    at("05-02 10:00")
    services.make_move(shared.jin, case.number, move="take_over")
    assert dues(case) == {
        "due_at": "05-03 18:00", "policy_due": "05-03 18:00", "answer_due": "04-29 12:00", "part_due": "05-04 18:00",
    }  # fmt: skip
    assert stands(case)["Part of the desk of Shanghai"] == "met"
    assert stands(case)["Part of the desk of Jiangsu"] == "running"


def test_a_clock_stops_when_solved_and_runs_on_when_the_enterprise_disputes(at, case, shared):
    at("04-29 17:00")
    services.make_move(shared.olga, case.number, move="solve", text="Passes are issued")
    assert dues(case)["due_at"] == "05-03 18:00"
    at("05-09 09:00")
    assert not selectors.queue(shared.olga, {"overdue": "1"}).exists()
    services.make_move(shared.rita, case.number, move="dispute", text="Still closed")
    assert dues(case)["due_at"] == "05-10 18:00"
    assert [str(s.reason) for s in card_of(case).steps if s.reason] == ["worked", "stopped", "worked"]
    assert differing() == []


def test_breached_cases_are_always_listed(at, case, shared):
    """zammad #3523, complaint 5: missed before it waits, handed over, extended in vain: it stays in the list."""
    at("05-04 10:00")
    overdue = selectors.queue(shared.olga, {"overdue": "1"})
    assert list(overdue) == [case]
    wait(shared.olga, case, until="05-20")
    follow_all("policy")
    assert list(selectors.queue(shared.olga, {"overdue": "1"})) == [case]
    assert stands(case)["Solution"] == "missed"
    services.make_move(shared.olga, case.number, move="hand_over", region=shared.jiangsu, text="Your road")
    assert list(selectors.queue(shared.jin, {"overdue": "1"})) == [case]
    assert [one.number for one in selectors.queue(shared.olga, {"sort": "due"})] == [case.number]


def test_the_stop_of_the_site_counts_when_it_comes_before_the_policy(at, case, shared):
    day = make.TODAY
    moved = follow_stops(day, {shared.plant.pk: (4, True)})  # stops on Monday 2 May, one day to remedy
    assert moved.numbers == (case.number,)
    assert dues(case)["due_at"] == "05-01 18:00"
    assert [(r.words, r.counts) for r in card_of(case).reasons] == [
        ("policy: Tue 05-03 18:00", False),
        ("the site stops Mon 05-02, minus 1 day to remedy: Sun 05-01 18:00", True),
    ]
    assert follow_stops(day, {shared.plant.pk: (4, True)}).numbers == ()
    follow_stops(day, {shared.plant.pk: (20, False)})
    assert dues(case)["due_at"] == "05-03 18:00"
    assert [line.said for line in case.entries.filter(move="clock_due").order_by("pk")] == [
        "Due Sun 05-01 18:00 instead of Tue 05-03 18:00: less time, because by the newest forecast the site stops "
        "Mon 05-02.",
        "Due Tue 05-03 18:00 instead of Sun 05-01 18:00: more time, because by the newest forecast the site stops "
        "Wed 05-18, not Mon 05-02.",
    ]
    assert "may stop Wed 05-18" in card_of(case).reasons[1].words
    assert differing() == []


def test_no_desk_is_late_before_its_first_answer_and_a_stop_that_came_stays_where_it_came(at, case, shared):
    follow_stops(make.TODAY, {shared.plant.pk: (1, True)})  # stops tomorrow: a remedy would have been due today
    assert dues(case)["due_at"] == "04-29 12:00"
    assert "not before the first answer is owed" in card_of(case).reasons[1].words
    follow_stops(make.TODAY + dt.timedelta(days=3), {shared.plant.pk: (0, True)})
    assert (case.stops_on, dues(case)["due_at"]) == (dt.date(2022, 4, 29), "04-29 12:00")
    follow_stops(make.TODAY, {})
    assert dues(case)["due_at"] == "05-03 18:00"
    stood = problem(shared)
    follow_stops(make.TODAY, {shared.plant.pk: (0, True)})
    assert dues(stood)["due_at"] == "05-03 18:00"
    assert "stood before" in card_of(stood).reasons[1].words


def test_a_new_calendar_moves_the_cases_in_hand_only_and_its_end_is_told(at, case, shared):
    over = problem(shared)
    services.make_move(shared.rita, over.number, move="withdraw", text="Solved itself")
    load_calendar(
        "test",
        """
name = "plain"
version = "holiday"
known_until = 2022-05-01
[week]
monday = ["09:00-17:00"]
tuesday = ["09:00-17:00"]
wednesday = ["09:00-17:00"]
thursday = ["09:00-17:00"]
friday = ["09:00-17:00"]
[[day]]
date = 2022-04-29
name = "Holiday"
""",
    )
    assert dues(case)["due_at"] == "05-04 18:00"
    assert "the working calendar has a new version" in case.entries.get(move="clock_due").said
    assert dues(over)["due_at"] == "05-03 18:00"
    assert card_of(case).unknown_from == dt.date(2022, 5, 1)
    assert beyond_calendar() == (1, dt.date(2022, 5, 1))
    assert differing() == []


def test_what_is_refused_is_told_with_the_value(at, case, shared):
    fresh = problem(shared)
    for call, told in [
        (lambda: wait(shared.olga, fresh, until="05-04"), "only a case that was accepted"),
        (lambda: wait(shared.olga, case, until="04-28"), "2022-04-28 will not do; give a day from 2022-04-29"),
        (lambda: wait(shared.olga, case, until="06-28"), "to 2022-05-28"),
        (lambda: wait(shared.olga, case, until="05-04", whom="moon"), "“moon” is not one of enterprise"),
        (lambda: wait(shared.olga, case, until="05-04", text=" "), "Fill in this field"),
        (lambda: extensions.ask_for_time(shared.olga, case.number, clock="moon", days=31, text=""), "31 working days"),
    ]:
        with pytest.raises(ValidationError) as caught:
            call()
        assert told in " ".join(caught.value.messages)
    for user in (shared.jin, shared.otto, shared.leader):
        with pytest.raises((Case.DoesNotExist, selectors.Case.DoesNotExist, Exception)) as caught:
            wait(user, case, until="05-04")
        assert "DoesNotExist" in type(caught.value).__name__ or type(caught.value).__name__ == "NotAllowedError"


def test_lines_of_old_stories_and_of_a_clock_that_went_back_make_a_log(at, case, shared):
    """A line that seems to lie before the one above it counts as of that one."""
    at("04-28 09:00")  # the exercise's day begins again
    services.make_move(shared.olga, case.number, move="start")
    CaseEntry.objects.filter(case=case).update(lead=None)
    rules = rules_in_force()
    story = stories([case], rules)[case.pk]
    assert [type(entry).__name__ for entry in story.log.entries] == ["Filed", "Replied", "Replied"]
    assert story.log.filed.agency == "310000"
    assert clocks_of(case, story, rules, case.filed_at)


def test_what_is_computed_quickly_is_what_the_log_gives(at, shared):
    """Random instants, kinds, answers and a policy that changed: with and without replaying the log."""
    policy = POLICY.replace("04-29", "05-02") + '[[clocks]]\nclock = "response"\nminutes = 100\ncalendar = "cn"\n'
    clock_policies.load_policy("test", policy)
    rules, chance = rules_in_force(), random.Random(7)
    zero = dt.datetime(2022, 4, 20, tzinfo=ZONE)
    for _turn in range(150):
        filed = zero + dt.timedelta(minutes=chance.randrange(40 * 1440))
        kind = chance.choice(["staff_return", "funds", "policy"])
        answer = filed + dt.timedelta(minutes=chance.randrange(10_000))
        lines = [Line(answer, "reply", "", "desk", "", "", "310000", None, {}, "")] if chance.random() < 0.7 else []
        story = story_of(filed, kind, "310000", lines, rules.zone)
        now = max(filed + dt.timedelta(minutes=chance.randrange(60_000)), story.log.entries[-1].at)
        quick = quick_dues("problem", story, rules, now)
        assert quick is not None
        clocks = deadlines(story.log, rules.policies["problem"], rules.calendars, now)
        assert quick == {name.clock: clock.due for name, clock in clocks.items()}, (kind, filed, answer, now)
