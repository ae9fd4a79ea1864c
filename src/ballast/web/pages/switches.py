"""The scope switch of the top bar."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

__all__ = ["set_scope"]


@login_required
def set_scope(request: HttpRequest) -> HttpResponse:
    """Keep the chosen region and chain for this session and go back to where the person was."""
    for name in ("region", "chain"):
        request.session[f"scope_{name}"] = request.GET.get(name, "")[:32]
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    return HttpResponseRedirect(target)
