from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "ballast.areas.papers"
    label = "papers"
