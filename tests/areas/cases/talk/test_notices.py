"""Who is told of what in a case: on the pages, by e-mail, by webhook; and never of an internal note."""

import json

import pytest
from tests import factories as make
from tests.areas.cases.conftest import problem

from ballast.areas.accounts.models import User
from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases import services
from ballast.areas.desks.services import save_department
from ballast.areas.notices.models import Message, Notice, Preference, Webhook
from ballast.areas.notices.wording import OF_ENTERPRISES, WORDINGS

pytestmark = pytest.mark.django_db
KINDS = ["case.filed", "case.moved", "case.replied"]


def told():
    """Who was told what since the last look."""
    found = {(n.person.username, n.template) for n in Notice.objects.select_related("person")}
    Notice.objects.all().delete()
    return found


@pytest.fixture
def case(world):
    return problem(world)


def test_each_step_is_told_to_whom_it_concerns_and_not_to_who_made_it(world, case):
    number = case.number

    def move(who, name, **given):
        services.make_move(who, number, move=name, **given)
        return told()

    assert told() == set()
    assert move(world.olga, "accept") == set()
    services.add_reply(world.rita, number, text="Any news?")
    assert told() == {("olga", "replied")}
    assert move(world.olga, "assign", owner=world.city) == {("city", "assigned")}
    assert move(world.city, "assign", owner=world.city) == set()
    services.add_reply(world.rita, number, text="Any news?")
    assert told() == {("city", "replied")}
    assert move(world.olga, "hand_over", region=world.jiangsu, text="Yours?") == {("jin", "offered")}
    assert move(world.jin, "refuse", text="No") == {("city", "refused"), ("mia", "escalated")}
    services.add_reply(world.olga, number, text="Tomorrow")
    assert told() == {("rita", "replied")}
    services.add_note(world.olga, number, text="They exaggerate")
    assert told() == set()
    assert move(world.olga, "solve", text="Passes sent") == {("rita", "solved")}
    assert move(world.rita, "dispute", text="Not all") == {("city", "disputed")}
    move(world.olga, "solve", text="All sent")
    assert move(world.rita, "confirm") == set()
    assert move(world.olga, "reopen", text="Again") == {("city", "reopened")}


def test_a_department_that_is_offered_a_case_hears_of_it_and_not_its_neighbour(world, case):
    for name in ("jun", "ying"):
        make.user("province_officer", username=name, region="320000")
    transport = save_department(world.mia, world.jiangsu, "transport", name="Transport", members=["jun"])
    save_department(world.mia, world.jiangsu, "energy", name="Energy", members=["ying"])
    services.make_move(world.olga, case.number, move="hand_over", department=transport, text="Yours?")
    assert told() == {("jun", "offered")}
    services.make_move(User.objects.get(username="jun"), case.number, move="take_over")
    services.add_reply(world.rita, case.number, text="Any news?")
    assert told() == {("jun", "replied")}


def test_the_page_lists_what_i_was_told_and_opens_it(world, case, client):
    services.make_move(world.olga, case.number, move="assign", owner=world.city)
    client.force_login(world.city)
    page = client.get("/notices/").content.decode()
    assert f"olga assigned case {case.number} to you." in page
    assert 'aria-label="Notices: 1 unread"' in page
    pk = Notice.objects.get().pk
    assert client.get(f"/notices/{pk}/").url == f"/cases/{case.number}/"
    assert "Notices: 0 unread" in client.get("/notices/?unread=1").content.decode()
    # Somebody else's is not there.
    client.force_login(world.olga)
    assert client.get(f"/notices/{pk}/").status_code == 404
    services.add_reply(world.olga, case.number, text="x")
    client.force_login(world.rita)
    assert client.get("/api/v1/notices?unread=1").json()["items"][0]["kind"] == "replied"
    mine = Notice.objects.get(person=world.rita).pk
    assert client.get(f"/notices/{mine}/").url == f"/portal/problems/{case.number}/"
    read = client.post("/api/v1/notices/read", "{}", content_type="application/json")
    assert read.json() == {"marked": 0, "unread": 0}
    assert client.post("/notices/read/").status_code == 302


def test_a_notice_tells_nothing_of_a_case_that_went_out_of_sight(world, case, client):
    services.make_move(world.olga, case.number, move="hand_over", region=world.jiangsu, text="Yours?")
    services.make_move(world.jin, case.number, move="refuse", text="No")
    assert ("jin", "offered") in {(n.person.username, n.template) for n in Notice.objects.all()}
    client.force_login(world.jin)
    page = client.get("/notices/").content.decode()
    assert "not in your present scope" in page
    assert case.number not in page
    assert case.blocked not in page
    item = client.get("/api/v1/notices").json()["items"][0]
    assert (item["case_number"], item["subject"], item["sentence"]) == ("", "", "")
    assert client.get(f"/notices/{item['id']}/").url == "/notices/"


