from django.apps import AppConfig
from django.db.models.signals import post_migrate

from ballast.areas.searching import index_after_migrate


class RegistryConfig(AppConfig):
    name = "ballast.areas.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Index what is searched as soon as its tables are there."""
        post_migrate.connect(index_after_migrate, sender=self)
