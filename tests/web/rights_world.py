"""Two enterprises in two provinces, one person a role, and what stands in each address: for the rights matrix."""

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.utils import timezone
from tests import factories as make

from ballast.areas.accounts.models import ApiToken, Grant, User
from ballast.areas.accounts.selectors import digest_of_token
from ballast.areas.alerts.models import EnterpriseLamp, Lamp, LampAnswer
from ballast.areas.alerts.rulebook.in_force import shipped
from ballast.areas.alerts.rulebook.models import PackVersion
from ballast.areas.audit.services import record_read
from ballast.areas.briefs.services import make_daily as make_briefs
from ballast.areas.cases.models import Attachment, Case, ReplyText
from ballast.areas.chains.models import ForecastRun, SiteForecast
from ballast.areas.desks.models import EscalationStep, FastTrack, RoutingRule, WorkingGroup
from ballast.areas.dispatch import handover_facts
from ballast.areas.dispatch.models import Circular, Handover, Promise
from ballast.areas.dispatch.services import make_daily
from ballast.areas.economy.models import Commodity
from ballast.areas.modes.models import Switch
from ballast.areas.notices.models import Message, Notice, Webhook
from ballast.areas.reference.selectors import authority
from ballast.areas.reports.models import StockReport
from ballast.areas.reserve.models import Extension, Issue, PolicyOption, Proposal
from ballast.areas.responses.models import Issued, Warned, WarnedOf, WarningAnswer

