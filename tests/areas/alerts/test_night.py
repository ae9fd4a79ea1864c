"""All lamps judged at once, beside a plain path that reads, judges and saves them one by one: the same rows."""

import datetime as dt
import math
import random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import transaction
from tests import factories as make

from ballast.areas.alerts.judging import MISSING, NO_LAMP, UNKNOWN, Inputs, judge_all
from ballast.areas.alerts.models import EnterpriseLamp, Lamp, LampChange, Level, PackVersion
from ballast.areas.alerts.rulebook.in_force import parts_cover_on, shipped
from ballast.areas.alerts.rules import SEVERITY, effective
from ballast.areas.alerts.services import relight
from ballast.areas.registry.models import Enterprise, Need, Site

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
EVENING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)
NIGHTS = 5
LEVELS = [str(level) for level in Level.values]
FIGURES = ("stock", "blocked_stock", "daily_use", "reported_at")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        for firm in (make.enterprise(f"E-{number}", chains=[make.chain("automobile")]) for number in range(3)):
            for _ in range(2):
                for product in ("P1", "P2", "P3"):
                    make.need(make.site(of=firm), make.product(product), stock=None, reported_at=None)
        yield
        transaction.set_rollback(True)


def rule_that_waits():
    text = shipped()["parts-cover"].text.replace("for = 0", "for = 1").replace("keep = 0", "keep = 1")
    PackVersion.objects.create(
        pack="parts-cover", version="waits", title="t", title_zh="t", why="test", effective_from=EVENING.date(),
        text=text.replace('version = "2026.1"', 'version = "waits"'), state=PackVersion.State.APPROVED,
        proposed_at=EVENING, decided_at=EVENING,
    )  # fmt: skip


def report(chance, at):
    """A night of reports: new figures, the same ones again, unknown ones; a site that is sold, a firm that moves."""
    for need in Need.objects.order_by("pk"):
        if chance.random() < 0.4:
            need.stock = chance.choice(
                [None, 0.0, 299.9, 300.0, need.stock, *[chance.uniform(0, 4000) for _ in range(3)]]
            )
            need.blocked_stock = chance.choice([0.0, 0.1, 400.0])
            need.daily_use = chance.choice([0.0, *[100.0] * 4, chance.uniform(1, 200)])
            need.reported_at = chance.choice([None, *[at - dt.timedelta(hours=chance.randrange(40))] * 9])
            need.save()
    if chance.random() < 0.5:
        sold = chance.choice(list(Site.objects.order_by("pk")))
        Site.objects.filter(pk=sold.pk).update(enterprise=chance.choice(list(Enterprise.objects.order_by("pk"))))
        Enterprise.objects.filter(enterprise_id="E-1").update(region=make.region(chance.choice(["320000", "330000"])))


def plain(at):
    """Judge every input by itself, through the models."""
    today = at.astimezone(ZONE).date()
    rule = parts_cover_on(today)
    for need in Need.objects.select_related("site__enterprise").order_by("pk"):
        lamp = Lamp.objects.filter(need=need).first()
        before = (lamp.level, lamp.held, lamp.since, lamp.held_since) if lamp else ("", "", at, None)
        other = lamp is None or lamp.rule != rule.label
        other = other or any(getattr(lamp, name) != getattr(need, name) for name in FIGURES[:3])
        verdict = judge_all(rule, one(need, lamp, changed=other), today, ZONE)
        level, cover = LEVELS[verdict.level[0]], float(verdict.cover[0])
        lamp = lamp or Lamp(need=need)
        lamp.cover_days, lamp.rule = None if math.isnan(cover) else cover, rule.label
        lamp.missing, lamp.counts, lamp.level = MISSING[verdict.missing[0]], verdict.counts[0], level
        for name in FIGURES:
            setattr(lamp, name, getattr(need, name))
        if level != before[0]:
            lamp.since, lamp.held, lamp.held_since = at, "", None
            if before[0] and level == Level.NO_DATA:
                lamp.held, lamp.held_since = before[0], before[2]
            elif before[1] == level:
                lamp.since = before[3] or at
            given = {name: getattr(need, name) for name in FIGURES} | {"missing": lamp.missing}
            given["reported_at"] = need.reported_at and need.reported_at.isoformat()
            LampChange.objects.create(
                need=need, at=at, level_before=before[0], level=level, cover_days=lamp.cover_days, rule=rule.label,
                inputs=given,
            )  # fmt: skip
        lamp.save()
    for firm in Enterprise.objects.all():
        plain_worst(firm, at)


def one(need, lamp, *, changed):
    return Inputs(
        stock=np.array([need.stock], float), blocked=np.array([need.blocked_stock]), use=np.array([need.daily_use]),
        reported=np.array([need.reported_at.timestamp() if need.reported_at else UNKNOWN], np.int64),
        level=np.array([SEVERITY[lamp.level] if lamp else NO_LAMP], np.int8),
        held=np.array([SEVERITY.get(lamp.held, NO_LAMP) if lamp else NO_LAMP], np.int8),
        changed=np.array([changed]), counts=[bytes(lamp.counts) if lamp else b""],
    )  # fmt: skip


def plain_worst(firm, at):
    def rank(lamp):
        days = math.inf if lamp.cover_days is None else lamp.cover_days
        return SEVERITY[effective(lamp.level, lamp.held)], lamp.level == Level.NO_DATA, days, lamp.need_id

    lamps = sorted(Lamp.objects.filter(enterprise=firm), key=rank)
    if not lamps:
        return
    worst = lamps[0]
    row = EnterpriseLamp.objects.filter(enterprise=firm).first() or EnterpriseLamp(enterprise=firm, since=at)
    level = effective(worst.level, worst.held)
    row.since = row.since if row.level == level else at
    row.level, row.worst_need_id, row.cover_days = level, worst.need_id, worst.cover_days
    row.unconfirmed_since = worst.since if worst.level == Level.NO_DATA and worst.held else None
    row.missing = sum(lamp.level == Level.NO_DATA for lamp in lamps)
    row.save()


def one_by_one(at):
    """The quick path again, for a few inputs at a time, in no order, some of them twice; then what grew old."""
    keys = list(Need.objects.values_list("pk", flat=True))
    keys += keys[:5]
    random.Random(1).shuffle(keys)
    for first in range(0, len(keys), 7):
        relight(keys[first : first + 7], at=at)


def kept(judge, seed, *, waits):
    """Every row after some nights, without primary keys; the world as it was afterwards."""
    with transaction.atomic():
        if waits:
            rule_that_waits()
        chance = random.Random(seed)
        for night in range(NIGHTS):
            at = EVENING + dt.timedelta(days=night)
            report(chance, at)
            judge(at + dt.timedelta(hours=5))
        order = {Lamp: "need", EnterpriseLamp: "enterprise", LampChange: "need"}
        found = {
            model: [{k: v for k, v in row.items() if k != "id"} for row in model.objects.order_by(by, "pk").values()]
            for model, by in order.items()
        }
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize(("waits", "seed"), [(False, 1), (True, 0)], ids=["as-shipped", "waits-a-day"])
def test_all_at_once_few_at_a_time_and_one_by_one_leave_the_same_rows(world, waits, seed):
    wanted = kept(plain, seed, waits=waits)
    assert {row["level"] for row in wanted[Lamp]} >= {"red", "normal", "no_data"}
    assert kept(lambda at: relight(at=at), seed, waits=waits) == wanted
    assert kept(one_by_one, seed, waits=waits) == wanted
