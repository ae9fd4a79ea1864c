"""Conditions of several inputs: what each says, once per cause, ended at their date, with their lines when wrong."""

import datetime as dt
from unittest import mock

import pytest
from django.core.exceptions import ValidationError
from tests import factories as make
from tests.areas.provinces import page, person
from tests.areas.reserve.test_reserve import later, prepared

from ballast.areas.alerts.models import Level
from ballast.areas.economy.filings.levels import CountLevel, level_of_count
from ballast.areas.economy.models import Commodity, Observation
from ballast.areas.exchange.selectors import dump_frames
from ballast.areas.exchange.services import load_folder, read_for_load
from ballast.areas.notices.models import Notice
from ballast.areas.reserve import selectors
from ballast.areas.reserve.issuing import services as issuing
from ballast.areas.reserve.jobs import follow_reserve
from ballast.areas.reserve.models import PolicyOption, Proposal
from ballast.areas.reserve.trigger import weighing
from ballast.areas.reserve.trigger.weighing import weigh
from ballast.areas.responses.models import Warned, WarnedOf
from ballast.tables.folder import write_folder

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2022, 4, 28, 0, 40, tzinfo=dt.UTC)
ALL = """needs = "all"
effective_until = 2022-05-10

[[inputs]]
kind = "warnings"
at_least = 2

[[inputs]]
kind = "series"
series = "freight"
above = 100
periods = 2

[[inputs]]
kind = "commodity"
commodity = "urea"
lamp = "gap"
level = "yellow"

[[inputs]]
kind = "lamps"
measure = "count"
product = "diesel"
level = "red"
at_least = 3
days = 2
"""


def conditions(world, text=ALL, code="lorries", **fields):
    empty = {"product": None, "trigger_at_least": None, "trigger_days": 1, "trigger_measure": "several"}
    return prepared(world, code, **(empty | {"conditions": text} | fields))


def warned(site, key, *, stops=True):
    row = Warned.objects.create(key=key, began_at=NOW - dt.timedelta(days=1), data_at=NOW)
    day = dt.date(2022, 5, 1) if stops else None
    product = None if stops else make.product("paint")
    return WarnedOf.objects.create(warning=row, site=site, stops_on=day, product=product, since=NOW, certain=False)


@pytest.fixture
def fired(world):
    """All four inputs hold in Shanghai: two warnings, two months of dear freight, a gap of urea, three red lamps."""
    from ballast.areas.registry.models import Site

    sites = {site.site_id: site for site in Site.objects.all()}
    warned(sites["S0"], "a")
    warned(sites["S2"], "b", stops=False)
    warned(sites["S3"], "elsewhere")
    Commodity.objects.create(commodity_id="urea", name="Urea", need_series="need", supply_series="supply")
    published = NOW - dt.timedelta(days=20)
    rows = [("freight", "2022-01", 80), ("freight", "2022-02", 101), ("freight", "2022-03", 140)]
    rows += [("need", "2022-03", 100), ("supply", "2022-03", 85)]
    Observation.objects.bulk_create(
        Observation(series_id=name, period=period, value=value, unit="t", published_at=published)
        for name, period, value in rows
    )
    return world


def test_inputs_of_five_kinds_are_weighed_together(fired):
    found = weigh(conditions(fired, ready=False))
    said = {one["kind"]: (one["fired"], one["value"], one["period"]) for one in found.inputs}
    assert found.holds
    assert said == {
        "warnings": (True, 2, ""), "series": (True, 140.0, "2022-03"), "commodity": (True, "yellow", "2022-03"),
        "lamps": (True, 3.0, "2022-04-26"),
    }  # fmt: skip
    assert "series freight above 100 2022-02" in found.causes
    three = ALL.replace("periods = 2", "periods = 3")
    assert not weigh(conditions(fired, three, "three", ready=False)).holds
    assert weigh(conditions(fired, three.replace('"all"', '"any"'), "any", ready=False)).holds
    stops = 'effective_until = 2022-05-10\n[[inputs]]\nkind = "warnings"\nat_least = 1\nlevel = "{}"\nopen_days = {}'
    states = [
        weigh(conditions(fired, stops.format(*one), "s", ready=False)).holds
        for one in (("stop", 1), ("certain-stop", 0))
    ]
    assert states == [True, False]
    assert not weigh(conditions(fired, stops.format("stop", 2), "s", ready=False)).holds


