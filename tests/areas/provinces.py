"""Two provinces, one with a city, a chain, and people with every kind of right, for tests of desks."""

from types import SimpleNamespace

from django.test import Client
from tests import factories as make

from ballast.areas.accounts.models import User

__all__ = ["page", "person", "provinces"]


def provinces():
    """The places and the chain; the people are called by `person`."""
    make.authority()
    nation = make.region("CN", level="nation", name="China")
    shanghai = make.region("310000", nation, level="province", name="Shanghai")
    jiangsu = make.region("320000", nation, level="province", name="Jiangsu")
    pudong = make.region("310115", shanghai, name="Pudong")
    make.user("ministry_officer", username="mia")
    make.user("province_officer", username="olga", region="310000")
    make.user("province_officer", username="otto", region="310000")
    make.user("province_officer", username="jin", region="320000")
    make.user("city_officer", username="city", region="310115")
    make.user("analyst", username="ana", region="310000")
    make.user("reporter", username="rita", enterprise="E0")
    return SimpleNamespace(nation=nation, shanghai=shanghai, jiangsu=jiangsu, pudong=pudong, car=make.chain())


def person(name):
    """The person read anew, as each request does."""
    return User.objects.get(username=name)


def page(name):
    """A browser in which the person is signed in."""
    client = Client()
    client.force_login(person(name), backend="django.contrib.auth.backends.ModelBackend")
    return client
