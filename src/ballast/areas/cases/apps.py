from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "ballast.areas.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to new versions of working calendars, by which cases are due."""
        from ballast.areas.cases.dues import follow_calendar
        from ballast.areas.reference.events import calendar_loaded

        calendar_loaded.connect(follow_calendar, dispatch_uid="cases.clocks")
