"""What every page gets: the authority, the rail's entries, the person's rights."""

from typing import Any

from django.http import HttpRequest

from ballast.areas.reference.selectors import authority

__all__ = ["desk"]


def desk(request: HttpRequest) -> dict[str, Any]:
    """Template context shared by all pages."""
    return {"authority": getattr(request, "authority", None) or authority()}
