from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class ChainsConfig(AppConfig):
    name = "ballast.areas.chains"
    label = "chains"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what the forecast rests on: stocks, events and cases."""
        from ballast.areas.cases.events import case_changed
        from ballast.areas.chains.jobs import request_refresh
        from ballast.areas.registry.models import Event
        from ballast.areas.reports.events import stocks_reported

        for signal in (post_save, post_delete):
            signal.connect(request_refresh, sender=Event, dispatch_uid="chains.refresh")
        case_changed.connect(request_refresh, dispatch_uid="chains.refresh")
        stocks_reported.connect(request_refresh, dispatch_uid="chains.refresh")
