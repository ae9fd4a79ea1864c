"""A dispatch room with a ledger of a few dozen cases, written line by line."""

import datetime as dt
import random
from types import SimpleNamespace

from tests import factories as make

from ballast.areas.alerts.models import EnterpriseLamp, Lamp
from ballast.areas.cases.models import Case, CaseEntry, Escalation, ParentLink, State
from ballast.areas.cases.packs.in_force import PROBLEM, pack_named
from ballast.areas.reference.selectors import now

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
# Three in the afternoon in Shanghai; the exercise keeps its date and takes the time of day from it.
INSTANT = dt.datetime(2026, 1, 5, 7, 0, tzinfo=dt.UTC)
_PATHS = (
    (), ("accept",), ("accept", "assign"), ("accept", "assign", "start"), ("accept", "start", "solve"),
    ("accept", "start", "solve", "confirm"), ("accept", "start", "solve", "dispute"), ("withdraw",),
    ("hand_over",), ("hand_over", "refuse"), ("accept", "hand_over", "take_over"),
    ("accept", "start", "solve", "confirm", "reopen"),
)  # fmt: skip
_TO = {
    "accept": State.ACCEPTED, "assign": State.ASSIGNED, "start": State.SOLVING, "solve": State.SOLVED,
    "confirm": State.CONFIRMED, "dispute": State.DISPUTED, "withdraw": State.WITHDRAWN, "take_over": State.ACCEPTED,
    "reopen": State.ACCEPTED,
}  # fmt: skip
_BY_ENTERPRISE = {"file", "confirm", "dispute", "withdraw"}


def clock(patch, instant=INSTANT):
    """Let the clock stand at an instant."""
    patch.setattr("django.utils.timezone.now", lambda: instant)


def line(case, move, at, before, after, text=""):
    side = "enterprise" if move in _BY_ENTERPRISE else "desk"
    CaseEntry.objects.create(
        case=case, at=at, actor_name="Olga" if side == "desk" else "Rita", side=side, type="move", move=move,
        state_before=before, state_after=after, text=text,
    )  # fmt: skip


def filed(world, number, *, site, kind="energy", age=2 * HOUR, due=DAY, lead=None, **fields):
    """A case of so long ago, due in so long (negative: overdue)."""
    at = now()
    case = Case.objects.create(
        number=number, kind=kind, enterprise=site.enterprise, site=site, blocked=f"Blocked {number}",
        place=site.region, needed_by=at.date(), contact="Rita, 555", text="Words of the enterprise.",
        filed_at=at - age, due_at=at + due, state_since=at - age, lead_region=lead or world.shanghai, **fields,
    )  # fmt: skip
    line(case, "file", case.filed_at, "", State.FILED)
    return case


def goes(world, case, *moves, step):
    """Make moves one after the other, past the services: the room is to be made in half a second."""
    at = case.filed_at
    for move in moves:
        at += step
        before = case.state
        case.state = _TO.get(move, before)
        if move == "hand_over":
            case.offered_to = world.jilin
        if move == "refuse":
            case.offered_to, case.escalated_to = None, world.nation
        if move == "take_over":
            case.lead_region, case.offered_to = world.jilin, None
        if move == "assign":
            case.owner = world.olga
        line(case, move, at, before, case.state, text=f"Word of {move}")
        case.closed_at = at if case.state in {State.CONFIRMED, State.WITHDRAWN} else None
    case.save()
    return case


def build(patch):
    clock(patch)
    make.authority()
    nation = make.region("CN", name="China", name_zh="中国", level="nation")
    shanghai = make.region("310000", nation, level="province", name="Shanghai", name_zh="上海市", short="SH")
    jilin = make.region("220000", nation, level="province", name="Jilin", name_zh="吉林省", short="JL")
    pudong, changchun = make.region("310115", shanghai, name="Pudong"), make.region("220100", jilin, name="Changchun")
    world = SimpleNamespace(nation=nation, shanghai=shanghai, jilin=jilin, pudong=pudong)
    world.mia = make.user("ministry_officer", username="mia")
    world.max = make.user("ministry_officer", username="max")
    world.olga = make.user("province_officer", username="olga", region="310000")
    world.otto = make.user("province_officer", username="otto", region="310000")
    world.jin = make.user("province_officer", username="jin", region="220000")
    world.city = make.user("city_officer", username="city", region="310115")
    world.rita = make.user("reporter", username="rita", enterprise="E-CAR")
    car = make.enterprise("E-CAR", region=pudong, name="Car works", name_zh="整车公司", chains=[make.chain()])
    part = make.enterprise("E-PART", region=changchun, name="Part works", name_zh="零部件公司")
    world.plant = make.site("S-CAR", of=car, name="Car plant", name_zh="整车厂")
    world.part = make.site("S-PART", of=part, name="Part plant", name_zh="零部件厂")
    world.quiet = make.site("S-QUIET", of=car, name="Quiet plant", name_zh="安静的厂")
    for site in (world.plant, world.part, world.quiet):
        need = make.need(site, reported_at=now())
        Lamp.objects.create(need=need, level="red", since=now() - 30 * HOUR, cover_days=1.5)
    EnterpriseLamp.objects.create(enterprise=car, level="red", since=now())
    _fill(world)
    return world


def _fill(world, n=48):
    """Cases with every path of moves, of every kind, at both desks, old and new, overdue or not."""
    draw = random.Random(7)
    kinds = list(pack_named(PROBLEM).kinds_by_name)
    for i in range(n):
        moves = _PATHS[i % len(_PATHS)]
        age = (3 * HOUR, 20 * HOUR, 50 * HOUR, 9 * DAY)[i // len(_PATHS) % 4]
        site = (world.plant, world.part)[i % 5 == 0]
        case = filed(
            world, f"C-{i:03d}", site=site, kind=kinds[i % len(kinds)], age=age,
            due=draw.choice((-3 * DAY, -HOUR, HOUR, 5 * DAY)), lead=world.jilin if i % 5 == 0 else world.shanghai,
            output_at_risk=draw.choice((None, 1e6 * i)),
        )  # fmt: skip
        goes(world, case, *moves, step=age / (len(moves) + 2))
        if i % 4 == 0:
            to = ("superior", "owner", "leader")[i % 3]
            Escalation.objects.create(case=case, hours=0, to=to, due_at=case.due_at, at=now() - age / 3)
    # One waits for an open case, one for two of which one has closed, one for none any more, one never did.
    for above, below, blocks in ((0, 1, True), (2, 4, True), (2, 5, True), (3, 17, True), (6, 8, False)):
        pair = [Case.objects.get(number=f"C-{i:03d}") for i in (above, below)]
        ParentLink.objects.create(parent=pair[0], child=pair[1], rests_on=pair[1], blocks=blocks)
