"""A secret in an internal note, in the name of its file and in the file: looked for through every door.

Asked are the case's own enterprise, another enterprise and the desk of another region, who may read none of it; and
once the case's own desk, so that a search that finds nothing cannot pass because it looks in the wrong place.
"""

import io
import zipfile

import pytest
from django.db import transaction
from django.test import Client
from tests import factories as make
from tests.web.rights_walk import Walker, operations, pages
from tests.web.rights_world import _person, build

from ballast.areas.accounts.models import User
from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases import services
from ballast.areas.cases.models import Attachment
from ballast.areas.cases.talk.attachments import FileGiven
from ballast.areas.notices.models import Message, Notice, Webhook

pytestmark = pytest.mark.django_db
SECRET, BEGINS = "Quetzalcoatl", "Quetzal"
# They ask the models about the network and know no case; each takes longer than all other doors.
MODELS = ("exposure", "plan", "survival", "failure", "concentrations")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The world of the rights matrix with a note, and everybody listening by webhook and e-mail."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = build()
        User.objects.update(email="somebody@example.org")
        for scope in ({}, {"enterprise": "E-OWN"}, {"enterprise": "E-HIDDEN"}, {"region": "220000"}):
            Webhook.objects.create(
                name="x", url="https://a.example/", secret="s" * 16, kinds=["case.moved", "case.replied"], **scope
            )
        yield found
        transaction.set_rollback(True)


@pytest.fixture
def planted(world, settings):
    """The note, a file of it, and something said to the enterprise in the same case."""
    settings.EMAIL_HOST = "mail.example.org"
    officer = make.user("province_officer", username="desk", region="310000")
    file = FileGiven(f"{SECRET}.txt", f"so says {SECRET}".encode())
    services.add_note(officer, "C-OWN", text=f"{SECRET} exaggerates, @ministry_officer", files=[file])
    services.add_reply(officer, "C-OWN", text="We are on it.")
    return officer


def people(world):
    """The three who may read none of it."""
    by_key = {person.key: person for person in world.people}
    return [
        by_key["reporter"],
        _person("other firm", "reporter", enterprise="E-HIDDEN"),
        _person("other desk", "province_officer", region="220000"),
    ]


def unpacked(answer):
    """What an answer says, an office file unpacked."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body += b"".join(archive.read(name) for name in archive.namelist())
    return body


def doors():
    """Every route by which something can be read, the models aside."""
    readable = [route for route in [*pages(), *operations()] if route.method == "GET"]
    return [route for route in readable if not any(word in route.address for word in MODELS)]


def read(walker, route, given):
    """What the walker reads there: as it is, as a file, and searched for a part of the secret, where offered."""
    body = unpacked(walker._send(route, given, ""))
    if b"format=xlsx" in body:
        body += unpacked(walker._send(route, given, "?format=xlsx"))
    if body and b'name="q"' in body and not route.parameters:
        body += unpacked(walker._send(route, given, f"?q={BEGINS}"))
    return body


def values(route, file):
    """Parameters that lead to the case with the note and to the file of the note; None for other things."""
    known = {"number": "C-OWN", **({"pk": file.pk, "file_id": file.pk} if "files" in route.address else {})}
    return {name: known[name] for name in route.parameters} if set(route.parameters) <= set(known) else None


def test_a_note_and_its_file_leave_by_no_door(world, planted):
    file = Attachment.objects.get(entry__type="note")
    nobodys = [Walker(person) for person in people(world)]
    desk = Walker(_person("own desk", "province_officer", region="310000"))
    leaks, reached = [], set()
    for route in doors():
        if (given := values(route, file)) is None:
            continue
        leaks += [
            f"{walker.person.key}: {route.address}"
            for walker in nobodys
            if SECRET.encode() in read(walker, route, given)
        ]
        if "number" in route.parameters and SECRET.encode() in read(desk, route, given):
            reached.add(route.address)
    assert leaks == []
    assert {"/cases/<str:number>/", "/cases/<str:number>/files/<int:pk>/"} <= reached
    assert {"/api/v1/cases/{number}", "/api/v1/cases/{number}/files/{file_id}"} <= reached


def test_a_note_is_in_no_message_notice_or_audit_entry(world, planted):
    told = {message.channel for message in Message.objects.filter(case_number="C-OWN")}
    assert told == {"mail", "webhook"}
    assert Notice.objects.filter(template="mentioned").exists()
    for model in (Message, Notice, AuditEntry):
        assert [row for row in model.objects.values() if SECRET in repr(row)] == []
    client = Client()
    client.force_login(next(person.user for person in world.people if person.key == "administrator"))
    for address in ("/audit/", "/audit/?format=csv", "/outbox/", "/api/v1/outbox"):
        assert SECRET.encode() not in unpacked(client.get(address)), address
