from django.apps import AppConfig


class ReserveConfig(AppConfig):
    name = "ballast.areas.reserve"
    label = "reserve"
    default_auto_field = "django.db.models.BigAutoField"
