from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "ballast.areas.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ballast.areas.accounts.events import account_changed
        from ballast.areas.audit.services import record_account_change

        account_changed.connect(record_account_change, dispatch_uid="audit.accounts")
