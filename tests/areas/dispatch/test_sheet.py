"""The dispatch sheet equals the ledger to the case: recounted from the ledger's rows and lines by other means."""

import csv
import datetime as dt
import io
from collections import Counter

import pytest
from django.core.exceptions import ObjectDoesNotExist
from tests import factories as make
from tests.areas.dispatch.room import DAY, HOUR, INSTANT, clock, filed, goes, line

from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases.models import Case, CaseEntry, State
from ballast.areas.dispatch import ledger, selectors, services
from ballast.areas.dispatch.models import Sheet
from ballast.areas.papers.blocks import Fact, Table
from ballast.areas.reference.selectors import now

pytestmark = pytest.mark.django_db
IN_HAND = {"filed", "accepted", "assigned", "solving", "disputed"}
SCOPES = ("/", "/CN/310000/", "/CN/220000/", "/CN/310000/310115/")


def inside(case, scope):
    """Whether a case is the scope's: by its enterprise, its desk or an offer; told from paths."""
    regions = (case.enterprise.region, case.lead_region, case.offered_to)
    return any(region is not None and region.path.startswith(scope) for region in regions)


def recounted(scope, since, until):
    """The figures, counted by walking through every case and its lines."""
    found = Counter()
    for case in Case.objects.select_related("enterprise__region", "lead_region", "offered_to"):
        if not inside(case, scope):
            continue
        lines = [e for e in case.entries.all() if since < e.at <= until and e.type == "move"]
        changed = {e.state_after for e in lines if e.state_before and e.state_before != e.state_after}
        found["new"] += since < case.filed_at <= until
        for word, state in (("solved", "solved"), ("confirmed", "confirmed"), ("withdrawn", "withdrawn"),
                            ("merged", "merged")):  # fmt: skip
            found[word] += state in changed
        held = case.state in IN_HAND
        found["in_hand"] += held
        found["overdue"] += held and case.due_at < until
        found["waiting"] += case.state == "solved"
        found["escalated"] += held and case.escalated_to_id is not None and case.offered_to_id is None
        steps = [e for e in case.escalations.all() if since < e.at <= until and e.to in {"superior", "leader"}]
        found["stepped"] += held and bool(steps)
        found["refused"] += held and any(e.move == "refuse" for e in lines)
        found["disputed"] += case.state == "disputed"
        offers = [e.at for e in case.entries.all() if e.move == "hand_over"]
        found["unanswered"] += held and case.offered_to_id is not None and max(offers) <= until - DAY
        found["ownerless"] += held and case.owner_id is None and case.due_at < until
        children = [link.child.state in IN_HAND | {"solved"} for link in case.child_links.all() if link.blocks]
        found["held"] += case.state in IN_HAND | {"solved"} and any(children)
    return found


@pytest.mark.parametrize("scope", SCOPES)
def test_the_sheet_equals_the_ledger_to_the_case(undone, scope):
    sheet = services.make_sheet(scope, actor="dispatch job")
    wanted = recounted(scope, sheet.since, sheet.cut_off_at)
    figures = sheet.facts["figures"]
    assert {name: figure["value"] for name, figure in figures.items()} == {name: wanted[name] for name in figures}
    assert sum(1 for name in figures if wanted[name]) >= 8, "the room is too empty to say much"
    # Kinds, regions and desks are parts of the same cases.
    for word in ("kinds", "regions", "desks"):
        for name in figures:
            assert sum(row["figures"][name] for row in sheet.facts[word]) == wanted[name], (word, name)
    # And so are the lists that the figures open.
    for name in figures:
        assert len(selectors.counted_keys(sheet, name, {})) == wanted[name]
    for row in sheet.facts["desks"]:
        keys = selectors.counted_keys(sheet, "overdue", {"desk": row["id"]})
        assert Case.objects.filter(pk__in=keys, lead_region=row["id"]).count() == row["figures"]["overdue"]


