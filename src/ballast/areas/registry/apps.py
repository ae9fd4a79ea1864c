from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "ballast.areas.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
