"""A process that sends is killed, at the worst moments; what is owed arrives all the same, at most once more."""

import os
import signal
from collections import Counter

import pytest
from django.db import connections, transaction
from django.utils import timezone
from tests import factories as make
from tests.areas.notices.conftest import person

from ballast.areas.notices import outbox
from ballast.areas.notices.models import Message, Webhook
from ballast.areas.notices.services import notify, write_call

pytestmark = pytest.mark.django_db(transaction=True)


def in_a_process(act):
    """Run it in a child; the signal that ended the child, 0 when it ended by itself."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        finally:
            os._exit(3)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die(*_arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def write(people, hook):
    """Eight messages in one transaction; what they ask of the worker begins as soon as it is through."""
    with transaction.atomic():
        for serial in range(2):
            for one in people:
                notify(one, "60 staff", "assigned", f"SH-{serial}", actor="Olga")
            write_call(hook, "case.replied", {"n": serial})


def arrived(mailbox, web):
    letters = Counter((letter["To"], letter["Subject"][-4:]) for letter in mailbox.letters)
    return letters + Counter(headers["X-Ballast-Delivery"] for headers, _body in web.calls)


def finish():
    """Another sender, after the lease of the killed one."""
    at = timezone.now() + 3 * outbox.LEASE
    outbox.send_owed(clock=lambda: at)
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.parametrize("moment", ["between commit and send", "between send and mark"])
def test_what_is_owed_arrives_whenever_the_sender_is_killed(mailbox, web, monkeypatch, moment):
    make.authority()
    people = [person(f"p{n}") for n in range(3)]
    hook = Webhook.objects.create(name="ERP", url=web.url, secret="0123456789abcdef", kinds=["case.replied"])

    def first_life():
        monkeypatch.setattr(outbox, "_attempt" if moment == "between commit and send" else "_settle", die)
        write(people, hook)

    assert in_a_process(first_life) == -signal.SIGKILL
    assert Message.objects.filter(state="owed").count() == 8
    before = arrived(mailbox, web)
    assert before.total() == (0 if moment == "between commit and send" else 1)
    # Another one is killed in the midst of its work, when the third thing has arrived.
    things = []

    def kill_at_third(_thing):
        things.append(1)
        if len(things) == 3:
            os.kill(child, signal.SIGKILL)

    mailbox.on_letter = web.on_call = kill_at_third
    at = timezone.now() + outbox.LEASE * 1.1
    connections.close_all()
    child = os.fork()
    if child == 0:
        outbox.send_owed(clock=lambda: at)
        os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    mailbox.on_letter = web.on_call = lambda _thing: None
    finish()
    found = arrived(mailbox, web)
    assert len(found) == 8
    # A crash costs at most one duplicate: none in the first life when it died before it sent.
    assert found.total() - 8 <= (1 if moment == "between commit and send" else 2)
    assert outbox.send_owed().sent == 0


def test_a_process_that_dies_before_its_commit_leaves_nothing_owed(mailbox, web):
    make.authority()
    ann = person("ann")

    def life():
        with transaction.atomic():
            notify(ann, "60 staff", "assigned", "SH-1", actor="Olga")
            die()

    assert in_a_process(life) == -signal.SIGKILL
    assert (Message.objects.count(), outbox.send_owed().sent, mailbox.letters) == (0, 0, [])
