from django.apps import AppConfig


class BriefsConfig(AppConfig):
    name = "ballast.areas.briefs"
    label = "briefs"
    default_auto_field = "django.db.models.BigAutoField"