def test_the_past_is_told_from_the_log_as_a_look_at_that_time_would_have(undone):
    """What a look at an instant finds is found again later, after the cases have moved on."""
    at = now()
    then = ledger.read(services.scopes.parse("/"), since=at - DAY, until=at)
    for case in Case.objects.filter(state="filed")[:3]:
        case.filed_at -= HOUR
        goes(undone, case, "accept", "start", "solve", "confirm", step=0 * HOUR)
        case.entries.filter(move__in=["accept", "start", "solve", "confirm"]).update(at=at + HOUR)
    filed(undone, "C-LATER", site=undone.plant, age=-HOUR)
    again = ledger.read(services.scopes.parse("/"), since=at - DAY, until=at)
    stocks = ("in_hand", "overdue", "waiting", "held", "new", "solved", "confirmed")
    assert {name: again.figures[name] for name in stocks} == {name: then.figures[name] for name in stocks}


def test_tomorrow_s_sheet_counts_on_where_today_s_ended_and_names_what_came_and_left(undone, monkeypatch):
    first = services.make_sheet("/", actor="dispatch job")
    assert "href" not in first.facts["last"]
    assert (services.make_sheet("/", actor="dispatch job").pk, Sheet.objects.count()) == (first.pk, 1)
    overdue = Case.objects.filter(state__in=IN_HAND, due_at__lt=now()).order_by("pk").first()
    solved = Case.objects.filter(pk=overdue.pk)
    line(overdue, "solve", now() + HOUR, overdue.state, State.SOLVED)
    solved.update(state=State.SOLVED)
    authority = make.Authority.objects.get()
    authority.exercise_date = make.TODAY + DAY
    authority.save()
    clock(monkeypatch, INSTANT + HOUR)
    second = services.make_sheet("/", actor="dispatch job")
    assert second.since == first.cut_off_at
    assert second.facts["last"]["href"] == "/dispatch/2022-04-28/"
    assert second.facts["figures"]["overdue"]["before"] == first.facts["figures"]["overdue"]["value"]
    left = selectors.counted_keys(second, "overdue.left", {})
    came = selectors.counted_keys(second, "overdue.came", {})
    assert overdue.pk in left
    assert second.facts["figures"]["overdue"]["value"] == (
        first.facts["figures"]["overdue"]["value"] + len(came) - len(left)
    )
    assert overdue.pk in selectors.counted_keys(second, "solved", {})
    assert second.facts["figures"]["new"]["value"] == 0


def test_the_sheet_is_the_same_for_the_same_ledger_and_says_so_by_its_digest(undone):
    sheet = services.make_sheet("/", actor="dispatch job")
    look = ledger.read(services.scopes.parse("/"), since=sheet.since, until=sheet.cut_off_at)
    assert look.digest == sheet.inputs_hash
    CaseEntry.objects.filter(move="solve").first().case.delete()
    other = services.make_sheet("/", actor=undone.mia)
    assert (other.issue, other.made_by) == (2, "mia")
    assert other.inputs_hash != sheet.inputs_hash
    entry = AuditEntry.objects.filter(action="dispatch.issued").latest("sequence")
    assert (entry.actor, entry.detail["inputs"]) == ("mia", other.inputs_hash)
    for person, scope in ((undone.olga, "/"), (undone.olga, "/CN/220000/"), (undone.city, "/CN/310000/310115/")):
        with pytest.raises(ObjectDoesNotExist):
            services.make_sheet(scope, actor=person)


def test_a_sheet_from_before_there_was_a_figure_still_prints(undone):
    sheet = services.make_sheet("/", actor="dispatch job")
    for rows in (sheet.facts["figures"], sheet.facts["decisions"]):
        del rows["stepped"]
    sheet.save()
    assert "Wait for a superior" in str(selectors.document_of(sheet, "en"))
    assert "Escalated to" not in str(selectors.document_of(sheet, "en"))


