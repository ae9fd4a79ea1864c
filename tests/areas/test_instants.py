"""Instants read as texts: the same instant and the same minute on both databases."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from ballast.areas.accounts.models import User
from ballast.areas.instants import as_text, aware, local_minutes


@pytest.mark.django_db
def test_an_instant_as_text_is_the_instant_of_the_field():
    shanghai, kathmandu = local_minutes(ZoneInfo("Asia/Shanghai")), local_minutes(ZoneInfo("Asia/Kathmandu"))
    for number, micro in enumerate((0, 120_000, 999_999)):
        joined = dt.datetime(2021, 12, 31, 18, 59, 59, micro, dt.UTC)
        person = User.objects.create(username=f"u{number}", date_joined=joined)
        text = User.objects.filter(pk=person.pk).values_list(as_text("date_joined"), flat=True).get()
        assert aware(text) == joined
        assert (shanghai(text), kathmandu(text)) == ("2022-01-01T02:59", "2022-01-01T00:44")
