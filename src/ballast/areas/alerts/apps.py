from typing import Any

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "ballast.areas.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ballast.areas.alerts.rulebook.dry_run import INPUTS
        from ballast.areas.alerts.rulebook.stored import offer
        from ballast.areas.reports.events import stocks_reported

        offer(INPUTS)
        stocks_reported.connect(_relight, dispatch_uid="alerts.relight")


def _relight(sender: Any, *, needs: list[int], **_more: Any) -> None:
    """A stock report changes its lamps in its own transaction."""
    from ballast.areas.alerts.services import relight

    relight(needs)
