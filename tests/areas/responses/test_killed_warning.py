"""The process that warns is killed, at the worst moments: a warning and what is told of it is never lost."""

import json

import pytest
from django.utils import timezone
from tests import factories as make
from tests.areas.notices.conftest import mailbox, web  # noqa: F401 - fixtures
from tests.areas.notices.test_killed_sender import die, in_a_process
from tests.areas.responses.network import build

from ballast.areas.chains.services import run_forecast
from ballast.areas.notices import outbox
from ballast.areas.notices.models import Message, Notice, Webhook
from ballast.areas.registry.models import Enterprise
from ballast.areas.responses.models import Told, Warned
from ballast.areas.responses.warnings import following

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_warning_is_told_by_mail_and_webhook_whenever_its_process_is_killed(mailbox, web, monkeypatch):  # noqa: F811
    # Compiled code does not outlive a fork, so the children begin where the forecast is done.
    monkeypatch.setattr("ballast.areas.chains.jobs._enqueue", lambda: None)
    follow_run = following.follow_run
    monkeypatch.setattr(following, "follow_run", lambda _run: None)
    world = build(plants=3)
    Enterprise.objects.filter(enterprise_id__startswith="E-0").update(region=world.shanghai)
    world.olga.email = "olga@example.org"
    world.olga.save()
    kinds = ["warning.begun", "warning.ended"]
    Webhook.objects.create(name="ERP", url=web.url, secret="0123456789abcdef", kinds=kinds, region="310000")
    make.event("S-mine", event_id="FIRE", name="Fire at the mine")
    run = run_forecast()

    def life(holder, moment):
        """A process that brings the warnings up to date and dies at the moment."""

        def act():
            monkeypatch.setattr(holder, moment, die)
            follow_run(run)

        assert in_a_process(act) == -9

    life(following, "call_webhooks")
    assert not Warned.objects.exists(), "killed before the commit: nothing half-done, the next forecast begins it"
    assert not Message.objects.exists()
    life(outbox, "_attempt")
    assert Warned.objects.get().events == ["FIRE"]
    assert sorted(Message.objects.values_list("channel", "state")) == [("mail", "owed"), ("webhook", "owed")]
    assert (mailbox.letters, web.calls) == ([], [])
    at = timezone.now() + 2 * outbox.LEASE
    monkeypatch.setattr(outbox, "LEASE", outbox.LEASE * 0)
    assert in_a_process(lambda: (monkeypatch.setattr(outbox, "_settle", die), outbox.send_owed(clock=lambda: at))) == -9
    assert len(mailbox.letters) + len(web.calls) == 1, "sent, and killed before it was marked"
    # The next forecast tells nobody anew, and the next sender sends what is owed.
    follow_run(run)
    outbox.send_owed(clock=lambda: at + 2 * (at - timezone.now()))
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert Notice.objects.filter(person=world.olga).count() == Told.objects.filter(person=world.olga).count() == 1
    assert {letter["To"] for letter in mailbox.letters} == {"olga@example.org"}
    assert "3" in mailbox.letters[0].get_content()
    (delivery,) = {headers["X-Ballast-Delivery"] for headers, _body in web.calls}
    told = json.loads(web.calls[0][1])
    assert (told["delivery"], told["event"], told["warning"]["stops"]) == (delivery, "warning.begun", 3)
    assert told["warning"]["cause"] == "an event at a site outside your scope"
    assert len(mailbox.letters) + len(web.calls) <= 3, "one duplicate at most"
