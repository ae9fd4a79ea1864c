"""A small desk for brief tests: one red plant, one stop, cases in several states."""

import datetime as dt

from tests import factories as make

from ballast.areas.alerts.models import EnterpriseLamp, Lamp
from ballast.areas.cases.models import Case, CaseEntry, State
from ballast.areas.chains.models import ForecastRun, SiteForecast
from ballast.areas.reference.selectors import now

HOUR = dt.timedelta(hours=1)


def case(site, *, state=State.FILED, filed=2 * HOUR, due=-24 * HOUR, **fields):
    """A case filed so long ago and due so long ago (negative: in the future)."""
    at = now()
    number = f"C{Case.objects.count() + 1}"
    defaults = {
        "number": number, "kind": "logistics", "state": state, "enterprise": site.enterprise, "site": site,
        "blocked": "Lane closed", "place": site.region, "needed_by": at.date(), "contact": "Desk", "text": "Text",
        "filed_at": at - filed, "due_at": at - due, "lead_region": site.region, "state_since": at,
    }  # fmt: skip
    return Case.objects.create(**(defaults | fields))


def moved(of, before, after, ago=HOUR):
    """A recorded move of a case."""
    return CaseEntry.objects.create(
        case=of, at=now() - ago, actor_name="x", type="move", move="x", state_before=before, state_after=after
    )


def world():
    """Two provinces with one plant each."""
    make.authority()
    nation = make.region("CN", name="China", name_zh="中国", level="nation")
    sites = []
    for code, name, name_zh in (("310000", "Shanghai", "上海市"), ("220000", "Jilin", "吉林省")):
        region = make.region(code, parent=nation, name=name, name_zh=name_zh)
        firm = make.enterprise(
            f"E{code}",
            region=region,
            chains=[make.chain()],
            key_list=True,
            key_batch=1,
            operation="restarted" if code == "310000" else "stopped",
            panels=f"watched-{code}",
        )
        sites.append(make.site(f"S{code}", of=firm, name="Car plant", name_zh="整车厂"))
    run = ForecastRun.objects.create(day=make.TODAY, horizon=30, started_at=now(), finished_at=now(), is_current=True)
    for site, day in zip(sites, (2, 9), strict=True):
        need = make.need(site, reported_at=now())
        Lamp.objects.create(need=need, level="red", since=now() - 30 * HOUR, cover_days=2.99)
        EnterpriseLamp.objects.create(enterprise=site.enterprise, level="red", since=now())
        SiteForecast.objects.create(
            run=run,
            site=site,
            stop_day=day,
            certain=True,
            lost_output=4.12e7,
            lead_event=make.event(site.site_id, name="Lane closed", name_zh="通道关闭"),
        )
    return sites