def test_a_count_of_problems_is_one_of_them_and_no_data_never_holds(fired):
    text = 'effective_until = 2022-05-10\n[[inputs]]\nkind = "problems"\nproblem = "logistics"\nlevel = "yellow"'
    row = conditions(fired, text)
    assert level_of_count("310000", "", "logistics") == CountLevel(Level.NO_DATA, None, 0)
    assert (weigh(row).holds, weigh(row).inputs[0]["fired"]) == (False, None)
    day = dt.date(2022, 4, 27)
    with mock.patch.object(weighing, "level_of_count", return_value=CountLevel("red", day, 9)) as asked:
        found = weigh(row)
    assert asked.call_args.args == ("310000", "", "logistics")
    assert (found.holds, found.causes) == (True, ["problems logistics 310000  2022-04-27"])


def test_it_is_proposed_once_per_cause_and_shown_with_what_fired(fired):
    conditions(fired)
    (proposal,) = selectors.open_proposals(person("olga"))
    assert [follow_reserve.func()["proposed"] for _night in range(2)] == [0, 0]
    assert Notice.objects.filter(template="measure_proposed", person__username="olga").count() == 1
    shown = page("olga").get("/reserve/measures/lorries/").content.decode()
    for part in (
        "/materials/urea/",
        "/warnings/?region=310000",
        "2 or more open warnings in Shanghai",
        "now: 140",
        "Urea: Supply gap at yellow or worse",
        "3 or more lamps red in Shanghai (Diesel), 2 days in a row",
    ):
        assert part in shown, part
    issuing.dismiss(person("olga"), proposal, reason="Enough lorries")
    freight = Observation.objects.get(series_id="freight", period="2022-03")
    Observation.objects.filter(pk=freight.pk).update(value=90)
    follow_reserve.func()
    assert Proposal.objects.get().ended_at is not None
    Observation.objects.filter(pk=freight.pk).update(value=140)
    # The same causes come back: a person has said no to them.
    assert follow_reserve.func()["proposed"] == 0
    warned(fired_site(), "new cause")
    assert follow_reserve.func()["proposed"] == 1
    later(13)
    follow_reserve.func()
    assert not selectors.open_proposals(person("olga")).exists()


def fired_site():
    from ballast.areas.registry.models import Site

    return Site.objects.get(site_id="S4")


def test_faults_name_line_and_key_and_nothing_beyond_the_place_is_counted(fired):
    bad = ALL.replace('"urea"', '"ure"').replace("at_least = 2\n", 'at_least = 2\nregion = "320000"\n')
    with pytest.raises(ValidationError) as error:
        conditions(fired, bad)
    assert "line 17, inputs[3] “yellow”, commodity: 'ure': is not known" in error.value.message_dict["conditions"][0]
    with pytest.raises(ValidationError, match=r"line 4, inputs.1., region: '320000': is not inside"):
        conditions(fired, bad.replace('"ure"', '"urea"'))
    measure = {"name": "Lorries", "text": "Go.", "authority": "Office", "region": "310000", "issuer": "310000"}
    body = measure | {"trigger_measure": "several", "conditions": bad}
    refused = page("olga").put("/api/v1/policy-options/lorries", body, content_type="application/json")
    assert (refused.status_code, "line 17" in refused.content.decode()) == (422, True)
    form = page("olga").post(
        "/reserve/new/", body | {"code": "x", "trigger_level": "red", "trigger_days": 1, "days": 9}
    )
    assert (form.status_code, "line 17" in form.content.decode()) == (422, True)
    with pytest.raises(ValidationError, match="the trigger is another"):
        prepared(fired, "both", conditions=ALL)
    with pytest.raises(ValidationError, match="Write the conditions"):
        conditions(fired, " ")


def test_the_table_carries_conditions_and_names_the_row(fired, tmp_path):
    conditions(fired)
    write_folder({"policy_options": dump_frames()["policy_options"]}, tmp_path)
    PolicyOption.objects.all().delete()
    assert load_folder(read_for_load(tmp_path), actor="test").counts["policy_options"]["new"] == 1
    assert load_folder(read_for_load(tmp_path), actor="test").counts["policy_options"]["unchanged"] == 1
    assert weigh(PolicyOption.objects.get()).holds
    file = tmp_path / "policy_options.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("above = 100", "over = 100"), encoding="utf-8")
    (problem,) = read_for_load(tmp_path).problems
    assert (problem.row, problem.column) == (2, "conditions")
    assert "line 11, inputs[2], over" in str(problem)
