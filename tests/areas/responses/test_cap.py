"""CAP 1.2 out and in: chains, status, the order of the schema; and what is refused, named after what it prevents."""

import datetime as dt

import pytest
from click.testing import CliRunner
from django.core.exceptions import ValidationError
from django.utils import translation
from tests import factories as make

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.accounts.models import Grant
from ballast.areas.audit.models import AuditEntry
from ballast.areas.chains.services import run_forecast
from ballast.areas.reference.models import Authority
from ballast.areas.registry.services import end_event
from ballast.areas.responses.cap import issuing, receiving
from ballast.areas.responses.cap.message import NAMESPACE, Area, Info, Message
from ballast.areas.responses.cap.models import Received
from ballast.areas.responses.cap.parsing import LARGEST, CapError, as_document
from ballast.areas.responses.cap.reading import read
from ballast.areas.responses.cap.writing import to_xml
from ballast.areas.responses.models import Warned
from ballast.cli import main

PLANTS = 23
LATE, SENT = "2022-04-29T09:00:00+08:00", "2022-04-28T09:00:00+08:00"
INFO = Info(
    "en-US", "Flood & <storm>", "Immediate", "Severe", "Observed", ("Met", "Infra"), ("Assess",), (("list:1", "x"),),
    SENT, LATE, "Office", "Road closed", "The road\nis closed.", "Go round.", "https://example.org/", "555",
    (("lanes", "2"),), (Area("Shanghai", (("GB/T 2260", "310000"),)),),
)  # fmt: skip
ALERT = Message("A-1", "met.example.org", SENT, "Exercise", "Alert", "Public", infos=(INFO,))


def _with(**changes):
    return to_xml(Message(**(vars(ALERT) | changes)))


def test_what_is_written_is_sound_and_reads_back_as_it_was():
    assert read(to_xml(ALERT)) == ALERT
    chained = Message(**(vars(ALERT) | {"kind": "Cancel", "references": (ALERT.reference, f"b,B-2,{SENT}")}))
    assert read(to_xml(chained)).references == chained.references
    assert read(_with(identifier="x\x00\x1b")).identifier == "x", "what XML cannot write is left out"
    chinese = _swap("utf-8", "GB2312", _swap("Road closed", "道路封闭")).decode()
    assert read(chinese.encode("gb18030")).infos[0].headline == "道路封闭", "as Chinese systems write"
    assert read(as_document(chinese)).infos[0].headline == "道路封闭", "a text over the API is decoded already"


def _swap(old, new, of=None):
    document = (of or to_xml(ALERT)).decode()
    assert old in document
    return document.replace(old, new, 1).encode()


