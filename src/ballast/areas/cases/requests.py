"""The request of a page behind the login: its user is a person, never a stranger."""

from django.http import HttpRequest

from ballast.areas.accounts.models import User

__all__ = ["SignedRequest"]


class SignedRequest(HttpRequest):
    """Type of a request that `login_required` has let through."""

    user: User
