"""Own calendars and clock policies as tables: out and in again equal; a version that is there is never changed."""

import pytest
from django.db import transaction
from tests import factories as make
from tests.areas.cases.clocks.test_clocks import POLICY
from tests.areas.reference.test_calendars import OWN

from ballast.areas.cases.clocks.policies import load_policy
from ballast.areas.cases.clocks.rules import rules_in_force
from ballast.areas.cases.models import ClockPolicy
from ballast.areas.exchange.selectors import dump_frames
from ballast.areas.exchange.services import LoadRefusedError, load_folder, read_for_load
from ballast.areas.reference.models import WorkingCalendar
from ballast.areas.reference.services import load_calendar
from ballast.tables.folder import write_folder
from ballast.tables.schema import table

pytestmark = pytest.mark.django_db
NAMES = ("calendars", "calendar_days", "clock_rules")
MORE = """
[[clocks]]
clock = "part"
desks = ["/transport", "310000"]
minutes = 90
pauses = []
calendar = "cn"
"""


@pytest.fixture(scope="module")
def dumped(django_db_setup, django_db_blocker, tmp_path_factory):
    """The folder of a database with one own calendar and one version of the clocks."""
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        shanghai = make.region("310000", level="province")
        make.enterprise("car", region=shanghai)
        from ballast.areas.desks.models import Department

        Department.objects.create(region=shanghai, code="transport", name="Transport")
        load_calendar("test", OWN)
        load_policy("test", POLICY + MORE)
        path = tmp_path_factory.mktemp("clocks")
        write_folder(dump_frames(), path)
        yield path
        transaction.set_rollback(True)


@pytest.fixture
def undone(dumped):
    with transaction.atomic():
        yield dumped
        transaction.set_rollback(True)


def test_what_is_dumped_is_loaded_as_it_was(undone):
    before = dump_frames()
    assert {name: before[name].height > 0 for name in NAMES} == dict.fromkeys(NAMES, True)
    content, rules = WorkingCalendar.objects.get().content, ClockPolicy.objects.get().rules
    judged = rules_in_force().policies["problem"]
    again = load_folder(read_for_load(undone), actor="test").counts
    assert all(found["new"] == found["changed"] == 0 for found in again.values())
    WorkingCalendar.objects.all().delete()
    ClockPolicy.objects.all().delete()
    counts = load_folder(read_for_load(undone), actor="test").counts
    assert {name: counts[name]["new"] for name in NAMES} == {name: before[name].height for name in NAMES}
    after = dump_frames()
    assert all(after[name].equals(before[name]) for name in NAMES)
    assert (WorkingCalendar.objects.get().content, ClockPolicy.objects.get().rules) == (content, rules)
    assert rules_in_force().policies["problem"] == judged


def test_every_bad_row_is_named_and_a_version_that_is_there_stays(undone, tmp_path):
    name = WorkingCalendar.objects.get().name

    def rows(table_name, *given):
        head = ",".join(table(table_name).names)
        (tmp_path / f"{table_name}.csv").write_text("\n".join([head, *given]) + "\n", encoding="utf-8")

    rows(
        "calendars",
        f"{name},own,2022-01-01T00:00Z,,,,,09:00-10:00,,,,,,",
        "Bad Name,1,2022-01-01T00:00Z,,,,,18:00-09:00,,,,,,",
    )
    rows("calendar_days", "moon,1,2022-05-01,,,", "moon,1,2022-05-02,noon,,")
    since = "2022-04-29T00:00Z"
    rows(
        "clock_rules",
        f"problem,2022-05,1,{since},,resolution,,,9,,,,,",
        f"moon,1,1,{since},,part,,,1,,,,,",
        f"problem,x,1,{since},,resolution,noise,/transport,1,,,lunar,,",
        f"problem,x,2,{since},,part,,,,,,,,",
    )
    with pytest.raises(LoadRefusedError) as refused:
        load_folder(read_for_load(tmp_path), actor="test")
    told = {(p.file.removesuffix(".csv"), p.row, p.column) for p in refused.value.problems}
    assert told >= {
        ("calendars", 3, "name"), ("calendars", 3, "monday"), ("calendar_days", 2, "name"),
        ("calendar_days", 3, "shifts"), ("clock_rules", 2, "version"), ("clock_rules", 3, "pack"),
        ("clock_rules", 4, "kinds"), ("clock_rules", 4, "calendar"), ("clock_rules", 4, "clock"),
        ("clock_rules", 5, "days"),
    }, told  # fmt: skip
    assert all(problem.say("zh-hans")[0] and problem.reason for problem in refused.value.problems)
    assert WorkingCalendar.objects.count() == ClockPolicy.objects.count() == 1
