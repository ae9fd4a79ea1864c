"""The request of a page or operation that only signed-in people reach."""

from typing import Any

from django.http import HttpRequest

from ballast.areas.accounts.models import User

__all__ = ["SignedRequest"]


class SignedRequest(HttpRequest):
    """A request whose user is a person: the sign-in was checked before the view."""

    user: User
    # Set by the desk middleware: the Authority of the installation, whether the person narrowed the scope, and
    # the grants from before that.
    authority: Any
    narrowed: bool
    full_grants: list[tuple[str, str, str, str]]
