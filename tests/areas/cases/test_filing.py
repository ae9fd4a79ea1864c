"""Filing: numbers, desks, due times, the event, retries."""

import datetime as dt

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories as make
from tests.areas.cases.conftest import problem

from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases import selectors, services
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.packs import in_force as pack
from ballast.areas.cases.presentation import due_level
from ballast.areas.registry.models import Event


def test_numbers_run_by_desk_and_day(world):
    numbers = [problem(world).number, problem(world).number]
    numbers.append(problem(world, user=world.otto, site=world.elsewhere).number)
    assert numbers == ["SH-20220428-0001", "SH-20220428-0002", "JS-20220428-0001"]


def test_filing_reads_the_authority_and_the_rules_once(world):
    with CaptureQueriesContext(connection) as asked:
        problem(world)
    said = [one["sql"] for one in asked]
    for table in ("reference_authority", "cases_clockpolicy", "reference_workingcalendar"):
        assert len([sql for sql in said if f'FROM "{table}"' in sql]) == 1, table
    assert len(said) <= 45
    make.Authority.objects.update(time_zone="UTC")
    assert problem(world).due_at.hour == 18, "the next act reads it anew"


def test_the_province_above_the_site_leads(world):
    assert problem(world).lead_region == world.shanghai


def test_every_kind_has_a_policy():
    assert all(pack.resolution_of(kind).days > 0 for kind in pack.kinds())


@pytest.mark.parametrize(
    ("kind", "event"),
    [("staff_return", ("site", "car-07")), ("energy", ("site", "car-07")), ("funds", ("site", "car-07")),
     ("policy", ("site", "car-07")), ("logistics", ("lane", "320000>car-07")),
     ("upstream_supply", ("lane", "320000>car-07")), ("other", None)],
)  # fmt: skip
def test_each_kind_holds_what_it_is_about(world, kind, event):
    case = problem(world, kind=kind, place=world.jiangsu, still_possible=0.4)
    if event is None:
        assert case.event is None
    else:
        assert (case.event.kind, case.event.subject) == event
        assert (case.event.capacity_left, case.event.case_id, case.event.start) == (0.4, case.number, make.TODAY)


def test_due_falls_on_working_days_at_the_pack_s_hour(world):
    # Thursday 28 April 2022 and three working days of a plain calendar: Tuesday, 18:00 in Shanghai.
    assert problem(world).due_at.isoformat() == "2022-05-03T10:00:00+00:00"


def test_a_retry_changes_nothing(world):
    first = problem(world, client_token="t1")
    before = (Event.objects.count(), CaseEntry.objects.count(), AuditEntry.objects.count())
    again = problem(world, client_token="t1", blocked="other words")
    assert again == first
    assert (Event.objects.count(), CaseEntry.objects.count(), AuditEntry.objects.count()) == before
    assert problem(world, client_token="t2") != first


def test_the_same_token_of_another_person_is_another_case(world):
    first = problem(world, client_token="t1")
    assert problem(world, user=world.otto, site=world.elsewhere, client_token="t1") != first


def test_all_faults_of_a_filing_come_at_once_and_nothing_is_kept(world):
    with pytest.raises(ValidationError) as caught:
        problem(
            world, kind="weather", blocked=" ", contact="x" * 201, text="", still_possible=2,
            needed_by=make.TODAY - dt.timedelta(days=1),
        )  # fmt: skip
    assert set(caught.value.message_dict) == {"kind", "blocked", "contact", "text", "still_possible", "needed_by"}
    assert not Case.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("user", ["otto", "olga", "mia", "leader"])
def test_nobody_files_for_another_s_site(world, user):
    with pytest.raises(ObjectDoesNotExist):
        problem(world, user=getattr(world, user))


def test_acceptance_may_correct_the_capacity_left(world):
    case = problem(world)
    services.make_move(world.olga, case.number, move="accept", capacity_left=0.25)
    case.event.refresh_from_db()
    assert case.event.capacity_left == 0.25
    with pytest.raises(services.MoveRefusedError):
        services.make_move(world.olga, case.number, move="start", capacity_left=1.5)


