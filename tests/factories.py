"""The smallest world that a test needs, one function a thing."""

import datetime as dt
import itertools
import json
from importlib import import_module

from django.apps import apps

from ballast.areas.accounts.models import Grant, Role, User
from ballast.areas.reference.models import Authority, Product, Region, Unit, WorkingCalendar
from ballast.areas.registry.models import Chain, Enterprise, Event, Link, Need, Site

_serial = itertools.count(1)
TODAY = dt.date(2022, 4, 28)


def authority(**fields):
    """An authority whose exercise stands on 2022-04-28."""
    defaults = {
        "name": "Example authority",
        "name_zh": "示例主管部门",
        "is_exercise": True,
        "exercise_date": TODAY,
        "time_zone": "Asia/Shanghai",
    }
    return Authority.objects.create(**(defaults | fields))


def escalation_steps():
    """The steps that a new database begins with, for where a test before has emptied all tables."""
    import_module("ballast.areas.desks.migrations.0002_steps_to_begin_with").begin(apps, None)


def working_calendar(name="plain", days=(), *, week="09:00-17:00", version="own", since=None, until=None):
    """A version of a calendar: Monday to Friday with the shifts of `week`, and shifts of single dates."""
    shifts = week.split()
    content = {
        "title": name, "title_zh": "", "source": "", "known_until": until, "week": [shifts] * 5 + [[], []],
        "days": {date: {"shifts": list(worked), "name": "", "name_zh": ""} for date, worked in dict(days).items()},
    }  # fmt: skip
    since = since or dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    return WorkingCalendar.objects.create(name=name, version=version, since=since, content=json.dumps(content))


def region(code="310000", parent=None, **fields):
    """A region below `parent`; the path is made from the codes."""
    found = Region.objects.filter(code=code).first()
    if found:
        return found
    path = f"{parent.path if parent else '/'}{code}/"
    defaults = {"name": f"Region {code}", "level": "province" if parent is None else "city", "path": path}
    return Region.objects.create(code=code, parent=parent, **(defaults | fields))


def unit(code="piece"):
    return Unit.objects.get_or_create(code=code, defaults={"name": code})[0]


def product(code="P1", **fields):
    return Product.objects.get_or_create(code=code, defaults={"name": f"Product {code}", "unit": unit()} | fields)[0]


def chain(code="automobile"):
    return Chain.objects.get_or_create(code=code, defaults={"name": code.title()})[0]


def enterprise(enterprise_id=None, *, chains=(), **fields):
    number = next(_serial)
    fields.setdefault("region", None)
    fields["region"] = fields["region"] or region()
    row = Enterprise.objects.create(
        enterprise_id=enterprise_id or f"E{number}", name=fields.pop("name", f"Enterprise {number}"), **fields
    )
    row.chains.set(chains)
    return row


def site(site_id=None, *, of=None, **fields):
    number = next(_serial)
    of = of or enterprise()
    defaults = {
        "name": f"Site {number}",
        "region": of.region,
        "product": fields.pop("product", None) or product(f"P{number}"),
        "daily_output_value": 1.0,
    }
    return Site.objects.create(site_id=site_id or f"S{number}", enterprise=of, **(defaults | fields))


def need(at=None, of=None, **fields):
    at = at or site()
    of = of or product(f"N{next(_serial)}")
    defaults = {"daily_use": 100.0, "stock": 1000.0, "unit": of.unit or unit()}
    return Need.objects.create(site=at, product=of, **(defaults | fields))


def link(supplier, customer, **fields):
    defaults = {"product": supplier.product, "daily_quantity": 100.0, "lead_days": 1}
    return Link.objects.create(supplier=supplier, customer=customer, **(defaults | fields))


def event(subject, kind="site", **fields):
    defaults = {"event_id": f"EV{next(_serial)}", "start": TODAY, "capacity_left": 0.0, "name": "Closed"}
    return Event.objects.create(kind=kind, subject=subject, **(defaults | fields))


def user(role=Role.MINISTRY_OFFICER, *, username=None, region="", chain="", enterprise="", password=None):
    """A person with one grant; `role=None` makes a person without rights."""
    person = User.objects.create_user(username or f"user{next(_serial)}", password=password)
    if role:
        Grant.objects.create(user=person, role=role, region=region, chain=chain, enterprise=enterprise)
    return person
