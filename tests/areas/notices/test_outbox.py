"""What is owed is sent: in order, again after a failure, never by two at once, and told to nobody twice in a row."""

import datetime as dt
import hashlib
import hmac
import json

import pytest
from django.db import transaction
from django.utils import timezone
from tests import factories as make
from tests.areas.notices.conftest import person

from ballast.areas.notices import calling, digests, outbox
from ballast.areas.notices.models import Message, Notice, Preference, Webhook
from ballast.areas.notices.services import notify, notify_all, write_call

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def later(minutes):
    at = timezone.now() + minutes * MINUTE
    return lambda: at


def states():
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def hook(web):
    return Webhook.objects.create(name="ERP", url=web.url, secret="0123456789abcdef", kinds=["case.replied"])


def test_a_letter_tells_what_happened_in_the_language_of_the_receiver_and_where_to_read_it(mailbox, ann, bo):
    make.authority()
    first, second = notify_all([ann, bo, ann], "60 staff\r\nBcc: x@example.org", "assigned", "SH-1", actor="Olga")
    tally = outbox.send_owed()
    assert (tally.sent, states()) == (2, ["sent", "sent"])
    english, chinese = sorted(mailbox.letters, key=lambda letter: letter["To"])
    assert (english["To"], english["From"], english["Bcc"]) == ("ann@example.org", "Desk <desk@example.org>", None)
    assert english["Subject"] == "[EXERCISE] [Example authority] Assigned to you: SH-1"
    assert f"https://desk.example.org/notices/{first.pk}/" in english.get_content()
    assert "Olga assigned case SH-1 to you." in english.get_content()
    assert "示例主管部门" in chinese["Subject"]
    assert "Olga" in chinese.get_content()
    assert "assigned" not in chinese.get_content()
    message = Message.objects.get(person=ann)
    assert english["Message-ID"].strip() == f"<{message.delivery}@example.org>"
    assert (message.answer, message.attempts) == ("250 taken", 1)
    assert second.person == bo


def test_without_a_server_an_address_or_an_open_account_only_the_page_tells(settings, ann):
    assert notify(ann, "x", "assigned", "SH-1", actor="O") is not None
    settings.EMAIL_HOST = "127.0.0.1"
    notify(make.user(), "x", "assigned", "SH-1", actor="O")
    ann.is_active = False
    assert notify(ann, "x", "assigned", "SH-1", actor="O") is None
    assert (Notice.objects.count(), Message.objects.count()) == (2, 0)
    with pytest.raises(KeyError, match="actor"):
        notify(ann, "x", "assigned", "SH-1")


def test_what_was_rolled_back_is_told_to_nobody(mailbox, ann):
    with transaction.atomic():
        notify(ann, "x", "assigned", "SH-1", actor="O")
        transaction.set_rollback(True)
    assert (outbox.send_owed().sent, Notice.objects.count()) == (0, 0)


def test_a_person_chooses_what_comes_and_above_a_count_one_digest_comes(mailbox, ann):
    Preference.objects.create(person=ann, without=["offered"], most_a_day=2)
    for number in range(5):
        notify(ann, "x", "assigned", f"SH-{number}", actor="O")
        notify(ann, "x", "offered", f"SH-{number}", actor="O")
    assert states() == ["owed", "owed", "held", "held", "held"]
    outbox.send_owed()
    assert digests.write_digests() == 1
    assert digests.write_digests() == 0
    outbox.send_owed()
    assert states() == ["sent", "sent", "bundled", "bundled", "bundled", "sent"]
    digest = mailbox.letters[-1]
    assert "3 notices" in digest["Subject"]
    assert [f"SH-{n}" in digest.get_content() for n in range(5)] == [False, False, True, True, True]
    Message.objects.update(written_at=timezone.now() - dt.timedelta(days=91))
    assert digests.purge() == 6


def test_an_address_that_is_refused_fails_with_the_answer_and_the_others_go(mailbox, ann, bo):
    mailbox.answers = {"ann@example.org": "550 no such person", "bo@example.org": "451 busy, later"}
    for one in (ann, bo, person("cy")):
        notify(one, "x", "assigned", "SH-1", actor="O")
    tally = outbox.send_owed()
    assert (tally.sent, tally.failed, tally.put_off, states()) == (1, 1, 1, ["failed", "owed", "sent"])
    assert Message.objects.get(target="ann@example.org").answer == "550 no such person"
    mailbox.answers = {}
    assert outbox.send_owed().sent == 0
    assert outbox.send_owed(clock=later(2)).sent == 1
    assert {letter["To"] for letter in mailbox.letters} == {"bo@example.org", "cy@example.org"}


