"""Every operation keeps to its OpenAPI description, whatever a machine sends; none fails with 5xx.

PostgreSQL gets what the description allows, from an officer: all else is refused before a database is asked, and the
rights are the same lines of Python.
"""

import warnings

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from django.test import override_settings
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st
from tests.web.rights_world import build

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.specs.openapi import checks as openapi_checks

from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error

from ballast.web.api import api
from ballast.web.wsgi import application

CHECKS = [
    not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(api.get_openapi_schema())
SCHEMA.app = application
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}

WORDS = {word for label in OPERATIONS for word in label.split(" ")[1].split("/") if "{" not in word}

# Who asks, whether for what the description allows or for what it does not, and how many examples.
ASKED = [("ministry_officer", GenerationMode.POSITIVE, 6)]
if connection.vendor == "sqlite":
    ASKED += [("ministry_officer", GenerationMode.NEGATIVE, 3), ("reporter", GenerationMode.POSITIVE, 2)]


@pytest.fixture(autouse=True)
def _one_connection():
    """A request must not close the connection that holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def people(world, db):
    """What is written for one operation is undone before the next."""
    return {person.key: person for person in world.people}


def _keeps_to_its_description(operation, token, mode, examples):
    # Each database draws examples of its own.
    @seed(20220428 + (connection.vendor == "postgresql"))
    @settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=False
    )
    @given(st.data())
    def check(data):
        case = data.draw(operation.as_strategy(generation_mode=mode))
        # "/cases/measures" is an operation of its own, and no case has that number.
        assume(not WORDS.intersection(map(str, (case.path_parameters or {}).values())))
        headers = {"Authorization": f"Bearer {token}"}
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS, headers=headers)

    with override_settings(ALLOWED_HOSTS=["*"]):
        check()


@pytest.mark.parametrize("label", OPERATIONS)
@pytest.mark.parametrize(("person", "mode", "examples"), ASKED)
def test_an_operation_keeps_to_its_description(people, label, person, mode, examples):
    _keeps_to_its_description(OPERATIONS[label], people[person].token, mode, examples)
