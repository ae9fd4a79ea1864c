from django.apps import AppConfig


class ModesConfig(AppConfig):
    name = "ballast.areas.modes"
    label = "modes"
    default_auto_field = "django.db.models.BigAutoField"
