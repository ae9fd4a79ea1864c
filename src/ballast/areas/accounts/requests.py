"""The request of a page or operation that only signed-in people reach."""

from typing import Any

from django.http import HttpRequest

from ballast.areas.accounts.models import User

__all__ = ["SignedRequest"]


class SignedRequest(HttpRequest):
    """A request whose user is a person: the sign-in was checked before the view."""

    user: User
    authority: Any  # set by the desk middleware: the Authority of the installation
