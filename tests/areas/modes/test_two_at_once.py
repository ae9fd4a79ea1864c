"""Two officers who ask for the same mode at the same time."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from tests import factories as make

from ballast.areas.modes import services
from ballast.areas.modes.models import Switch


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_for_the_same_mode_at_once_one_is_told_of_the_other():
    make.authority()
    shanghai = make.region("310000", make.region("CN", level="nation"), level="province")
    people = [make.user("province_officer", username=name, region="310000") for name in ("olga", "otto")]
    ends = make.TODAY + dt.timedelta(days=9)
    start = threading.Barrier(2)

    def ask(user):
        start.wait()
        try:
            services.ask(user, mode="emergency", region=shanghai, chain=None, ends=ends, reason="Closed")
        except ValidationError as error:
            return error.messages[0]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        said = [future.result(timeout=30) for future in [pool.submit(ask, user) for user in people]]
    assert Switch.objects.count() == 1
    assert sorted(map(bool, said)) == [False, True]