def _area(shape):
    return _swap("<areaDesc>Shanghai</areaDesc>", f"<areaDesc>Shanghai</areaDesc>{shape}")


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>"""


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        (b"\x00\xff\xfe", "not XML"),
        (b"", "not XML"),
        (b"<alert", "not XML"),
        (b"x" * (LARGEST + 1), "at most"),
        (b"<a>" * 9 + b"</a>" * 9, "nested deeper"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "not XML: .*encoding"),
        ('<?xml version="1.0" encoding="GBK"?>\n<a>\u4e2d</b>'.encode("gbk"), "mismatched tag .line 2"),
        (b'<?xml version="1.0" encoding="GBK"?><a>\xff\xff</a>', "not XML: .gb18030"),
        (b"<alert/>", "wants .alert. in urn:oasis"),
        (_swap(NAMESPACE, "urn:oasis:names:tc:emergency:cap:1.1"), "wants"),
        (_swap("<status>Exercise</status>", ""), "“status” is missing"),
        (_swap("<status>Exercise</status>", "<status>exercise</status>"), "“exercise” is none of Actual"),
        (_swap(f"<sent>{SENT}</sent>", "<sent>2022-04-28T01:00:00Z</sent>"), "not a time"),
        (_swap(f"<sent>{SENT}</sent>", "<sent>2022-02-30T01:00:00+00:00</sent>"), "not a time"),
        (_swap("<sender>met.example.org</sender>", ""), "“sender” is missing"),
        (_swap("<identifier>A-1</identifier>", "<identifier>A 1</identifier>"), "holds a space"),
        (_swap("<scope>", "<scope>Public</scope><scope>"), "stands 2 times"),
        (_swap("<identifier>A-1</identifier>", "", _swap("</scope>", "</scope><identifier>A-1</identifier>")), "order"),
        (
            _swap("<msgType>", "<colour>red</colour><msgType>"),
            "line 7, alert/colour: CAP 1.2 knows no such element there",
        ),
        (_swap("<valueName>list:1</valueName>", ""), "“valueName” is missing"),
        (_swap("<event>Flood &amp; &lt;storm&gt;</event>", "<event><b/></event>"), "a text is wanted"),
        (_with(kind="Update"), "has to name the messages"),
        (_with(kind="Cancel", references=("A-1",)), "is no reference"),
        (_with(scope="Restricted"), "has to say the restriction"),
        (_with(scope="Private"), "has to name the addresses"),
        (_area("<polygon>31,121 31,122 32,122 31,121.5</polygon>"), "line [0-9]+, polygon: .* is no polygon"),
        (_area("<polygon>31,121 31,122 31,121</polygon>"), "is no polygon"),
        (_area("<circle>31,181 5</circle>"), "is no circle"),
        (_area("<circle>31,121</circle>"), "is no circle"),
        (_swap("</geocode>", "</geocode><ceiling>5</ceiling>"), "“ceiling” stands without “altitude”"),
    ],
)
def test_what_is_no_sound_message_is_refused_with_its_reason(document, said):
    with pytest.raises(CapError, match=said):
        read(document)


def test_shapes_of_an_area_are_taken_as_the_standard_writes_them():
    shapes = "<polygon> 31,121 31,122 32.5,122\n31,121 </polygon><circle>-31.2,-121 0.5</circle>"
    assert read(_area(shapes)).infos[0].areas[0].description == "Shanghai"


def test_the_command_says_each_fault_and_ends_with_one(tmp_path):
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(to_xml(ALERT))
    bad.write_bytes(_swap("<status>Exercise</status>", "<status>Real</status>", _swap("<scope>Public", "<scope>All")))
    found = CliRunner().invoke(main, ["cap", "check", str(good)])
    assert (found.exit_code, found.output) == (0, "Alert A-1 of met.example.org, status Exercise: no fault.\n")
    found = CliRunner().invoke(main, ["cap", "check", str(bad)])
    assert found.exit_code == 1
    assert "“Real” is none of" in found.output
    assert "“All” is none of" in found.output


@pytest.mark.django_db
def test_a_warning_is_issued_as_a_chain_that_names_all_before_and_ends_with_a_cancel(undone, client, refusal):
    fire = make.event("S-mine", event_id="FIRE", name="Fire at the mine <&> \x02")
    run_forecast()
    pk = Warned.objects.get().pk
    first = issuing.issue(undone.olga, pk)
    # What an older warning may lack, in an authority whose clock shows UTC.
    Warned.objects.update(basis={})
    Authority.objects.update(name="Desk <&> \x07", time_zone="UTC")
    second, whole = issuing.issue(undone.olga, pk), issuing.issue(undone.mia, pk)
    assert whole.kind == "Alert", "each desk has its own chain"
    end_event(fire, acting_user="test", withdraw=True)
    run_forecast()
    Authority.objects.update(is_exercise=False)
    last = issuing.issue(undone.olga, pk)
    assert [refusal(bytes(row.document)) for row in (first, second, whole, last)] == [""] * 4
    read_back = [read(bytes(row.document)) for row in (first, second, last)]
    assert [one.kind for one in read_back] == ["Alert", "Update", "Cancel"]
    assert len({one.identifier for one in read_back}) == 3, "an identifier is never used again"
    assert read_back[2].references == (first.reference, second.reference)
    assert [one.status for one in read_back] == ["Exercise", "Exercise", "Actual"]
    assert [one.sent[-6:] for one in read_back] == ["+08:00", "-00:00", "-00:00"]
    assert read_back[0].infos[0].event != read_back[0].infos[1].event, "each language in its own words"
    assert [info.language for info in read_back[0].infos] == ["en-US", "zh-CN"]
    assert read_back[0].infos[0].areas == (Area("Shanghai", (("GB/T 2260", "310000"),)),)
    assert "13" in read_back[0].infos[0].description
    assert "Fire" not in bytes(first.document + second.document).decode(), (
        "the desk may not name what lies outside its scope"
    )
    assert "Fire at the mine" in bytes(whole.document).decode()
    with pytest.raises(ValidationError, match="end with a cancel"):
        issuing.issue(undone.olga, pk)
    with pytest.raises(NotAllowedError):
        issuing.issue(undone.anna, pk)
    client.force_login(undone.olga)
    assert client.get(f"/warnings/cap/{first.pk}.xml")["Content-Type"] == "application/cap+xml"
    assert client.get(f"/warnings/cap/{whole.pk}.xml").status_code == 404
    assert len(client.get(f"/api/v1/warnings/{pk}/cap").json()) == 3
    assert AuditEntry.objects.filter(action="cap.issued").count() == 4


@pytest.mark.django_db
def test_who_looks_wider_than_they_issue_issues_for_their_own_desk_and_the_head_is_in_no_ones_language(undone, client):
    make.event("S-mine", event_id="FIRE", name="Fire at the mine")
    run_forecast()
    pk = Warned.objects.get().pk
    jiangsu = make.region("320000", undone.shanghai.parent)
    guest = make.user("province_officer", username="guest", region=jiangsu.code)
    for person in (guest, undone.olga):
        Grant.objects.create(user=person, role="leader")
    with pytest.raises(Warned.DoesNotExist):
        issuing.issue(guest, pk)
    with translation.override("zh-hans"):
        row = issuing.issue(undone.olga, pk)
        received = receiving.receive(undone.olga, to_xml(ALERT))
    assert (row.scope, received.scope) == ("/CN/310000/", "/CN/310000/"), "not the nation, where she only looks"
    assert "Fire" not in bytes(row.document).decode()
    both = "For the desks to which it is addressed. / 仅供接收该信息的值班室使用。"
    assert read(bytes(row.document)).restriction == both
    client.force_login(undone.olga)
    assert client.get(f"/warnings/cap/{row.pk}.xml").status_code == 200
    assert [one["id"] for one in client.get("/api/v1/cap").json()["items"]] == [received.pk]


@pytest.mark.django_db
def test_a_message_that_expired_or_was_overtaken_by_its_cancel_proposes_nothing(undone, monkeypatch):
    cancel = receiving.receive(undone.olga, _with(identifier="C", kind="Cancel", references=(ALERT.reference,)))
    late = receiving.receive(undone.olga, to_xml(ALERT))
    assert late.replaced_by == cancel
    assert receiving.proposal_of(late).why_not == "A later message has replaced it."
    row = receiving.receive(undone.olga, _with(identifier="y" * 200))
    assert AuditEntry.objects.get(action="cap.received", detail__identifier="y" * 200).subject_id == str(row.pk)
    end = dt.datetime.fromisoformat(INFO.expires)
    for now, said in ((end - dt.timedelta(seconds=1), ""), (end, "It expired at 2022-04-29 09:00.")):
        monkeypatch.setattr(receiving, "now", lambda now=now: now)
        assert receiving.proposal_of(row).why_not == said


@pytest.mark.django_db
def test_a_message_from_elsewhere_proposes_an_event_and_never_mixes_exercise_and_actual(undone, client):
    row = receiving.receive(undone.olga, to_xml(ALERT))
    assert receiving.receive(undone.olga, to_xml(ALERT)) == row, "the same message again is the same row"
    assert [region.code for region in receiving.proposal_of(row).regions] == ["310000"]
    actual = receiving.receive(undone.olga, _with(identifier="A-2", status="Actual"))
    assert "only Exercise counts" in receiving.proposal_of(actual).why_not
    Authority.objects.update(is_exercise=False)
    assert "only Actual counts" in receiving.proposal_of(row).why_not
    Authority.objects.update(is_exercise=True)
    both = _with(identifier="C", kind="Cancel", references=(row.reference, actual.reference))
    with pytest.raises(CapError, match="2 chains"):
        receiving.receive(undone.olga, both)
    # After a long chain of messages that never came here.
    older = tuple(f"met.example.org,OLD-{k},{SENT}" for k in range(600))
    cancel = receiving.receive(undone.olga, _with(identifier="C", kind="Cancel", references=(*older, row.reference)))
    row.refresh_from_db()
    assert (row.replaced_by, cancel.chain) == (cancel, row.reference)
    assert receiving.proposal_of(row).why_not == "A later message has replaced it."
    client.force_login(undone.olga)
    page = client.get("/warnings/cap/").content.decode()
    assert "Road closed" in page
    assert "only Exercise counts" in page
    refused = client.post("/api/v1/cap", {"document": BOMB.decode()}, content_type="application/json")
    assert (refused.status_code, Received.objects.count()) == (422, 3)
    assert client.post("/warnings/cap/").status_code == 422
    client.force_login(undone.jin)
    assert client.get("/api/v1/cap").json()["items"] == [], "what a desk took in is its own"
    client.force_login(undone.anna)
    assert client.get("/warnings/cap/").status_code == 404
