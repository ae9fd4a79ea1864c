from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "ballast.web"
    label = "web"
