"""Papers that packs name: made in both languages where the pack says, from a case as it stands, without a note."""

import io
from pathlib import Path

import docx
import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from tests.areas.cases.conftest import problem
from tests.areas.cases.packs.test_pack_walks import filed
from tests.areas.cases.packs.test_packs import PROBLEM, faults
from tests.areas.cases.test_api import call  # noqa: F401 - a fixture

from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases import services
from ballast.areas.cases.documents.fields import FIELDS
from ballast.areas.cases.documents.offers import UnknownDocumentError, document_of, documents_for
from ballast.areas.cases.documents.paper import compose
from ballast.areas.cases.models import Case
from ballast.areas.cases.packs import in_force
from ballast.areas.cases.packs.model import DOCUMENT_FIELDS
from ballast.areas.papers import html
from ballast.areas.reference.selectors import authority, now

SECRET = "The manager told us in confidence"


@pytest.fixture
def world(shared, db, settings):
    settings.CASE_PACKS = str(Path(__file__).parents[1] / "packs")
    return shared


@pytest.mark.parametrize("name", ["problem", "request", "visit", "notice", "coordination", "arrears"])
def test_every_document_of_a_pack_is_made_in_both_languages_with_its_data_date_and_no_note(world, name):
    one = in_force.pack_named(name)
    case = filed(world, one)
    services.add_note(world.olga, case.number, text=SECRET)
    services.add_reply(world.olga, case.number, text="The gate opens at noon.")
    assert one.documents
    for document in one.documents:
        for language, cited in (("en", "The case as it stood at"), ("zh-hans", "数据截至")):
            Case.objects.filter(pk=case.pk).update(state=sorted(document.sources)[0])
            shown = html.standalone(document_of(world.olga, case.number, document.name, language))
            assert case.number in shown
            assert cited in shown
            assert 'data-fact="case.at">2022-04-28' in shown
            assert getattr(document.title, language[:2]) in shown
            assert SECRET not in shown
            assert ("The gate opens at noon." in shown) == ("story" in document.sections)
            assert "{" not in shown.partition("</style>")[2]


def test_a_document_is_offered_where_the_pack_says_and_to_whom(world):
    case, near = problem(world, place=world.jiangsu), problem(world)
    assert [one.name for one in documents_for(world.olga, near)] == ["receipt"], "no letter to one's own desk"
    with pytest.raises(ValidationError, match="goes to the desk of Shanghai, which leads case"):
        document_of(world.olga, near.number, "help_letter", "en")

    def names(user):
        return [one.name for one in documents_for(user, Case.objects.get(pk=case.pk))]

    assert (names(world.olga), names(world.jin), names(world.rita)) == (["receipt", "help_letter"], [], [])
    with pytest.raises(ValidationError, match=r"is “Filed”; “Notice of the solution” is made when .* Solved"):
        document_of(world.olga, case.number, "answer", "en")
    for user, name in ((world.olga, "unknown"), (world.rita, "receipt")):
        with pytest.raises(UnknownDocumentError):
            document_of(user, case.number, name, "en")
    with pytest.raises(Case.DoesNotExist):
        document_of(world.jin, case.number, "receipt", "en")
    services.make_move(world.olga, case.number, move="assign", owner=world.olga)
    services.make_move(world.olga, case.number, move="solve", text="Gate is open.", outcome="solved_by_authority")
    assert names(world.olga) == ["answer"]
    shown = html.standalone(document_of(world.olga, case.number, "answer", "en"))
    assert "Solved by the authority" in shown
    assert "Gate is open." in shown
    assert AuditEntry.objects.filter(enterprise="car", detail__what="document").exists(), "the enterprise can see it"


def test_a_note_in_the_story_is_refused_whoever_hands_it_over(world):
    case = problem(world)
    note = services.add_note(world.olga, case.number, text=SECRET)
    document = case.rules.documents[0]
    with pytest.raises(ValueError, match=r"an internal note of .* does not go into a document"):
        compose(case, document, "en", authority=authority(), at=now(), story=[note])


def test_pages_and_api_give_the_files_and_nothing_to_others(world, client, call):  # noqa: F811
    case = problem(world, place=world.jiangsu)
    services.add_note(world.olga, case.number, text=SECRET)
    client.force_login(world.olga)
    address = f"/cases/{case.number}/documents/help_letter"
    assert f'href="{address}.pdf?lang=zh-hans"' in client.get(f"/cases/{case.number}/").text
    found = client.get(f"{address}.docx?lang=en")
    assert f'filename="{case.number}-help_letter-en.docx"' in found["Content-Disposition"]
    paper = docx.Document(io.BytesIO(found.content))
    words = "\n".join(p.text for p in paper.paragraphs) + "\n".join(
        cell.text for table in paper.tables for row in table.rows for cell in row.cells
    )
    for text in ("To the desk of Jiangsu:", "60 staff cannot come in", "Rita, 555", "They wait at home."):
        assert text in words
    assert SECRET not in words
    pdf = call("olga", "GET", f"/cases/{case.number}/documents/receipt?lang=zh-hans")
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    listed = call("olga", "GET", f"/cases/{case.number}/documents").json()["items"]
    assert [(one["name"], one["reader"]) for one in listed] == [("receipt", "enterprise"), ("help_letter", "place")]
    assert call("olga", "GET", f"/cases/{case.number}/documents/answer").status_code == 409
    assert "is made when it is one of these" in client.get(
        f"/cases/{case.number}/documents/answer.pdf", follow=True
    ).text  # fmt: skip
    for user in (world.jin, world.rita):
        client.force_login(user)
        assert client.get(f"{address}.pdf").status_code == 404
        assert call(user.username, "GET", f"/cases/{case.number}/documents/receipt").status_code == 404


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "under the number {number}",
            "under {numbr}",
            ["documents[1] “receipt”, text: '{numbr}'", "enterprise, filed"],
        ),
        ("State: {state}. It is", "State: {state. It is", ["documents[1] “receipt”, text", "a brace stands alone"]),
        ('from = ["solved", "confirmed"]', 'from = ["solvd"]', ["documents[2] “answer”, from: 'solvd'", "solved"]),
        ('reader = "place"', 'reader = "plce"', ["documents[3] “help_letter”, reader: 'plce'", "'file'"]),
        ('name = "answer"', 'name = "receipt"', ["documents", "stands 2 times"]),
    ],
)
def test_a_slip_in_a_document_is_named(old, new, words):
    assert PROBLEM.count(old) >= 1
    said = faults(PROBLEM.replace(old, new, 1))
    assert [word for word in words if word not in said] == [], said


def test_the_reader_of_packs_knows_the_fields_that_are_filled_in():
    assert set(FIELDS) == DOCUMENT_FIELDS
    assert issubclass(UnknownDocumentError, ObjectDoesNotExist)
