"""People, their rights (role and scope) and their API tokens."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["ApiToken", "Grant", "IdempotencyKey", "Role", "User"]


class Role(models.TextChoices):
    """What a person may do inside the scope of a grant."""

    MINISTRY_OFFICER = "ministry_officer", _("Ministry officer")
    PROVINCE_OFFICER = "province_officer", _("Province officer")
    CITY_OFFICER = "city_officer", _("City officer")
    ANALYST = "analyst", _("Analyst")
    REPORTER = "reporter", _("Enterprise reporter")
    LEADER = "leader", _("Leader (read only)")
    ADMINISTRATOR = "administrator", _("Administrator")


class User(AbstractUser):
    """A named person; what they may see and do comes from their grants only."""

    language = models.CharField(max_length=10, blank=True, default="")

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]


class Grant(models.Model):
    """One right: a role within a region subtree, a chain, or one enterprise; empty scope means everything."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=32, choices=Role.choices)
    # Codes, not foreign keys: accounts stands left of reference and registry.
    region = models.CharField(max_length=16, blank=True, default="")
    chain = models.CharField(max_length=32, blank=True, default="")
    enterprise = models.CharField(max_length=64, blank=True, default="")
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "region", "chain", "enterprise"], name="accounts_grant_unique"
            ),
            # A reporter without an enterprise would see everything.
            models.CheckConstraint(
                condition=~models.Q(role="reporter") | ~models.Q(enterprise=""),
                name="accounts_reporter_has_enterprise",
            ),
        ]


class ApiToken(models.Model):
    """A bearer token; only its SHA-256 is stored, and it acts with its user's grants."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class IdempotencyKey(models.Model):
    """The answer to a write, kept for 48 hours, so that the same write sent again changes nothing."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    # SHA-256 over method, address and body: the same key must mean the same request.
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="accounts_idempotency_key")]
