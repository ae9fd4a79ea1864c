"""Replies, notes, their files and whom they mention."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.areas.cases.conftest import problem

from ballast.areas.cases import services
from ballast.areas.cases.models import Attachment
from ballast.areas.cases.talk.attachments import FileGiven, checked
from ballast.areas.notices.models import Notice

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 x"


def office(*members, size=10):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.writestr(member, b"0" * size)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", b"MZ not a PDF", "is not what its name says"),
        ("a.exe", b"MZ", "is not what its name says"),
        ("a.svg", b"<svg/>", "is not what its name says"),
        ("a.html", b"<script>", "is not what its name says"),
        ("a.txt", b"", "is empty"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * (5 * 1024 * 1024), "at most 5 MB"),
        ("a.docx", office("xl/workbook.xml"), "is not what its name says"),
        ("a.docm", office("word/document.xml"), "holds macros"),
        ("a.docx", office("word/document.xml", "word/vbaProject.bin"), "holds macros"),
        ("a.xlsx", office("xl/workbook.xml", "xl/x", size=60_000_000), "unpacks to more than 100 MB"),
        ("a.xlsx", office("xl/workbook.xml", *(f"x{n}" for n in range(2000))), "or 2000 parts"),
    ],
)
def test_a_file_that_is_not_taken_is_refused_with_its_name_and_the_reason(name, content, reason):
    with pytest.raises(Exception, match=reason) as refused:
        checked(FileGiven(name, content))
    assert name in str(refused.value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/a.pdf", "a.pdf"), ("C:\\x\\a.pdf", "a.pdf"), ("a\r\nX: y.pdf", "aX y.pdf"),
        ("fdp\u202e.pdf", "fdp.pdf"), ("..a.pdf", "a.pdf"), ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
    ],
)  # fmt: skip
def test_the_name_of_a_file_is_cleaned(given, kept):
    assert checked(FileGiven(given, PDF))["name"] == kept.replace("aX y", "aX: y")


def test_files_come_with_replies_and_notes_and_are_saved_never_opened(world, client):
    number = problem(world).number
    client.force_login(world.olga)
    files = [SimpleUploadedFile("plan.pdf", PDF), SimpleUploadedFile("list.csv", b"a,b")]
    client.post(f"/cases/{number}/say/", {"type": "reply", "text": "See these.", "files": files})
    client.post(f"/cases/{number}/say/", {"type": "note", "text": "x", "files": [SimpleUploadedFile("in.pdf", PDF)]})
    page = client.get(f"/cases/{number}/").content.decode()
    assert all(name in page for name in ("plan.pdf", "list.csv", "in.pdf"))
    client.force_login(world.rita)
    page = client.get(f"/portal/problems/{number}/").content.decode()
    assert ("plan.pdf" in page, "in.pdf" in page) == (True, False)
    plan, inside = Attachment.objects.get(name="plan.pdf"), Attachment.objects.get(name="in.pdf")
    for address in (f"/cases/{number}/files/{plan.pk}/", f"/api/v1/cases/{number}/files/{plan.pk}"):
        answer = client.get(address)
        assert (answer.status_code, answer.content, answer["X-Content-Type-Options"]) == (200, PDF, "nosniff")
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["Content-Security-Policy"].startswith("sandbox")
        assert client.get(address.replace(str(plan.pk), str(inside.pk))).status_code == 404
    told = client.get(f"/api/v1/cases/{number}").json()
    assert [file["name"] for line in told["story"] for file in line["files"]] == ["plan.pdf", "list.csv"]
    sent = client.post(
        f"/api/v1/cases/{number}/replies-with-files", {"text": "Ours", "files": [SimpleUploadedFile("our.pdf", PDF)]}
    )
    assert (sent.status_code, sent.json()["files"][0]["name"]) == (201, "our.pdf")
    many = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(6)]
    for given, words in ((many, "6 files"), ([SimpleUploadedFile("a.exe", b"MZ")], "a.exe")):
        answer = client.post(f"/api/v1/cases/{number}/replies-with-files", {"text": "Ours", "files": given})
        assert (answer.status_code, words in answer.json()["message"]) == (422, True)
    assert Attachment.objects.count() == 4


def test_who_is_mentioned_is_told_and_nobody_can_be_who_may_not_read_it(world, client):
    case = problem(world)
    services.add_note(world.olga, case.number, text="Ask @city. and @mia, not a@jin.example or @olga")
    assert {n.person.username for n in Notice.objects.filter(template="mentioned")} == {"city", "mia"}
    Notice.objects.all().delete()
    for name in ("jin", "otto", "rita", "nobody"):
        with pytest.raises(Exception, match=f"“@{name}” is nobody who may read this here"):
            services.add_note(world.olga, case.number, text=f"Ask @{name}")
    services.add_reply(world.olga, case.number, text="Dear @rita")
    assert {(n.person.username, n.template) for n in Notice.objects.all()} == {
        ("rita", "mentioned"),
        ("rita", "replied"),
    }
    with pytest.raises(Exception, match="nobody who may read"):
        services.add_reply(world.rita, case.number, text="Dear @olga")
    services.make_move(world.olga, case.number, move="assign", owner=world.city)
    services.add_reply(world.rita, case.number, text="Dear @city")
    client.force_login(world.olga)
    offered = client.get(f"/api/v1/cases/{case.number}/people").json()["people"]
    assert [one["username"] for one in offered] == ["ana", "city", "lee", "mia"]
    assert "@city" in client.get(f"/cases/{case.number}/people/").content.decode()
    found = client.get(f"/api/v1/cases/{case.number}/people?q=ci").json()["people"]
    assert [one["username"] for one in found] == ["city"]
    typed = client.get(f"/cases/{case.number}/people/?q=CI").text
    assert typed.count('role="option"') == typed.count('data-name="city"') == 1
    assert "option" not in client.get(f"/cases/{case.number}/people/?q=jin").text
    assert f'data-mentions="/cases/{case.number}/people/"' in client.get(f"/cases/{case.number}/").text
    refused = client.post(f"/cases/{case.number}/say/", {"type": "note", "text": "Ask @jin"}, follow=True)
    assert "“@jin” is nobody who may read this here" in refused.content.decode()
    for other in (world.jin, world.rita):
        client.force_login(other)
        assert client.get(f"/api/v1/cases/{case.number}/people").status_code == 404
