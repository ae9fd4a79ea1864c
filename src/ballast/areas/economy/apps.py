from django.apps import AppConfig


class EconomyConfig(AppConfig):
    name = "ballast.areas.economy"
    label = "economy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ballast.areas.economy.tried.sources import offer_all

        offer_all()
