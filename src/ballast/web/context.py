"""What every page gets: the authority, the frame with its rail, the scope switch."""

from functools import cache
from typing import Any

from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.notices.selectors import unread
from ballast.areas.reference.selectors import authority
from ballast.web import frame, scope

__all__ = ["desk"]


def desk(request: SignedRequest) -> dict[str, Any]:
    """Template context shared by all pages."""
    context: dict[str, Any] = {
        "authority": getattr(request, "authority", None) or authority(),
        "frame": "bare",
        "rail": [],
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context |= {"frame": frame.kind_of(request), "rail": frame.rail(request)}
        # Asked for by whole pages only, and once.
        context["unread"] = cache(lambda: unread(user))
        if context["frame"] == "desk" and hasattr(request, "narrowed"):
            context["scope"] = scope.switch(request)
    return context