def test_a_server_that_is_away_is_asked_once_a_run_and_given_up_after_days(settings, mailbox, ann, bo):
    settings.EMAIL_PORT = 1
    for one in (ann, bo):
        notify(one, "x", "assigned", "SH-1", actor="O")
    assert outbox.send_owed().put_off == 1
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0, 1]
    Message.objects.update(written_at=timezone.now() - outbox.GIVE_UP_AFTER)
    outbox.send_owed(clock=later(2))
    outbox.send_owed(clock=later(4))
    assert states() == ["failed", "failed"]
    assert "refused" in Message.objects.first().answer
    assert [outbox.backoff(n) / MINUTE for n in (1, 2, 5, 9, 30)] == [1, 2, 16, 256, 360]


def test_messages_of_one_target_keep_their_order_and_a_slow_one_holds_only_its_own(web, hook):
    other = Webhook.objects.create(name="BI", url=web.url, secret="another-secret-16", kinds=["case.replied"])
    for number in range(3):
        write_call(hook, "case.replied", {"n": number}, "SH-1")
    write_call(other, "case.replied", {"n": 9})
    web.answers = [(503, {})]
    assert outbox.send_owed().put_off == 1
    assert [json.loads(body)["n"] for _h, body in web.calls] == [0, 9]
    outbox.send_owed(clock=later(2))
    assert [json.loads(body)["n"] for _h, body in web.calls] == [0, 9, 0, 1, 2]


def test_a_call_is_signed_numbered_and_not_led_elsewhere(web, hook):
    write_call(hook, "case.replied", {"case": {"number": "沪-1"}})
    web.answers = [(302, {"Location": "http://127.0.0.1:1/"})]
    assert outbox.send_owed().put_off == 1
    assert "redirect" in Message.objects.get().answer
    outbox.send_owed(clock=later(2))
    (first, _), (headers, body) = web.calls
    assert json.loads(body)["case"] == {"number": "沪-1"}
    assert headers["X-Ballast-Delivery"] == first["X-Ballast-Delivery"] == json.loads(body)["delivery"]
    signed = f"{headers['X-Ballast-Timestamp']}.{headers['X-Ballast-Delivery']}.".encode() + body
    expected = hmac.new(b"0123456789abcdef", signed, hashlib.sha256).hexdigest()
    assert headers["X-Ballast-Signature"] == f"sha256={expected}"
    write_call(hook, "case.replied", {})
    hook.active = False
    hook.save()
    outbox.send_owed()
    assert states() == ["sent", "failed"]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://inside.example/", "10.0.0.5"), ("http://inside.example/", "127.0.0.1"),
        ("http://inside.example/", "::1"), ("http://inside.example/", "::ffff:192.168.1.1"),
        ("http://inside.example/", "64:ff9b::a00:1"), ("http://inside.example/", "2002:7f00:1::"),
        ("http://inside.example/", "fd00::1"), ("http://inside.example/", "169.254.169.254"),
    ],
)  # fmt: skip
def test_a_private_address_is_not_called_whatever_its_name(monkeypatch, url, address):
    monkeypatch.setattr(calling.socket, "getaddrinfo", lambda *_a, **_k: [(0, 1, 6, "", (address, 80))])
    with pytest.raises(calling.AddressError, match="inside a private network"):
        calling.reachable("inside.example", 80)


def test_a_private_address_goes_by_setting_but_never_a_link_local_one(monkeypatch, settings):
    settings.WEBHOOK_PRIVATE = True
    found = {"erp": "10.0.0.5", "cloud": "169.254.169.254"}
    monkeypatch.setattr(calling.socket, "getaddrinfo", lambda host, *_a, **_k: [(2, 1, 6, "", (found[host], 80))])
    assert calling.reachable("erp", 80) == [(2, "10.0.0.5")]
    with pytest.raises(calling.AddressError):
        calling.reachable("cloud", 80)


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "file:///etc/passwd", "https://", "http://u:p@a.example/", "http://a.example:x/", "x"]
)
def test_only_plain_web_addresses_are_taken(url):
    with pytest.raises(calling.AddressError):
        calling.check_url(url)


def test_two_senders_never_have_the_same_message_and_a_lease_ends(mailbox, ann, monkeypatch):
    notify(ann, "x", "assigned", "SH-1", actor="O")
    at = timezone.now()
    mine = outbox._claim(at, ())
    assert outbox._claim(at, ()) is None
    theirs = outbox._claim(at + outbox.LEASE + MINUTE, ())
    assert (mine.pk, mine.attempts, theirs.attempts) == (theirs.pk, 1, 2)
    # The slow one comes back too late: what the other one marks stands.
    tally = outbox.Tally()
    outbox._settle(theirs, outbox.Answer("250 ok", sent=True), at, tally)
    outbox._settle(mine, outbox.Answer("timed out"), at, tally)
    assert states() == ["sent"]


def test_a_message_that_breaks_its_channel_keeps_no_other_from_leaving(mailbox, ann, bo, monkeypatch):
    for one in (ann, bo):
        notify(one, "x", "assigned", "SH-1", actor="O")
    Message.objects.filter(person=ann).update(channel="pigeon")
    assert outbox.send_owed().sent == 1
    assert Message.objects.get(person=ann).answer == "KeyError: 'pigeon'"
