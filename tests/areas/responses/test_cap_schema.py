"""CAP messages against the schema of OASIS itself: what is written is valid, what the schema refuses is refused."""

import datetime as dt
from copy import deepcopy

import pytest
from lxml import etree

from ballast.areas.responses.cap.message import NAMESPACE, Area, Info, Message
from ballast.areas.responses.cap.parsing import CapError
from ballast.areas.responses.cap.reading import read
from ballast.areas.responses.cap.writing import time_text, to_xml

SENT = "2022-04-28T09:00:00+08:00"
LONG = "停产 & <stop> ]]> \x0b" * 2_000
CAP = f"{{{NAMESPACE}}}"


def _full():
    """A message in which every element of the standard stands, made by hand: Ballast writes only some of them."""
    pair = "<valueName>n</valueName><value>v</value>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="{NAMESPACE}">
<identifier>A-1</identifier><sender>met.example.org</sender><sent>{SENT}</sent><status>Exercise</status>
<msgType>Update</msgType><source>s</source><scope>Restricted</scope><restriction>r</restriction><addresses>a</addresses>
<code>1</code><code>2</code><note>n</note><references>b,B-2,{SENT}</references><incidents>i</incidents>
<info><language>zh-CN</language><category>Met</category><category>Infra</category><event>暴雨</event>
<responseType>Assess</responseType><urgency>Past</urgency><severity>Minor</severity><certainty>Unlikely</certainty>
<audience>a</audience><eventCode>{pair}</eventCode><effective>{SENT}</effective><onset>{SENT}</onset>
<expires>{SENT}</expires><senderName>s</senderName><headline>h</headline><description>d</description>
<instruction>i</instruction><web>https://example.org/?a=1#b</web><contact>c</contact><parameter>{pair}</parameter>
<resource><resourceDesc>r</resourceDesc><mimeType>text/plain</mimeType><size>12</size><uri>a/b.txt</uri>
<derefUri>AA==</derefUri><digest>0a</digest></resource>
<area><areaDesc>上海</areaDesc><polygon>1,1 1,2 2,2 1,1</polygon><circle>1,1 5</circle><geocode>{pair}</geocode>
<altitude>-3.5</altitude><ceiling>.5</ceiling></area></info></alert>
""".encode()


WORDS = (
    "", "x", " Actual ", "2022-04-28T09:00:00Z", "2022-04-28T09:00:00+15:00", "2022-02-30T09:00:00+08:00", "1e5", "1.5",
    "%zz", "a b", "http://x:y/", "1#2#3", "zh_CN", "toolonglanguage",
)  # fmt: skip


# Elements whose values the schema restricts; the others take any text.
TYPED = {
    "sent", "status", "msgType", "scope", "language", "category", "responseType", "urgency", "severity", "certainty",
    "effective", "onset", "expires", "web", "size", "uri", "altitude", "ceiling",
}  # fmt: skip


def _moved(one, act):
    """Leave the element out, or put a copy of it elsewhere."""
    twin, parent = deepcopy(one), one.getparent()
    if act == "double":
        one.addnext(twin)
        return
    parent.remove(one)
    if act != "drop":
        parent.insert(0 if act == "first" else len(parent), twin)


def _changed(one, act):
    """Spoil the element itself: its name, its attributes, what stands in it."""
    if act == "attribute":
        one.set("lang", "en")
    elif act == "inside":
        etree.SubElement(one, f"{CAP}value")
    elif act == "rename":
        one.tag = f"{CAP}colour"
    elif act == "unqualified":
        one.tag = etree.QName(one).localname
    else:
        one.text = "x"


def _spoiled():
    """Documents with one thing wrong each, for every element of the standard."""
    tree = etree.fromstring(_full())
    for place, whole in enumerate(tree.iter()):
        acts = ["attribute", "inside", "rename", "unqualified", "beside"]
        acts += ["drop", "double", "last", "first"] if place else []
        for act in (*acts, *(WORDS if etree.QName(whole).localname in TYPED else ())):
            copy = deepcopy(tree)
            one = list(copy.iter())[place]
            if act in WORDS:
                one.text = act
            else:
                (_moved if act in acts[5:] else _changed)(one, act)
            yield f"{act!r} at {etree.QName(whole).localname}", etree.tostring(copy)


def _faults(document):
    try:
        read(document)
    except CapError as error:
        return error.faults
    return []


def test_nothing_that_the_schema_refuses_is_let_in_and_the_reason_names_line_and_element(refusal):
    assert refusal(_full()) == ""
    assert read(_full()).infos[0].areas == (Area("上海", (("n", "v"),)),)
    wrong = 0
    for what, document in _spoiled():
        if not refusal(document):
            continue
        wrong += 1
        faults = _faults(document)
        assert faults, f"the schema refuses it, we do not: {what}"
        assert all(fault.startswith(("line ", "The outermost")) for fault in faults), what
    assert wrong > 500


def test_what_is_written_is_valid_whatever_stands_in_it(refusal):
    info = Info(
        "en-US", "", "Immediate", "Severe", "Observed", ("Met",), codes=(("list:1", ""),), headline=LONG,
        description=LONG, parameters=(("", ""),), areas=(Area("", (("GB/T 2260", ""),)), Area(LONG)),
    )  # fmt: skip
    for status in ("Actual", "Exercise", "Test", "System", "Draft"):
        for kind, references in (("Alert", ()), ("Update", (f"a,b,{SENT}",)), ("Cancel", (f"a,b,{SENT}",) * 300)):
            message = Message("A-1", "example.org", SENT, status, kind, "Public", references=references, infos=(info,))
            document = to_xml(message)
            assert refusal(document) == ""
            assert read(document).references == references
    assert refusal(to_xml(Message("A-1", "example.org", SENT, "Actual", "Alert", "Public"))) == "", "no info at all"
    for offset, written in ((0, "-00:00"), (-210, "-03:30"), (840, "+14:00")):
        at = dt.datetime(2022, 4, 28, 9, 0, 0, 999, dt.timezone(dt.timedelta(minutes=offset)))
        assert time_text(at) == f"2022-04-28T09:00:00{written}"
        assert refusal(to_xml(Message("A-1", "e", time_text(at), "Actual", "Alert", "Public"))) == ""
    with pytest.raises(ValueError, match="no offset"):
        time_text(dt.datetime(2022, 4, 28))  # noqa: DTZ001
