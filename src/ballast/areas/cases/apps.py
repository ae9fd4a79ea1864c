import sys

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "ballast.areas.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Read the case packs, and listen to new versions of working calendars, by which cases are due."""
        _read_packs()
        from ballast.areas.cases.clocks.dues import follow_calendar
        from ballast.areas.reference.events import calendar_loaded

        calendar_loaded.connect(follow_calendar, dispatch_uid="cases.clocks")


def _read_packs() -> None:
    """End the program with what is wrong when a case pack cannot be read: nobody should work by half of the rules."""
    from ballast.areas.cases.packs.file import PackError
    from ballast.areas.cases.packs.in_force import packs

    try:
        packs()
    except PackError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