# A word that only the hidden enterprise's things carry; the search asks for its beginning.
HIDDEN, HIDDEN_BEGINS = "Zanzibar", "Zanzi"
NOW = dt.datetime(2022, 4, 28, 0, 40, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Person:
    """A column of the matrix."""

    key: str
    user: User | None
    token: str = ""
    # Sees every enterprise, so that nothing is hidden.
    unlimited: bool = False


@dataclass(frozen=True)
class World:
    """The people, and for each kind of thing its own and its hidden value."""

    people: tuple[Person, ...]
    things: dict[str, tuple[object, object | None]] = field(default_factory=dict)


def _business(key, region, name, chains=()):
    """An enterprise with all that can hang on it; values by kind of thing."""
    enterprise = make.enterprise(f"E-{key}", region=region, name=f"{name} Works", chains=chains, key_list=True)
    site = make.site(f"S-{key}", of=enterprise, name=f"{name} Plant", product=make.product(f"made-{len(key)}"))
    need = make.need(site, make.product(f"used-{len(key)}"), stock=150.0, reported_at=NOW)
    lamp = Lamp.objects.create(need=need, level="red", since=NOW, cover_days=1.5)
    answer = LampAnswer.objects.create(
        lamp=lamp, level="red", kind="silenced", begun_at=NOW, until=NOW.date() + dt.timedelta(days=7), note="Repair."
    )
    EnterpriseLamp.objects.create(enterprise=enterprise, level="red", since=NOW, worst_need=need, cover_days=1.5)
    event = make.event(site.site_id, event_id=f"EV-{key}", name=f"{name} closed")
    case = Case.objects.create(
        number=f"C-{key}", kind="logistics", state="filed", enterprise=enterprise, site=site, blocked=f"{name} lorry",
        place=region, needed_by=make.TODAY, contact=f"{name} desk", text=f"{name} waits", filed_at=NOW,
        due_at=NOW + dt.timedelta(days=2), lead_region=region.parent, event=event, output_at_risk=5.0, state_since=NOW,
    )  # fmt: skip
    file = Attachment.objects.create(
        case=case, name=f"{name}.txt", content_type="text/plain", size=1, content=b"x", added_at=NOW
    )
    report = StockReport.objects.create(
        need=need, day=make.TODAY, reported_at=NOW, source="page", stock=150.0, daily_use=100.0
    )
    return {
        "report_id": report.pk,
        "enterprise": enterprise, "enterprise_id": enterprise.enterprise_id, "site_id": site.site_id, "site": site,
        "need_id": need.pk, "lamp": lamp.pk, "lamp_answer": answer.pk, "event_id": event.event_id,
        "event": event, "number": case.number,
        "file": file.pk,
    }  # fmt: skip


def _forecast(*businesses):
    run = ForecastRun.objects.create(
        day=make.TODAY,
        horizon=30,
        started_at=NOW,
        finished_at=NOW,
        network_hash="0" * 64,
        is_current=True,
        summary={"sites_with_a_known_stock": 2, "sites_with_needs": 2},
    )
    for one in businesses:
        node = {"id": one["site_id"], "kind": "site", "tier": 0, "day": 2}
        event = {"id": one["event_id"], "kind": "event", "tier": 1, "day": 0}
        path = {
            "site": one["site_id"], "day": 2, "nodes": [event, node], "edges": [], "events": [one["event_id"]],
            "lead_event": one["event_id"], "path": [one["event_id"], one["site_id"]],
        }  # fmt: skip
        SiteForecast.objects.create(
            run=run, site=one["site"], stop_day=2, certain=True, slow_day=2, lost_output=28.0, lost_output_low=28.0,
            lead_event=one["event"], path=path,
        )  # fmt: skip


def _person(key, role, *, unlimited=False, **scope):
    user = make.user(role, username=key, **scope)
    text = f"token-of-{key}"
    expires = timezone.now() + dt.timedelta(days=1)
    ApiToken.objects.create(user=user, name="matrix", digest=digest_of_token(text), expires_at=expires)
    return Person(key, user, text, unlimited)


def _group(name, city):
    group = WorkingGroup.objects.create(name=f"{name} front", starts=make.TODAY, ends=make.TODAY)
    group.regions.add(city)
    return group


def _track(name, city):
    return FastTrack.objects.create(one=city, other=city.parent, one_name=f"{name} desk", other_name=f"{name} desk")


def _told(somebody):
    """A notice of another person; a message and a webhook, which are the administrator's."""
    notice = Notice.objects.create(person=somebody, at=NOW, template="circular", subject=f"{HIDDEN} circular").pk
    hook = Webhook.objects.create(name="ERP", url="https://erp.example.org/", secret="s" * 16, kinds=["case.filed"])
    message = Message.objects.create(
        channel="webhook", target="webhook:1", webhook=hook, body="{}", state="sent", written_at=NOW, next_try=NOW
    )
    text = ReplyText.objects.create(title="Received", text="{number}", language="en", changed_by="desk").pk
    told = {"notice": (notice, notice), "text_id": (text, None)}
    return told | {"hook_id": (hook.pk, None), "message_id": (message.pk, None)}


def _circular(region, by):
    """A circular issued to one province; its key."""
    row = {"id": region.pk, "path": region.path, "name": region.name, "name_zh": "", "in_hand": 1, "overdue": 1}
    issuer = {"name": "Authority", "name_zh": "", "currency": "CNY", "time_zone": "Asia/Shanghai", "exercise": True}
    facts = {
        "version": 1, "authority": issuer, "scope": {"key": "/", "name": "All", "name_zh": ""}, "whole": True,
        "day": "2022-04-28", "regions": [{**row, "longest": 1, "cases": []}],
    }  # fmt: skip
    letter = Circular.objects.create(
        scope="/", state="issued", year=2022, serial=Circular.objects.count() + 1, cut_off_at=NOW, facts=facts,
        reply_by=make.TODAY, approved_by=by, drafted_at=NOW, issued_at=NOW,
    )  # fmt: skip
    letter.regions.set([region])
    return letter.pk


def _shift(cities):
    """Handover notes and promises of two cities' desks; keys by what they are."""
    times = {"from_at": NOW - dt.timedelta(hours=8), "until_at": NOW, "next_until": NOW + dt.timedelta(hours=8)}
    zone, notes, promises = ZoneInfo("Asia/Shanghai"), [], []
    for city in cities:
        said = Promise.objects.create(scope=city.path, text=f"{city.name} calls", due_at=NOW, made_at=NOW)
        facts = handover_facts.collect(
            scope={"key": city.path, "name": city.name, "name_zh": ""}, authority=authority(), since=times["from_at"],
            until=NOW.astimezone(zone), next_until=times["next_until"],
        )  # fmt: skip
        notes.append(Handover.objects.create(scope=city.path, facts=facts, written_at=NOW, **times).pk)
        promises.append(said.pk)
    return {"handover": tuple(notes), "promise": tuple(promises)}


def _warning(site, number):
    """A warning of which one site is red."""
    row = Warned.objects.create(key=f"{number}", site=site, began_at=NOW, data_at=NOW, basis={"horizon": 30})
    WarnedOf.objects.create(warning=row, site=site, stops_on=make.TODAY, certain=True, lost_output=28.0, since=NOW)
    return row.pk


def _answer(warning):
    """A warning that somebody silenced."""
    until = NOW.date() + dt.timedelta(days=7)
    given = {"kind": "silenced", "begun_at": NOW, "until": until, "note": "Repair."}
    return WarningAnswer.objects.create(warning_id=warning, **given).pk


def _cap(warning, city):
    """A CAP message that the desk of a province issued."""
    head = {"identifier": f"W{warning}", "sender": "desk.example.org", "sent": NOW.isoformat(), "status": "Exercise"}
    fields = {"scope": city.parent.path, "kind": "Alert", "document": b"<alert/>", "at": NOW}
    return Issued.objects.create(warning_id=warning, **head, **fields).pk


def _rule(name, city):
    fields = {"region": city, "to_region": city, "starts": make.TODAY}
    return RoutingRule.objects.create(position=1, name=f"{name} rule", **fields).pk


def _rules(person):
    """A version of the rules that waits for a second person."""
    given = {"pack": "parts-cover", "version": "2022.2", "text": shipped()["parts-cover"].text, "base": "2026.1"}
    PackVersion.objects.create(**given, effective_from=make.TODAY, proposed_by=person, proposed_at=NOW, why="Proposed.")
    return given["version"]


def _measures(cities, somebody):
    """A measure of each city, proposed and in force, with an extension that waits; values by kind of thing."""
    found = {"option": [], "proposal": [], "issue": [], "extension": []}
    for name, city in zip(("Own", HIDDEN), cities, strict=True):
        option = PolicyOption.objects.create(
            code=f"{name}-fuel", name=f"{name} fuel", text="Release", authority="Office", region=city, state="ready",
            trigger_measure="count", trigger_at_least=1.0,
        )  # fmt: skip
        figures = {"value": 1.0, "possible": 1.0, "lit": 1, "silent": 0, "total": 1, "since_before": False}
        proposal = Proposal.objects.create(option=option, since=make.TODAY, began_at=NOW, seen_at=NOW, figures=figures)
        issue = Issue.objects.create(option=option, starts=make.TODAY, ends=make.TODAY, issued_at=NOW)
        asked = Extension.objects.create(
            issue=issue, until=make.TODAY, reason="Still short", asked_at=NOW, asked_by=somebody
        )
        for kind, value in zip(found, (option.code, proposal.pk, issue.pk, asked.pk), strict=True):
            found[kind].append(value)
    return {kind: tuple(pair) for kind, pair in found.items()}


def _switch(city, somebody):
    """A mode that was asked for in a city and waits for a second person."""
    return Switch.objects.create(
        mode="vigilance", region=city, cadence="daily", starts=make.TODAY, ends=make.TODAY, reason="Closed",
        asked_at=NOW, asked_by=somebody, asked_depth=9,
    ).pk  # fmt: skip


def build() -> World:
    """The whole world in the present transaction."""
    make.authority()
    make.escalation_steps()
    nation = make.region("CN", level="nation", name="China")
    cities = [make.region(f"{code}100", make.region(f"{code}000", nation, level="province")) for code in ("310", "220")]
    chain = make.chain()
    own = _business("OWN", cities[0], "Own", [chain])
    hidden = _business("HIDDEN", cities[1], HIDDEN)
    _forecast(own, hidden)
    people = (
        Person("anonymous", None),
        _person("none", None),
        _person("ministry_officer", "ministry_officer", unlimited=True),
        _person("province_officer", "province_officer", region="310000"),
        _person("city_officer", "city_officer", region="310100"),
        _person("analyst", "analyst", chain=chain.code),
        _person("leader", "leader", region="310000"),
        _person("reporter", "reporter", enterprise="E-OWN"),
        _person("administrator", "administrator"),
    )
    make_daily(actor="dispatch job")
    own_letter, hidden_letter = (_circular(cities[place].parent, people[2].user) for place in (0, 1))
    record_read(people[2].user, ["E-OWN", "E-HIDDEN"], "stocks")
    somebody = _person("somebody", "leader", region="220000").user
    things = {key: (own[key], hidden[key]) for key in own if key not in {"site", "event", "enterprise"}}
    things |= {
        "group_id": tuple(_group(name, city).pk for name, city in zip(("Own", HIDDEN), cities, strict=True)),
        "rule_id": tuple(_rule(name, city) for name, city in zip(("Own", HIDDEN), cities, strict=True)),
        "track_id": tuple(_track(name, city).pk for name, city in zip(("Own", HIDDEN), cities, strict=True)),
        "pack": ("visit", None),
        "rule_pack": ("parts-cover", None),
        "version": (_rules(people[2].user), None),
        "portal_pack": ("problem", None),
        "document": ("receipt", None),
        "date": (make.TODAY, None),
        "circular": (own_letter, hidden_letter),
        "warning": (warnings := (_warning(own["site"], 1), _warning(hidden["site"], 2))),
        "warning_answer": tuple(_answer(warning) for warning in warnings),
        "cap": tuple(_cap(warning, city) for warning, city in zip(warnings, cities, strict=True)),
        **_shift(cities),
        **_measures(cities, somebody),
        "switch": tuple(_switch(city, somebody) for city in cities),
        "step_id": (EscalationStep.objects.order_by("pk").first().pk, None),
        "code": ("310000", None),
        "commodity_id": (Commodity.objects.create(commodity_id="copper", name="Copper").commodity_id, None),
        "chain": (chain.code, None),
        "username": (somebody.username, None),
        "grant_id": (Grant.objects.get(user=somebody).pk, None),
        **_told(somebody),
        "token_id": (ApiToken.objects.get(user=somebody).pk, ApiToken.objects.get(user=somebody).pk),
    }
    # Made once, not anew for each page that shows them.
    make_briefs(actor="dispatch job")
    return World(people, things)
