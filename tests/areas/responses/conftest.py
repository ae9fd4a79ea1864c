"""One made network for the module: a mine that stops, plants behind it, two provinces with desks.

A module that says PLANTS has as many plants, else four hundred.
"""

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def world(request, django_db_setup, django_db_blocker):
    """The network before anything happens; all that its tests write is undone."""
    from django.db import transaction
    from tests.areas.responses.network import PLANTS, build

    with django_db_blocker.unblock(), transaction.atomic():
        yield build(getattr(request.module, "PLANTS", PLANTS), northern=10)
        transaction.set_rollback(True)


@pytest.fixture
def undone(world):
    """The network, and what this test writes is undone."""
    from django.db import transaction

    with transaction.atomic():
        yield world
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def refusal():
    """What the schema of CAP 1.2 says against a document; "" when it is valid."""
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(Path(__file__).parent / "oasis" / "CAP-v1.2.xsd"))

    def said(document):
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        return "" if schema.validate(etree.fromstring(document, parser)) else str(schema.error_log)

    return said
