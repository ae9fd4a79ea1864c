"""Sign in and out, the language of the pages, one's own tokens."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from ballast.areas.accounts import selectors, services
from ballast.areas.accounts.access import can, person_of
from ballast.areas.accounts.forms import TokenForm


def _keep_language(response: HttpResponse, language: str) -> None:
    if language and check_for_language(language):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
            httponly=True,
        )


class Login(LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_initial(self) -> dict[str, Any]:
        return {"username": self.request.GET.get("username", "")[:150]}

    def get_default_redirect_url(self) -> str:
        user = self.request.user
        pure_administrator = can(user, "manage_users") and not (can(user, "view_desk") or can(user, "view_portal"))
        return reverse("web:people") if pure_administrator else settings.LOGIN_REDIRECT_URL

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if settings.SHOW_LOGINS and self.request.authority.is_exercise:  # type: ignore[attr-defined]
            context["logins"] = selectors.exercise_logins()
        return context

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        _keep_language(response, form.get_user().language)
        return response


class Logout(LogoutView):
    http_method_names = ["post", "options"]


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Shown by django-axes after too many wrong passwords."""
    return render(request, "accounts/locked.html", status=429)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages and keep it for the person who is signed in."""
    response = set_language(request)
    wanted = request.POST.get("language", "")
    if request.user.is_authenticated and wanted in services.LANGUAGES:
        services.set_language(person_of(request), wanted)
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """My tokens; a new one is shown once, on the answer that made it."""
    form = TokenForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        made = _made(request, form)
        form = TokenForm()
    context = {"form": form, "made": made, "tokens": selectors.tokens_of(person_of(request))}
    response = render(request, "accounts/tokens.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _made(request: HttpRequest, form: Form) -> str | None:
    try:
        return services.issue_token(person_of(request), form.cleaned_data["name"], days=form.cleaned_data["days"])[1]
    except ValidationError as exc:
        messages.error(request, " ".join(exc.messages))
        return None


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    services.revoke_token(person_of(request), token_id)
    messages.success(request, _("The token no longer works."))
    return redirect("accounts:tokens")