def test_the_job_makes_a_sheet_for_the_whole_and_for_every_desk(undone):
    assert services.make_daily(actor="dispatch job") == len(SCOPES)
    assert set(Sheet.objects.values_list("scope", flat=True)) == set(SCOPES)


def facts_of(document):
    for block in document.blocks:
        cells = [c for row in block.rows for c in row] if isinstance(block, Table) else [getattr(block, "parts", ())]
        yield from (part for parts in cells for part in parts if isinstance(part, Fact))


def test_every_figure_of_the_paper_opens_as_many_cases_as_it_says(client, undone):
    sheet = services.make_sheet("/", actor="dispatch job")
    client.force_login(undone.mia)
    wanted = {fact.href: fact.value for fact in facts_of(selectors.document_of(sheet, "en")) if "figure=" in fact.href
              and isinstance(fact.value, int) and not fact.id.endswith(".change")}  # fmt: skip
    assert len(wanted) > 60
    some = sorted(wanted)[:: len(wanted) // 7]
    for href in some:
        page = client.get(href)
        assert page.status_code == 200, href
        assert page.context["page"].paginator.count == wanted[href], href
    text = client.get(f"{some[0]}&format=csv").content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) - 1 == wanted[some[0]]
    assert client.get("/dispatch/2022-04-28/cases/?figure=rain").status_code == 404
    reds = client.get("/dispatch/reds/?format=csv").content.decode("utf-8-sig")
    assert (len(reds.strip().splitlines()) - 1, sheet.facts["reds"]["figure"]["value"]) == (1, 1)


def test_pages_and_files_in_both_languages_within_the_reader_s_scope(client, undone):
    for scope in SCOPES:
        services.make_sheet(scope, actor="dispatch job")
    client.force_login(undone.mia)
    assert "Dispatch sheet of 2022-04-28" in client.get("/dispatch/2022-04-28/?lang=zh-hans").text
    shown = client.get("/dispatch/")
    assert [row["sheet"].scope for row in shown.context["rows"]] == ["/"]
    assert set(shown.context["levels"]) == set(SCOPES)
    for form, begins in (("html", b"<!doctype"), ("pdf", b"%PDF-"), ("docx", b"PK"), ("xlsx", b"PK")):
        for language in ("en", "zh-hans"):
            answer = client.get(f"/dispatch/2022-04-28.{form}?lang={language}")
            assert answer.content.startswith(begins), form
    chinese = client.get("/dispatch/2022-04-28.html?lang=zh-hans").content.decode()
    assert "调度单" in chinese
    assert "演练" in chinese
    assert "Dispatch" not in chinese
    client.force_login(undone.olga)
    assert client.get("/dispatch/2022-04-28/").context["sheet"].scope == "/CN/310000/"
    assert client.get("/api/v1/dispatch/2022-04-28").json()["facts"]["scope"]["key"] == "/CN/310000/"
    assert [row["issue"] for row in client.get("/api/v1/dispatch").json()["items"]] == [1]
    for address in ("?scope=/", "?scope=/CN/220000/", "?issue=2", "?scope=/CN/999999/"):
        assert client.get(f"/dispatch/2022-04-28/{address}").status_code == 404
    assert client.post("/dispatch/make/", {"scope": "/CN/220000/"}).status_code == 404
    made = client.post("/dispatch/make/")
    assert made["Location"] == "/dispatch/2022-04-28/?scope=%2FCN%2F310000%2F"
    client.force_login(undone.rita)
    for address in ("/dispatch/", "/dispatch/2022-04-28/", "/dispatch/2022-04-28.pdf", "/dispatch/reds/"):
        assert client.get(address).status_code == 404


def test_the_time_of_the_sheet_is_the_operator_s(settings, undone):
    from ballast.areas.reference.models import Schedule
    from ballast.areas.reference.schedule import sync

    settings.DISPATCH_TIME = dt.time(16, 30)
    sync()
    assert Schedule.objects.get(name="dispatch sheet").at == dt.time(16, 30)
