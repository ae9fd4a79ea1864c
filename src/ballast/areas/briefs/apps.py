from django.apps import AppConfig


class BriefsConfig(AppConfig):
    name = "ballast.areas.briefs"
    label = "briefs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Renew today's briefs after each forecast run."""
        from ballast.areas.briefs.jobs import request_renewal
        from ballast.areas.chains.events import forecast_finished

        forecast_finished.connect(request_renewal, dispatch_uid="briefs.renew")