def test_i_choose_which_e_mails_i_get(world, case, client, settings):
    settings.EMAIL_HOST = "mail.example.org"
    client.force_login(world.city)
    page = client.get("/notices/settings/")
    assert page.content.decode().count("checked") == len(WORDINGS)
    bad = client.post("/notices/settings/", {"email": "no address", "wanted": ["offered"], "most_a_day": 3})
    assert (bad.status_code, "“no address” is not an e-mail address." in bad.content.decode()) == (422, True)
    kept = {"email": "City@example.org", "wanted": ["assigned"], "most_a_day": 3}
    assert client.post("/notices/settings/", kept).status_code == 302
    world.city.refresh_from_db()
    assert (world.city.email, Preference.objects.get().most_a_day) == ("city@example.org", 3)
    assert AuditEntry.objects.filter(action="person.e-mails").count() == 1
    services.make_move(world.olga, case.number, move="assign", owner=world.city)
    services.add_reply(world.rita, case.number, text="A word of ours")
    message = Message.objects.get()
    assert (message.target, message.kind, message.case_number) == ("city@example.org", "assigned", case.number)
    answer = client.put(
        "/api/v1/notices/settings", json.dumps({"without": ["nonsense"]}), content_type="application/json"
    )
    assert (answer.status_code, "nonsense" in answer.json()["message"]) == (422, True)


def test_an_enterprise_is_offered_what_can_concern_it(world, client):
    Preference.objects.create(person=world.rita, without=["solved", "warning"])
    client.force_login(world.rita)
    page = client.get("/notices/settings/").content.decode()
    assert (page.count('name="wanted"'), page.count("checked")) == (len(OF_ENTERPRISES), len(OF_ENTERPRISES) - 1)
    assert client.post("/notices/settings/", {"wanted": ["solved"], "most_a_day": 3}).status_code == 302
    assert set(Preference.objects.get().without) == (OF_ENTERPRISES - {"solved"}) | {"warning"}


def test_a_webhook_is_told_of_the_cases_in_its_scope_and_only_what_it_may_see(world):
    def hook(name, **scope):
        return Webhook.objects.create(name=name, url="https://a.example/", secret="s" * 16, kinds=KINDS, **scope)

    hook("nation")
    hook("Shanghai", region="310000")
    hook("Jiangsu", region="320000")
    hook("chain", chain="automobile")
    hook("firm", enterprise="car")
    hook("other firm", enterprise="other")
    Webhook.objects.create(name="deaf", url="https://a.example/", secret="s" * 16, kinds=["case.moved"])

    def calls():
        found = {m.webhook.name: json.loads(m.body) for m in Message.objects.select_related("webhook")}
        Message.objects.all().delete()
        return found

    case = problem(world)
    filed = calls()
    assert set(filed) == {"nation", "Shanghai", "chain", "firm"}
    assert {body["event"] for body in filed.values()} == {"case.filed"}
    assert filed["nation"]["case"]["event_id"] == f"CASE-{case.number}"
    assert {"event_id", "output_at_risk"}.isdisjoint(filed["firm"]["case"])
    services.add_note(world.olga, case.number, text="They exaggerate")
    assert calls() == {}
    services.make_move(world.olga, case.number, move="hand_over", region=world.jiangsu, text="Yours?")
    moved = calls()
    assert set(moved) == {"nation", "Shanghai", "chain", "firm", "Jiangsu", "deaf"}
    assert moved["Jiangsu"]["line"]["text"] == "Yours?"
    services.add_reply(world.rita, case.number, text="Any news?")
    assert calls()["firm"]["line"]["side"] == "enterprise"


def test_an_administrator_registers_switches_and_sends_again(world, client, settings):
    root = make.user("administrator")
    client.force_login(root)
    page = client.post("/webhooks/", {"name": "ERP", "url": "ftp://x", "kinds": ["case.filed"], "secret": "short"})
    assert page.status_code == 422
    for text in ("“ftp://x” is not an address that can be called", "This secret has 5 characters"):
        assert text in page.content.decode(), text
    good = {"name": "ERP", "url": "https://erp.example.org/x", "kinds": ["case.filed"], "region": "310000"}
    made = client.post("/webhooks/", good).content.decode()
    hook = Webhook.objects.get()
    assert hook.secret in made
    assert hook.secret not in client.get("/webhooks/").content.decode()
    assert hook.secret not in client.get("/api/v1/webhooks").content.decode()
    problem(world)
    message = Message.objects.get()
    listed = client.get("/outbox/?state=owed&q=ERP").content.decode()
    assert message.case_number in listed
    # What the message says is not the administrator's business.
    assert "60 staff" not in listed
    assert "60 staff" not in client.get("/api/v1/outbox").content.decode()
    assert client.post(f"/api/v1/outbox/{message.pk}/again").status_code == 422
    Message.objects.update(state="failed", attempts=9)
    assert client.post(f"/outbox/{message.pk}/again/").status_code == 302
    again = Message.objects.get()
    assert (again.state, again.attempts, again.delivery) == ("owed", 0, message.delivery)
    assert client.post(f"/webhooks/{hook.pk}/switch/").status_code == 302
    on = client.post(f"/api/v1/webhooks/{hook.pk}/switch", '{"active": true}', content_type="application/json")
    assert on.json()["active"] is True
    body = json.dumps(good | {"kinds": ["case.burnt"], "enterprise": "nobody"})
    refused = client.post("/api/v1/webhooks", body, content_type="application/json")
    assert {field["field"] for field in refused.json()["fields"]} == {"kinds", "enterprise", "region"}
    acts = AuditEntry.objects.filter(actor=root.username).values_list("action", flat=True)
    assert {"webhook.registered", "webhook.off", "webhook.on", "message.again"} <= set(acts)
    client.force_login(world.olga)
    assert {client.get(a).status_code for a in ("/outbox/", "/webhooks/", "/api/v1/outbox")} == {404}
