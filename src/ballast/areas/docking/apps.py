from django.apps import AppConfig


class DockingConfig(AppConfig):
    name = "ballast.areas.docking"
    label = "docking"
    default_auto_field = "django.db.models.BigAutoField"