def test_an_officer_links_the_case_to_another_event_and_its_own_ends(world):
    case = problem(world)
    closure = make.event("310115", kind="region", name="District closed")
    own = case.event
    case = services.link_event(world.olga, case.number, event=closure)
    own.refresh_from_db()
    assert case.event == closure
    assert own.withdrawn_at is not None
    assert case.entries.last().type == "note"
    services.make_move(world.olga, case.number, move="accept")
    services.make_move(world.olga, case.number, move="solve", text="x")
    services.make_move(world.rita, case.number, move="confirm")
    closure.refresh_from_db()
    assert closure.withdrawn_at is None, "an enterprise's word lifts no regional closure"


def test_an_event_shared_by_two_open_cases_ends_with_the_last(world):
    first = problem(world)
    second = problem(world, linked_event=first.event)
    for case in (first, second):
        services.make_move(world.olga, case.number, move="accept")
        services.make_move(world.olga, case.number, move="solve", text="x")
    services.make_move(world.rita, first.number, move="confirm")
    first.event.refresh_from_db()
    assert first.event.withdrawn_at is None
    services.make_move(world.rita, second.number, move="confirm")
    first.event.refresh_from_db()
    assert first.event.withdrawn_at is not None


def test_output_at_risk_is_written_in_bulk_and_only_where_it_changed(world, django_assert_max_num_queries):
    cases = [problem(world) for _ in range(30)]
    with django_assert_max_num_queries(5):
        assert services.record_output_at_risk({c.number: float(i) for i, c in enumerate(cases)}) == 30
    assert services.record_output_at_risk({c.number: float(i) for i, c in enumerate(cases)}) == 0
    assert [c.output_at_risk for c in selectors.queue(world.olga)][:3] == [29.0, 28.0, 27.0]


def test_unknown_output_at_risk_comes_last_in_both_directions(world):
    known, unknown = problem(world), problem(world)
    services.record_output_at_risk({known.number: 5.0})
    assert list(selectors.queue(world.olga, {"sort": "-risk"})) == [known, unknown]
    assert list(selectors.queue(world.olga, {"sort": "risk"})) == [known, unknown]


def test_counts_equal_the_lists_that_they_open(world):
    problem(world)
    late, waiting = problem(world), problem(world)
    Case.objects.filter(pk=late.pk).update(due_at=late.filed_at - dt.timedelta(days=1))
    services.make_move(world.olga, waiting.number, move="accept")
    services.make_move(world.olga, waiting.number, move="solve", text="x")
    counts = selectors.counts(world.olga)
    for name, filters in {
        "open": {"state": "open"}, "new": {"new": "1"}, "overdue": {"overdue": "1"}, "waiting": {"waiting": "1"},
        "mine": {"mine": "1"},
    }.items():  # fmt: skip
        assert counts[name] == selectors.queue(world.olga, filters).count(), name
    assert (counts["open"], counts["overdue"], counts["waiting"]) == (2, 1, 1)


def test_the_due_lamp_is_blue_then_yellow_in_the_last_fifth_then_red(world):
    case = problem(world)
    span = case.due_at - case.filed_at
    at = [case.filed_at + span * share for share in (0.1, 0.79, 0.81, 1.01)]
    assert [due_level(case, at=instant) for instant in at] == ["blue", "blue", "yellow", "red"]
    case.state = "solved"
    assert due_level(case, at=at[-1]) == "normal"


def test_a_reply_is_empty_or_kept(world):
    case = problem(world)
    with pytest.raises(ValidationError):
        services.add_reply(world.rita, case.number, text="  ")
    services.add_reply(world.rita, case.number, text=" Any news? ")
    assert case.entries.last().text == "Any news?"
    with pytest.raises(ObjectDoesNotExist):
        services.add_note(world.rita, case.number, text="no")
    with pytest.raises(ObjectDoesNotExist):
        services.add_reply(world.otto, case.number, text="no")
