from django.apps import AppConfig


class ResponsesConfig(AppConfig):
    name = "ballast.areas.responses"
    label = "responses"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A new forecast says which warnings stand."""
        from ballast.areas.chains.events import forecast_finished

        forecast_finished.connect(_follow, dispatch_uid="responses.follow")


def _follow(sender: object, *, run: object, **_more: object) -> None:
    """Bring the warnings up to date and tell of them, in the transaction of the forecast."""
    from ballast.areas.responses.warnings.following import follow_run

    follow_run(run)  # type: ignore[arg-type]
