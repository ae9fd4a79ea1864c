"""The list of warnings: dearest first, sorted, searched, narrowed; a digest that lists what is above the budget."""

import pytest
from tests import factories as make

from ballast.areas.chains.services import run_forecast
from ballast.areas.notices.models import Notice
from ballast.areas.responses.jobs import tell_rest
from ballast.areas.responses.models import Told, Warned, WarningAnswer

pytestmark = pytest.mark.django_db
PLANTS = 14
UNTIL = "2022-05-05"


@pytest.fixture
def five(undone, settings):
    """Five plants of Shanghai closed, each by an event of its own; the first makes the most."""
    settings.WARNINGS_A_DAY = 2
    undone.sites[4].daily_output_value = 5.0
    undone.sites[4].save()
    for k in (3, 0, 2, 1):
        make.event(f"S-{k:03}", event_id=f"EV-{k}", name=f"Closed {k}")
    make.event("S-012", event_id="EV-12", name="Closed 12")
    run_forecast()
    return undone


def listed(client, **given):
    answer = client.get("/warnings/", given)
    assert answer.status_code == 200
    return [cause(row.title) for row, _answers in answer.context["rows"]]


def cause(title):
    """The event of a title, without the site that stands behind it."""
    return title.partition(" (")[0]


def test_the_dearest_come_first_and_the_list_is_sorted_searched_and_narrowed(five, client):
    client.force_login(five.mia)
    dearest = ["Closed 0", "Closed 1", "Closed 2", "Closed 3", "Closed 12"]
    assert listed(client) == dearest
    assert listed(client, sort="risk") == dearest[::-1]
    assert sorted(listed(client, sort="-since")) == sorted(dearest)
    assert listed(client, q="closed 2") == ["Closed 2"], "by its cause"
    assert listed(client, q="Plant 003") == ["Closed 3"], "by a plant of it"
    number = Warned.objects.get(events=["EV-1"]).pk
    assert listed(client, q=f"w-{number}") == ["Closed 1"]
    assert listed(client, region="220000") == ["Closed 12"]
    assert listed(client, chain="automobile") == []
    assert "No warning matches" in client.get("/warnings/?q=nothing+at+all").content.decode()
    assert "No warning here" in client.get("/warnings/?state=dismissed").content.decode()
    client.force_login(five.jin)
    assert listed(client) == ["Closed 12"]
    assert listed(client, q="closed 2") == []
    found = client.get("/api/v1/warnings?q=plant+012").json()["items"]
    assert [row["title"] for row in found] == ["Closed 12 (Plant 012)"]


def test_the_api_lists_in_the_order_of_the_page_and_pages_on_though_one_is_decided_meanwhile(five, client):
    client.force_login(five.mia)

    def asked(**given):
        return client.get("/api/v1/warnings", given).json()

    def titles(found):
        return [cause(row["title"]) for row in found["items"]]

    dearest = ["Closed 0", "Closed 1", "Closed 2", "Closed 3", "Closed 12"]
    assert titles(asked()) == titles(asked(sort="-risk")) == listed(client) == dearest
    assert titles(asked(sort="risk")) == listed(client, sort="risk") == dearest[::-1]
    assert sorted(titles(asked(sort="since"))) == sorted(dearest)
    assert client.get("/api/v1/warnings?sort=colour").status_code == 422
    first = asked(limit=2, state="open")
    Warned.objects.filter(pk=first["items"][1]["id"]).update(state="confirmed")
    second = asked(limit=2, state="open", cursor=first["next"])
    assert titles(second) == dearest[2:4]
    last = asked(limit=2, state="open", cursor=second["next"])
    assert (titles(last), last["next"]) == (dearest[4:], None)
    assert client.get("/api/v1/warnings?cursor=WyJ4Il0").status_code == 422
    assert asked(digest=0) == {"items": [], "next": None}


def test_above_the_budget_the_digest_lists_all_and_the_pages_of_notices_say_so(five, client):
    assert tell_rest.call() == 2
    digest = Notice.objects.filter(person=five.olga).latest("pk")
    assert (digest.template, digest.values["count"], digest.subject) == ("warnings_more", "2", "Closed 2; Closed 3")
    client.force_login(five.olga)
    assert client.get(digest.path).status_code == 200
    assert [cause(row.title) for row, _answers in client.get(digest.path).context["rows"]] == ["Closed 2", "Closed 3"]
    assert not Told.objects.filter(state="held").exists()
    assert "at most 2" in client.get("/notices/").content.decode()
    client.force_login(five.jin)
    assert listed(client, digest=Told.objects.filter(person=five.olga, state="bundled").first().digest_id) == []


def test_pages_and_api_take_answers_within_scope_and_show_them_to_all_who_see_the_warning(five, client):
    warning = Warned.objects.get(events=["EV-0"])
    address, api = f"/warnings/{warning.pk}/", f"/api/v1/warnings/{warning.pk}"
    given = {"kind": "acknowledged", "until": UNTIL, "note": "Visit on Friday <b>"}
    client.force_login(five.olga)
    wrong = client.post(address + "answer/", given | {"until": "2022-06-30"})
    assert wrong.status_code == 422
    assert "2022-06-30 is out of reach" in wrong.content.decode()
    assert client.post(address + "answer/", given).status_code == 302
    sent = client.post(f"{api}/silence", {"until": UNTIL, "note": "Known"}, content_type="application/json")
    assert (sent.status_code, sent.json()["by"]) == (200, "olga")
    client.force_login(five.anna)
    for path in (address, "/warnings/"):
        assert "Visit on Friday &lt;b&gt;" in client.get(path).content.decode()
    assert [one["note"] for one in client.get(api).json()["answers"]] == ["Known", "Visit on Friday <b>"]
    assert listed(client, answer="acknowledged") == ["Closed 0"]
    assert len(listed(client, answer="none")) == 4
    for person in (five.jin, five.anna):
        client.force_login(person)
        assert client.post(address + "answer/", given).status_code == 404
        assert client.post(f"{address}answers/{sent.json()['id']}/end/").status_code == 404
    client.force_login(five.mia)
    assert client.post(f"{address}answers/{sent.json()['id']}/end/").status_code == 302
    assert WarningAnswer.objects.get(kind="silenced").ended_by == five.mia
